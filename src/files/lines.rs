//! Lines of files: counting them, and the first and last few.
#![forbid(unsafe_code)]

use super::many::{self, Outcome};
use super::read::{self, BIG, PIECE, Regular};
use crate::error::Error;
use crate::exec;
use crate::progress::{Progress, Pulse};
use memchr::{memchr_iter, memrchr_iter};
use std::path::Path;

/// Bytes of a file that one thread counts at a time.
const BLOCK: u64 = 1 << 20;

/// Counts newlines, and remembers whether the last byte was one.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    newlines: u64,
    open: bool,
}

impl Count {
    fn take(&mut self, piece: &[u8]) {
        self.newlines += memchr_iter(b'\n', piece).count() as u64;
        self.open = piece.last().is_some_and(|last| *last != b'\n');
    }

    fn lines(self) -> u64 {
        self.newlines + u64::from(self.open)
    }
}

/// The number of lines of a file: its newline bytes, and one more when its last byte is none.
///
/// That is what reading it line by line gives, and `wc -l` but for such an unfinished last line,
/// which `wc` leaves out. The progress counts bytes.
///
/// # Errors
/// [`Error::Io`] when it cannot be read or is not a regular file, [`Error::Cancelled`].
pub fn count(path: &Path, progress: &Progress<'_>) -> Result<u64, Error> {
    let regular = Regular::open(path)?;
    progress.set_total(regular.size);
    if splits(&regular)? {
        let counts = regular.blocks(BLOCK, progress, |_| Count::default(), Count::take)?;
        if let Some(counts) = counts {
            let newlines: u64 = counts.iter().map(|count| count.newlines).sum();
            return Ok(Count { newlines, open: counts.last().is_some_and(|last| last.open) }.lines());
        }
    }
    let mut whole = Count::default();
    read::in_order(&regular, &progress.pulse(), |piece| whole.take(piece))?;
    Ok(whole.lines())
}

/// The numbers of lines of many files, in their order. The progress counts files.
///
/// Without `keep_going` the first file, in order, that cannot be read ends the call; with it the
/// error stands in its count's place.
///
/// # Errors
/// As [`count`].
pub fn count_many<P: AsRef<Path> + Sync>(
    paths: &[P],
    keep_going: bool,
    progress: &Progress<'_>,
) -> Result<Vec<Outcome<u64>>, Error> {
    let one = |path: &Path, pulse: &Pulse<'_>| {
        let regular = Regular::open(path)?;
        if splits(&regular)? {
            return Ok(None);
        }
        let mut whole = Count::default();
        regular.stream(|piece| {
            whole.take(piece);
            pulse.check()?;
            Ok(true)
        })?;
        Ok(Some(whole.lines()))
    };
    many::each(paths, keep_going, progress, one, count)
}

fn splits(regular: &Regular<'_>) -> Result<bool, Error> {
    Ok(regular.size >= BIG && exec::threads()? > 1)
}

/// The first `lines` lines of a file, as they stand in it, ends included. Reads no further than that.
///
/// # Errors
/// [`Error::Io`], [`Error::Memory`] when they do not fit, [`Error::Cancelled`].
pub fn head(path: &Path, lines: u64, progress: &Progress<'_>) -> Result<Vec<u8>, Error> {
    let regular = Regular::open(path)?;
    let pulse = progress.pulse();
    let mut content = Vec::new();
    let mut left = lines;
    if left == 0 {
        return Ok(content);
    }
    regular.stream(|piece| {
        let mut end = piece.len();
        for newline in memchr_iter(b'\n', piece) {
            left -= 1;
            if left == 0 {
                end = newline + 1;
                break;
            }
        }
        content.try_reserve(end)?;
        content.extend_from_slice(&piece[..end]);
        pulse.add(end as u64)?;
        Ok(left > 0)
    })?;
    Ok(content)
}

/// The last `lines` lines of a file, as they stand in it, ends included. Reads from the end backwards,
/// no further than it has to, so it is as quick on a large file as on a small one.
///
/// # Errors
/// As [`head`].
pub fn tail(path: &Path, lines: u64, progress: &Progress<'_>) -> Result<Vec<u8>, Error> {
    let regular = Regular::open(path)?;
    let pulse = progress.pulse();
    if lines == 0 {
        return Ok(Vec::new());
    }
    if regular.size == 0 {
        return last_of_stream(&regular, lines, &pulse);
    }
    let mut left = lines;
    let mut start = regular.size;
    let mut piece = Vec::new();
    piece.try_reserve_exact(PIECE)?;
    'search: while start > 0 {
        let wanted = start.min(PIECE as u64) as usize;
        piece.resize(wanted, 0);
        start -= wanted as u64;
        let count = regular.read_at(&mut piece, start)?;
        pulse.add(count as u64)?;
        for newline in memrchr_iter(b'\n', &piece[..count]) {
            let after = start + newline as u64 + 1;
            if after == regular.size {
                continue; // it ends the last line and begins none
            }
            left -= 1;
            if left == 0 {
                start = after;
                break 'search;
            }
        }
    }
    let mut content = Vec::new();
    let size = usize::try_from(regular.size - start)
        .map_err(|_| Error::Memory(format!("{} bytes do not fit in memory", regular.size - start)))?;
    content.try_reserve_exact(size)?;
    while content.len() < size {
        let at = content.len();
        content.resize(size.min(at + PIECE), 0);
        let count = regular.read_at(&mut content[at..], start + at as u64)?;
        pulse.add(count as u64)?;
        if count < content.len() - at {
            content.truncate(at + count); // it became shorter meanwhile
            break;
        }
    }
    Ok(content)
}

/// For files the kernel makes up, which have no size to go back from.
fn last_of_stream(regular: &Regular<'_>, lines: u64, pulse: &Pulse<'_>) -> Result<Vec<u8>, Error> {
    let mut content = Vec::new();
    regular.stream(|piece| {
        content.try_reserve(piece.len())?;
        content.extend_from_slice(piece);
        pulse.add(piece.len() as u64)?;
        Ok(true)
    })?;
    let end = content.len() - usize::from(content.last() == Some(&b'\n'));
    let before = usize::try_from(lines - 1).unwrap_or(usize::MAX);
    let start = memrchr_iter(b'\n', &content[..end]).nth(before).map_or(0, |newline| newline + 1);
    content.drain(..start);
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::Folder;
    use proptest::prelude::*;

    fn silent() -> Progress<'static> {
        Progress::silent()
    }

    /// The lines as a reader of lines sees them, ends included.
    fn lines_of(content: &[u8]) -> Vec<&[u8]> {
        content.split_inclusive(|byte| *byte == b'\n').collect()
    }

    #[test]
    fn an_unfinished_last_line_is_a_line() {
        let folder = Folder::new();
        let cases: [(&[u8], u64); 6] =
            [(b"", 0), (b"a", 1), (b"\n", 1), (b"a\nb", 2), (b"a\nb\n", 2), (b"\n\n\n", 3)];
        for (content, expected) in cases {
            let path = folder.file("x", content);
            assert_eq!(count(&path, &silent()).unwrap(), expected, "{content:?}");
            assert_eq!(*count_many(&[path], false, &silent()).unwrap()[0].as_ref().unwrap(), expected);
        }
    }

    #[test]
    fn blocks_of_a_large_file_add_up() {
        let folder = Folder::new();
        for (size, end) in [(BIG as usize, b'\n'), (BIG as usize + 1, b'x'), (BIG as usize + 777, b'\n')] {
            let mut content: Vec<u8> = (0..size).map(|i| if i % 61 == 7 { b'\n' } else { b'x' }).collect();
            content[size - 1] = end;
            let path = folder.file("x", &content);
            assert_eq!(count(&path, &silent()).unwrap(), lines_of(&content).len() as u64);
        }
    }

    #[test]
    fn the_ends_of_a_large_file_are_found_across_pieces() {
        let folder = Folder::new();
        let long = vec![b'y'; 2 * PIECE + 3];
        let content = [b"first\n".as_slice(), &long, b"\nthird\n", &long].concat();
        let path = folder.file("x", &content);
        let expected = lines_of(&content);
        for n in 0..6 {
            let few = n.min(expected.len());
            assert!(head(&path, n as u64, &silent()).unwrap() == expected[..few].concat(), "head {n}");
            assert!(
                tail(&path, n as u64, &silent()).unwrap() == expected[expected.len() - few..].concat(),
                "tail {n}"
            );
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn files_the_kernel_makes_up_have_lines_too() {
        let status = Path::new("/proc/self/status");
        assert!(count(status, &silent()).unwrap() > 10);
        assert!(head(status, 1, &silent()).unwrap().starts_with(b"Name:"));
        assert!(tail(status, 1, &silent()).unwrap().starts_with(b"nonvoluntary_ctxt_switches"));
    }

    proptest! {
        #[test]
        fn any_content_has_the_lines_a_reader_sees(
            content in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), any::<u8>()], 0..200),
            n in 0_u64..30,
        ) {
            let folder = Folder::new();
            let path = folder.file("x", &content);
            let expected = lines_of(&content);
            let few = expected.len().min(n as usize);
            prop_assert_eq!(count(&path, &silent()).unwrap(), expected.len() as u64);
            prop_assert_eq!(head(&path, n, &silent()).unwrap(), expected[..few].concat());
            prop_assert_eq!(tail(&path, n, &silent()).unwrap(), expected[expected.len() - few..].concat());
        }
    }
}
