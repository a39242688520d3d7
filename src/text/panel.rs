//! A box around something.
#![forbid(unsafe_code)]

use super::border::{Border, Part};
use super::json::Value;
use super::render::{Context, Justify, Measure, Renderable, Widget};
use super::rule::Rule;
use super::segment::{EachLine, Segment, Sink};
use super::spec::{self, Fields, Padding};
use super::stack::Padder;
use super::style::Style;
use crate::error::Error;

/// A border, a header in its top line, and a padded content.
pub(super) struct Panel<'j> {
    content: Padder<'j>,
    top: Rule<'j>,
    has_header: bool,
    border: &'static Border,
    safe: bool,
    style: Style,
    expand: bool,
    width: Option<usize>,
    height: Option<usize>,
}

pub(super) fn build<'j>(fields: &mut Fields<'j, '_>) -> Result<Widget<'j>, Error> {
    let path = fields.path;
    let content = fields.content("content")?;
    let border = fields.border("border", false)?;
    let style = fields.style("border_style")?.unwrap_or_default();
    let (mut header, mut justify) = (None, Justify::Left);
    let at = path.field("header");
    match fields.take("header") {
        None => {}
        Some(Value::String(text)) => header = Some(text),
        Some(value) => {
            let mut fields = spec::fields(value, "a string or a header", at)?;
            header = fields.text("text")?;
            justify = fields.justify("alignment")?.unwrap_or(justify);
            fields.finish()?;
        }
    }
    let has_header = header.is_some();
    let padding = fields.padding("padding")?.unwrap_or(Padding::new(1, 0, 1, 0));
    Ok(Widget::new(Panel {
        content: Padder::new(content, padding, false),
        top: Rule::of_panel(header, justify, border, style, &at)?,
        has_header,
        border,
        style,
        expand: fields.flag("expand", false)?,
        width: fields.size("width")?,
        height: fields.size("height")?,
        safe: fields.flag("use_safe_border", true)?,
    }))
}

impl<'j> Panel<'j> {
    /// A panel of a border and a header around something, as wide and high as it may be.
    pub(super) fn filling(content: Widget<'j>, top: Rule<'j>, border: &'static Border, style: Style) -> Self {
        Self {
            content: Padder::new(content, Padding::new(1, 0, 1, 0), false),
            top,
            has_header: true,
            border,
            safe: true,
            style,
            expand: true,
            width: None,
            height: None,
        }
    }

    fn edges(&self) -> usize {
        if self.border.is_visible() { 2 } else { 0 }
    }

    fn top_line<'a>(
        &'a self,
        context: &Context<'_>,
        width: usize,
        out: &mut dyn Sink<'a>,
    ) -> Result<(), Error> {
        let [left, _, _, right] = self.border.shown(context.unicode, self.safe).line(Part::Top);
        let corner = |cell: &'static str| if cell.is_empty() { " " } else { cell };
        out.push(Segment::new(corner(left), self.style))?;
        self.top.line(context, width.saturating_sub(2), self.safe, out)?;
        out.push(Segment::new(corner(right), self.style))?;
        out.newline()
    }
}

impl Renderable for Panel<'_> {
    fn measure(&self, context: &Context<'_>, most: usize) -> Measure {
        let edges = self.edges();
        let inner = most.saturating_sub(edges);
        let mut content = self.content.measure(context, inner);
        if let Some(width) = self.width {
            let width = width.saturating_sub(edges).min(inner);
            content = Measure { min: content.min.min(width), max: width };
        }
        content.plus(edges)
    }

    fn render<'a>(
        &'a self,
        context: &Context<'_>,
        width: usize,
        out: &mut dyn Sink<'a>,
    ) -> Result<(), Error> {
        let edges = self.edges();
        let width = if self.expand { width } else { self.measure(context, width).max.min(width) };
        if width < edges {
            return out.push(Segment::new(if context.unicode { "…" } else { "." }, self.style));
        }
        let inner = width - edges;
        let fixed = self.height.or(context.height.filter(|_| self.expand));
        let height = fixed.map(|height| height.saturating_sub(2));
        let border = self.border.shown(context.unicode, self.safe);
        if border.is_visible() || self.has_header {
            self.top_line(context, width, out)?;
        }
        let [left, _, _, right] = border.line(Part::Cell);
        let mut lines = 0;
        let mut between = false; // without a border, line ends stand between lines only
        let visible = border.is_visible();
        let style = self.style;
        let mut each = EachLine::new(inner, |line: &[Segment<'a>], used| {
            if height.is_some_and(|height| lines == height) {
                return Ok(());
            }
            lines += 1;
            if visible {
                out.push(Segment::new(left, style))?;
            } else if std::mem::replace(&mut between, true) {
                out.newline()?;
            }
            for segment in line {
                out.push(*segment)?;
            }
            if used < inner {
                out.push(Segment::blank(inner - used))?;
            }
            if visible {
                out.push(Segment::new(right, style))?;
                out.newline()?;
            }
            Ok(())
        });
        let context = Context { height, ..*context };
        self.content.render(&context, inner, &mut each)?;
        each.finish()?;
        if let Some(height) = height {
            for _ in lines..height {
                if visible {
                    out.push(Segment::new(left, style))?;
                } else if std::mem::replace(&mut between, true) {
                    out.newline()?;
                }
                out.push(Segment::blank(inner))?;
                if visible {
                    out.push(Segment::new(right, style))?;
                    out.newline()?;
                }
            }
        }
        if visible {
            let [left, fill, _, right] = border.line(Part::Bottom);
            out.push(Segment::new(left, style))?;
            out.push(Segment::repeat(fill, inner, style))?;
            out.push(Segment::new(right, style))?;
        }
        out.newline()
    }
}
