//! The screen in regions, side by side and one above the other.
#![forbid(unsafe_code)]

use super::border::Border;
use super::json::Value;
use super::panel::Panel;
use super::paragraph::Paragraph;
use super::render::{Context, Justify, Measure, Renderable, Widget};
use super::rule::Rule;
use super::segment::{EachLine, Lines, Segment, Sink, push_clipped};
use super::share::{self, Edge};
use super::spec::{self, Fields, Path};
use super::stack;
use super::style::Style;
use crate::error::Error;
use std::borrow::Cow;
use std::cell::OnceCell;

/// Most regions in one split; more would not fit any screen.
const MOST_REGIONS: usize = 1000;

struct Layout<'j> {
    name: Option<Cow<'j, str>>,
    content: Option<Widget<'j>>,
    children: Vec<Layout<'j>>,
    side_by_side: bool,
    edge: Edge,
    visible: bool,
    /// Shown where there is no content; its title has the size, which only drawing tells.
    placeholder: OnceCell<Widget<'static>>,
}

pub(super) fn build<'j>(fields: &mut Fields<'j, '_>) -> Result<Widget<'j>, Error> {
    Ok(Widget::new(layout_of(fields)?))
}

fn layout_of<'j>(fields: &mut Fields<'j, '_>) -> Result<Layout<'j>, Error> {
    let path = fields.path;
    let mut at_least_one = |name: &'static str| match fields.size(name)? {
        Some(0) => Err(path.field(name).must("equal to or greater than 1", 0)),
        size => Ok(size),
    };
    let edge = Edge {
        ratio: at_least_one("ratio")?.unwrap_or(1),
        size: at_least_one("size")?,
        least: at_least_one("minimum_size")?.unwrap_or(1),
    };
    let (columns, rows) = (fields.list("split_columns")?, fields.list("split_rows")?);
    if !columns.is_empty() && !rows.is_empty() {
        return Err(path.says("Cannot split the same layout twice"));
    }
    let side_by_side = !columns.is_empty();
    let at = path.field(if side_by_side { "split_columns" } else { "split_rows" });
    let children = if side_by_side { columns } else { rows };
    if children.len() > MOST_REGIONS {
        return Err(at.must(&format!("a list of at most {MOST_REGIONS}"), children.len()));
    }
    let children = children.into_iter().enumerate();
    let children = children.map(|(index, value)| child(value, &at.index(index))).collect::<Result<_, _>>()?;
    Ok(Layout {
        name: fields.text("name")?,
        content: fields.widget("content")?,
        children,
        side_by_side,
        edge,
        visible: fields.flag("visible", true)?,
        placeholder: OnceCell::new(),
    })
}

/// A region is a layout; any other renderable fills one.
fn child<'j>(value: Value<'j>, path: &Path<'_>) -> Result<Layout<'j>, Error> {
    let is_layout =
        matches!(value, Value::Object(_)) && matches!(spec::kind_of(&value), None | Some("layout"));
    if is_layout {
        let mut fields = spec::fields(value, "a layout", path.deeper()?)?;
        fields.take("type");
        let layout = layout_of(&mut fields)?;
        fields.finish()?;
        return Ok(layout);
    }
    Ok(Layout {
        name: None,
        content: Some(spec::widget(value, path)?),
        children: Vec::new(),
        side_by_side: false,
        edge: Edge { ratio: 1, size: None, least: 1 },
        visible: true,
        placeholder: OnceCell::new(),
    })
}

impl Layout<'_> {
    /// Emits exactly `height` lines of exactly `width` cells, each with its end.
    fn draw<'a>(
        &'a self,
        context: &Context<'_>,
        width: usize,
        height: usize,
        out: &mut dyn Sink<'a>,
    ) -> Result<(), Error> {
        let children: Vec<&Layout<'_>> = self.children.iter().filter(|child| child.visible).collect();
        if children.is_empty() {
            return self.leaf(context, width, height, out);
        }
        let edges: Vec<Edge> = children.iter().map(|child| child.edge).collect();
        if !self.side_by_side {
            let mut left = height;
            for (child, height) in children.iter().zip(share::resolve(left, &edges)) {
                let height = height.min(left);
                child.draw(context, width, height, out)?;
                left -= height;
            }
            return blank_lines(width, left, out);
        }
        let mut left = width;
        let mut regions = Vec::with_capacity(children.len());
        for (child, width) in children.iter().zip(share::resolve(width, &edges)) {
            let width = width.min(left);
            let mut lines = Lines::default();
            child.draw(context, width, height, &mut lines)?;
            regions.push(lines);
            left -= width;
        }
        for line in 0..height {
            for region in &regions {
                for segment in region.line(line).0 {
                    out.push(*segment)?;
                }
            }
            out.push(Segment::blank(left))?;
            out.newline()?;
        }
        Ok(())
    }

    fn leaf<'a>(
        &'a self,
        context: &Context<'_>,
        width: usize,
        height: usize,
        out: &mut dyn Sink<'a>,
    ) -> Result<(), Error> {
        let context = Context { height: Some(height), ..*context };
        let mut lines = 0;
        let mut each = EachLine::new(width, |line: &[Segment<'a>], _| {
            if lines < height {
                lines += 1;
                let used = push_clipped(line, width, out)?;
                out.push(Segment::blank(width - used))?;
                out.newline()?;
            }
            Ok(())
        });
        let content = match &self.content {
            Some(content) => content,
            None => self.placeholder(width, height)?,
        };
        content.render(&context, width, &mut each)?;
        each.finish()?;
        blank_lines(width, height - lines, out)
    }

    fn placeholder(&self, width: usize, height: usize) -> Result<&Widget<'static>, Error> {
        if let Some(made) = self.placeholder.get() {
            return Ok(made);
        }
        let size = format!("{width} x {height}");
        let title = match &self.name {
            Some(name) => format!("{} ({size})", super::markup::escape(name)),
            None => size,
        };
        let border = Border::named("rounded").unwrap_or_else(Border::none);
        let top = Rule::of_panel(Some(Cow::Owned(title)), Justify::Left, border, Style::PLAIN, &Path::ROOT)?;
        let text = Paragraph::plain(Cow::Borrowed("Placeholder"), Style::PLAIN)?;
        let content = stack::centered(Widget::Text(text));
        let made = Widget::new(Panel::filling(content, top, border, Style::PLAIN));
        Ok(self.placeholder.get_or_init(|| made))
    }
}

fn blank_lines<'a>(width: usize, count: usize, out: &mut dyn Sink<'a>) -> Result<(), Error> {
    for _ in 0..count {
        out.push(Segment::blank(width))?;
        out.newline()?;
    }
    Ok(())
}

impl Renderable for Layout<'_> {
    fn measure(&self, _: &Context<'_>, most: usize) -> Measure {
        Measure::exactly(most)
    }

    fn render<'a>(
        &'a self,
        context: &Context<'_>,
        width: usize,
        out: &mut dyn Sink<'a>,
    ) -> Result<(), Error> {
        let height = context.height.unwrap_or(context.screen);
        let mut between = false;
        let mut each = EachLine::new(usize::MAX, |line: &[Segment<'a>], _| {
            if std::mem::replace(&mut between, true) {
                out.newline()?;
            }
            line.iter().try_for_each(|segment| out.push(*segment))
        });
        self.draw(context, width, height, &mut each)?;
        each.finish()
    }
}
