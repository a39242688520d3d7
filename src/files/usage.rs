//! How much a tree holds, and how much of the disk it takes.
#![forbid(unsafe_code)]

use super::Kind;
use super::scan::Options;
#[cfg(not(unix))]
use super::tree_std::Directory;
#[cfg(unix)]
use super::tree_unix::Directory;
use super::walk;
use crate::error::Error;
use crate::progress::Progress;
use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

/// Sums over a tree, its root included. A file with several names in the tree counts once.
#[derive(Debug, Default)]
pub struct Usage {
    /// Regular files.
    pub files: u64,
    /// Directories.
    pub dirs: u64,
    /// Everything else: links, pipes, sockets, devices.
    pub others: u64,
    /// Bytes a read of every regular file would give.
    pub size: u64,
    /// Bytes that all of it takes on the disk, as `du` counts them; on Windows the sizes.
    pub disk: u64,
    /// What could not be read and is therefore missing above, in the order of the paths.
    pub problems: Vec<(PathBuf, io::Error)>,
}

impl Usage {
    fn add(&mut self, kind: Kind, size: i64, disk: i64) {
        match kind {
            Kind::File => {
                self.files += 1;
                self.size = self.size.saturating_add(u64::try_from(size).unwrap_or(0));
            }
            Kind::Dir => self.dirs += 1,
            _ => self.others += 1,
        }
        self.disk = self.disk.saturating_add(u64::try_from(disk).unwrap_or(0));
    }
}

/// Sums up the tree at `root`. The progress counts entries.
///
/// # Errors
/// [`Error::Io`] when `root` itself cannot be opened as a directory, [`Error::Memory`],
/// [`Error::Cancelled`].
pub fn usage(root: &Path, progress: &Progress<'_>) -> Result<Usage, Error> {
    let own = Directory::open(root).and_then(|directory| directory.meta()).map_err(Error::io(root))?;
    let (parts, problems) = walk::walk(root, &Options::default(), progress)?;
    let mut sum = Usage { problems, ..Usage::default() };
    sum.add(own.kind, own.size, own.disk);
    let mut seen = HashSet::new();
    for part in parts {
        for entry in &part.entries {
            if entry.shared().is_none_or(|identity| seen.insert(identity)) {
                let (kind, size, disk) = entry.weight();
                sum.add(kind, size, disk);
            }
        }
        sum.problems.extend(part.problems);
    }
    sum.problems.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::Folder;
    use std::fs;

    #[test]
    fn sums_count_a_file_of_two_names_once() {
        let folder = Folder::new();
        let path = folder.file("d/a", &[1; 10_000]);
        folder.file("b", &[1; 5]);
        fs::hard_link(path, folder.path("c")).unwrap();
        let sum = usage(folder.root(), &Progress::silent()).unwrap();
        let once = if cfg!(unix) { (2, 10_005) } else { (3, 20_005) };
        assert_eq!((sum.files, sum.size), once);
        assert_eq!((sum.dirs, sum.others, sum.problems.len()), (2, 0, 0));
        assert!(sum.disk >= 10_005);
    }
}
