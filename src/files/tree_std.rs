//! Directories by path, with nothing but the standard library: for systems that are not Unix.
//!
//! Unix compiles it for the tests, so that this branch is run somewhere every day.
#![forbid(unsafe_code)]

use super::{Kind, Meta, nanoseconds, path_of};
use std::ffi::OsString;
use std::fs::{self, DirEntry, FileType, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// A directory, by its path.
#[derive(Debug)]
pub(super) struct Directory(PathBuf);

/// Nothing to keep here.
pub(super) struct Batch;

impl Batch {
    pub(super) fn new() -> Self {
        Self
    }
}

/// One name found in a directory.
pub(super) struct Found<'d> {
    entry: &'d DirEntry,
    name: OsString,
}

impl Found<'_> {
    pub(super) fn name(&self) -> &[u8] {
        self.name.as_encoded_bytes()
    }

    /// What it is, where the directory says so without being asked again.
    pub(super) fn hint(&self) -> Option<Kind> {
        self.entry.file_type().ok().map(kind)
    }

    pub(super) fn is_hidden(&self) -> bool {
        #[cfg(windows)]
        {
            use std::os::windows::fs::MetadataExt;
            const HIDDEN: u32 = 2;
            if self.entry.metadata().is_ok_and(|meta| meta.file_attributes() & HIDDEN != 0) {
                return true;
            }
        }
        self.name().starts_with(b".")
    }

    /// Looks it up, through a symbolic link when `follow`. Without, Windows has it from the listing.
    pub(super) fn meta(&self, follow: bool) -> io::Result<Meta> {
        let found = if follow { fs::metadata(self.entry.path())? } else { self.entry.metadata()? };
        meta(&self.entry.path(), &found, follow)
    }
}

impl Directory {
    /// Opens `path`, through symbolic links.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        if let Err(error) = fs::read_dir(path) {
            const ERROR_DIRECTORY: i32 = 267; // what Windows gives for listing a file, and others may not
            let is_file = cfg!(windows) && fs::metadata(path).is_ok_and(|it| !it.is_dir());
            return Err(if is_file { io::Error::from_raw_os_error(ERROR_DIRECTORY) } else { error });
        }
        // Absolute, so that a change of the current directory does no harm; the standard library gives Windows
        // what is longer than 260 characters in the form it takes then.
        Ok(Self(if cfg!(windows) { std::path::absolute(path)? } else { path.to_owned() }))
    }

    /// The directory `below` this one. Only with `follow` may it be a symbolic link.
    pub(super) fn open_below(&self, below: &[u8], follow: bool) -> io::Result<Self> {
        let path = self.0.join(path_of(below));
        let found = if follow { fs::metadata(&path)? } else { fs::symlink_metadata(&path)? };
        if found.is_dir() { Ok(Self(path)) } else { Err(io::ErrorKind::NotADirectory.into()) }
    }

    pub(super) fn identity(&self) -> io::Result<(u64, u64)> {
        identity(&self.0)
    }

    /// What is known of the directory itself.
    pub(super) fn meta(&self) -> io::Result<Meta> {
        meta(&self.0, &fs::metadata(&self.0)?, true)
    }

    /// Calls `visit` for every name, in the order the system has them.
    /// The outer error is `visit`'s and ends the listing; the inner one is the system's.
    pub(super) fn list<E>(
        &self,
        _batch: &mut Batch,
        mut visit: impl FnMut(&Found<'_>) -> Result<(), E>,
    ) -> Result<io::Result<()>, E> {
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) => return Ok(Err(error)),
        };
        for entry in entries {
            match entry {
                Ok(entry) => visit(&Found { name: entry.file_name(), entry: &entry })?,
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(()))
    }

    /// The content of the regular file `name`, if there is one.
    pub(super) fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let path = self.0.join(name);
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_file() => fs::read(path).map(Some),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn kind(of: FileType) -> Kind {
    if of.is_symlink() {
        Kind::Symlink
    } else if of.is_dir() {
        Kind::Dir
    } else if of.is_file() {
        Kind::File
    } else {
        Kind::Other
    }
}

/// The directory's own name where there are no inode numbers: a hash of its canonical path.
fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let canonical = fs::canonicalize(path).or_else(|_| std::path::absolute(path))?;
    let wide = xxhash_rust::xxh3::xxh3_128(canonical.as_os_str().as_encoded_bytes());
    Ok(((wide >> 64) as u64, wide as u64))
}

/// Mode bits as CPython's `os.stat` makes them up where there are none.
fn meta(path: &Path, found: &Metadata, follow: bool) -> io::Result<Meta> {
    let kind = kind(found.file_type());
    let bits = if found.permissions().readonly() { 0o444 } else { 0o666 };
    let extension = path.extension().map(|it| it.to_ascii_lowercase());
    let runs = extension.is_some_and(|it| ["exe", "bat", "cmd", "com"].iter().any(|known| it == *known));
    let mode = match kind {
        Kind::Dir => 0o040_000 | bits | 0o111,
        Kind::Symlink => 0o120_000 | bits,
        _ => 0o100_000 | bits | if runs { 0o111 } else { 0 },
    };
    let size = i64::try_from(found.len()).unwrap_or(i64::MAX);
    Ok(Meta {
        kind,
        mode,
        size,
        disk: size,
        shared: false,
        mtime: since_1970(found.modified()?),
        identity: if follow && kind == Kind::Dir { identity(path)? } else { (0, 0) },
    })
}

fn since_1970(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => nanoseconds(after.as_secs() as i64, i64::from(after.subsec_nanos())),
        Err(before) => {
            let before = before.duration();
            nanoseconds(-(before.as_secs() as i64), -i64::from(before.subsec_nanos()))
        }
    }
}
