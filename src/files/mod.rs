//! Files and trees of files: scanning, hashing, counting, reading, writing.
//!
//! Paths are bytes here, as Unix has them: a name that is not UTF-8, or holds a newline, is a name
//! like any other. On Windows the bytes are WTF-8, which is what [`std::ffi::OsStr`] keeps.
#![forbid(unsafe_code)]

mod chain;
pub mod hash;
mod ignored;
pub mod lines;
pub mod many;
pub mod pattern;
#[cfg(not(unix))]
mod place_std;
#[cfg(unix)]
mod place_unix;
mod queue;
pub mod read;
pub mod scan;
pub mod table;
pub mod tree;
#[cfg(any(not(unix), test))]
mod tree_std;
#[cfg(unix)]
mod tree_unix;
pub mod usage;
mod walk;
pub mod write;
#[cfg(any(windows, test))]
pub(crate) mod wtf8;

use std::borrow::Cow;
use std::path::Path;

/// What a directory entry is. The numbers are the ones of the header and of the Arrow dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// A regular file.
    File = 0,
    /// A directory.
    Dir = 1,
    /// A symbolic link, or with `follow` one that leads nowhere or back to where it is.
    Symlink = 2,
    /// A named pipe.
    Fifo = 3,
    /// A Unix socket.
    Socket = 4,
    /// A block device.
    Block = 5,
    /// A character device.
    Char = 6,
    /// Something this system has and the list above has not.
    Other = 7,
}

impl Kind {
    /// The names of all kinds, in the order of their numbers.
    pub const NAMES: [&str; 8] = ["file", "dir", "symlink", "fifo", "socket", "block", "char", "other"];
}

/// What is known of an entry besides its name.
#[derive(Clone, Copy, Debug)]
pub struct Meta {
    /// What it is.
    pub kind: Kind,
    /// Type and permission bits as `st_mode` has them; made up from the attributes on Windows.
    pub mode: u32,
    /// Bytes a read would give; for anything but a file what the system says.
    pub size: i64,
    /// Time of the last change of the content, in nanoseconds since 1970 UTC; held at the ends of its range.
    pub mtime: i64,
    /// Bytes it takes on the disk; its size where the system does not say.
    pub disk: i64,
    /// Whether it has other names, so that a sum over names would count it more than once.
    pub shared: bool,
    /// Device and inode: equal for two ways to one directory. Zeros where the system has no such number.
    pub identity: (u64, u64),
}

/// Nanoseconds since 1970 from seconds and nanoseconds, held at the ends of 64 bits (1677 and 2262).
fn nanoseconds(seconds: i64, nanoseconds: i64) -> i64 {
    let exact = i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
    i64::try_from(exact).unwrap_or(if exact < 0 { i64::MIN } else { i64::MAX })
}

/// The path that these bytes name, on Windows as WTF-8.
fn path_of(bytes: &[u8]) -> Cow<'_, Path> {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        Cow::Borrowed(Path::new(std::ffi::OsStr::from_bytes(bytes)))
    }
    #[cfg(not(unix))]
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(Path::new(text)),
        Err(_) => {
            use std::os::windows::ffi::OsStringExt;
            // These bytes come from paths; should half a character be cut off one, it names no file.
            let units = wtf8::to_utf16(bytes).unwrap_or_else(|at| {
                String::from_utf8_lossy(&bytes[..at]).encode_utf16().chain([0xFFFD]).collect()
            });
            Cow::Owned(std::ffi::OsString::from_wide(&units).into())
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::sync::atomic::{AtomicU64, Ordering};

    /// A directory of a test's own, gone when it ends.
    pub(crate) struct Folder(PathBuf);

    impl Folder {
        pub(crate) fn new() -> Self {
            static NUMBER: AtomicU64 = AtomicU64::new(0);
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let path = std::env::temp_dir().join(format!("ironwheel-test-{}-{number}", std::process::id()));
            fs::create_dir(&path).unwrap();
            Self(path)
        }

        pub(crate) fn root(&self) -> &Path {
            &self.0
        }

        pub(crate) fn path(&self, name: &str) -> PathBuf {
            self.0.join(name)
        }

        pub(crate) fn file(&self, name: &str, content: &[u8]) -> PathBuf {
            let path = self.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, content).unwrap();
            path
        }

        pub(crate) fn names(&self) -> Vec<String> {
            let mut names: Vec<String> = fs::read_dir(&self.0)
                .unwrap()
                .map(|it| it.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }
}
