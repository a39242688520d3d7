//! Writes that happen whole or not at all.
//!
//! The bytes go to a new file beside the target, which then takes the target's name in one step of
//! the file system: a reader, and a crash, see the old file or the new one.
#![forbid(unsafe_code)]

#[cfg(not(unix))]
use super::place_std::Place;
#[cfg(unix)]
use super::place_unix::Place;
use crate::error::Error;
use crate::progress::Progress;
use std::ffi::OsString;
use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Bytes between two looks at the progress. A durable write also reaches the disk this often, so that
/// the last wait, which nothing can interrupt, is a short one.
const PIECE: usize = 8 << 20;

/// Symbolic links followed before they are taken for a loop: the kernel's own number.
const LINKS: usize = 40;

/// Names tried for the new file; each is one of 2^64.
const ATTEMPTS: usize = 100;

/// Replaces the content of `path`, or makes it, all at once.
///
/// A symbolic link stays one, and what it leads to is replaced. Permission bits, and the owner as far
/// as this process may set it, are kept; a new file gets what the umask leaves of 0666. As the file
/// is a new one, other hard links keep the old content, and extended attributes are not taken along.
/// With `durable` the content and the name are on the disk when this returns. When it fails nothing
/// has changed and nothing is left behind, except that a durable write whose very last step fails, the
/// sync of the directory, has already replaced the file. Killed outright it can leave
/// `.ironwheel-*.tmp`. The progress counts bytes.
///
/// # Errors
/// [`Error::Io`] as opening the file for writing would give, and for anything but a regular file;
/// [`Error::Cancelled`].
pub fn write(path: &Path, content: &[u8], durable: bool, progress: &Progress<'_>) -> Result<(), Error> {
    progress.set_total(content.len() as u64);
    let target = resolve(path).map_err(Error::io(path))?;
    let place = Place::open(&target).map_err(Error::io(path))?;
    let old = place.existing().map_err(Error::io(path))?;
    let (mut file, mut new) = create(&place, old.is_some()).map_err(Error::io(path))?;
    let pulse = progress.pulse();
    for piece in content.chunks(PIECE) {
        file.write_all(piece).map_err(Error::io(path))?;
        if durable && content.len() > PIECE {
            file.sync_data().map_err(Error::io(path))?;
        }
        pulse.add(piece.len() as u64)?;
    }
    if let Some(old) = &old {
        place.dress(&file, old).map_err(Error::io(path))?;
    }
    if durable {
        file.sync_all().map_err(Error::io(path))?;
    }
    pulse.check()?; // the last chance: from here on it is done
    drop(file); // Windows does not rename what is open
    new.place.rename(&new.name).map_err(Error::io(path))?;
    new.settled = true;
    if durable {
        place.sync().map_err(Error::io(path))?;
    }
    Ok(())
}

/// The new file under its passing name; removed again unless it got its own.
struct New<'p> {
    place: &'p Place,
    name: OsString,
    settled: bool,
}

impl Drop for New<'_> {
    fn drop(&mut self) {
        if !self.settled {
            // The write has failed already, and that is what the caller hears about.
            let _ = self.place.remove(&self.name);
        }
    }
}

fn create(place: &Place, replaces: bool) -> io::Result<(File, New<'_>)> {
    for _ in 0..ATTEMPTS {
        let mut random = RandomState::new().build_hasher();
        random.write_u32(std::process::id()); // a forked child starts with its parent's random state
        let name = OsString::from(format!(".ironwheel-{:016x}.tmp", random.finish()));
        match place.create(&name, replaces) {
            Ok(file) => return Ok((file, New { place, name, settled: false })),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// Where writing to `path` ends up: symbolic links are followed, to a file that need not exist yet.
fn resolve(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..=LINKS {
        // file_name() would overlook a final separator, which says that this is a directory.
        let bytes = path.as_os_str().as_encoded_bytes();
        let ends_as_directory = bytes.last().is_some_and(|last| std::path::is_separator(char::from(*last)));
        if bytes.is_empty() {
            return Err(no_such_file());
        }
        if ends_as_directory || path.file_name().is_none() {
            return Err(is_a_directory());
        }
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_symlink() => {
                let leads_to = fs::read_link(&path)?;
                path.pop();
                path.push(leads_to);
            }
            Ok(_) => return Ok(path),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(path),
            Err(error) => return Err(error),
        }
    }
    #[cfg(unix)]
    return Err(rustix::io::Errno::LOOP.into());
    #[cfg(not(unix))]
    Err(io::Error::new(ErrorKind::InvalidInput, "too many symbolic links"))
}

#[cfg(unix)]
fn is_a_directory() -> io::Error {
    rustix::io::Errno::ISDIR.into()
}

#[cfg(unix)]
fn no_such_file() -> io::Error {
    rustix::io::Errno::NOENT.into()
}

/// The numbers are Windows' own, because Python makes its exception from them.
#[cfg(not(unix))]
fn is_a_directory() -> io::Error {
    const ERROR_ACCESS_DENIED: i32 = 5; // what opening a directory gives there
    io::Error::from_raw_os_error(ERROR_ACCESS_DENIED)
}

#[cfg(not(unix))]
fn no_such_file() -> io::Error {
    const ERROR_PATH_NOT_FOUND: i32 = 3;
    io::Error::from_raw_os_error(ERROR_PATH_NOT_FOUND)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::Folder;

    fn silent() -> Progress<'static> {
        Progress::silent()
    }

    #[test]
    fn a_file_is_made_and_replaced_and_nothing_else_is_there() {
        let folder = Folder::new();
        let path = folder.path("x");
        for (content, durable) in [(b"one".as_slice(), true), (b"", false), (&vec![7; 20 << 20], true)] {
            write(&path, content, durable, &silent()).unwrap();
            assert!(fs::read(&path).unwrap() == content);
            assert_eq!(folder.names(), ["x"]);
        }
    }

    #[test]
    fn cancelling_leaves_the_old_file_and_no_other() {
        let folder = Folder::new();
        let path = folder.file("x", b"old");
        let progress = Progress::new(|_, _| false);
        std::thread::sleep(crate::progress::TICK);
        let result = write(&path, &vec![1; 20 << 20], false, &progress);
        assert!(matches!(result, Err(Error::Cancelled)));
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(folder.names(), ["x"]);
    }

    #[test]
    fn what_is_no_file_is_refused_and_stays() {
        let folder = Folder::new();
        fs::create_dir(folder.path("d")).unwrap();
        let trailing = PathBuf::from(format!("{}/", folder.path("new").display()));
        for wrong in
            [folder.path("d"), trailing, PathBuf::from("/"), PathBuf::from(".."), folder.path("d/..")]
        {
            let Err(Error::Io { path, .. }) = write(&wrong, b"x", true, &silent()) else {
                panic!("{} was written", wrong.display())
            };
            assert_eq!(path, wrong);
        }
        for missing in [folder.path("none/x"), PathBuf::new()] {
            let Err(Error::Io { source, .. }) = write(&missing, b"x", true, &silent()) else {
                panic!("written")
            };
            assert_eq!(source.kind(), ErrorKind::NotFound);
        }
        assert_eq!(folder.names(), ["d"]);
    }

    #[cfg(unix)]
    mod unix {
        use super::*;
        use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};

        #[test]
        fn permission_bits_stay_as_they_were() {
            let folder = Folder::new();
            let path = folder.file("x", b"old");
            for mode in [0o640, 0o600, 0o777, 0o444] {
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
                if File::options().append(true).open(&path).is_ok() {
                    write(&path, b"new", false, &silent()).unwrap();
                    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, mode);
                }
            }
        }

        #[test]
        fn links_stay_links_and_lead_to_the_new_content() {
            let folder = Folder::new();
            fs::create_dir(folder.path("d")).unwrap();
            let target = folder.file("d/target", b"old");
            symlink("d/target", folder.path("one")).unwrap();
            symlink(folder.path("one"), folder.path("two")).unwrap();
            symlink("d/new", folder.path("dangling")).unwrap();
            write(&folder.path("two"), b"new", true, &silent()).unwrap();
            write(&folder.path("dangling"), b"made", true, &silent()).unwrap();
            assert!(folder.path("two").is_symlink() && folder.path("one").is_symlink());
            assert_eq!(fs::read(target).unwrap(), b"new");
            assert_eq!(fs::read(folder.path("d/new")).unwrap(), b"made");
            symlink("loop", folder.path("loop")).unwrap();
            let Err(Error::Io { source, .. }) = write(&folder.path("loop"), b"", true, &silent()) else {
                panic!("a loop was written")
            };
            assert_eq!(source.raw_os_error(), Some(rustix::io::Errno::LOOP.raw_os_error()));
        }

        #[test]
        fn pipes_and_devices_are_not_replaced_by_files() {
            let folder = Folder::new();
            let pipe = folder.path("pipe");
            rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
            for wrong in [pipe.as_path(), Path::new("/dev/null"), Path::new("/dev/full")] {
                let message = write(wrong, b"x", true, &silent()).unwrap_err().to_string();
                assert!(message.contains("not a regular file"), "{message}");
                assert!(!fs::metadata(wrong).unwrap().is_file());
            }
            assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
        }

        #[test]
        fn other_hard_links_keep_the_old_content() {
            let folder = Folder::new();
            let path = folder.file("x", b"old");
            fs::hard_link(&path, folder.path("y")).unwrap();
            write(&path, b"new", false, &silent()).unwrap();
            assert_eq!(fs::read(folder.path("y")).unwrap(), b"old");
        }
    }
}
