//! Where a file is written, by the descriptor of its directory.
#![forbid(unsafe_code)]

use super::read::not_a_file;
use rustix::fd::OwnedFd;
use rustix::fs::{
    Access, AtFlags, CWD, Gid, Mode, OFlags, Stat, Uid, accessat, fchmod, fchown, fstat, openat, renameat,
    statat, unlinkat,
};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::Path;

const DIRECTORY: OFlags = OFlags::DIRECTORY.union(OFlags::CLOEXEC);

/// A name in an open directory. The directory may be renamed meanwhile; the file still goes there.
pub(super) struct Place {
    directory: OwnedFd,
    name: OsString,
}

impl Place {
    pub(super) fn open(target: &Path) -> io::Result<Self> {
        let parent =
            target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // A directory that may be entered but not read can be written to all the same.
        #[cfg(target_os = "linux")]
        let how = OFlags::PATH;
        #[cfg(not(target_os = "linux"))]
        let how = OFlags::RDONLY;
        let directory = openat(CWD, parent, DIRECTORY | how, Mode::empty())?;
        let name = target.file_name().ok_or(Errno::ISDIR)?.to_owned();
        Ok(Self { directory, name })
    }

    /// What stands there now; refuses what must not be replaced.
    pub(super) fn existing(&self) -> io::Result<Option<Stat>> {
        let old = match statat(&self.directory, &self.name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(old) => old,
            Err(Errno::NOENT) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if let Some(refused) = not_a_file(rustix::fs::FileType::from_raw_mode(old.st_mode)) {
            return Err(refused);
        }
        // Renaming asks only the directory; a file that may not be written is not to be replaced either.
        match accessat(&self.directory, &self.name, Access::WRITE_OK, AtFlags::EACCESS) {
            Err(refused @ (Errno::ACCESS | Errno::PERM | Errno::ROFS | Errno::TXTBSY)) => Err(refused.into()),
            _ => Ok(Some(old)),
        }
    }

    /// Makes a file that was not there. One that replaces another is nobody else's until it is dressed.
    pub(super) fn create(&self, name: &OsStr, replaces: bool) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = if replaces { 0o600 } else { 0o666 };
        Ok(openat(&self.directory, name, flags, Mode::from_raw_mode(mode))?.into())
    }

    /// Gives the new file the owner, as far as that is allowed, and the permission bits of the old one.
    pub(super) fn dress(&self, file: &File, old: &Stat) -> io::Result<()> {
        let new = fstat(file)?;
        let mut mode = old.st_mode & 0o7777;
        if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid) {
            let (owner, group) = (Some(Uid::from_raw(old.st_uid)), Some(Gid::from_raw(old.st_gid)));
            let kept = fchown(file, owner, group).is_ok();
            if !kept && (new.st_uid != old.st_uid || fchown(file, None, group).is_err()) {
                // Someone else's now: to run with that owner's rights would be a gift nobody made.
                mode &= 0o1777;
            }
        }
        Ok(fchmod(file, Mode::from_raw_mode(mode))?)
    }

    pub(super) fn rename(&self, from: &OsStr) -> io::Result<()> {
        Ok(renameat(&self.directory, from, &self.directory, &self.name)?)
    }

    pub(super) fn remove(&self, name: &OsStr) -> io::Result<()> {
        Ok(unlinkat(&self.directory, name, AtFlags::empty())?)
    }

    /// Puts the names of the directory on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        let readable = match openat(&self.directory, ".", DIRECTORY | OFlags::RDONLY, Mode::empty()) {
            Ok(readable) => File::from(readable),
            // Not to be read by us, so not to be synced either; the file's content is on the disk.
            Err(Errno::ACCESS) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        match readable.sync_all() {
            // Some network file systems cannot, and have no names waiting.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
            synced => synced,
        }
    }
}
