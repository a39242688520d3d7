//! Goes through a tree with every thread there is, and decides what is listed and what is entered.
#![forbid(unsafe_code)]

use super::chain::{self, Chain};
use super::ignored::{self, Problems, Rules};
use super::queue::Queue;
use super::scan::Options;
use super::table::{Listing, Part};
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
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Entries after which other threads are asked to help; a small tree ends before they have started.
const ALONE: usize = 512;

/// Directories kept open for the children that wait for their turn. Beyond it a child is opened by
/// its path from the root, so that no tree runs the process out of descriptors.
const OPEN: usize = 128;

/// Entries between two looks at the progress.
const STEP: u64 = 64;

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
    let walk = Walk { root, options, open: Arc::new(open), queue: Queue::new(first) };
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

struct Walk<'w> {
    root: &'w Path,
    options: &'w Options,
    open: Arc<Opened>,
    queue: Queue<Task>,
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
