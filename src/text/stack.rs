//! Arrangement: padding, alignment, and things one under the other.
#![forbid(unsafe_code)]

use super::render::{Context, Justify, Measure, Renderable, Widget};
use super::segment::{EachLine, Lines, Segment, Sink};
use super::spec::{Fields, Padding};
use crate::error::Error;

/// Blank space around something.
pub(super) struct Padder<'j> {
    content: Widget<'j>,
    padding: Padding,
    expand: bool,
}

pub(super) fn padder<'j>(fields: &mut Fields<'j, '_>) -> Result<Widget<'j>, Error> {
    let content = fields.content("content")?;
    let padding = fields.padding("padding")?.unwrap_or(Padding::new(1, 1, 1, 1));
    let expand = fields.flag("expand", false)?;
    Ok(Widget::new(Padder::new(content, padding, expand)))
}

impl<'j> Padder<'j> {
    pub(super) fn new(content: Widget<'j>, padding: Padding, expand: bool) -> Self {
        Self { content, padding, expand }
    }
}

impl Renderable for Padder<'_> {
    fn measure(&self, context: &Context<'_>, most: usize) -> Measure {
        let sides = self.padding.width();
        self.content.measure(context, most.saturating_sub(sides)).plus(sides)
    }

    fn render<'a>(&'a self, context: &Context<'_>, most: usize, out: &mut dyn Sink<'a>) -> Result<(), Error> {
        let Padding { left, top, right, bottom } = self.padding;
        let inner = most.saturating_sub(left + right);
        let content = if self.expand { inner } else { self.content.measure(context, inner).max };
        let width = (content + left + right).min(most);
        let blank_lines = |count: usize, out: &mut dyn Sink<'a>| {
            for _ in 0..count {
                out.push(Segment::blank(width))?;
                out.newline()?;
            }
            Ok::<_, Error>(())
        };
        blank_lines(top, out)?;
        let mut each = EachLine::new(usize::MAX, |line: &[Segment<'a>], used| {
            for segment in [&[Segment::blank(left)], line, &[Segment::blank(right)]].concat() {
                out.push(segment)?;
            }
            let used = used + left + right;
            if used < width {
                out.push(Segment::blank(width - used))?;
            }
            out.newline()
        });
        self.content.render(context, inner, &mut each)?;
        each.finish()?;
        blank_lines(bottom, out)
    }
}

#[derive(Clone, Copy)]
enum Vertical {
    Top,
    Middle,
    Bottom,
}

/// Something at a place in a wider or higher space.
struct Align<'j> {
    content: Widget<'j>,
    horizontal: Justify,
    vertical: Option<Vertical>,
    width: Option<usize>,
    height: Option<usize>,
}

pub(super) fn align<'j>(fields: &mut Fields<'j, '_>) -> Result<Widget<'j>, Error> {
    let words = [("top", Vertical::Top), ("middle", Vertical::Middle), ("bottom", Vertical::Bottom)];
    Ok(Widget::new(Align {
        content: fields.content("content")?,
        horizontal: fields.justify("horizontal")?.unwrap_or(Justify::Left),
        vertical: fields.choice("vertical", &words)?,
        width: fields.size("width")?,
        height: fields.size("height")?,
    }))
}

/// Something in the middle of whatever height and width there is.
pub(super) fn centered(content: Widget<'_>) -> Widget<'_> {
    Widget::new(Align {
        content,
        horizontal: Justify::Center,
        vertical: Some(Vertical::Middle),
        width: None,
        height: None,
    })
}

impl Renderable for Align<'_> {
    fn measure(&self, context: &Context<'_>, most: usize) -> Measure {
        let width = self.width.unwrap_or(most).min(most);
        let content = self.content.measure(&Context { height: None, ..*context }, width);
        Measure { min: content.min.min(width), max: width }
    }

    fn render<'a>(&'a self, context: &Context<'_>, most: usize, out: &mut dyn Sink<'a>) -> Result<(), Error> {
        let mut lines = Lines::default();
        self.content.render(&Context { height: None, ..*context }, most, &mut lines)?;
        lines.finish();
        let width = self.width.unwrap_or(most).min(most);
        let missing = match (self.vertical, self.height.or(context.height)) {
            (Some(_), Some(height)) => height.saturating_sub(lines.len()),
            _ => 0,
        };
        let above = match self.vertical {
            Some(Vertical::Middle) => missing / 2,
            Some(Vertical::Bottom) => missing,
            Some(Vertical::Top) | None => 0,
        };
        for index in 0..missing + lines.len() {
            if index > 0 {
                out.newline()?;
            }
            if index < above || index >= above + lines.len() {
                out.push(Segment::blank(width))?;
                continue;
            }
            let (line, used) = lines.line(index - above);
            let free = width.saturating_sub(used);
            let left = match self.horizontal {
                Justify::Left => 0,
                Justify::Center => free / 2,
                Justify::Right => free,
            };
            out.push(Segment::blank(left))?;
            for segment in line {
                out.push(*segment)?;
            }
            out.push(Segment::blank(free - left))?;
        }
        Ok(())
    }
}

/// Things one under the other, each beginning a line.
pub(super) struct Rows<'j> {
    items: Vec<Widget<'j>>,
    expand: bool,
}

pub(super) fn rows<'j>(fields: &mut Fields<'j, '_>) -> Result<Widget<'j>, Error> {
    Ok(Widget::new(Rows { items: fields.widgets("items")?, expand: fields.flag("expand", false)? }))
}

impl<'j> Rows<'j> {
    pub(super) fn new(items: Vec<Widget<'j>>) -> Self {
        Self { items, expand: false }
    }
}

impl Renderable for Rows<'_> {
    fn measure(&self, context: &Context<'_>, most: usize) -> Measure {
        if self.expand {
            return Measure::exactly(most);
        }
        let measures = self.items.iter().map(|item| item.measure(context, most));
        measures.fold(Measure::default(), Measure::or)
    }

    fn render<'a>(
        &'a self,
        context: &Context<'_>,
        width: usize,
        out: &mut dyn Sink<'a>,
    ) -> Result<(), Error> {
        for item in &self.items {
            let mut ended = Ended { out, open: false };
            item.render(context, width, &mut ended)?;
            if ended.open {
                out.newline()?;
            }
        }
        Ok(())
    }
}

/// Passes everything on and remembers whether the last line has its end.
struct Ended<'o, 'a> {
    out: &'o mut dyn Sink<'a>,
    open: bool,
}

impl<'a> Sink<'a> for Ended<'_, 'a> {
    fn push(&mut self, segment: Segment<'a>) -> Result<(), Error> {
        self.open = true;
        self.out.push(segment)
    }

    fn newline(&mut self) -> Result<(), Error> {
        self.open = false;
        self.out.newline()
    }
}
