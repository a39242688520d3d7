//! Where a file is written, with nothing but the standard library: for systems that are not Unix.
#![forbid(unsafe_code)]

use std::ffi::OsStr;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A name in a directory.
pub(super) struct Place {
    target: PathBuf,
}

impl Place {
    pub(super) fn open(target: &Path) -> io::Result<Self> {
        Ok(Self { target: target.to_owned() })
    }

    /// What stands there now; refuses what must not be replaced.
    pub(super) fn existing(&self) -> io::Result<Option<Metadata>> {
        const ERROR_ACCESS_DENIED: i32 = 5; // what Windows gives for opening these for writing
        match fs::symlink_metadata(&self.target) {
            Ok(old) if !old.is_file() || old.permissions().readonly() => {
                Err(io::Error::from_raw_os_error(ERROR_ACCESS_DENIED))
            }
            Ok(old) => Ok(Some(old)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes a file that was not there.
    pub(super) fn create(&self, name: &OsStr, _replaces: bool) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).open(self.target.with_file_name(name))
    }

    /// Gives the new file what the old one's attributes say.
    pub(super) fn dress(&self, file: &File, old: &Metadata) -> io::Result<()> {
        file.set_permissions(old.permissions())
    }

    pub(super) fn rename(&self, from: &OsStr) -> io::Result<()> {
        fs::rename(self.target.with_file_name(from), &self.target)
    }

    pub(super) fn remove(&self, name: &OsStr) -> io::Result<()> {
        fs::remove_file(self.target.with_file_name(name))
    }

    /// Nothing to do: Windows has no call for it, and NTFS journals names.
    pub(super) fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}
