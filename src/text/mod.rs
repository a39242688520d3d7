//! Text for terminals, notebooks and files: markup, tables, panels and the other renderables of a
//! JSON spec, in the layout Spectre.Console gives them.
#![forbid(unsafe_code)]

mod ansi;
mod bar_chart;
mod border;
mod breakdown_chart;
mod calendar;
mod canvas;
pub mod cells;
pub mod color;
mod color_names;
mod columns;
mod culture;
pub mod detect;
mod emoji;
pub mod figlet;
pub mod figlet_font;
mod figlet_text;
mod file_size;
mod html;
mod json;
mod json_text;
mod layout;
pub mod markup;
mod panel;
mod paragraph;
mod progress_bar;
mod render;
mod rule;
mod segment;
mod share;
mod spec;
mod stack;
pub mod style;
mod svg;
mod table;
mod table_layout;
mod text_path;
mod tree;
mod widgets;

use crate::error::Error;
use crate::progress::Progress;
use ansi::Ansi;
use color::ColorSystem;
use html::Html;
use json::{Mode, Value};
use render::{Context, Renderable};
use svg::Svg;

/// Where a spec is shown.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Cells of a line, 0..=100000.
    pub width: usize,
    /// Lines of the screen, 0..=100000; for what fills it.
    pub height: usize,
    /// What it can show. HTML and SVG show everything.
    pub color: ColorSystem,
    /// Whether it shows more than ASCII and plain box lines.
    pub unicode: bool,
}

/// What a spec becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text, with escape sequences as far as the target has colours.
    Text,
    /// A `<pre>` element.
    Html,
    /// A standalone picture.
    Svg,
}

/// Renders a spec (JSON, as docs/text.md describes it).
///
/// The cost is linear in the spec and the output; a table holds one laid out row at a time.
///
/// # Errors
/// [`Error::Invalid`] for a wrong spec, with the path to the field; [`Error::Memory`] when the output
/// would exceed 1 GiB; [`Error::Cancelled`].
pub fn render(spec: &str, target: Target, format: Format, progress: &Progress<'_>) -> Result<String, Error> {
    for (name, size) in [("width", target.width), ("height", target.height)] {
        if size > spec::MOST {
            return Err(Error::Invalid(format!("{name} must be in 0..={}, got {size}", spec::MOST)));
        }
    }
    let value = json::parse(spec, Mode::Spec)
        .map_err(|found| Error::Invalid(format!("spec must be JSON: {found}")))?;
    let context = Context {
        unicode: target.unicode,
        color: if format == Format::Text { target.color } else { ColorSystem::TrueColor },
        height: None,
        screen: target.height,
        justify: None,
        single_line: false,
        pulse: progress.pulse(),
    };
    if spec::kind_of(&value) == Some("export") {
        return export(value, &context, target);
    }
    let widget = spec::widget(value, &spec::Path::ROOT)?;
    match format {
        Format::Text => {
            let mut out = Ansi::new(target.color);
            widget.render(&context, target.width, &mut out)?;
            out.finish()
        }
        Format::Html => {
            let mut out = Html::new()?;
            widget.render(&context, target.width, &mut out)?;
            out.finish()
        }
        Format::Svg => {
            let mut out = Svg::new();
            widget.render(&context, target.width, &mut out)?;
            out.finish()
        }
    }
}

/// The `export` renderable, which only makes sense as the whole spec.
fn export(value: Value<'_>, context: &Context<'_>, target: Target) -> Result<String, Error> {
    let mut fields = spec::fields(value, "an export", spec::Path::ROOT)?;
    fields.take("type");
    let words = [("text", Format::Text), ("html", Format::Html)];
    let format = fields.choice("format", &words)?.unwrap_or(Format::Text);
    let content = fields.content("content")?;
    fields.finish()?;
    let context = Context { color: ColorSystem::TrueColor, ..*context };
    let mut text = if format == Format::Html {
        let mut out = Html::word_by_word()?;
        content.render(&context, target.width, &mut out)?;
        out.finish()?
    } else {
        let mut out = Ansi::new(ColorSystem::None);
        content.render(&context, target.width, &mut out)?;
        out.finish()?
    };
    text.truncate(text.trim_end_matches('\n').len());
    Ok(text)
}
