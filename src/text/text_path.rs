//! A file path that gives up its middle where it does not fit.
#![forbid(unsafe_code)]

use super::cells;
use super::paragraph::picture;
use super::render::{Context, Justify, Measure, Renderable, Widget};
use super::segment::{Lines, Segment, Sink, push_clipped};
use super::spec::{self, Fields};
use super::style::Style;
use crate::error::Error;

struct TextPath {
    parts: Vec<String>,
    rooted: bool,
    /// The root is a drive, which a slash follows.
    drive: bool,
    justify: Option<Justify>,
    root: Style,
    separator: Style,
    stem: Style,
    leaf: Style,
}

/// Which parts are shown: the first `start`, an ellipsis, and those from `rest` on.
enum Fit {
    Whole,
    Middle {
        rest: usize,
    },
    /// Only the end of the last part, from this byte on.
    End(usize),
}

pub(super) fn build<'j>(fields: &mut Fields<'j, '_>) -> Result<Widget<'j>, Error> {
    let path = spec::text(fields.required("path")?, &fields.path.field("path"))?;
    let path = path.replace('\\', "/");
    let path = path.trim_end_matches('/').trim();
    // A path is one line, whatever is in the names.
    let part = |part: &str| part.chars().map(picture).collect();
    let mut parts: Vec<String> = path.split('/').filter(|part| !part.is_empty()).map(part).collect();
    let mut drive = false;
    let mut rooted = path.starts_with('/');
    if rooted {
        parts.insert(0, "/".to_owned());
    } else if parts.first().is_some_and(|first| first.ends_with(':')) {
        (rooted, drive) = (true, true);
    }
    Ok(Widget::new(TextPath {
        parts,
        rooted,
        drive,
        justify: fields.justify("alignment")?,
        root: fields.style("root_style")?.unwrap_or_default(),
        separator: fields.style("separator_style")?.unwrap_or_default(),
        stem: fields.style("stem_style")?.unwrap_or_default(),
        leaf: fields.style("leaf_style")?.unwrap_or_default(),
    }))
}

fn ellipsis(context: &Context<'_>) -> &'static str {
    if context.unicode { "…" } else { "..." }
}

impl TextPath {
    fn fit(&self, context: &Context<'_>, most: usize) -> Fit {
        let Some(last) = self.parts.last() else { return Fit::Whole };
        let widths: Vec<usize> = self.parts.iter().map(|part| cells::width(part)).collect();
        let total: usize = widths.iter().sum();
        if total + widths.len() - 1 <= most {
            return Fit::Whole;
        }
        let mark = cells::width(ellipsis(context));
        let count = self.parts.len();
        let root = usize::from(self.rooted);
        // From the longest rest to the last part alone.
        let mut rest_width = widths[root..].iter().sum::<usize>();
        for rest in root + 1..count {
            rest_width -= widths[rest - 1];
            let separators = (count - 1 - rest) + root + 1;
            if widths[..root].iter().sum::<usize>() + mark + rest_width + separators <= most {
                return Fit::Middle { rest };
            }
        }
        Fit::End(cells::fitting_end(last, most.saturating_sub(mark)))
    }

    /// Emits the path; `line` may grow wider than there is room.
    fn line<'a>(&'a self, context: &Context<'_>, most: usize, out: &mut dyn Sink<'a>) -> Result<(), Error> {
        let count = self.parts.len();
        let fit = self.fit(context, most);
        let mark = ellipsis(context);
        if let Fit::End(start) = fit {
            out.push(Segment::new(mark, self.leaf))?;
            return out
                .push(Segment { joined: true, ..Segment::new(&self.parts[count - 1][start..], self.leaf) });
        }
        for (index, part) in self.parts.iter().enumerate() {
            let is_root = index == 0 && self.rooted;
            if let Fit::Middle { rest } = fit {
                let hidden = index < rest && !is_root;
                if hidden && index + 1 == rest {
                    out.push(Segment::new(mark, self.stem))?;
                    out.push(Segment::new("/", self.separator))?;
                }
                if hidden {
                    continue;
                }
            }
            let is_last = index + 1 == count;
            let style = if is_last {
                self.leaf
            } else if is_root {
                self.root
            } else {
                self.stem
            };
            out.push(Segment::new(part, style))?;
            if !is_last && (!is_root || self.drive) {
                out.push(Segment::new("/", self.separator))?;
            }
        }
        Ok(())
    }
}

impl Renderable for TextPath {
    fn measure(&self, context: &Context<'_>, most: usize) -> Measure {
        let mut line = Lines::default();
        let width = match self.line(context, most, &mut line) {
            Ok(()) => {
                line.finish();
                line.line(0).1
            }
            Err(_) => most, // a line of more than 16 million parts
        };
        Measure::exactly(width.min(most))
    }

    fn render<'a>(&'a self, context: &Context<'_>, most: usize, out: &mut dyn Sink<'a>) -> Result<(), Error> {
        let mut line = Lines::default();
        self.line(context, most, &mut line)?;
        line.finish();
        let (segments, used) = line.line(0);
        let free = most.saturating_sub(used);
        let (left, right) = match self.justify {
            None | Some(Justify::Left) => (0, 0),
            Some(Justify::Right) => (free, 0),
            Some(Justify::Center) => (free / 2, free - free / 2),
        };
        out.push(Segment::blank(left))?;
        push_clipped(segments, most, out)?;
        out.push(Segment::blank(right))
    }
}
