//! Text and bytes of objects, appended to the column.

use super::take::{MIXED, Stop, UNKNOWN};
use super::{IW_OBJECTS_DECIMAL, IW_TAKEN_LONG, IW_TAKEN_RAISED, iw_objects};
use crate::error::Error;
use crate::ffi::frames_python::{Object, Python};
use crate::ffi::frames_text::{Form, borrowed, longest, passed, transcode};
use crate::frames::columns::growing::MOST_BYTES;

impl iw_objects {
    /// Appends the UTF-8 of a text.
    ///
    /// # Safety
    /// `object` is a live text and the caller holds the interpreter lock.
    #[inline]
    pub(super) unsafe fn push_text(&mut self, python: &Python, object: Object) -> Result<(), Stop> {
        // SAFETY: a live text, whose layout was tested.
        match python.text.map_or(Form::Unknown, |layout| unsafe { layout.form(object) }) {
            Form::Ascii(at, len) => {
                self.room(len)?;
                let bytes = &mut self.growing.bytes;
                // SAFETY: `len` bytes lie at `at`, and there is room for them just made.
                unsafe {
                    copy(at, bytes.as_mut_ptr().add(bytes.len()), len);
                    bytes.set_len(bytes.len() + len);
                }
                self.growing.end_bytes();
                Ok(())
            }
            Form::Wide(width, at, len) => {
                self.room(longest(width, len))?;
                let start = self.growing.bytes.len();
                // SAFETY: `len` code points of this width lie at `at`.
                let odd = unsafe { transcode(width, at, len, &mut self.growing.bytes) };
                self.end_text(start, odd)
            }
            // SAFETY: a live text, under the lock.
            Form::Unknown => unsafe { self.push_encoded(python, object) },
        }
    }

    /// Ends a text that started at `start`, unless escapes made it too long.
    fn end_text(&mut self, start: usize, odd: bool) -> Result<(), Stop> {
        if self.growing.bytes.len() > MOST_BYTES {
            self.growing.bytes.truncate(start);
            return Err(Stop::Reason(IW_TAKEN_LONG));
        }
        self.escaped = self.escaped.saturating_add(u32::from(odd));
        self.growing.end_bytes();
        Ok(())
    }

    /// Appends the UTF-8 of a text as Python makes it, keeping no copy of it in the text.
    ///
    /// Surrogates pass, and are escaped here: an exception would be an object that the garbage collector knows, and
    /// making one may run code that takes away what is being read.
    ///
    /// # Safety
    /// `object` is a live text and the caller holds the interpreter lock.
    #[cold]
    unsafe fn push_encoded(&mut self, python: &Python, object: Object) -> Result<(), Stop> {
        // SAFETY: under the lock, on a live text; the call gives a new reference to bytes or raises.
        unsafe {
            let made = (python.encoded)(object, c"utf-8".as_ptr(), c"surrogatepass".as_ptr());
            if made.is_null() {
                return Err(if python.forgive() { UNKNOWN } else { Stop::Reason(IW_TAKEN_RAISED) });
            }
            let pushed = match borrowed(python, made).map(passed) {
                Some((bytes, odd)) => self.push_bytes(&bytes).map(|()| odd),
                None => Err(UNKNOWN),
            };
            (python.dec_ref)(made);
            self.escaped = self.escaped.saturating_add(u32::from(pushed?));
            Ok(())
        }
    }

    /// Appends what `spell` makes of an object; an object that raises is spelled by its failure.
    ///
    /// # Safety
    /// `object` is live and owned by more than what Python code may change; the caller holds the interpreter lock.
    pub(super) unsafe fn push_str(
        &mut self,
        python: &Python,
        object: Object,
        spell: unsafe extern "C" fn(Object) -> Object,
    ) -> Result<(), Stop> {
        // SAFETY: under the lock, on a live object; the result is a new reference to a text, or NULL with an error.
        unsafe {
            let text = spell(object);
            if text.is_null() {
                if !python.forgive() {
                    return Err(Stop::Reason(IW_TAKEN_RAISED));
                }
                if self.mode == IW_OBJECTS_DECIMAL {
                    return Err(MIXED); // an integer of more digits than Python likes to spell
                }
                self.failed = self.failed.saturating_add(1);
                return self.push_bytes(b"<str() failed>");
            }
            let pushed = self.push_text(python, text);
            (python.dec_ref)(text);
            pushed
        }
    }

    pub(super) fn push_bytes(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        self.room(bytes.len())?;
        self.growing.bytes.extend_from_slice(bytes);
        self.growing.end_bytes();
        Ok(())
    }

    /// Makes room for that many bytes, in a new piece if this one would grow too long.
    #[inline]
    fn room(&mut self, bytes: usize) -> Result<(), Stop> {
        let held = &mut self.growing.bytes;
        if held.capacity() - held.len() >= bytes && held.len() + bytes <= MOST_BYTES {
            return Ok(());
        }
        self.make_room(bytes)
    }

    #[cold]
    fn make_room(&mut self, bytes: usize) -> Result<(), Stop> {
        if bytes > MOST_BYTES {
            return Err(Stop::Reason(IW_TAKEN_LONG));
        }
        if self.growing.bytes.len() + bytes > MOST_BYTES {
            self.growing.close();
        }
        let least = bytes.max(1 << 16);
        let made = self.growing.bytes.try_reserve(least);
        Ok(made.map_err(|_| Error::Memory(format!("no memory for {least} bytes of text")))?)
    }
}

/// Copies a text: most are so short that a call to `memcpy` costs more than they do.
///
/// # Safety
/// `from` and `to` hold `len` bytes and do not overlap.
#[inline]
unsafe fn copy(from: *const u8, to: *mut u8, len: usize) {
    // SAFETY: each pair of moves covers all bytes and none beyond them; the second may overlap the first.
    unsafe {
        match len {
            0 => (),
            1..=3 => {
                *to = *from;
                *to.add(len / 2) = *from.add(len / 2);
                *to.add(len - 1) = *from.add(len - 1);
            }
            4..=7 => pair::<u32>(from, to, len),
            8..=15 => pair::<u64>(from, to, len),
            16..=32 => pair::<u128>(from, to, len),
            _ => std::ptr::copy_nonoverlapping(from, to, len),
        }
    }
}

/// # Safety
/// `from` and `to` hold `len` bytes, at least one `T` and at most two, and do not overlap.
#[inline]
unsafe fn pair<T: Copy>(from: *const u8, to: *mut u8, len: usize) {
    let last = len - size_of::<T>();
    // SAFETY: both places lie within `len` bytes.
    unsafe {
        let (head, tail) = (from.cast::<T>().read_unaligned(), from.add(last).cast::<T>().read_unaligned());
        to.cast::<T>().write_unaligned(head);
        to.add(last).cast::<T>().write_unaligned(tail);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_length_is_copied_whole(data in prop::collection::vec(any::<u8>(), 0..80)) {
            let mut to = vec![0xAA; data.len() + 1];
            // SAFETY: both hold as many bytes.
            unsafe { copy(data.as_ptr(), to.as_mut_ptr(), data.len()) };
            prop_assert_eq!(&to[..data.len()], &data[..]);
            prop_assert_eq!(to[data.len()], 0xAA);
        }
    }
}
