//! Coloured pixels: two in a cell where the terminal has half blocks, two cells each where not.
#![forbid(unsafe_code)]

use super::color::Color;
use super::render::{Context, Measure, Renderable, Widget};
use super::segment::{Segment, Sink};
use super::spec::{self, Fields};
use super::style::Style;
use crate::error::Error;

/// Most pixels of a canvas: 64 MiB of them.
const MOST_PIXELS: usize = 16 << 20;

struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<Option<Color>>,
    max_width: Option<usize>,
    scale: bool,
}

pub(super) fn build<'j>(fields: &mut Fields<'j, '_>) -> Result<Widget<'j>, Error> {
    let path = fields.path;
    let side = |fields: &mut Fields<'j, '_>, name: &'static str| {
        let size = spec::size(&fields.required(name)?, &path.field(name))?;
        if size == 0 { Err(path.field(name).says("Must be > 1, got 0")) } else { Ok(size) }
    };
    let (width, height) = (side(fields, "width")?, side(fields, "height")?);
    let area = width * height;
    if area > MOST_PIXELS {
        return Err(path.says(format_args!("a canvas has at most {MOST_PIXELS} pixels, got {area}")));
    }
    let mut pixels = Vec::new();
    pixels.try_reserve_exact(area)?;
    pixels.resize(area, None);
    let at = path.field("pixels");
    for (index, value) in fields.list("pixels")?.into_iter().enumerate() {
        let mut fields = spec::fields(value, "a pixel", at.index(index))?;
        let path = fields.path;
        let mut place = |name: &'static str, end: usize| {
            let place = spec::size(&fields.required(name)?, &path.field(name))?;
            if place < end { Ok(place) } else { Err(path.field(name).must(&format!("below {end}"), place)) }
        };
        let (x, y) = (place("x", width)?, place("y", height)?);
        let color = fields.color("color")?;
        let color = color.ok_or_else(|| path.field("color").must("given", "nothing"))?;
        fields.finish()?;
        pixels[y * width + x] = Some(color);
    }
    Ok(Widget::new(Canvas {
        width,
        height,
        pixels,
        max_width: fields.size("max_width")?.map(|width| width.max(1)),
        scale: fields.flag("scale", true)?,
    }))
}

impl Canvas {
    /// Width and height to draw when a pixel takes `cells` of `most`; None when that leaves no line.
    fn size(&self, cells: usize, most: usize) -> Option<(usize, usize)> {
        let (mut width, mut height) = (self.width, self.height);
        // f32 as upstream, whose heights these are.
        if let Some(most) = self.max_width {
            height = (height as f32 * most as f32 / self.width as f32) as usize;
            width = most;
        }
        if width * cells > most {
            height = (height as f32 * (most as f32 / (width * cells) as f32)) as usize;
            width = most / cells;
        }
        (width > 0 && height > 0).then_some((width, height))
    }

    /// The pixel shown at a place of a drawing of `width` by `height`.
    fn pixel(&self, x: usize, y: usize, (width, height): (usize, usize)) -> Option<Color> {
        let from = |at: usize, own: usize, drawn: usize| {
            // 16 bits of fraction, and a little more so that the last pixel is not missed
            if self.scale && own != drawn { (at * ((own << 16) / drawn + 1)) >> 16 } else { at }
        };
        let (x, y) = (from(x, self.width, width), from(y, self.height, height));
        if x >= self.width || y >= self.height {
            return None;
        }
        self.pixels[y * self.width + x]
    }
}

impl Renderable for Canvas {
    fn measure(&self, context: &Context<'_>, most: usize) -> Measure {
        let cells = if context.unicode { 1 } else { 2 };
        Measure::exactly((self.max_width.unwrap_or(self.width) * cells).min(most))
    }

    fn render<'a>(&'a self, context: &Context<'_>, most: usize, out: &mut dyn Sink<'a>) -> Result<(), Error> {
        let cells = if context.unicode { 1 } else { 2 };
        let Some(size) = self.size(cells, most) else { return Ok(()) };
        let (width, height) = size;
        let lines = if context.unicode { 2 } else { 1 };
        for y in (0..height).step_by(lines) {
            context.pulse.check()?;
            for x in 0..width {
                let upper = self.pixel(x, y, size);
                if !context.unicode {
                    let style = Style { background: upper.unwrap_or_default(), ..Style::PLAIN };
                    out.push(Segment::repeat(" ", 2, style))?;
                    continue;
                }
                let lower = if y + 1 < height { self.pixel(x, y + 1, size) } else { None };
                out.push(match (upper, lower) {
                    (None, None) => Segment::blank(1),
                    (Some(upper), lower) => {
                        let background = lower.unwrap_or_default();
                        Segment::new("▀", Style { background, ..Style::color(upper) })
                    }
                    (None, Some(lower)) => Segment::new("▄", Style::color(lower)),
                })?;
            }
            out.newline()?;
        }
        Ok(())
    }
}
