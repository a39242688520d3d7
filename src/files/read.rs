//! Regular files, read whole, in order, or in blocks by several threads.
#![forbid(unsafe_code)]

use crate::error::Error;
use crate::exec;
use crate::progress::{Progress, Pulse};
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::mem::MaybeUninit;
use std::path::Path;

/// Bytes per read: large enough that the call costs nothing, small enough to stay in the cache that
/// the reader of the bytes looks in.
pub(super) const PIECE: usize = 256 << 10;

/// Files from this size on are worth more than one thread.
pub(super) const BIG: u64 = 4 << 20;

/// Bytes between two looks at the progress where no buffer sets the pace: about a millisecond.
const STEP: usize = 4 << 20;

/// Buffers are zeroed and touched before they are used, so a small file gets a small one.
const SMALL: usize = 8 << 10;

/// A file that is certain to end: neither a directory nor a pipe nor a device.
#[derive(Debug)]
pub(super) struct Regular<'p> {
    pub(super) path: &'p Path,
    pub(super) file: File,
    /// Bytes it had when it was opened.
    pub(super) size: u64,
}

impl<'p> Regular<'p> {
    /// Opens `path` for reading.
    ///
    /// # Errors
    /// [`Error::Io`], with the number that opening a directory gives where it is one.
    pub(super) fn open(path: &'p Path) -> Result<Self, Error> {
        let (file, size) = open_for_reading(path).map_err(Error::io(path))?;
        Ok(Self { path, file, size })
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::Io { path: self.path.to_owned(), source }
    }

    /// Calls `take` with every piece in order, to the end of the file or until it answers `false`.
    ///
    /// # Errors
    /// [`Error::Io`], and what `take` returns.
    pub(super) fn stream(&self, mut take: impl FnMut(&[u8]) -> Result<bool, Error>) -> Result<(), Error> {
        let hint = usize::try_from(self.size).unwrap_or(PIECE);
        let mut piece = buffer(hint.clamp(SMALL, PIECE))?;
        let mut seen = 0;
        #[cfg(not(unix))] // where reading at an offset moves the place that reading in order goes on from
        io::Seek::rewind(&mut &self.file).map_err(|error| self.failed(error))?;
        loop {
            let count = match (&self.file).read(&mut piece) {
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.failed(error)),
            };
            seen += count as u64;
            // The second look that only says "that was all" is half the cost of a small file. Files
            // that the kernel makes up give their size as 0.
            let ended = count == 0 || (seen == self.size && seen <= PIECE as u64);
            if count > 0 && !take(&piece[..count])? || ended {
                return Ok(());
            }
        }
    }

    /// Fills `piece` from byte `offset` on, fewer bytes only at the end of the file.
    pub(super) fn read_at(&self, piece: &mut [u8], offset: u64) -> Result<usize, Error> {
        let mut filled = 0;
        while filled < piece.len() {
            match read_some_at(&self.file, &mut piece[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed(error)),
            }
        }
        Ok(filled)
    }

    /// Cuts the file in blocks of `block` bytes, lets `start` begin a state for the one at an offset,
    /// `take` feed it pieces in order, and answers the states in order of the blocks.
    ///
    /// `None` when the file has become shorter meanwhile.
    pub(super) fn blocks<T: Send>(
        &self,
        block: u64,
        progress: &Progress<'_>,
        start: impl Fn(u64) -> T + Sync,
        take: impl Fn(&mut T, &[u8]) + Sync,
    ) -> Result<Option<Vec<T>>, Error> {
        let count = usize::try_from(self.size.div_ceil(block)).map_err(|_| {
            Error::Memory(format!("{} blocks do not fit in memory", self.size.div_ceil(block)))
        })?;
        let states = exec::map(0..count, progress, |number, pulse| {
            let first = number as u64 * block;
            let end = self.size.min(first + block);
            let mut piece = buffer(PIECE.min((end - first) as usize))?;
            let mut state = start(first);
            let mut at = first;
            while at < end {
                let wanted = piece.len().min((end - at) as usize);
                if self.read_at(&mut piece[..wanted], at)? < wanted {
                    return Ok(None);
                }
                take(&mut state, &piece[..wanted]);
                at += wanted as u64;
                pulse.add(wanted as u64)?;
            }
            Ok(Some(state))
        })?;
        Ok(states.into_iter().collect())
    }
}

fn buffer(size: usize) -> Result<Vec<u8>, Error> {
    let mut buffer = Vec::new();
    buffer.try_reserve_exact(size)?;
    buffer.resize(size, 0);
    Ok(buffer)
}

#[cfg(unix)]
pub(crate) fn open_for_reading(path: &Path) -> io::Result<(File, u64)> {
    use rustix::fs::{FileType, Mode, OFlags, fstat, open};
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    // Without NONBLOCK, opening a pipe waits for its writer. With it, a file that another process
    // holds a lease on refuses at once; then it is a regular file and waiting is right.
    let file = match open(path, flags | OFlags::NONBLOCK, Mode::empty()) {
        Err(rustix::io::Errno::WOULDBLOCK) => open(path, flags, Mode::empty())?,
        opened => opened?,
    };
    let stat = fstat(&file)?;
    match not_a_file(FileType::from_raw_mode(stat.st_mode)) {
        Some(refused) => Err(refused),
        None => Ok((file.into(), u64::try_from(stat.st_size).unwrap_or(0))),
    }
}

#[cfg(not(unix))]
pub(crate) fn open_for_reading(path: &Path) -> io::Result<(File, u64)> {
    // Opening a directory is refused here with the number of "access denied", as Python's open() has it.
    let file = File::open(path)?;
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "is not a regular file"));
    }
    Ok((file, meta.len()))
}

#[cfg(unix)]
pub(crate) fn read_some_at(file: &File, piece: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, piece, offset)
}

#[cfg(unix)]
fn fill_at(file: &File, piece: &mut [MaybeUninit<u8>], offset: u64) -> io::Result<usize> {
    let (filled, _) = rustix::io::pread(file, piece, offset)?;
    Ok(filled.len())
}

/// By way of a buffer, because the standard library fills only what was written before.
#[cfg(not(unix))]
fn fill_at(file: &File, piece: &mut [MaybeUninit<u8>], offset: u64) -> io::Result<usize> {
    let mut filled = vec![0; piece.len().min(STEP)];
    let count = read_some_at(file, &mut filled, offset)?;
    for (slot, byte) in piece.iter_mut().zip(&filled[..count]) {
        slot.write(*byte);
    }
    Ok(count)
}

#[cfg(windows)]
pub(crate) fn read_some_at(file: &File, piece: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, piece, offset)
}

/// Why a file of this type is refused; `None` for a regular one.
#[cfg(unix)]
pub(super) fn not_a_file(kind: rustix::fs::FileType) -> Option<io::Error> {
    use rustix::fs::FileType;
    let what = match kind {
        FileType::RegularFile => return None,
        FileType::Directory => return Some(rustix::io::Errno::ISDIR.into()),
        FileType::Fifo => "a named pipe",
        FileType::Socket => "a socket",
        FileType::Symlink => "a symbolic link",
        _ => "a device",
    };
    Some(io::Error::new(ErrorKind::InvalidInput, format!("is {what}, not a regular file")))
}

/// The bytes of a file.
///
/// Reports bytes.
///
/// # Errors
/// [`Error::Io`], [`Error::Memory`] when it does not fit, [`Error::Cancelled`].
pub fn read(path: &Path, progress: &Progress<'_>) -> Result<Vec<u8>, Error> {
    let regular = Regular::open(path)?;
    progress.set_total(regular.size);
    let mut content = Vec::new();
    content.try_reserve_exact(usize::try_from(regular.size).unwrap_or(usize::MAX))?;
    let pulse = progress.pulse();
    regular.stream(|piece| {
        content.try_reserve(piece.len())?;
        content.extend_from_slice(piece);
        pulse.add(piece.len() as u64)?;
        Ok(true)
    })?;
    Ok(content)
}

/// Fills `out` with the first bytes of a file, and answers how many bytes that are: fewer than fit where
/// the file is shorter. What is beyond them stays as it was.
///
/// On one thread: the time goes into touching the pages of `out` for the first time, which the system
/// serialises. Reports bytes.
///
/// # Errors
/// [`Error::Io`], [`Error::Cancelled`]; `out` is then partly written.
pub fn read_into(path: &Path, out: &mut [MaybeUninit<u8>], progress: &Progress<'_>) -> Result<usize, Error> {
    let regular = Regular::open(path)?;
    progress.set_total(out.len() as u64);
    let pulse = progress.pulse();
    let mut count = 0;
    while count < out.len() {
        let end = out.len().min(count + STEP);
        let read = match fill_at(&regular.file, &mut out[count..end], count as u64) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(regular.failed(error)),
        };
        count += read;
        pulse.add(read as u64)?;
    }
    Ok(count)
}

/// Feeds a file to `take` piece by piece, in order; the progress counts bytes.
pub(super) fn in_order(
    regular: &Regular<'_>,
    pulse: &Pulse<'_>,
    mut take: impl FnMut(&[u8]),
) -> Result<(), Error> {
    regular.stream(|piece| {
        take(piece);
        pulse.add(piece.len() as u64)?;
        Ok(true)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::Folder;

    #[test]
    fn a_file_comes_back_whole_whatever_its_size() {
        let folder = Folder::new();
        for size in
            [0, 1, SMALL - 1, SMALL, SMALL + 1, PIECE, PIECE + 1, BIG as usize - 1, BIG as usize + 12345]
        {
            let content: Vec<u8> = (0..size).map(|i| (i * 7 + i / 255) as u8).collect();
            let path = folder.file("x", &content);
            assert!(read(&path, &Progress::silent()).unwrap() == content, "{size} bytes");
            let mut room = vec![0; size + 10].into_iter().map(MaybeUninit::<u8>::new).collect::<Vec<_>>();
            assert_eq!(read_into(&path, &mut room, &Progress::silent()).unwrap(), size);
            assert_eq!(read_into(&path, &mut room[..size / 2], &Progress::silent()).unwrap(), size / 2);
            let mut streamed = Vec::new();
            let regular = Regular::open(&path).unwrap();
            in_order(&regular, &Progress::silent().pulse(), |piece| streamed.extend_from_slice(piece))
                .unwrap();
            assert!(streamed == content, "{size} bytes");
        }
    }

    #[test]
    fn blocks_cover_the_file_once_and_in_order() {
        let folder = Folder::new();
        let content: Vec<u8> = (0..3_000_001_u32).map(|i| ((i * 13) >> 3) as u8).collect();
        let path = folder.file("x", &content);
        let regular = Regular::open(&path).unwrap();
        let blocks = regular
            .blocks(
                1 << 19,
                &Progress::silent(),
                |at| (at, Vec::new()),
                |state, piece| state.1.extend_from_slice(piece),
            )
            .unwrap()
            .unwrap();
        assert!(blocks.iter().enumerate().all(|(number, state)| state.0 == (number as u64) << 19));
        assert!(blocks.into_iter().flat_map(|state| state.1).eq(content));
    }

    #[test]
    fn a_file_that_shrank_is_noticed() {
        let folder = Folder::new();
        let path = folder.file("x", &vec![1; 1 << 20]);
        let regular = Regular::open(&path).unwrap();
        File::options().write(true).open(&path).unwrap().set_len(1000).unwrap();
        let blocks =
            regular.blocks(1 << 18, &Progress::silent(), |_| 0, |sum, piece| *sum += piece.len()).unwrap();
        assert_eq!(blocks, None);
    }

    #[cfg(unix)]
    #[test]
    fn what_would_never_end_is_refused_without_waiting() {
        let folder = Folder::new();
        let pipe = folder.path("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        for (path, said) in [(pipe.as_path(), "is a named pipe"), (Path::new("/dev/zero"), "is a device")] {
            let message = Regular::open(path).unwrap_err().to_string();
            assert!(message.contains(said), "{message}");
        }
        let Err(Error::Io { source, .. }) = Regular::open(Path::new("/")) else {
            panic!("a directory opened")
        };
        assert_eq!(source.kind(), ErrorKind::IsADirectory);
    }
}
