//! A file's bytes, decompressed.
#![forbid(unsafe_code)]

use crate::error::Error;
use crate::files::read::open_for_reading;
use flate2::bufread::GzDecoder;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// What a file is packed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// Nothing.
    None,
    /// gzip, of one member or several, with zeros behind them perhaps.
    Gzip,
    /// Zstandard, of one frame or several.
    Zstd,
}

impl Packing {
    /// Its name; none for none.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Gzip => Some("gzip"),
            Self::Zstd => Some("zstd"),
        }
    }
}

/// A file that is known to be one, and how it is packed.
#[derive(Clone, Debug)]
pub struct Input {
    /// Where it is.
    pub path: PathBuf,
    /// How it is packed.
    pub packing: Packing,
    /// Bytes on the disk.
    pub size: u64,
    /// Its first bytes, as they are on the disk.
    pub magic: [u8; 8],
}

impl Input {
    /// Looks at the first bytes of a file.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Invalid`] for a packing there is no reader for.
    pub fn look(path: &Path) -> Result<Self, Error> {
        let (mut file, size) = open_for_reading(path).map_err(Error::io(path))?;
        let mut start = Vec::new();
        file.by_ref().take(8).read_to_end(&mut start).map_err(Error::io(path))?;
        let mut magic = [0; 8];
        magic[..start.len()].copy_from_slice(&start);
        let packing = match magic {
            [0x1f, 0x8b, ..] => Packing::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..0x60, 0x2a, 0x4d, 0x18, ..] => Packing::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, ..] => return Err(unknown(path, "bzip2")),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => return Err(unknown(path, "xz")),
            [b'P', b'K', 3, 4, ..] => return Err(unknown(path, "zip")),
            _ => Packing::None,
        };
        Ok(Self { path: path.to_owned(), packing, size, magic })
    }

    /// The bytes from the start.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn open(&self) -> Result<Box<dyn Read + Send>, Error> {
        let (file, _) = open_for_reading(&self.path).map_err(Error::io(&self.path))?;
        Ok(match self.packing {
            Packing::None => Box::new(file),
            Packing::Gzip => {
                Box::new(Members { open: Some(GzDecoder::new(BufReader::with_capacity(64 << 10, file))) })
            }
            Packing::Zstd => Box::new(zstd::stream::read::Decoder::new(file).map_err(Error::io(&self.path))?),
        })
    }

    /// Up to `most` bytes from the start, and whether that is all.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Invalid`] for a packing that is broken; [`Error::Memory`].
    pub fn head(&self, most: u64) -> Result<(Vec<u8>, bool), Error> {
        let mut head = Vec::new();
        head.try_reserve(most.min(self.size.saturating_add(1)) as usize)?;
        self.open()?.take(most).read_to_end(&mut head).map_err(|error| self.unreadable(error))?;
        let all = (head.len() as u64) < most;
        Ok((head, all))
    }

    /// Bytes from the middle; only of a file that is not packed.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn middle(&self, from: u64, size: u64) -> Result<Vec<u8>, Error> {
        let (mut file, _) = open_for_reading(&self.path).map_err(Error::io(&self.path))?;
        file.seek(SeekFrom::Start(from)).map_err(Error::io(&self.path))?;
        let mut bytes = Vec::new();
        file.take(size).read_to_end(&mut bytes).map_err(Error::io(&self.path))?;
        Ok(bytes)
    }

    /// What a decompressor says of bytes that are not its own is about the file, not about the system.
    fn unreadable(&self, error: io::Error) -> Error {
        match error.raw_os_error() {
            Some(_) => Error::Io { path: self.path.clone(), source: error },
            None => Error::Invalid(format!("{}: {error}", self.path.display())),
        }
    }
}

fn unknown(path: &Path, packing: &str) -> Error {
    Error::Invalid(format!(
        "{}: files compressed with {packing} are not read; gzip and zstd are",
        path.display()
    ))
}

/// The members of a gzip file one after the other; zeros behind any of them are padding, as of a tape or a block device.
struct Members<R> {
    open: Option<GzDecoder<R>>,
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.open {
            let count = member.read(out)?;
            if count > 0 || out.is_empty() {
                return Ok(count);
            }
            let input = member.get_mut();
            let more = loop {
                let ready = input.fill_buf()?;
                let zeros = ready.iter().take_while(|byte| **byte == 0).count();
                if zeros < ready.len() || ready.is_empty() {
                    let more = !ready.is_empty();
                    input.consume(zeros);
                    break more;
                }
                input.consume(zeros);
            };
            self.open = self.open.take().map(GzDecoder::into_inner).filter(|_| more).map(GzDecoder::new);
        }
        Ok(0)
    }
}

/// Text in memory as a file would give it.
pub fn memory(text: Vec<u8>) -> Box<dyn Read + Send> {
    Box::new(Cursor::new(text))
}
