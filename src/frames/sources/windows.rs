//! A text file as windows of whole rows: the next is read while the pieces of this one are parsed, on all threads.
#![forbid(unsafe_code)]

mod pieces;

use super::delimited::{Dialect, Way};
use super::simd_scan;
use crate::error::Error;
use crate::exec;
use crate::progress::Progress;
use pieces::{complete, fill, split_exact};
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Bytes one thread parses at a time. Neither this nor the next depends on the number of threads, so that batches, and
/// the last digits of what is made of them, do not either.
const PIECE: usize = 1 << 20;

/// Bytes read at a time: a few pieces for each of as many threads as usual machines have.
const WINDOW: usize = 16 << 20;

/// Zeros behind the text, so that a few bytes may be read at once wherever a value starts.
const PAD: usize = 64;

/// Where a text may be cut.
#[derive(Clone, Copy, Debug)]
pub enum Split {
    /// After the end of a row of delimited text.
    Rows(Dialect),
    /// After any line.
    Lines,
}

impl Split {
    fn newline(self) -> u8 {
        match self {
            Self::Rows(dialect) => dialect.marks.newline,
            Self::Lines => b'\n',
        }
    }
}

/// Why a piece could not be parsed.
#[derive(Debug)]
pub enum Trouble {
    /// Cut in the wrong place perhaps: see [`Flaw::Stray`](super::delimited::Flaw::Stray).
    Stray,
    /// Something is wrong at this byte of the window: what to say after the file and the line.
    At(usize, String),
    /// Anything else.
    Failed(Error),
}

/// What is made of the pieces.
pub trait Parse: Sync {
    /// What a piece comes to.
    type Output: Send;
    /// Parses the rows in `range` of `buffer`.
    ///
    /// # Errors
    /// [`Trouble`], with places in `buffer`.
    fn parse(&self, buffer: &[u8], range: Range<usize>, way: Way) -> Result<Self::Output, Trouble>;
}

#[derive(Default)]
struct Window {
    buffer: Vec<u8>,
    /// Bytes of text in the buffer.
    size: usize,
    /// Where what was read for this window starts; before it lies what the last one left over.
    fresh: usize,
    /// Where the last whole row ends.
    end: usize,
    pieces: Vec<Range<usize>>,
    /// The number of the first line.
    line: u64,
    last: bool,
}

#[derive(Clone, Copy)]
struct Sizes {
    window: usize,
    piece: usize,
}

/// The windows of one file.
pub struct Windows<P> {
    input: Box<dyn Read + Send>,
    path: PathBuf,
    parser: P,
    split: Split,
    way: Way,
    current: Window,
    next: Window,
    /// Bytes read at a time, and bytes parsed at a time.
    sizes: Sizes,
    /// The input ends anywhere, and what comes after its last whole row is to be dropped.
    cut: bool,
    started: bool,
    failed: Option<Error>,
}

impl<P: Parse> Windows<P> {
    /// Windows of what `input` gives, of which the first line has the number `line`. Errors name `path`.
    pub fn new(input: Box<dyn Read + Send>, path: &Path, parser: P, split: Split, line: u64) -> Self {
        let way = match split {
            Split::Rows(dialect) if !dialect.is_plain() => Way::Exact,
            _ => Way::Parity,
        };
        let next = Window { line, ..Window::default() };
        let sizes = Sizes { window: WINDOW, piece: PIECE };
        let (path, current) = (path.to_owned(), Window::default());
        Self {
            input,
            path,
            parser,
            split,
            way,
            current,
            next,
            sizes,
            cut: false,
            started: false,
            failed: None,
        }
    }

    /// The same of an input that ends anywhere: what comes after its last whole row is dropped.
    pub fn cut(mut self) -> Self {
        self.cut = true;
        self
    }

    /// What the pieces of the next window come to, in order; `None` after the last.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Memory`], and [`Error::Invalid`] for a text that is not as it should be.
    pub fn next_window(&mut self) -> Result<Option<Vec<P::Output>>, Error> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        if !self.started {
            self.started = true;
            fill(&mut self.input, &mut self.next, &[], self.sizes.window, &self.path)?;
            self.complete_next()?;
        }
        std::mem::swap(&mut self.current, &mut self.next);
        if self.current.pieces.is_empty() {
            return Ok(None);
        }
        let mut outputs = self.parse(true)?;
        if outputs.is_none() {
            self.go_exact()?;
            outputs = self.parse(false)?;
        }
        outputs
            .map(Some)
            .ok_or_else(|| Error::Invalid(format!("{}: quotes out of order", self.path.display())))
    }

    /// Parses the pieces of this window and meanwhile reads the next. `None` when the quotes need a closer look.
    fn parse(&mut self, read_on: bool) -> Result<Option<Vec<P::Output>>, Error> {
        enum Item<'a> {
            Fill(&'a mut Window, &'a mut (dyn Read + Send)),
            Parse(Range<usize>),
        }
        enum Done<T> {
            Filled(Result<(), Error>),
            Parsed(Result<T, Trouble>),
        }
        let Self { input, path, parser, current, next, sizes, way, split, cut, .. } = self;
        let left = &current.buffer[current.end..current.size];
        let mut items = Vec::with_capacity(current.pieces.len() + 1);
        if read_on {
            next.pieces.clear();
            next.last = true;
            if !current.last {
                let lines = simd_scan::count(&current.buffer[..current.end], None, split.newline()).1;
                next.line = current.line + lines as u64;
                items.push(Item::Fill(next, input));
            }
        }
        items.extend(current.pieces.iter().cloned().map(Item::Parse));
        let done = exec::map(items.into_iter(), &Progress::silent(), |item, _| {
            Ok(match item {
                Item::Fill(next, input) => Done::Filled(
                    fill(input, next, left, sizes.window, path)
                        .and_then(|()| complete(next, input, *sizes, *split, *way, *cut, path)),
                ),
                Item::Parse(range) => Done::Parsed(parser.parse(&current.buffer, range, *way)),
            })
        })?;
        let mut outputs = Vec::with_capacity(done.len());
        for done in done {
            match done {
                Done::Filled(result) => self.failed = result.err(),
                Done::Parsed(Ok(output)) => outputs.push(output),
                Done::Parsed(Err(Trouble::Stray)) => return Ok(None),
                Done::Parsed(Err(Trouble::Failed(error))) => return Err(error),
                Done::Parsed(Err(Trouble::At(place, what))) => {
                    return Err(Error::Invalid(format!(
                        "{}, line {}: {what}",
                        self.path.display(),
                        self.line_of(place)
                    )));
                }
            }
        }
        Ok(Some(outputs))
    }

    fn line_of(&self, place: usize) -> u64 {
        let before = &self.current.buffer[..place.min(self.current.size)];
        self.current.line + simd_scan::count(before, None, self.split.newline()).1 as u64
    }

    /// Cuts this window and the next anew, field by field: parity has misled.
    fn go_exact(&mut self) -> Result<(), Error> {
        self.way = Way::Exact;
        let Some(dialect) = self.dialect() else { return Ok(()) };
        let failed = self.failed.take();
        let whole = self.current.last && !self.cut;
        split_exact(&mut self.current, dialect, self.sizes.piece, whole);
        let current = &self.current;
        if current.last {
            return Ok(());
        }
        // What this window leaves over is different now; what was read for the next one follows it.
        let left = &current.buffer[current.end..current.size];
        let read = &self.next.buffer[self.next.fresh..self.next.size];
        let mut joined = Vec::new();
        joined.try_reserve_exact(left.len() + read.len() + PAD)?;
        joined.extend_from_slice(left);
        joined.extend_from_slice(read);
        self.next.size = joined.len();
        self.next.fresh = left.len();
        joined.resize(self.next.size + PAD, 0);
        self.next.buffer = joined;
        let lines = simd_scan::count(&current.buffer[..current.end], None, self.split.newline()).1;
        self.next.line = current.line + lines as u64;
        self.failed = failed;
        if self.failed.is_none() {
            self.complete_next()?;
        }
        Ok(())
    }

    fn dialect(&self) -> Option<Dialect> {
        match self.split {
            Split::Rows(dialect) => Some(dialect),
            Split::Lines => None,
        }
    }

    fn complete_next(&mut self) -> Result<(), Error> {
        complete(&mut self.next, &mut self.input, self.sizes, self.split, self.way, self.cut, &self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::super::cells::{Cells, Form};
    use super::super::delimited::{Block, Flaw, Rows};
    use super::super::simd_scan::Marks;
    use super::super::sniff::escapes;
    use super::*;
    use proptest::prelude::*;

    /// The values of the rows, to compare with.
    struct Values(Dialect, usize);

    type Table = Vec<Vec<Option<Vec<u8>>>>;

    fn values(cells: &impl Cells, buffer: &[u8], columns: usize, dialect: Dialect) -> Table {
        let value = |row, column| {
            let cell = cells.cell(buffer, row, column);
            let mut out = buffer[cell.start..cell.end].to_vec();
            if cell.form == Form::Escaped {
                out.clear();
                escapes(dialect).resolve(&buffer[cell.start..cell.end], &mut out).unwrap();
            }
            (cell.form != Form::Missing).then_some(out)
        };
        (0..cells.rows()).map(|row| (0..columns).map(|column| value(row, column)).collect()).collect()
    }

    impl Parse for Values {
        type Output = Table;

        fn parse(&self, buffer: &[u8], range: Range<usize>, way: Way) -> Result<Table, Trouble> {
            let mut rows = Rows::new(buffer, range, self.0, self.1, true);
            let mut table = Vec::new();
            loop {
                match rows.next(way) {
                    Ok(None) => return Ok(table),
                    Ok(Some(Block::Regular(cells))) => table.extend(values(&cells, buffer, self.1, self.0)),
                    Ok(Some(Block::Listed(cells))) => table.extend(values(cells, buffer, self.1, self.0)),
                    Err(Flaw::Stray) => return Err(Trouble::Stray),
                    Err(Flaw::Open(at)) => return Err(Trouble::At(at, "open".into())),
                    Err(Flaw::Ragged(at, fields)) => return Err(Trouble::At(at, format!("{fields} fields"))),
                }
            }
        }
    }

    fn read(text: &[u8], dialect: Dialect, columns: usize, sizes: Sizes, way: Way) -> Result<Table, String> {
        let input = Box::new(std::io::Cursor::new(text.to_vec()));
        let parser = Values(dialect, columns);
        let mut windows = Windows::new(input, Path::new("x"), parser, Split::Rows(dialect), 1);
        (windows.sizes, windows.way) = (sizes, way);
        let mut table = Vec::new();
        while let Some(more) = windows.next_window().map_err(|error| error.to_string())? {
            table.extend(more.into_iter().flatten());
        }
        Ok(table)
    }

    const DIALECT: Dialect = Dialect {
        marks: Marks { delimiter: b',', quote: Some(b'"'), newline: b'\n' },
        escape: None,
        blanks: false,
    };

    proptest! {
        #[test]
        fn however_it_is_cut_the_rows_are_the_same(
            text in "(a|bc|,|\"|\"\"|\"x,\n\"|\r\n|\n|\"y\"){0,60}",
            window in 1_usize..60,
            piece in 1_usize..30,
        ) {
            let whole = Sizes { window: 1 << 16, piece: 1 << 16 };
            let expected = read(text.as_bytes(), DIALECT, 3, whole, Way::Exact);
            let cut = Sizes { window, piece };
            for way in [Way::Parity, Way::Exact] {
                prop_assert_eq!(&read(text.as_bytes(), DIALECT, 3, cut, way), &expected);
            }
            prop_assert_eq!(&read(text.as_bytes(), DIALECT, 3, whole, Way::Parity), &expected);
        }

        #[test]
        fn what_is_written_is_read(
            table in proptest::collection::vec(proptest::collection::vec("[a-c,\"\n\r ]{0,6}", 2), 0..12),
            window in 1_usize..60,
        ) {
            let quoted = |value: &String| format!("\"{}\"", value.replace('"', "\"\""));
            let lines: Vec<String> = table.iter().map(|row| {
                row.iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n"
            }).collect();
            let expected: Table =
                table.iter().map(|row| row.iter().map(|value| Some(value.clone().into_bytes())).collect()).collect();
            let sizes = Sizes { window, piece: window };
            prop_assert_eq!(read(lines.concat().as_bytes(), DIALECT, 2, sizes, Way::Parity), Ok(expected));
        }
    }

    #[test]
    fn a_text_cut_anywhere_gives_its_whole_rows() {
        let text = b"a,b\n\"c\nd\",e\nf,\"g\nh";
        for end in 0..text.len() {
            let input = Box::new(std::io::Cursor::new(text[..end].to_vec()));
            let windows = Windows::new(input, Path::new("x"), Values(DIALECT, 2), Split::Rows(DIALECT), 1);
            let mut windows = windows.cut();
            let mut rows = 0;
            while let Some(more) = windows.next_window().unwrap() {
                rows += more.iter().map(Vec::len).sum::<usize>();
            }
            assert_eq!(rows, usize::from(end >= 4) + usize::from(end >= 12), "{end}");
        }
    }

    #[test]
    fn errors_name_the_line_whatever_the_window() {
        for window in [3, 10, 1000] {
            let sizes = Sizes { window, piece: window };
            let message =
                read(b"a,b\n\"1\n\",2\n3,4\n5,6,7\n8,9\n", DIALECT, 2, sizes, Way::Parity).unwrap_err();
            assert_eq!(message, "x, line 5: 3 fields");
            let message = read(b"a,b\nc,\"d\ne,f\n", DIALECT, 2, sizes, Way::Parity).unwrap_err();
            assert_eq!(message, "x, line 2: open");
        }
    }
}
