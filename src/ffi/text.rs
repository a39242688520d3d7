//! Exports of [`crate::text`].

use super::tick::progress;
use super::{guard, iw_bytes, iw_status, iw_tick, lent};
use crate::error::Error;
use crate::text::color::ColorSystem;
use crate::text::detect::{self, Stream, Terminal};
use crate::text::{self, Format, Target, cells, markup};
use core::ffi::c_void;

/// Colours: what standard output can show, as `iw_text_detect` finds it.
pub const IW_COLOR_DETECT: u32 = 0;
/// No escape sequences at all.
pub const IW_COLOR_NONE: u32 = 1;
/// Bold, underline and links, but no colours: what NO_COLOR asks for.
pub const IW_COLOR_NO_COLORS: u32 = 2;
/// 8 colours.
pub const IW_COLOR_LEGACY: u32 = 3;
/// 16 colours.
pub const IW_COLOR_STANDARD: u32 = 4;
/// The palette of 256 colours.
pub const IW_COLOR_EIGHT_BIT: u32 = 5;
/// 24 bits.
pub const IW_COLOR_TRUE_COLOR: u32 = 6;

/// What a stream leads to.
#[repr(C)]
pub struct iw_terminal {
    /// Cells of a line: the variable COLUMNS, else the terminal's, else 80.
    pub width: usize,
    /// Lines: the variable LINES, else the terminal's, else 24.
    pub height: usize,
    /// One of the `IW_COLOR_*`, never IW_COLOR_DETECT.
    pub color: u32,
    /// 1 when all of Unicode may be shown, 0 when the locale names another character set.
    pub unicode: i32,
    /// 1 for a terminal, 0 for a file, a pipe, or nothing.
    pub is_terminal: i32,
}

const SYSTEMS: [(u32, ColorSystem); 6] = [
    (IW_COLOR_NONE, ColorSystem::None),
    (IW_COLOR_NO_COLORS, ColorSystem::NoColors),
    (IW_COLOR_LEGACY, ColorSystem::Legacy),
    (IW_COLOR_STANDARD, ColorSystem::Standard),
    (IW_COLOR_EIGHT_BIT, ColorSystem::EightBit),
    (IW_COLOR_TRUE_COLOR, ColorSystem::TrueColor),
];

/// The target a caller describes; what it leaves open is looked up.
fn target(width: i64, height: i64, color: u32, unicode: i32) -> Result<Target, Error> {
    let open = width == -1 || height == -1 || color == IW_COLOR_DETECT || unicode == -1;
    let found = if open {
        detect::detect(Stream::Output)
    } else {
        Terminal { width: 0, height: 0, color: ColorSystem::None, unicode: true, is_terminal: false }
    };
    let size = |name: &str, given: i64, found: usize| match given {
        -1 => Ok(found),
        _ => usize::try_from(given)
            .map_err(|_| Error::Invalid(format!("{name} must be -1 or in 0..=100000, got {given}"))),
    };
    let color = match color {
        IW_COLOR_DETECT => found.color,
        _ => {
            let known = SYSTEMS.iter().find(|(tag, _)| *tag == color);
            let wrong = || Error::Invalid(format!("color must be one of IW_COLOR_*, got {color}"));
            known.ok_or_else(wrong)?.1
        }
    };
    Ok(Target {
        width: size("width", width, found.width)?,
        height: size("height", height, found.height)?,
        color,
        unicode: if unicode == -1 { found.unicode } else { unicode != 0 },
    })
}

/// Renders a spec as text for a terminal or a file.
///
/// The spec is JSON: a string is markup, an object has a "type" (table, panel, rule, ...). docs/text.md
/// lists the types and their fields. Lines end in LF.
///
/// @param spec     UTF-8 JSON; a wrong one is refused with the path to the field
/// @param spec_len bytes at `spec`
/// @param width    cells of a line, 0..=100000, or -1 for the width of standard output
/// @param height   lines of the screen, 0..=100000, or -1 for the height of standard output
/// @param color    one of `IW_COLOR_*`
/// @param unicode  1 for all of Unicode, 0 for ASCII and plain box lines, -1 as the locale says
/// @param tick     asked whether to go on, or NULL; nothing is counted
/// @param context  handed to `tick` unread
/// @param out      the text, UTF-8; free it with `iw_bytes_free`
/// @return IW_OK; IW_INVALID for a wrong spec or argument; IW_MEMORY above 1 GiB; IW_CANCELLED
///
/// # Safety
/// `spec` is NULL or readable for `spec_len` bytes; `out` is NULL or writable; `tick` is NULL or callable
/// with `context`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_text_render(
    spec: *const u8,
    spec_len: usize,
    width: i64,
    height: i64,
    color: u32,
    unicode: i32,
    tick: iw_tick,
    context: *mut c_void,
    out: *mut iw_bytes,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller promises readable text, a writable slot and a callable tick.
        let (spec, out, progress) =
            unsafe { (lent::text(spec, spec_len, "spec")?, lent::out(out, "out")?, progress(tick, context)) };
        let target = target(width, height, color, unicode)?;
        let text = text::render(spec, target, Format::Text, &progress)?;
        out.write(iw_bytes::from_string(text));
        Ok(())
    })
}

/// Renders a spec as HTML: one `<pre>` element, its content escaped, its links kept.
///
/// Links whose address could run a script (`javascript:` and the like) keep their text only.
///
/// @param spec     UTF-8 JSON, as for `iw_text_render`
/// @param spec_len bytes at `spec`
/// @param width    cells of a line, 0..=100000, or -1 for the width of standard output
/// @param height   lines, 0..=100000, or -1 for the height of standard output
/// @param unicode  1 for all of Unicode, 0 for ASCII and plain box lines, -1 as the locale says
/// @param tick     asked whether to go on, or NULL; nothing is counted
/// @param context  handed to `tick` unread
/// @param out      the element, UTF-8; free it with `iw_bytes_free`
/// @return as `iw_text_render`
///
/// # Safety
/// As `iw_text_render`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_text_render_html(
    spec: *const u8,
    spec_len: usize,
    width: i64,
    height: i64,
    unicode: i32,
    tick: iw_tick,
    context: *mut c_void,
    out: *mut iw_bytes,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller promises readable text, a writable slot and a callable tick.
        let (spec, out, progress) =
            unsafe { (lent::text(spec, spec_len, "spec")?, lent::out(out, "out")?, progress(tick, context)) };
        let target = target(width, height, IW_COLOR_TRUE_COLOR, unicode)?;
        let text = text::render(spec, target, Format::Html, &progress)?;
        out.write(iw_bytes::from_string(text));
        Ok(())
    })
}

/// Renders a spec as a standalone SVG picture of a terminal.
///
/// @param spec     UTF-8 JSON, as for `iw_text_render`
/// @param spec_len bytes at `spec`
/// @param width    cells of a line, 0..=100000, or -1 for the width of standard output
/// @param height   lines, 0..=100000, or -1 for the height of standard output
/// @param unicode  1 for all of Unicode, 0 for ASCII and plain box lines, -1 as the locale says
/// @param tick     asked whether to go on, or NULL; nothing is counted
/// @param context  handed to `tick` unread
/// @param out      the picture, UTF-8; free it with `iw_bytes_free`
/// @return as `iw_text_render`
///
/// # Safety
/// As `iw_text_render`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_text_render_svg(
    spec: *const u8,
    spec_len: usize,
    width: i64,
    height: i64,
    unicode: i32,
    tick: iw_tick,
    context: *mut c_void,
    out: *mut iw_bytes,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller promises readable text, a writable slot and a callable tick.
        let (spec, out, progress) =
            unsafe { (lent::text(spec, spec_len, "spec")?, lent::out(out, "out")?, progress(tick, context)) };
        let target = target(width, height, IW_COLOR_TRUE_COLOR, unicode)?;
        let text = text::render(spec, target, Format::Svg, &progress)?;
        out.write(iw_bytes::from_string(text));
        Ok(())
    })
}

/// What a stream leads to, from the stream itself and the variables NO_COLOR, FORCE_COLOR,
/// TTY_COMPATIBLE, COLORTERM, TERM, CI, COLUMNS, LINES, LC_ALL, LC_CTYPE and LANG.
///
/// On Windows it also turns escape sequences on, where the stream is a console that knows them.
///
/// @param fd  1 for standard output, 2 for standard error, any other number for no terminal
/// @param out what was found
/// @return IW_OK; IW_INVALID when `out` is NULL
///
/// # Safety
/// `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_text_detect(fd: i32, out: *mut iw_terminal) -> iw_status {
    guard(|| {
        // SAFETY: the caller promises a writable slot.
        let out = unsafe { lent::out(out, "out") }?;
        let stream = match fd {
            1 => Stream::Output,
            2 => Stream::Error,
            _ => Stream::Other,
        };
        let Terminal { width, height, color, unicode, is_terminal } = detect::detect(stream);
        let tag = SYSTEMS.iter().find(|(_, system)| *system == color).map_or(IW_COLOR_NONE, |(tag, _)| *tag);
        out.write(iw_terminal {
            width,
            height,
            color: tag,
            unicode: i32::from(unicode),
            is_terminal: i32::from(is_terminal),
        });
        Ok(())
    })
}

/// Number of terminal cells a text takes: grapheme clusters of 0, 1 or 2 cells; control characters take 0.
///
/// @param text     UTF-8
/// @param text_len bytes at `text`
/// @param out      cells
/// @return IW_OK; IW_INVALID when `text` is not UTF-8
///
/// # Safety
/// `text` is NULL or readable for `text_len` bytes; `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_text_width(text: *const u8, text_len: usize, out: *mut usize) -> iw_status {
    guard(|| {
        // SAFETY: the caller promises readable text and a writable slot.
        let (text, out) = unsafe { (lent::text(text, text_len, "text")?, lent::out(out, "out")?) };
        out.write(cells::width(text));
        Ok(())
    })
}

/// Where to cut a text after a number of cells; a cluster that straddles them goes to the first part.
///
/// @param text     UTF-8
/// @param text_len bytes at `text`
/// @param offset   cells
/// @param out      bytes of the first part; `text_len` when that is everything
/// @return IW_OK; IW_INVALID when `text` is not UTF-8
///
/// # Safety
/// As `iw_text_width`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_text_split(
    text: *const u8,
    text_len: usize,
    offset: usize,
    out: *mut usize,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller promises readable text and a writable slot.
        let (text, out) = unsafe { (lent::text(text, text_len, "text")?, lent::out(out, "out")?) };
        out.write(cells::split(text, offset).0.len());
        Ok(())
    })
}

/// Doubles the brackets of a text, so that markup shows it as it is.
///
/// @param text     UTF-8
/// @param text_len bytes at `text`
/// @param out      markup, UTF-8; free it with `iw_bytes_free`
/// @return IW_OK; IW_INVALID when `text` is not UTF-8
///
/// # Safety
/// As `iw_text_width`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_text_escape(text: *const u8, text_len: usize, out: *mut iw_bytes) -> iw_status {
    guard(|| {
        // SAFETY: the caller promises readable text and a writable slot.
        let (text, out) = unsafe { (lent::text(text, text_len, "text")?, lent::out(out, "out")?) };
        out.write(iw_bytes::from_string(markup::escape(text).into_owned()));
        Ok(())
    })
}

/// The text of markup, without its tags.
///
/// @param markup     UTF-8
/// @param markup_len bytes at `markup`
/// @param out        text, UTF-8; free it with `iw_bytes_free`
/// @return IW_OK; IW_INVALID when `markup` is not UTF-8, or a bracket is neither doubled nor part of a tag
///
/// # Safety
/// As `iw_text_width`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iw_text_strip(
    markup: *const u8,
    markup_len: usize,
    out: *mut iw_bytes,
) -> iw_status {
    guard(|| {
        // SAFETY: the caller promises readable text and a writable slot.
        let (markup, out) = unsafe { (lent::text(markup, markup_len, "markup")?, lent::out(out, "out")?) };
        out.write(iw_bytes::from_string(markup::strip(markup)?));
        Ok(())
    })
}
