//! The table that a scan answers with.
#![forbid(unsafe_code)]

use super::{Kind, Meta, path_of};
use crate::error::Error;
use crate::progress::Progress;
use arrow_array::types::Int8Type;
use arrow_array::{
    ArrayRef, DictionaryArray, Int8Array, Int64Array, LargeStringArray, RecordBatch, StringArray,
    TimestampNanosecondArray, UInt32Array,
};
use arrow_buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::ArrowError;
use std::fmt::Write;
use std::io;
use std::ops::Range;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use std::sync::Arc;

/// Rows put together between two looks at the progress: some milliseconds.
const STEP: usize = 1 << 15;

/// Every entry below a directory, column by column, and what could not be read.
///
/// The columns are what Arrow shares without a copy, so they outlive this value in an exported batch.
#[derive(Debug)]
pub struct Scan {
    root: PathBuf,
    paths: Buffer,
    offsets: ScalarBuffer<i64>,
    kinds: ScalarBuffer<i8>,
    sizes: ScalarBuffer<i64>,
    mtimes: ScalarBuffer<i64>,
    modes: ScalarBuffer<u32>,
    problems: Vec<(PathBuf, io::Error)>,
}

impl Scan {
    /// Number of entries.
    pub fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Whether nothing was listed.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// The directory that was scanned, as it was given.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// All paths, one after the other; each begins with the root. See [`Scan::offsets`].
    pub fn paths(&self) -> &[u8] {
        &self.paths
    }

    /// `len() + 1` places in [`Scan::paths`]: path `i` is `offsets[i]..offsets[i + 1]`.
    pub fn offsets(&self) -> &[i64] {
        &self.offsets
    }

    /// The number of each entry's [`Kind`].
    pub fn kinds(&self) -> &[i8] {
        &self.kinds
    }

    /// Sizes in bytes.
    pub fn sizes(&self) -> &[i64] {
        &self.sizes
    }

    /// Times of change, in nanoseconds since 1970 UTC.
    pub fn mtimes(&self) -> &[i64] {
        &self.mtimes
    }

    /// Type and permission bits.
    pub fn modes(&self) -> &[u32] {
        &self.modes
    }

    /// What could not be read and why, in the order of the paths.
    pub fn problems(&self) -> &[(PathBuf, io::Error)] {
        &self.problems
    }

    /// As [`Scan::problems`], taken out.
    pub fn into_problems(self) -> Vec<(PathBuf, io::Error)> {
        self.problems
    }

    /// The bytes of path `index`, which is below [`Scan::len`].
    pub fn path(&self, index: usize) -> &[u8] {
        &self.paths[self.offsets[index] as usize..self.offsets[index + 1] as usize]
    }

    /// All paths with a NUL after each, which no path holds: what a caller splits in one go.
    ///
    /// # Errors
    /// [`Error::Memory`] when the copy does not fit.
    pub fn paths_with_nul(&self) -> Result<Vec<u8>, Error> {
        let mut joined = Vec::new();
        joined.try_reserve_exact(self.paths.len() + self.len())?;
        for index in 0..self.len() {
            joined.extend_from_slice(self.path(index));
            joined.push(0);
        }
        Ok(joined)
    }

    /// The table as Arrow: `path` large_utf8, `kind` dictionary(int8, utf8), `size` int64, `mtime`
    /// timestamp(ns, UTC), `mode` uint32, none of them null.
    ///
    /// Arrow text is UTF-8 and a path need not be: a byte that is not part of UTF-8 appears as `\xff`,
    /// four characters, as Python's "backslashreplace" writes it. [`Scan::paths`] has it as it is.
    /// Nothing is copied, unless there are such paths.
    ///
    /// # Errors
    /// [`Error::Memory`] when the rewritten paths do not fit.
    pub fn record_batch(&self) -> Result<RecordBatch, Error> {
        let offsets = OffsetBuffer::new(self.offsets.clone());
        let path = match LargeStringArray::try_new(offsets, self.paths.clone(), None) {
            Ok(exact) => exact,
            Err(_) => self.readable_paths()?,
        };
        let names = StringArray::from_iter_values(Kind::NAMES);
        let keys = Int8Array::new(self.kinds.clone(), None);
        let kind = DictionaryArray::<Int8Type>::try_new(keys, Arc::new(names)).map_err(broken)?;
        let mtime = TimestampNanosecondArray::new(self.mtimes.clone(), None).with_timezone("UTC");
        let columns: [(&str, ArrayRef); 5] = [
            ("path", Arc::new(path)),
            ("kind", Arc::new(kind)),
            ("size", Arc::new(Int64Array::new(self.sizes.clone(), None))),
            ("mtime", Arc::new(mtime)),
            ("mode", Arc::new(UInt32Array::new(self.modes.clone(), None))),
        ];
        let columns = columns.map(|(name, column)| (name, column, false));
        RecordBatch::try_from_iter_with_nullable(columns).map_err(broken)
    }

    fn readable_paths(&self) -> Result<LargeStringArray, Error> {
        let mut text = String::new();
        text.try_reserve_exact(self.paths.len() * 4)?; // a byte becomes four characters at most
        let mut offsets = Vec::new();
        offsets.try_reserve_exact(self.offsets.len())?;
        offsets.push(0);
        for index in 0..self.len() {
            for chunk in self.path(index).utf8_chunks() {
                text.push_str(chunk.valid());
                for byte in chunk.invalid() {
                    // Writing to a String cannot fail.
                    let _ = write!(text, "\\x{byte:02x}");
                }
            }
            offsets.push(text.len() as i64);
        }
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        LargeStringArray::try_new(offsets, Buffer::from_vec(text.into_bytes()), None).map_err(broken)
    }

    /// Puts the parts that the workers found into one table, in the order of the tree.
    pub(super) fn assemble(
        root: &Path,
        mut parts: Vec<Part>,
        mut problems: Vec<(PathBuf, io::Error)>,
        progress: &Progress<'_>,
    ) -> Result<Self, Error> {
        let mut top = None;
        for worker in 0..parts.len() {
            for number in 0..parts[worker].listings.len() {
                let listing = &parts[worker].listings[number];
                let place = Place { worker, entries: listing.start..listing.end };
                match listing.owner {
                    Some((owner, entry)) => parts[owner].entries[entry].inside = Some((worker, number)),
                    None => top = Some(place),
                }
            }
            problems.append(&mut parts[worker].problems);
        }
        problems.sort_by(|a, b| a.0.cmp(&b.0));
        let mut columns = Columns::reserve(&parts, root.as_os_str().len() + 1)?;
        let mut path = root.as_os_str().as_encoded_bytes().to_vec();
        if path.last().is_some_and(|last| !std::path::is_separator(char::from(*last))) {
            path.push(MAIN_SEPARATOR as u8);
        }
        // By hand and not by recursion, which a deep tree would run out of stack with.
        let mut open: Vec<(Place, usize)> = Vec::new();
        open.extend(top.map(|place| (place, path.len())));
        while let Some((place, length)) = open.last_mut() {
            path.truncate(*length);
            let part = &parts[place.worker];
            let Some(index) = place.entries.next() else {
                open.pop();
                continue;
            };
            let entry = &part.entries[index];
            path.extend_from_slice(part.name(entry));
            if entry.listed {
                columns.push(&path, entry);
                if columns.kinds.len() % STEP == 0 {
                    progress.poll()?;
                }
            }
            if let Some((worker, number)) = entry.inside {
                let listing = &parts[worker].listings[number];
                path.push(MAIN_SEPARATOR as u8);
                open.push((Place { worker, entries: listing.start..listing.end }, path.len()));
            }
        }
        Ok(Self {
            root: root.to_owned(),
            paths: Buffer::from_vec(columns.paths),
            offsets: columns.offsets.into(),
            kinds: columns.kinds.into(),
            sizes: columns.sizes.into(),
            mtimes: columns.mtimes.into(),
            modes: columns.modes.into(),
            problems,
        })
    }
}

/// Arrow refused columns that were built to fit each other: a bug here, caught at the boundary.
fn broken(error: ArrowError) -> Error {
    unreachable!("the columns of a scan do not fit: {error}")
}

struct Place {
    worker: usize,
    entries: Range<usize>,
}

struct Columns {
    paths: Vec<u8>,
    offsets: Vec<i64>,
    kinds: Vec<i8>,
    sizes: Vec<i64>,
    mtimes: Vec<i64>,
    modes: Vec<u32>,
}

impl Columns {
    fn reserve(parts: &[Part], prefix: usize) -> Result<Self, Error> {
        fn exact<T>(count: usize) -> Result<Vec<T>, Error> {
            let mut column = Vec::new();
            column.try_reserve_exact(count)?;
            Ok(column)
        }
        let count: usize = parts.iter().map(|part| part.listed).sum();
        let bytes: usize = parts.iter().map(|part| part.bytes).sum();
        let mut offsets = exact(count + 1)?;
        offsets.push(0);
        Ok(Self {
            paths: exact(bytes + count * prefix)?,
            offsets,
            kinds: exact(count)?,
            sizes: exact(count)?,
            mtimes: exact(count)?,
            modes: exact(count)?,
        })
    }

    fn push(&mut self, path: &[u8], entry: &Entry) {
        self.paths.extend_from_slice(path);
        self.offsets.push(self.paths.len() as i64);
        self.kinds.push(entry.kind as i8);
        self.sizes.push(entry.size);
        self.mtimes.push(entry.mtime);
        self.modes.push(entry.mode);
    }
}

/// What one worker found.
#[derive(Debug, Default)]
pub(super) struct Part {
    names: Vec<u8>,
    pub(super) entries: Vec<Entry>,
    pub(super) listings: Vec<Listing>,
    pub(super) problems: Vec<(PathBuf, io::Error)>,
    /// Entries that reach the table, and the bytes of their paths below the root.
    listed: usize,
    bytes: usize,
}

/// One entry, in its worker's memory.
#[derive(Debug)]
pub(super) struct Entry {
    name: usize,
    len: u32,
    kind: Kind,
    /// Whether it reaches the table; a directory may only be on the way.
    listed: bool,
    /// Whether it is a directory to list.
    pub(super) descend: bool,
    mode: u32,
    size: i64,
    mtime: i64,
    disk: i64,
    shared: bool,
    pub(super) identity: (u64, u64),
    /// The worker and the number of the listing of what is in it.
    inside: Option<(usize, usize)>,
}

/// The entries of one directory: a run of its worker's entries.
#[derive(Debug)]
pub(super) struct Listing {
    /// The worker and the number of the entry that the directory is; none for the root.
    pub(super) owner: Option<(usize, usize)>,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Entry {
    /// Kind, size and bytes on the disk.
    pub(super) fn weight(&self) -> (Kind, i64, i64) {
        (self.kind, self.size, self.disk)
    }

    /// What tells it from any other file, if it has several names.
    pub(super) fn shared(&self) -> Option<(u64, u64)> {
        self.shared.then_some(self.identity)
    }
}

impl Part {
    pub(super) fn problem(&mut self, root: &Path, below: &[u8], error: io::Error) -> Result<(), Error> {
        self.problems.try_reserve(1)?;
        let path = if below.is_empty() { root.to_owned() } else { root.join(path_of(below)) };
        self.problems.push((path, error));
        Ok(())
    }

    pub(super) fn name(&self, entry: &Entry) -> &[u8] {
        &self.names[entry.name..entry.name + entry.len as usize]
    }

    /// Adds an entry of a directory whose path below the root has `below` bytes.
    pub(super) fn push(
        &mut self,
        below: usize,
        name: &[u8],
        meta: &Meta,
        listed: bool,
        descend: bool,
    ) -> Result<(), Error> {
        self.names.try_reserve(name.len())?;
        self.entries.try_reserve(1)?;
        let len = u32::try_from(name.len())
            .map_err(|_| Error::Memory(format!("a name of {} bytes does not fit", name.len())))?;
        let &Meta { kind, mode, size, mtime, disk, shared, identity } = meta;
        let start = self.names.len();
        self.names.extend_from_slice(name);
        self.entries.push(Entry {
            name: start,
            len,
            kind,
            listed,
            descend,
            mode,
            size,
            mtime,
            disk,
            shared,
            identity,
            inside: None,
        });
        if listed {
            self.listed += 1;
            self.bytes += below + 1 + name.len();
        }
        Ok(())
    }

    /// Sorts the entries from `start` on, which are one directory's, by the bytes of their names.
    pub(super) fn sort_from(&mut self, start: usize) {
        let names = &self.names;
        let name = |entry: &Entry| &names[entry.name..entry.name + entry.len as usize];
        self.entries[start..].sort_unstable_by(|a, b| name(a).cmp(name(b)));
    }
}
