//! Lists a tree with every thread there is, into one sorted table.
#![forbid(unsafe_code)]

use super::pattern::Pattern;
use super::table::Scan;
use super::walk;
use crate::error::Error;
use crate::progress::Progress;
use std::path::Path;

/// What to list; the default is everything, symbolic links as links.
#[derive(Debug)]
pub struct Options {
    /// List only what matches; directories are descended into all the same.
    pub pattern: Option<Pattern>,
    /// Leave out what `.gitignore` files and `.git/info/exclude` say, and `.git` itself.
    pub ignore: bool,
    /// List hidden entries and descend into hidden directories.
    pub hidden: bool,
    /// Treat a symbolic link as what it leads to.
    pub follow: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { pattern: None, ignore: false, hidden: true, follow: false }
    }
}

/// Everything below the directory `root`, sorted name by name: a directory comes right before what
/// it holds, and siblings stand in the order of their bytes.
///
/// What cannot be read (a directory without permission, an entry that vanished, a link that leads
/// back to a directory it is in) does not end the scan: it is in [`Scan::problems`]. A link that
/// leads nowhere, or back, is listed as a link.
///
/// # Errors
/// [`Error::Io`] when `root` itself cannot be opened as a directory, [`Error::Memory`],
/// [`Error::Cancelled`].
pub fn scan(root: &Path, options: &Options, progress: &Progress<'_>) -> Result<Scan, Error> {
    let (parts, problems) = walk::walk(root, options, progress)?;
    Scan::assemble(root, parts, problems, progress)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::Folder;
    use std::path::MAIN_SEPARATOR;
    use std::{fs, io};

    fn paths(scan: &Scan) -> Vec<String> {
        let skip = scan.root().as_os_str().len() + 1;
        let text = |index| String::from_utf8_lossy(&scan.path(index)[skip..]).replace(MAIN_SEPARATOR, "/");
        (0..scan.len()).map(text).collect()
    }

    fn scanned(folder: &Folder, options: &Options) -> Scan {
        scan(folder.root(), options, &Progress::silent()).unwrap()
    }

    fn options(pattern: &str) -> Options {
        Options { pattern: Some(Pattern::new(&[pattern]).unwrap()), ..Options::default() }
    }

    #[test]
    fn entries_come_in_the_order_of_the_tree_with_what_they_are() {
        let folder = Folder::new();
        for name in ["b/z", "b/a.txt", "b.txt", "a", "b/sub/deep/x"] {
            folder.file(name, name.as_bytes());
        }
        let scan = scanned(&folder, &Options::default());
        assert_eq!(
            paths(&scan),
            ["a", "b", "b/a.txt", "b/sub", "b/sub/deep", "b/sub/deep/x", "b/z", "b.txt"]
        );
        assert_eq!(scan.kinds(), [0, 1, 0, 1, 1, 0, 0, 0]);
        assert_eq!((scan.sizes()[0], scan.sizes()[5]), (1, 12));
        let now =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as i64;
        assert!(scan.mtimes().iter().all(|time| (now - time).abs() < 60_000_000_000));
        assert!(scan.modes()[0] & 0o170_000 == 0o100_000 && scan.modes()[1] & 0o170_000 == 0o040_000);
        assert!(scan.problems().is_empty());
        assert_eq!(scan.offsets().len(), 9);
    }

    #[test]
    fn large_trees_are_the_same_every_time() {
        let folder = Folder::new();
        let mut expected = Vec::new();
        for outer in 0..40 {
            for inner in 0..10 {
                fs::create_dir_all(folder.path(&format!("d{outer:02}/e{inner}"))).unwrap();
                for file in 0..5 {
                    fs::write(folder.path(&format!("d{outer:02}/e{inner}/{file}")), b"").unwrap();
                }
            }
        }
        for outer in 0..40 {
            expected.push(format!("d{outer:02}"));
            for inner in 0..10 {
                expected.push(format!("d{outer:02}/e{inner}"));
                expected.extend((0..5).map(|file| format!("d{outer:02}/e{inner}/{file}")));
            }
        }
        for _ in 0..20 {
            assert_eq!(paths(&scanned(&folder, &Options::default())), expected);
        }
    }

    #[test]
    fn patterns_and_hidden_choose_what_is_listed() {
        let folder = Folder::new();
        for name in ["a.rs", "x/b.rs", "x/c.py", ".h/d.rs", "x/.e.rs"] {
            folder.file(name, b"");
        }
        assert_eq!(paths(&scanned(&folder, &options("*.rs"))), [".h/d.rs", "a.rs", "x/.e.rs", "x/b.rs"]);
        assert_eq!(paths(&scanned(&folder, &options("x/*.py"))), ["x/c.py"]);
        assert_eq!(paths(&scanned(&folder, &options("x"))), ["x"]);
        let visible = Options { hidden: false, ..options("*.rs") };
        assert_eq!(paths(&scanned(&folder, &visible)), ["a.rs", "x/b.rs"]);
        assert!(scanned(&folder, &options("nothing")).is_empty());
    }

    #[test]
    fn ignored_directories_are_not_descended_into() {
        let folder = Folder::new();
        for name in ["src/a.rs", "target/x.rs", "src/b.log", "src/keep.log", ".git/config", "sub/target/y"] {
            folder.file(name, b"");
        }
        folder.file(".gitignore", b"/target\n*.log\n");
        folder.file("src/.gitignore", b"!keep.log\n");
        let kept = scanned(&folder, &Options { ignore: true, hidden: false, ..Options::default() });
        assert_eq!(paths(&kept), ["src", "src/a.rs", "src/keep.log", "sub", "sub/target", "sub/target/y"]);
        folder.file("target/z/deep", b"");
        let below =
            scan(&folder.path("src"), &Options { ignore: true, ..Options::default() }, &Progress::silent());
        assert_eq!(
            paths(&below.unwrap()),
            [".gitignore", "a.rs", "keep.log"],
            "rules above the root hold too"
        );
    }

    #[test]
    fn a_root_that_is_none_is_an_error() {
        let folder = Folder::new();
        let file = folder.file("file", b"");
        for (wrong, kind) in
            [(file, io::ErrorKind::NotADirectory), (folder.path("none"), io::ErrorKind::NotFound)]
        {
            match scan(&wrong, &Options::default(), &Progress::silent()) {
                Err(Error::Io { path, source }) => assert_eq!((path, source.kind()), (wrong, kind)),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn cancelling_ends_the_scan() {
        let folder = Folder::new();
        for number in 0..200 {
            fs::create_dir(folder.path(&number.to_string())).unwrap();
        }
        let progress = Progress::new(|_, _| false);
        std::thread::sleep(crate::progress::TICK);
        assert!(matches!(scan(folder.root(), &Options::default(), &progress), Err(Error::Cancelled)));
    }

    #[cfg(unix)]
    mod unix {
        use super::*;
        use crate::files::{Kind, Meta};
        use rustix::fs::{CWD, Mode, OFlags, mkdirat, openat};
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        use std::os::unix::fs::symlink;

        #[test]
        fn names_are_bytes() {
            let folder = Folder::new();
            for name in [b"\xff\xfe".as_slice(), b"new\nline", "ä".as_bytes()] {
                fs::write(folder.root().join(OsStr::from_bytes(name)), b"").unwrap();
            }
            let scan = scanned(&folder, &Options::default());
            let skip = folder.root().as_os_str().len() + 1;
            let names: Vec<&[u8]> = (0..3).map(|index| &scan.path(index)[skip..]).collect();
            assert_eq!(names, [b"new\nline".as_slice(), "ä".as_bytes(), b"\xff\xfe"]);
            let batch = scan.record_batch().unwrap();
            let column = batch.column(0).as_any().downcast_ref::<arrow_array::LargeStringArray>().unwrap();
            assert!(column.value(2).ends_with("/\\xff\\xfe") && column.value(1).ends_with("ä"));
        }

        #[test]
        fn links_are_links_unless_followed_and_loops_are_reported() {
            let folder = Folder::new();
            folder.file("a/x", b"123");
            symlink("..", folder.path("a/up")).unwrap();
            symlink("a", folder.path("b")).unwrap();
            symlink("nowhere", folder.path("broken")).unwrap();
            let plain = scanned(&folder, &Options::default());
            assert_eq!(paths(&plain), ["a", "a/up", "a/x", "b", "broken"]);
            assert_eq!(plain.kinds(), [1, 2, 0, 2, 2]);
            let followed = scanned(&folder, &Options { follow: true, ..Options::default() });
            assert_eq!(paths(&followed), ["a", "a/up", "a/x", "b", "b/up", "b/x", "broken"]);
            assert_eq!(followed.kinds(), [1, 2, 0, 1, 2, 0, 2]);
            let loops: Vec<_> = followed.problems().iter().map(|(path, _)| path.clone()).collect();
            assert_eq!(loops, [folder.path("a/up"), folder.path("b/up")]);
            assert_eq!(followed.problems()[0].1.raw_os_error(), Some(rustix::io::Errno::LOOP.raw_os_error()));
        }

        #[test]
        fn a_tree_deeper_than_any_path_is_listed_to_its_end() {
            let folder = Folder::new();
            let mut directory = openat(CWD, folder.root(), OFlags::DIRECTORY, Mode::empty()).unwrap();
            let name = "n".repeat(50);
            for level in 0..700 {
                mkdirat(&directory, &name, 0o700.into()).unwrap();
                mkdirat(&directory, "side", 0o700.into()).unwrap(); // a sibling waits on every level
                let next = openat(&directory, &name, OFlags::DIRECTORY, Mode::empty());
                directory = next.unwrap_or_else(|error| panic!("level {level}: {error}"));
            }
            drop(directory);
            let scan = scanned(&folder, &Options::default());
            assert!(scan.problems().is_empty(), "{:?}", scan.problems());
            assert_eq!(scan.len(), 1400);
            let longest = (0..scan.len()).map(|index| scan.path(index).len()).max().unwrap();
            assert_eq!(longest, folder.root().as_os_str().len() + 700 * 51);
            assert!(longest > 4096);
        }

        #[test]
        fn both_ways_of_listing_a_directory_agree() {
            use crate::files::{tree_std, tree_unix};
            let folder = Folder::new();
            folder.file("file", b"12345");
            folder.file("dir/.hidden", b"");
            symlink("file", folder.path("link")).unwrap();
            let of = |meta: Meta| (meta.kind, meta.size, meta.mtime);
            let mut one = Vec::new();
            let open = tree_unix::Directory::open(folder.root()).unwrap();
            let listed = open.list(&mut tree_unix::Batch::new(), |found| {
                one.push((
                    found.name().to_vec(),
                    found.hint(),
                    found.is_hidden(),
                    of(found.meta(true).unwrap()),
                ));
                Ok::<(), Error>(())
            });
            listed.unwrap().unwrap();
            let mut two = Vec::new();
            let open = tree_std::Directory::open(folder.root()).unwrap();
            let listed = open.list(&mut tree_std::Batch::new(), |found| {
                two.push((
                    found.name().to_vec(),
                    found.hint(),
                    found.is_hidden(),
                    of(found.meta(true).unwrap()),
                ));
                Ok::<(), Error>(())
            });
            listed.unwrap().unwrap();
            one.sort_by(|a, b| a.0.cmp(&b.0));
            two.sort_by(|a, b| a.0.cmp(&b.0));
            assert_eq!((one.len(), &one), (3, &two));
            let below = open.open_below(b"dir", false).unwrap();
            assert_ne!(below.identity().unwrap(), open.identity().unwrap());
            assert_eq!(below.meta().unwrap().kind, Kind::Dir);
            assert!(open.open_below(b"link", false).is_err());
            assert_eq!(open.read("file").unwrap().unwrap(), b"12345");
            assert!(open.read("none").unwrap().is_none() && open.read("link").unwrap().is_none());
        }
    }
}
