//! What every renderable can do: say how wide it is, and emit its lines.
#![forbid(unsafe_code)]

use super::color::ColorSystem;
use super::paragraph::Paragraph;
use super::segment::Sink;
use crate::error::Error;
use crate::progress::Pulse;

/// Where a line stands in the space it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Justify {
    /// At the left edge.
    Left,
    /// At the right edge.
    Right,
    /// In the middle; the odd cell goes to the right.
    Center,
}

/// Cells a renderable needs at least, and the most it can use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Measure {
    /// Below this, words are broken.
    pub(super) min: usize,
    /// Above this, nothing changes.
    pub(super) max: usize,
}

impl Measure {
    /// The same for both.
    pub(super) fn exactly(width: usize) -> Self {
        Self { min: width, max: width }
    }

    /// Both, `cells` wider.
    pub(super) fn plus(self, cells: usize) -> Self {
        Self { min: self.min.saturating_add(cells), max: self.max.saturating_add(cells) }
    }

    /// Both the greater of two.
    pub(super) fn or(self, other: Self) -> Self {
        Self { min: self.min.max(other.min), max: self.max.max(other.max) }
    }
}

/// What a renderable knows about where it is shown.
#[derive(Clone, Copy)]
pub(super) struct Context<'p> {
    /// Whether the terminal shows more than ASCII and plain box lines.
    pub(super) unicode: bool,
    /// The colours it has.
    pub(super) color: ColorSystem,
    /// Lines there are, where a parent has decided on it.
    pub(super) height: Option<usize>,
    /// Lines of the whole screen.
    pub(super) screen: usize,
    /// How a parent places text, whatever the text says.
    pub(super) justify: Option<Justify>,
    /// Only the first line, and that unwrapped.
    pub(super) single_line: bool,
    /// Where long work asks whether to go on.
    pub(super) pulse: Pulse<'p>,
}

/// A thing that turns into lines. `'j` is the life of the spec's text, which it borrows.
pub(super) trait Renderable {
    /// Cells this takes when there are `most`.
    fn measure(&self, context: &Context<'_>, most: usize) -> Measure;

    /// Emits this, at most `width` cells wide where it can.
    ///
    /// # Errors
    /// Those of the sink.
    fn render<'a>(&'a self, context: &Context<'_>, width: usize, out: &mut dyn Sink<'a>)
    -> Result<(), Error>;
}

/// Any renderable; text is not boxed, because a table is made of it.
pub(super) enum Widget<'j> {
    /// Text and markup.
    Text(Paragraph<'j>),
    /// Everything else.
    Other(Box<dyn Renderable + 'j>),
}

impl<'j> Widget<'j> {
    /// A widget of a kind.
    pub(super) fn new(renderable: impl Renderable + 'j) -> Self {
        Self::Other(Box::new(renderable))
    }
}

impl Renderable for Widget<'_> {
    fn measure(&self, context: &Context<'_>, most: usize) -> Measure {
        match self {
            Self::Text(text) => text.measure(most),
            Self::Other(other) => other.measure(context, most),
        }
    }

    fn render<'a>(
        &'a self,
        context: &Context<'_>,
        width: usize,
        out: &mut dyn Sink<'a>,
    ) -> Result<(), Error> {
        match self {
            Self::Text(text) => text.render(context, width, out),
            Self::Other(other) => other.render(context, width, out),
        }
    }
}

#[cfg(test)]
pub(super) mod testing {
    use super::super::segment::{EachLine, Segment, Text};
    use super::*;
    use crate::progress::Progress;

    /// The lines of a paragraph, as text.
    pub(in super::super) fn lines(paragraph: &Paragraph<'_>, width: usize) -> Vec<String> {
        let progress = Progress::silent();
        let context = Context {
            unicode: true,
            color: ColorSystem::TrueColor,
            height: None,
            screen: 24,
            justify: None,
            single_line: false,
            pulse: progress.pulse(),
        };
        let mut lines = Vec::new();
        let mut sink = EachLine::new(usize::MAX, |line: &[Segment<'_>], _| {
            let text = line.iter().map(|segment| match segment.text {
                Text::Str(text) => text.to_owned(),
                Text::Repeat(cell, count) => cell.repeat(count),
            });
            lines.push(text.collect());
            Ok(())
        });
        paragraph.render(&context, width, &mut sink).unwrap();
        sink.finish().unwrap();
        lines
    }
}
