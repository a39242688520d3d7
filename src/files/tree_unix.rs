//! Directories by descriptor: every name is looked up in its directory, never by its whole path.
//!
//! That is quicker (the kernel walks one component), works below the longest path the system takes,
//! and cannot be led elsewhere by a directory renamed meanwhile.
#![forbid(unsafe_code)]

use super::{Kind, Meta, nanoseconds, path_of};
use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Stat, fstat, openat, statat};
use std::ffi::CStr;
use std::io::{self, Read};
use std::mem::MaybeUninit;
use std::path::Path;

const DIRECTORY: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC).union(OFlags::NONBLOCK);

/// The longest path handed to the kernel at once; it takes 4096 bytes with the final NUL.
const LONGEST: usize = 4000;

/// Room for what one system call lists: a directory of a thousand names takes one.
const BATCH: usize = 1 << 16;

/// An open directory.
#[derive(Debug)]
pub(super) struct Directory(OwnedFd);

/// Memory for listing, kept from one directory to the next.
pub(super) struct Batch(Vec<u8>);

impl Batch {
    pub(super) fn new() -> Self {
        Self(Vec::with_capacity(BATCH))
    }

    fn room(&mut self) -> &mut [MaybeUninit<u8>] {
        self.0.spare_capacity_mut()
    }
}

/// One name found in a directory.
pub(super) struct Found<'d> {
    directory: &'d Directory,
    name: &'d CStr,
    hint: FileType,
}

impl Found<'_> {
    pub(super) fn name(&self) -> &[u8] {
        self.name.to_bytes()
    }

    /// What it is, where the directory says so without being asked again.
    pub(super) fn hint(&self) -> Option<Kind> {
        (self.hint != FileType::Unknown).then(|| kind(self.hint))
    }

    pub(super) fn is_hidden(&self) -> bool {
        self.name().starts_with(b".")
    }

    /// Looks it up, through a symbolic link when `follow`.
    pub(super) fn meta(&self, follow: bool) -> io::Result<Meta> {
        let flags = if follow { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW };
        Ok(meta(&statat(&self.directory.0, self.name, flags)?))
    }
}

impl Directory {
    /// Opens `path`, through symbolic links.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(openat(CWD, path, DIRECTORY, Mode::empty())?))
    }

    /// Opens the directory `below` this one, a path of any length. Only with `follow` may its last
    /// component be a symbolic link.
    pub(super) fn open_below(&self, below: &[u8], follow: bool) -> io::Result<Self> {
        let flags = if follow { DIRECTORY } else { DIRECTORY | OFlags::NOFOLLOW };
        let mut rest = below;
        let mut from: Option<OwnedFd> = None;
        while rest.len() > LONGEST {
            let cut = rest[..LONGEST].iter().rposition(|byte| *byte == b'/').unwrap_or(LONGEST);
            let here = from.as_ref().unwrap_or(&self.0);
            from = Some(openat(here, &*path_of(&rest[..cut]), DIRECTORY, Mode::empty())?);
            rest = rest.get(cut + 1..).unwrap_or_default();
        }
        Ok(Self(openat(from.as_ref().unwrap_or(&self.0), &*path_of(rest), flags, Mode::empty())?))
    }

    pub(super) fn identity(&self) -> io::Result<(u64, u64)> {
        Ok(self.meta()?.identity)
    }

    /// What is known of the directory itself.
    pub(super) fn meta(&self) -> io::Result<Meta> {
        Ok(meta(&fstat(&self.0)?))
    }

    /// Calls `visit` for every name but `.` and `..`, in the order the system has them.
    /// The outer error is `visit`'s and ends the listing; the inner one is the system's.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(super) fn list<E>(
        &self,
        batch: &mut Batch,
        mut visit: impl FnMut(&Found<'_>) -> Result<(), E>,
    ) -> Result<io::Result<()>, E> {
        let mut names = rustix::fs::RawDir::new(&self.0, batch.room());
        while let Some(next) = names.next() {
            let entry = match next {
                Ok(entry) => entry,
                Err(rustix::io::Errno::INTR) => continue,
                Err(error) => return Ok(Err(error.into())),
            };
            let found = Found { directory: self, name: entry.file_name(), hint: entry.file_type() };
            if !matches!(found.name(), b"." | b"..") {
                visit(&found)?;
            }
        }
        Ok(Ok(()))
    }

    /// As on Linux, with the portable call.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(super) fn list<E>(
        &self,
        batch: &mut Batch,
        mut visit: impl FnMut(&Found<'_>) -> Result<(), E>,
    ) -> Result<io::Result<()>, E> {
        let _ = batch.room();
        let names = match rustix::fs::Dir::read_from(&self.0) {
            Ok(names) => names,
            Err(error) => return Ok(Err(error.into())),
        };
        for next in names {
            let entry = match next {
                Ok(entry) => entry,
                Err(error) => return Ok(Err(error.into())),
            };
            let found = Found { directory: self, name: entry.file_name(), hint: entry.file_type() };
            if !matches!(found.name(), b"." | b"..") {
                visit(&found)?;
            }
        }
        Ok(Ok(()))
    }

    /// The content of the regular file `name`, if there is one.
    pub(super) fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOFOLLOW;
        let file = match openat(&self.0, name, flags, Mode::empty()) {
            Ok(file) => file,
            // LOOP: a symbolic link; NXIO: a socket
            Err(rustix::io::Errno::NOENT | rustix::io::Errno::LOOP | rustix::io::Errno::NXIO) => {
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        if meta(&fstat(&file)?).kind != Kind::File {
            return Ok(None);
        }
        let mut content = Vec::new();
        std::fs::File::from(file).read_to_end(&mut content)?;
        Ok(Some(content))
    }
}

fn kind(of: FileType) -> Kind {
    match of {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Dir,
        FileType::Symlink => Kind::Symlink,
        FileType::Fifo => Kind::Fifo,
        FileType::Socket => Kind::Socket,
        FileType::BlockDevice => Kind::Block,
        FileType::CharacterDevice => Kind::Char,
        FileType::Unknown => Kind::Other,
    }
}

#[allow(clippy::unnecessary_cast, clippy::useless_conversion)] // the fields' types differ from system to system
fn meta(stat: &Stat) -> Meta {
    let kind = kind(FileType::from_raw_mode(stat.st_mode));
    Meta {
        kind,
        mode: stat.st_mode as u32,
        size: stat.st_size as i64,
        mtime: nanoseconds(stat.st_mtime as i64, stat.st_mtime_nsec as i64),
        disk: (stat.st_blocks as i64).saturating_mul(512),
        shared: kind != Kind::Dir && stat.st_nlink > 1,
        identity: (stat.st_dev as u64, stat.st_ino as u64),
    }
}
