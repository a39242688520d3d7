//! Lists a tree with every thread there is, into one sorted table.
#![forbid(unsafe_code)]

use super::chain::{self, Chain};
use super::ignored::{self, Problems, Rules};
use super::pattern::Pattern;
use super::table::{Listing, Part, Scan};
#[cfg(not(unix))]
use super::tree_std::{Batch, Directory, Found};
#[cfg(unix)]
use super::tree_unix::{Batch, Directory, Found};
use super::{Kind, Meta, path_of};
use crate::error::Error;
use crate::exec;
use crate::progress::{Progress, Pulse};
use std::io;
use std::ops::ControlFlow;
use std::path::{MAIN_SEPARATOR, Path};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Entries after which other threads are asked to help; a small tree ends before they have started.
const ALONE: usize = 512;

/// Directories kept open for the children that wait for their turn. Beyond it a child is opened by
/// its path from the root, so that no tree runs the process out of descriptors.
const OPEN: usize = 128;

/// Entries between two looks at the progress.
const STEP: u64 = 64;

/// How long an idle worker sleeps before it looks at the progress.
const WAIT: Duration = Duration::from_millis(20);

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
    let (parts, problems) = walk(root, options, progress)?;
    Scan::assemble(root, parts, problems, progress)
}

/// What the workers found, each by itself, and what could not be read before they began.
pub(super) fn walk(
    root: &Path,
    options: &Options,
    progress: &Progress<'_>,
) -> Result<(Vec<Part>, Problems), Error> {
    let open = Opened::new(Directory::open(root).map_err(Error::io(root))?, Arc::default());
    let mut problems = Vec::new();
    let rules = if options.ignore { ignored::above(root, &mut problems) } else { None };
    let ancestors = match options.follow {
        true => chain::add(&None, open.directory.identity().map_err(Error::io(root))?),
        false => None,
    };
    let first = Task { owner: None, below: Vec::new(), from: None, rules, ancestors };
    let walk = Walk {
        root,
        options,
        open: Arc::new(open),
        queue: Queue {
            state: Mutex::new(State { waiting: vec![first], ..State::default() }),
            ..Queue::default()
        },
    };
    let mut parts = vec![walk.work(0, Some(ALONE), &progress.pulse())?];
    if walk.queue.unfinished() {
        let workers = exec::threads()?;
        parts.extend(exec::map(1..workers + 1, progress, |number, pulse| walk.work(number, None, pulse))?);
    }
    Ok((parts, problems))
}

/// A directory to list.
struct Task {
    /// The worker and the number of the entry that this directory is; none for the root.
    owner: Option<(usize, usize)>,
    /// Its path below the root.
    below: Vec<u8>,
    /// The open directory that it is in, unless too many are open.
    from: Option<Arc<Opened>>,
    rules: Chain<Rules>,
    /// The identities of the directories that it is in, itself included; only when links are followed.
    ancestors: Chain<(u64, u64)>,
}

/// An open directory, counted while it is.
struct Opened {
    directory: Directory,
    count: Arc<AtomicUsize>,
}

impl Opened {
    fn new(directory: Directory, count: Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self { directory, count }
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<Task>,
    /// Tasks taken and not yet ended: each may still bring more.
    running: usize,
    /// Workers asleep.
    idle: usize,
    /// A worker ended with an error or a panic, so nothing more will come of this.
    failed: bool,
}

/// A task being worked on. Dropping it without [`Running::done`] tells the others to give up.
struct Running<'q> {
    queue: &'q Queue,
    done: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unfinished(&self) -> bool {
        !self.lock().waiting.is_empty()
    }

    /// The next directory; `None` once there is none and no running task can bring one.
    fn next(&self, pulse: &Pulse<'_>) -> Result<Option<(Task, Running<'_>)>, Error> {
        let mut state = self.lock();
        loop {
            if state.failed {
                return Ok(None);
            }
            // The youngest first: its directory is still open, and the queue stays short.
            if let Some(task) = state.waiting.pop() {
                state.running += 1;
                return Ok(Some((task, Running { queue: self, done: false })));
            }
            if state.running == 0 {
                return Ok(None);
            }
            state.idle += 1;
            state = self.changed.wait_timeout(state, WAIT).unwrap_or_else(PoisonError::into_inner).0;
            state.idle -= 1;
            drop(state);
            pulse.check()?;
            state = self.lock();
        }
    }
}

impl Running<'_> {
    fn done(mut self, children: Vec<Task>) -> Result<(), Error> {
        self.done = true;
        let mut state = self.queue.lock();
        state.running -= 1;
        let ended = state.running == 0 && state.waiting.is_empty() && children.is_empty();
        if state.waiting.try_reserve(children.len()).is_err() {
            state.failed = true;
            self.queue.changed.notify_all();
            return Err(Error::Memory("the directories still to list do not fit in memory".into()));
        }
        let wake = state.idle > 0 && (ended || !children.is_empty());
        state.waiting.extend(children);
        drop(state);
        if wake {
            self.queue.changed.notify_all();
        }
        Ok(())
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if !self.done {
            let mut state = self.queue.lock();
            state.running -= 1;
            state.failed = true;
            drop(state);
            self.queue.changed.notify_all();
        }
    }
}

struct Walk<'w> {
    root: &'w Path,
    options: &'w Options,
    open: Arc<Opened>,
    queue: Queue,
}

impl Walk<'_> {
    /// Takes directories until there are none, or until `limit` entries are listed.
    fn work(&self, number: usize, limit: Option<usize>, pulse: &Pulse<'_>) -> Result<Part, Error> {
        let mut part = Part::default();
        let mut batch = Batch::new();
        while limit.is_none_or(|limit| part.entries.len() < limit)
            && let Some((task, running)) = self.queue.next(pulse)?
        {
            let children = self.list(number, task, &mut part, &mut batch, pulse)?;
            running.done(children)?;
        }
        Ok(part)
    }

    fn list(
        &self,
        number: usize,
        task: Task,
        part: &mut Part,
        batch: &mut Batch,
        pulse: &Pulse<'_>,
    ) -> Result<Vec<Task>, Error> {
        let Task { owner, below, from, mut rules, ancestors } = task;
        let start = part.entries.len();
        let here = match self.enter(owner.is_none(), &below, from) {
            Ok(here) => here,
            Err(error) => {
                part.problem(self.root, &below, error)?;
                return Ok(Vec::new());
            }
        };
        if self.options.ignore {
            match here.directory.read(".gitignore") {
                Ok(Some(content)) => {
                    let file = self.root.join(path_of(&joined(&below, b".gitignore")));
                    let mut problems = Problems::new();
                    rules = ignored::add(&rules, &below, &content, &file, &mut problems);
                    part.problems.extend(problems);
                }
                Ok(None) => {}
                Err(error) => part.problem(self.root, &joined(&below, b".gitignore"), error)?,
            }
        }
        let seen = Cell { rules: &rules, ancestors: &ancestors, below: &below };
        let mut unreported = 0;
        let ended = here.directory.list(batch, |found| {
            unreported += 1;
            if unreported == STEP {
                pulse.add(STEP)?;
                unreported = 0;
            }
            self.visit(found, &seen, part)
        })?;
        pulse.add(unreported)?;
        if let Err(error) = ended {
            part.problem(self.root, &below, error)?;
        }
        part.sort_from(start);
        part.listings.try_reserve(1)?;
        part.listings.push(Listing { owner, start, end: part.entries.len() });
        let mut children = Vec::new();
        let inside: Vec<usize> = (start..part.entries.len()).filter(|i| part.entries[*i].descend).collect();
        if inside.is_empty() {
            return Ok(children);
        }
        children.try_reserve_exact(inside.len())?;
        let from = (self.open.count.load(Ordering::Relaxed) < OPEN).then(|| Arc::new(here));
        // Last first, because the queue hands out the youngest: the walk then goes in the order of the table.
        for index in inside.into_iter().rev() {
            let entry = &part.entries[index];
            let ancestors = match self.options.follow {
                true => chain::add(&ancestors, entry.identity),
                false => None,
            };
            children.push(Task {
                owner: Some((number, index)),
                below: joined(&below, part.name(entry)),
                from: from.clone(),
                rules: rules.clone(),
                ancestors,
            });
        }
        Ok(children)
    }

    fn enter(&self, is_root: bool, below: &[u8], from: Option<Arc<Opened>>) -> io::Result<Opened> {
        let directory = if is_root {
            Directory::open(self.root)? // again, because a listing moves the descriptor's place
        } else if let Some(parent) = from {
            let name = below.rsplit(|byte| *byte == MAIN_SEPARATOR as u8).next().unwrap_or(below);
            parent.directory.open_below(name, self.options.follow)?
        } else {
            self.open.directory.open_below(below, self.options.follow)?
        };
        Ok(Opened::new(directory, self.open.count.clone()))
    }

    /// Decides on one entry: leave it out, list it, descend into it.
    fn visit(&self, found: &Found<'_>, seen: &Cell<'_>, part: &mut Part) -> Result<(), Error> {
        let name = found.name();
        if !self.options.hidden && found.is_hidden() {
            return Ok(());
        }
        if self.options.ignore && name == b".git" {
            return Ok(());
        }
        let listed = self.options.pattern.as_ref().is_none_or(|it| it.matches(seen.below, name));
        if !listed && !may_be_directory(found.hint(), self.options.follow) {
            return Ok(());
        }
        // Rules come before the look-up, which what they leave out does not need.
        if seen.rules.is_some()
            && let Some(kind) = found.hint()
            && !(kind == Kind::Symlink && self.options.follow)
            && ignored::ignored(seen.rules, &joined(seen.below, name), kind == Kind::Dir)
        {
            return Ok(());
        }
        let meta = if !listed && !self.options.follow && found.hint() == Some(Kind::Dir) {
            // On the way only: nobody sees its size or time.
            Meta { kind: Kind::Dir, mode: 0, size: 0, mtime: 0, disk: 0, shared: false, identity: (0, 0) }
        } else {
            match self.look(found, seen, part)? {
                ControlFlow::Continue(meta) => meta,
                ControlFlow::Break(()) => return Ok(()),
            }
        };
        let asked = found.hint().is_some_and(|kind| !(kind == Kind::Symlink && self.options.follow));
        if seen.rules.is_some()
            && !asked
            && ignored::ignored(seen.rules, &joined(seen.below, name), meta.kind == Kind::Dir)
        {
            return Ok(());
        }
        let descend = meta.kind == Kind::Dir;
        if !listed && !descend {
            return Ok(());
        }
        part.push(seen.below.len(), name, &meta, listed, descend)
    }

    /// Looks an entry up; breaks when it is not there any more.
    fn look(
        &self,
        found: &Found<'_>,
        seen: &Cell<'_>,
        part: &mut Part,
    ) -> Result<ControlFlow<(), Meta>, Error> {
        let report =
            |part: &mut Part, error| part.problem(self.root, &joined(seen.below, found.name()), error);
        let is_link = found.hint().is_none_or(|kind| kind == Kind::Symlink);
        let through = if self.options.follow { found.meta(true) } else { found.meta(false) };
        let meta = match through {
            Ok(meta) => meta,
            // A link that leads nowhere is still an entry.
            Err(_) if self.options.follow && is_link => match found.meta(false) {
                Ok(meta) => meta,
                Err(error) => {
                    report(part, error)?;
                    return Ok(ControlFlow::Break(()));
                }
            },
            Err(error) => {
                report(part, error)?;
                return Ok(ControlFlow::Break(()));
            }
        };
        let loops = self.options.follow
            && is_link
            && meta.kind == Kind::Dir
            && chain::values(seen.ancestors).any(|identity| *identity == meta.identity);
        if loops {
            report(part, loop_error())?;
            return Ok(match found.meta(false) {
                Ok(meta) => ControlFlow::Continue(meta),
                Err(_) => ControlFlow::Break(()), // gone meanwhile, and reported above
            });
        }
        Ok(ControlFlow::Continue(meta))
    }
}

/// What one directory's entries are judged by.
struct Cell<'c> {
    rules: &'c Chain<Rules>,
    ancestors: &'c Chain<(u64, u64)>,
    below: &'c [u8],
}

fn may_be_directory(hint: Option<Kind>, follow: bool) -> bool {
    match hint {
        None | Some(Kind::Dir) => true,
        Some(Kind::Symlink) => follow,
        Some(_) => false,
    }
}

fn loop_error() -> io::Error {
    #[cfg(unix)]
    return io::Error::from_raw_os_error(rustix::io::Errno::LOOP.raw_os_error());
    #[cfg(not(unix))]
    io::Error::other("the link leads back to a directory that it is in")
}

fn joined(below: &[u8], name: &[u8]) -> Vec<u8> {
    let mut whole = Vec::with_capacity(below.len() + 1 + name.len());
    whole.extend_from_slice(below);
    if !below.is_empty() {
        whole.push(MAIN_SEPARATOR as u8);
    }
    whole.extend_from_slice(name);
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::Folder;
    use std::fs;

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
