//! Where a file is written, with nothing but the standard library: for systems that are not Unix.
#![forbid(unsafe_code)]

use std::ffi::OsStr;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// What Windows gives for opening for writing what may not be, and for replacing what is open.
const ERROR_ACCESS_DENIED: i32 = 5;
const ERROR_SHARING_VIOLATION: i32 = 32;
const BUSY: [i32; 2] = [ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION];

/// Milliseconds between two attempts at a busy target: less than 100 in all, the time in which Ctrl-C answers.
const WAITS: [u64; 7] = [1, 2, 4, 8, 16, 24, 32];

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
        match fs::symlink_metadata(&self.target) {
            Ok(old) if !old.is_file() || old.permissions().readonly() || is_kept_from_sight(&old) => {
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

    /// Where the target is open elsewhere, Windows refuses. Virus scanners, indexers and other writers are
    /// done in a moment; whoever takes longer keeps the file, and the caller gets the refusal.
    pub(super) fn rename(&self, from: &OsStr) -> io::Result<()> {
        let from = self.target.with_file_name(from);
        for wait in WAITS {
            match fs::rename(&from, &self.target) {
                Err(error) if error.raw_os_error().is_some_and(|number| BUSY.contains(&number)) => {
                    thread::sleep(Duration::from_millis(wait));
                }
                done => return done,
            }
        }
        fs::rename(&from, &self.target)
    }

    pub(super) fn remove(&self, name: &OsStr) -> io::Result<()> {
        fs::remove_file(self.target.with_file_name(name))
    }

    /// Nothing to do: Windows has no call for it, and NTFS journals names.
    pub(super) fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether the file is one of those, hidden or the system's, that Windows lets nobody write anew.
fn is_kept_from_sight(_meta: &Metadata) -> bool {
    #[cfg(windows)]
    {
        use std::os::windows::fs::MetadataExt;
        const HIDDEN: u32 = 2;
        const SYSTEM: u32 = 4;
        _meta.file_attributes() & (HIDDEN | SYSTEM) != 0
    }
    #[cfg(not(windows))]
    false
}
