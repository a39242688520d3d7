//! Text of Python as UTF-8, read where it lies and without leaving the copy behind that Python's own call makes.
//!
//! CPython keeps code points of one, two or four bytes behind a header that is no part of its stable interface. So
//! nothing about it is assumed: the header's sizes are taken from `sys.getsizeof`, the bits that tell the forms apart
//! are looked for in samples of every form, and if the samples do not all read back right, Python encodes.

use super::frames_python::{Object, Python};
use crate::frames::columns::lent::escaped;
use core::ffi::c_char;
use std::borrow::Cow;
use std::ptr;

/// Where a text keeps its code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Bits of the state word to be shifted away, so that three of form and one each for compact and ASCII are left.
    shift: u32,
    /// Bytes before the first code point of ASCII.
    ascii: usize,
    /// Bytes before the first code point of anything else.
    compact: usize,
}

const LENGTH: usize = 16;
const STATE: usize = 32;

/// A text in place: how wide its code points are, where they are and how many.
pub(super) enum Form {
    /// UTF-8 as it is.
    Ascii(*const u8, usize),
    /// Code points of one, two or four bytes.
    Wide(u8, *const u8, usize),
    /// Elsewhere.
    Unknown,
}

impl Layout {
    /// The one layout by which all samples read as Python encodes them.
    ///
    /// # Safety
    /// `samples` are live texts, the empty one first, of the sizes `sizes`; the caller holds the interpreter lock.
    pub(super) unsafe fn found(python: &Python, samples: &[Object], sizes: &[usize]) -> Option<Self> {
        let empty = sizes.first()?;
        if sizes.iter().any(|size| *size < STATE + 8 + 1) {
            return None;
        }
        let ascii = empty - 1; // for the NUL at the end
        let mut found = None;
        for shift in 0..24 {
            for compact in [ascii + 16, ascii + 24] {
                let layout = Self { shift, ascii, compact };
                // SAFETY: the caller's promise is the same.
                let good = samples.iter().zip(sizes).all(|(text, size)| unsafe {
                    let mut read = Vec::new();
                    layout.fits(*text, *size)
                        && matches!(layout.append(*text, &mut read), Some(None))
                        && encoded(python, *text).as_ref() == Some(&read)
                });
                if good {
                    if found.is_some() {
                        return None; // the samples do not decide
                    }
                    found = Some(layout);
                }
            }
        }
        found
    }

    /// Whether reading `text` by this layout stays within its `size` bytes.
    unsafe fn fits(&self, text: Object, size: usize) -> bool {
        // SAFETY: the caller promises a live text of at least STATE + 8 bytes.
        let (end, width) = match unsafe { self.form(text) } {
            Form::Ascii(_, len) => (self.ascii.checked_add(len), 1),
            Form::Wide(width, _, len) => {
                let bytes = len.checked_mul(usize::from(width));
                (bytes.and_then(|bytes| self.compact.checked_add(bytes)), usize::from(width))
            }
            Form::Unknown => return false,
        };
        end.and_then(|end| end.checked_add(width)) == Some(size)
    }

    /// What `text` is by this layout.
    ///
    /// # Safety
    /// `text` is a live object of `str` itself or of a type derived from it.
    #[inline]
    pub(super) unsafe fn form(&self, text: Object) -> Form {
        // SAFETY: every text has these fields, wherever its code points are.
        let (length, state) = unsafe {
            (*text.byte_add(LENGTH).cast::<isize>(), *text.byte_add(STATE).cast::<u32>() >> self.shift)
        };
        let Ok(length) = usize::try_from(length) else { return Form::Unknown };
        if state & 0b11000 == 0b11000 {
            return Form::Ascii(text.wrapping_byte_add(self.ascii).cast(), length);
        }
        match (state & 0b01000, state & 0b00111) {
            (0b01000, width @ (1 | 2 | 4)) => {
                Form::Wide(width as u8, text.wrapping_byte_add(self.compact).cast(), length)
            }
            _ => Form::Unknown,
        }
    }

    /// Appends the text as UTF-8. Says whether surrogates had to be escaped; `None` when it is not known how to read it.
    unsafe fn append(&self, text: Object, to: &mut Vec<u8>) -> Option<Option<()>> {
        // SAFETY: the caller checked that reading stays within the object.
        unsafe {
            match self.form(text) {
                Form::Ascii(at, len) => to.extend_from_slice(std::slice::from_raw_parts(at, len)),
                Form::Wide(width, at, len) => return Some(transcode(width, at, len, to).then_some(())),
                Form::Unknown => return None,
            }
        }
        Some(None)
    }
}

/// Appends code points of `width` bytes as UTF-8 and says whether surrogates were escaped. The caller made room for
/// [`longest`] bytes, or memory is found as `Vec` does.
///
/// # Safety
/// `len` code points lie at `at`, aligned to `width`, which is 1, 2 or 4.
pub(super) unsafe fn transcode(width: u8, at: *const u8, len: usize, to: &mut Vec<u8>) -> bool {
    // SAFETY: the caller's promise is the same.
    unsafe {
        match width {
            1 => spell(std::slice::from_raw_parts(at, len).iter().map(|point| u32::from(*point)), to),
            2 => {
                let points = std::slice::from_raw_parts(at.cast::<u16>(), len);
                spell(points.iter().map(|point| u32::from(*point)), to)
            }
            _ => spell(std::slice::from_raw_parts(at.cast::<u32>(), len).iter().copied(), to),
        }
    }
}

/// Most bytes of UTF-8 that code points of `width` bytes come to, escapes not counted.
pub(super) fn longest(width: u8, len: usize) -> usize {
    len.saturating_mul(match width {
        1 => 2,
        2 => 3,
        _ => 4,
    })
}

/// UTF-8 in which surrogates were let pass, with them escaped, and whether there were any.
pub(super) fn passed(bytes: &[u8]) -> (Cow<'_, [u8]>, bool) {
    let Err(first) = std::str::from_utf8(bytes) else { return (Cow::Borrowed(bytes), false) };
    let mut made = Vec::with_capacity(bytes.len() + bytes.len() / 2);
    let (mut rest, mut good) = (bytes, first.valid_up_to());
    loop {
        made.extend_from_slice(&rest[..good]);
        let [high, middle, low, after @ ..] = &rest[good..] else { break };
        let point = u32::from(high & 0x0F) << 12 | u32::from(middle & 0x3F) << 6 | u32::from(low & 0x3F);
        made.extend_from_slice(escaped(point).as_bytes());
        rest = after;
        good = std::str::from_utf8(rest).map_or_else(|error| error.valid_up_to(), str::len);
    }
    (Cow::Owned(made), true)
}

#[inline]
fn spell(points: impl Iterator<Item = u32>, to: &mut Vec<u8>) -> bool {
    let mut odd = false;
    for point in points {
        match point {
            0..0x80 => to.push(point as u8),
            0x80..0x800 => to.extend_from_slice(&[0xC0 | (point >> 6) as u8, tail(point)]),
            _ => match char::from_u32(point) {
                Some(letter) => to.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
                None => {
                    odd = true;
                    to.extend_from_slice(escaped(point).as_bytes());
                }
            },
        }
    }
    odd
}

fn tail(point: u32) -> u8 {
    0x80 | (point & 0x3F) as u8
}

/// The text as Python encodes it; `None` where it cannot.
///
/// # Safety
/// `text` is a live text and the caller holds the interpreter lock.
unsafe fn encoded(python: &Python, text: Object) -> Option<Vec<u8>> {
    // SAFETY: under the lock, on a live text; the result is a new reference to bytes.
    unsafe {
        let bytes = (python.utf8)(text);
        if bytes.is_null() {
            (python.error_clear)();
            return None;
        }
        let found = borrowed(python, bytes).map(<[u8]>::to_vec);
        (python.dec_ref)(bytes);
        found
    }
}

/// What an object of bytes holds.
///
/// # Safety
/// `bytes` is live while `'a` lasts, an object of `bytes` or of a type derived from it, and the caller holds the lock.
pub(super) unsafe fn borrowed<'a>(python: &Python, bytes: Object) -> Option<&'a [u8]> {
    let (mut at, mut len): (*mut c_char, isize) = (ptr::null_mut(), 0);
    // SAFETY: under the lock, on live bytes, which do not change; Python writes both outputs on success.
    unsafe {
        if (python.bytes)(bytes, &mut at, &mut len) != 0 {
            (python.error_clear)();
            return None;
        }
        let len = usize::try_from(len).ok()?;
        if len == 0 { Some(&[]) } else { Some(std::slice::from_raw_parts(at.cast(), len)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width_is_spelled_and_surrogates_are_escaped() {
        let text = "a\u{e9}\u{20ac}\u{1f600}\u{7ff}\u{800}";
        let points: Vec<u32> = text.chars().map(u32::from).collect();
        let mut to = Vec::new();
        // SAFETY: as many code points as said.
        assert!(!unsafe { transcode(4, points.as_ptr().cast(), points.len(), &mut to) });
        assert_eq!(to, text.as_bytes());
        assert!(longest(4, points.len()) >= to.len());
        let halves = [0x61_u16, 0xDCFF, 0x20AC];
        to.clear();
        // SAFETY: as many code points as said.
        assert!(unsafe { transcode(2, halves.as_ptr().cast(), 3, &mut to) });
        assert_eq!(to, "a\\udcff\u{20ac}".as_bytes());
        to.clear();
        // SAFETY: as many code points as said.
        assert!(!unsafe { transcode(1, [0xFF, 0x41].as_ptr(), 2, &mut to) });
        assert_eq!(to, "\u{ff}A".as_bytes());
    }

    #[test]
    fn surrogates_that_passed_are_escaped() {
        assert_eq!(passed("a\u{e9}".as_bytes()), (Cow::Borrowed("a\u{e9}".as_bytes()), false));
        let (bytes, odd) = passed(b"a\xED\xB3\xBF\xC3\xA9\xED\xA0\x80");
        assert_eq!((&*bytes, odd), ("a\\udcff\u{e9}\\ud800".as_bytes(), true));
    }

    /// An object as CPython 3.12 lays it out, or one whose state word lies otherwise.
    fn object(shift: u32, form: u32, length: usize, at: usize, data: &[u8]) -> Vec<u64> {
        let mut bytes = vec![0_u8; at + data.len()];
        bytes[LENGTH..LENGTH + 8].copy_from_slice(&length.to_ne_bytes());
        bytes[STATE..STATE + 4].copy_from_slice(&(form << shift).to_ne_bytes());
        bytes[at..].copy_from_slice(data);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes.as_chunks::<8>().0.iter().map(|word| u64::from_ne_bytes(*word)).collect()
    }

    #[test]
    fn forms_are_told_apart_and_what_is_elsewhere_is_not_read() {
        let layout = Layout { shift: 2, ascii: 40, compact: 56 };
        let of = |object: &Vec<u64>| {
            let mut to = Vec::new();
            // SAFETY: words laid out as a text is.
            unsafe { layout.append(object.as_ptr().cast_mut().cast(), &mut to) }.map(|_| to)
        };
        assert_eq!(of(&object(2, 0b11001, 3, 40, b"abc")).unwrap(), b"abc");
        assert_eq!(of(&object(2, 0b01001, 2, 56, &[0xE9, 0x62])).unwrap(), "\u{e9}b".as_bytes());
        let wide: Vec<u8> =
            "\u{20ac}\u{1f600}".chars().flat_map(|point| u32::from(point).to_ne_bytes()).collect();
        assert_eq!(of(&object(2, 0b01100, 2, 56, &wide)).unwrap(), "\u{20ac}\u{1f600}".as_bytes());
        for elsewhere in [0b00001, 0b01000, 0b01111] {
            assert_eq!(of(&object(2, elsewhere, 1, 56, &[0; 8])), None);
        }
        let text = object(2, 0b11001, 3, 40, b"abc");
        // SAFETY: words laid out as a text is.
        unsafe {
            assert!(layout.fits(text.as_ptr().cast_mut().cast(), 44));
            assert!(!layout.fits(text.as_ptr().cast_mut().cast(), 43));
        }
    }
}
