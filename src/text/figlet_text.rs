//! Big letters, placed and coloured.
#![forbid(unsafe_code)]

use super::cells;
use super::figlet::{self, Layout};
use super::figlet_font::Font;
use super::render::{Context, Justify, Measure, Renderable, Widget};
use super::segment::{Segment, Sink};
use super::spec::{self, Fields};
use super::style::Style;
use crate::error::Error;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::path::Path;

enum Letters {
    BuiltIn(&'static Font),
    Loaded(Box<Font>),
}

struct FigletText<'j> {
    text: Cow<'j, str>,
    font: Letters,
    layout: Layout,
    justify: Justify,
    style: Style,
    pad: bool,
    /// The lines for the width they were first asked for: they borrow nothing, and others borrow them.
    lines: OnceCell<(usize, Vec<String>)>,
}

pub(super) fn build<'j>(fields: &mut Fields<'j, '_>) -> Result<Widget<'j>, Error> {
    let path = fields.path;
    let text = spec::text(fields.required("text")?, &path.field("text"))?;
    let name = fields.text("font")?;
    let font = match (fields.text("font_file")?, name) {
        (Some(_), Some(name)) => {
            return Err(path.field("font").must("left out beside font_file", format_args!("{name:?}")));
        }
        (Some(file), None) => Letters::Loaded(Box::new(Font::load(Path::new(file.as_ref()))?)),
        (None, name) => {
            let font = Font::built_in(name.as_deref().unwrap_or("standard"));
            // Its message already begins with the name of the field.
            Letters::BuiltIn(font.map_err(|error| path.prefix(error))?)
        }
    };
    let layouts = [("full_size", Layout::FullSize), ("fitted", Layout::Fitted), ("smushed", Layout::Smushed)];
    Ok(Widget::new(FigletText {
        text,
        font,
        layout: fields.choice("layout", &layouts)?.unwrap_or_default(),
        justify: fields.justify("alignment")?.unwrap_or(Justify::Left),
        style: Style::color(fields.color("color")?.unwrap_or_default()),
        pad: fields.flag("pad", false)?,
        lines: OnceCell::new(),
    }))
}

impl FigletText<'_> {
    fn lines(&self, width: usize) -> Result<&[String], Error> {
        if let Some((made, lines)) = self.lines.get()
            && *made == width
        {
            return Ok(lines);
        }
        let font = match &self.font {
            Letters::BuiltIn(font) => font,
            Letters::Loaded(font) => font.as_ref(),
        };
        let lines = figlet::render(font, &self.text, self.layout, width)?;
        Ok(&self.lines.get_or_init(|| (width, lines)).1)
    }
}

impl Renderable for FigletText<'_> {
    fn measure(&self, _: &Context<'_>, most: usize) -> Measure {
        Measure::exactly(most)
    }

    fn render<'a>(&'a self, _: &Context<'_>, width: usize, out: &mut dyn Sink<'a>) -> Result<(), Error> {
        if width == 0 {
            return Ok(());
        }
        for line in self.lines(width)? {
            let free = width.saturating_sub(cells::width(line));
            let (left, right) = match self.justify {
                Justify::Left => (0, if self.pad { free } else { 0 }),
                Justify::Center => (free / 2, if self.pad { free - free / 2 } else { 0 }),
                Justify::Right => (free, 0),
            };
            out.push(Segment::blank(left))?;
            out.push(Segment::new(line, self.style))?;
            out.push(Segment::blank(right))?;
            out.newline()?;
        }
        Ok(())
    }
}
