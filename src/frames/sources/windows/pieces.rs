//! A window filled from its input and cut into pieces of whole rows.
#![forbid(unsafe_code)]

use super::{PAD, Sizes, Split, Window};
use crate::error::Error;
use crate::frames::sources::delimited::{Dialect, Flaw, Way, exact_row};
use crate::frames::sources::simd_scan;
use std::io::Read;
use std::path::Path;

/// Longest row; one that goes on for longer is more likely a quote left open.
const LONGEST: usize = 128 << 20;

/// Bytes over which quotes are summed up, to find the pieces' ends without a second look at all of them.
const STEP: usize = 64 << 10;

/// Reads `size` bytes more behind `left`.
pub(super) fn fill(
    input: &mut dyn Read,
    window: &mut Window,
    left: &[u8],
    size: usize,
    path: &Path,
) -> Result<(), Error> {
    window.buffer.clear();
    window.buffer.try_reserve(left.len() + size + PAD + 1)?;
    window.buffer.extend_from_slice(left);
    window.fresh = left.len();
    window.last = false;
    read_more(input, window, size, path)
}

fn read_more(input: &mut dyn Read, window: &mut Window, size: usize, path: &Path) -> Result<(), Error> {
    let before = window.buffer.len();
    window.buffer.try_reserve(size + PAD + 1)?;
    input.take(size as u64).read_to_end(&mut window.buffer).map_err(|error| unreadable(path, error))?;
    window.last = window.buffer.len() - before < size;
    window.size = window.buffer.len();
    window.buffer.resize(window.size + PAD, 0);
    Ok(())
}

/// What a decompressor says of bytes that are not its own is about the file, not about the system.
fn unreadable(path: &Path, error: std::io::Error) -> Error {
    match error.raw_os_error() {
        Some(_) => Error::Io { path: path.to_owned(), source: error },
        None => Error::Invalid(format!("{}: {error}", path.display())),
    }
}

/// Cuts a window into pieces, having read more of it when not even one row ends in it.
pub(super) fn complete(
    window: &mut Window,
    input: &mut dyn Read,
    sizes: Sizes,
    split: Split,
    way: Way,
    cut: bool,
    path: &Path,
) -> Result<(), Error> {
    let newline = split.newline();
    let mut more = sizes.window;
    loop {
        let whole = window.last && !cut;
        if whole && window.size > 0 && window.buffer[window.size - 1] != newline {
            window.buffer[window.size] = newline; // the padding has room for it
            window.size += 1;
            window.buffer.push(0);
        }
        match (split, way) {
            (Split::Rows(dialect), Way::Exact) => split_exact(window, dialect, sizes.piece, whole),
            (Split::Rows(dialect), Way::Parity) => {
                split_parity(window, dialect.marks.quote, newline, sizes.piece, whole);
                if window.pieces.is_empty() && window.size > 0 {
                    split_exact(window, dialect, sizes.piece, whole); // a stray quote, or a row that is long indeed
                }
            }
            (Split::Lines, _) => split_parity(window, None, newline, sizes.piece, whole),
        }
        if !window.pieces.is_empty() || window.last {
            return Ok(());
        }
        if window.size > LONGEST {
            return Err(Error::Invalid(format!(
                "{}, line {}: a row goes on for more than {} MiB; is a quote left open?",
                path.display(),
                window.line,
                LONGEST >> 20
            )));
        }
        window.buffer.truncate(window.size);
        read_more(input, window, more, path)?;
        more *= 2;
    }
}

fn split_parity(window: &mut Window, quote: Option<u8>, newline: u8, piece: usize, whole: bool) {
    let text = &window.buffer[..window.size];
    window.pieces.clear();
    window.end = 0;
    let mut odd = Vec::with_capacity(text.len() / STEP + 1); // at the start of each step, and behind the last
    let mut quotes = 0;
    for step in text.chunks(STEP) {
        odd.push(quotes % 2 == 1);
        if quote.is_some() {
            quotes += simd_scan::count(step, quote, newline).0;
        }
    }
    let any = quote.filter(|_| quotes > 0);
    window.end = if whole {
        text.len()
    } else {
        let mut open = quotes % 2 == 1;
        let mut backwards = memchr::memrchr2_iter(any.unwrap_or(newline), newline, text);
        let last = backwards.find(|place| {
            let is_quote = Some(text[*place]) == any;
            open ^= is_quote;
            !is_quote && !open
        });
        last.map_or(0, |place| place + 1)
    };
    let mut start = 0;
    while start < window.end {
        let wanted = start + piece;
        let mut end = window.end;
        if wanted < window.end {
            let step = wanted / STEP * STEP;
            let mut open = odd[wanted / STEP];
            for place in memchr::memchr2_iter(any.unwrap_or(newline), newline, &text[step..window.end]) {
                if Some(text[step + place]) == any {
                    open = !open;
                } else if !open && step + place >= wanted {
                    end = step + place + 1;
                    break;
                }
            }
        }
        window.pieces.push(start..end);
        start = end;
    }
}

pub(super) fn split_exact(window: &mut Window, dialect: Dialect, piece: usize, whole: bool) {
    let text = &window.buffer[..window.size];
    window.pieces.clear();
    let (mut start, mut at, mut row) = (0, 0, Vec::new());
    while at < text.len() {
        row.clear();
        match exact_row(text, at, dialect, &mut row) {
            Ok(next) if text.get(next - 1) == Some(&dialect.marks.newline) => at = next,
            Err(Flaw::Open(_)) | Ok(_) if whole => at = text.len(), // an error that parsing will state
            _ => break,
        }
        if at - start >= piece {
            window.pieces.push(start..at);
            start = at;
        }
    }
    if at > start {
        window.pieces.push(start..at);
    }
    window.end = at;
}
