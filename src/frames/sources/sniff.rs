//! Tells the dialect of a delimited text from its start.
#![forbid(unsafe_code)]

use super::cells::{Cell, Escapes, Form};
use super::delimited::{Dialect, exact_row};
use super::kind::{Guess, Kind};
use super::options::Options;
use super::simd_scan::Marks;

/// Bytes of text that are looked at.
const LOOK: usize = 256 << 10;

/// Rows of it, at most.
const ROWS: usize = 1000;

/// By preference: where two make equally good tables, the first is it.
const DELIMITERS: [u8; 4] = *b",\t;|";

/// What was told.
#[derive(Clone, Debug)]
pub struct Sniffed {
    /// The dialect.
    pub dialect: Dialect,
    /// Whether the first row names the columns.
    pub header: bool,
    /// The names, or made-up ones.
    pub names: Vec<String>,
    /// Lines before the table.
    pub skip: u64,
    /// Bytes before the first row of values.
    pub body: usize,
}

/// Tells what the caller left open from `text`, the start of a file in UTF-8 or, with `whole`, all of it.
pub fn sniff(text: &[u8], whole: bool, options: &Options) -> Sniffed {
    let newline = if memchr::memchr(b'\n', text).is_none() && memchr::memchr(b'\r', text).is_some() {
        b'\r' // as the Macintosh had it
    } else {
        b'\n'
    };
    let mut start = 0;
    for _ in 0..options.skip {
        if start == text.len() {
            break;
        }
        start = memchr::memchr(newline, &text[start..]).map_or(text.len(), |found| start + found + 1);
    }
    // A header of very many columns may be longer than that, and must be whole.
    let third = memchr::memchr_iter(newline, &text[start..]).nth(2).map_or(text.len(), |end| start + end + 1);
    let look = &text[start..text.len().min(third.max(start + LOOK))];
    let whole = whole && start + look.len() == text.len();
    let dialect = dialect(look, whole, newline, options);
    let rows = rows(look, whole, dialect, ROWS);
    let columns = width(&rows);
    let escapes = escapes(dialect);
    let (before, rows) = rows.split_at(lead(look, &rows, columns, escapes, options));
    let table = before.last().map_or(0, |(_, end)| *end);
    let skip = options.skip + memchr::memchr_iter(newline, &look[..table]).count() as u64;
    let mut first = rows.iter().position(|(row, _)| !blank(row) || columns == 1);
    if rows.iter().all(|(row, _)| blank(row)) {
        first = None;
    }
    let Some(first) = first else {
        let names = if options.header == Some(true) { Vec::new() } else { vec!["column0".to_owned()] };
        let names = if whole && rows.is_empty() { Vec::new() } else { names };
        return Sniffed { dialect, header: options.header.unwrap_or(false), names, skip, body: start };
    };
    let rest = &rows[first + 1..];
    let header =
        options.header.unwrap_or_else(|| is_header(look, &rows[first].0, rest, columns, escapes, options));
    let mut names = Vec::new();
    let width = if header { rows[first].0.len() } else { columns };
    for column in 0..width {
        let cell = rows[first].0.get(column).filter(|_| header);
        let name = cell.map(|cell| value(look, *cell, escapes)).unwrap_or_default();
        names.push(if name.is_empty() { format!("column{column}") } else { name });
    }
    let body = if header { rows[first].1 } else { table };
    Sniffed { dialect, header, names, skip, body: start + body }
}

/// How many rows come before the table: comments, a title, and blank lines between. They are narrower than the table, of
/// which all rows have one width; and a header that lacks a name is none of them.
fn lead(text: &[u8], rows: &[Row], columns: usize, escapes: Escapes, options: &Options) -> usize {
    if columns < 2 || options.skip > 0 {
        return 0;
    }
    let even = |row: &[Cell]| blank(row) || row.len() == columns || (options.pad && row.len() < columns);
    let comment = |row: &[Cell]| row.first().is_some_and(|cell| text[cell.start..cell.end].starts_with(b"#"));
    let after = rows.iter().rposition(|(row, _)| !even(row)).map_or(0, |odd| odd + 1);
    let Some(found) = rows[after..].iter().position(|(row, _)| row.len() == columns) else { return 0 };
    let (before, table) = rows.split_at(after + found);
    let narrow = before.iter().all(|(row, _)| row.len() < columns || comment(row));
    let several = table.iter().filter(|(row, _)| !blank(row)).count() > 1;
    if !narrow || !several || before.iter().all(|(row, _)| blank(row)) {
        return 0;
    }
    let apart = before.last().is_some_and(|(row, _)| {
        let header = || {
            options
                .header
                .unwrap_or_else(|| is_header(text, &table[0].0, &table[1..], columns, escapes, options))
        };
        blank(row) || comment(row) || (row.len() == 1 && header())
    });
    if apart { before.len() } else { 0 }
}

/// What escapes mean in a dialect.
pub fn escapes(dialect: Dialect) -> Escapes {
    let quote = dialect.marks.quote.unwrap_or(b'"');
    Escapes::Delimited { quote, escape: dialect.escape.unwrap_or(quote) }
}

fn value(text: &[u8], cell: Cell, escapes: Escapes) -> String {
    let raw = &text[cell.start..cell.end];
    if cell.form == Form::Escaped {
        let mut out = Vec::new();
        if escapes.resolve(raw, &mut out).is_some() {
            return String::from_utf8_lossy(&out).into_owned();
        }
    }
    String::from_utf8_lossy(raw).into_owned()
}

fn blank(row: &[Cell]) -> bool {
    matches!(row, [cell] if cell.form == Form::Plain && cell.start == cell.end)
}

type Row = (Vec<Cell>, usize);

/// The first rows and where each ends; without one that the end of the text cuts off.
fn rows(text: &[u8], whole: bool, dialect: Dialect, most: usize) -> Vec<Row> {
    let (mut rows, mut at) = (Vec::new(), 0);
    while at < text.len() && rows.len() < most {
        let mut row = Vec::new();
        let Ok(next) = exact_row(text, at, dialect, &mut row) else { break };
        if next > text.len() && !whole && !rows.is_empty() {
            break;
        }
        at = next.min(text.len());
        rows.push((row, at));
    }
    rows
}

/// The number of fields that most rows have.
fn width(rows: &[Row]) -> usize {
    let mut counts: Vec<usize> =
        rows.iter().filter(|(row, _)| !blank(row)).map(|(row, _)| row.len()).collect();
    counts.sort_unstable();
    let longest = counts.chunk_by(|a, b| a == b).max_by_key(|run| run.len());
    longest.and_then(|run| run.first()).copied().unwrap_or(1)
}

fn dialect(text: &[u8], whole: bool, newline: u8, options: &Options) -> Dialect {
    let delimiters = match options.delimiter {
        Some(given) => vec![given],
        None if options.tabs => vec![b'\t'],
        None => DELIMITERS.to_vec(),
    };
    let quotes = match options.quote {
        Some(given) => vec![given],
        None => vec![Some(b'"'), Some(b'\'')],
    };
    let mut best = None;
    let mut most = (0, 0, 0);
    for quote in quotes {
        for delimiter in &delimiters {
            if quote == Some(*delimiter) {
                continue;
            }
            let marks = Marks { delimiter: *delimiter, quote, newline };
            // A backslash before a quote may as well be text, as in JSON within a field: what makes the better table.
            let escapes = match options.escape {
                Some(given) => vec![given.filter(|given| Some(*given) != quote)],
                None if backslash(text, marks) => vec![Some(b'\\'), None],
                None => vec![None],
            };
            let blanks =
                if indented(text, marks, options.quote.is_some()) { vec![false, true] } else { vec![false] };
            for (escape, blanks) in
                escapes.iter().flat_map(|escape| blanks.iter().map(move |blanks| (*escape, *blanks)))
            {
                let dialect = Dialect { marks, escape, blanks };
                let score = score(&rows(text, whole, dialect, ROWS), quote != Some(b'\''), options.pad);
                if best.is_none() || score > most {
                    (best, most) = (Some(dialect), score);
                }
            }
        }
    }
    let marks = Marks { delimiter: b',', quote: Some(b'"'), newline };
    best.unwrap_or(Dialect { marks, escape: None, blanks: false })
}

/// How much a dialect makes of the text: the share of rows of one width in percent; then the quoted fields, as these are
/// no accident; then the width.
fn score(rows: &[Row], usual: bool, pad: bool) -> (usize, usize, usize) {
    let width = width(rows);
    let quoted: usize = rows
        .iter()
        .map(|(row, _)| row.iter().filter(|cell| matches!(cell.form, Form::Quoted | Form::Escaped)).count())
        .sum();
    // Apostrophes are common and quotes of their kind are not, so they must show.
    if !usual && quoted == 0 {
        return (0, 0, 0);
    }
    let lines = rows.iter().filter(|(row, _)| !blank(row)).count().max(1);
    let even = rows.iter().filter(|(row, _)| row.len() == width || (pad && row.len() < width)).count();
    // One column is what any text is, so a table must be better than half; quotes around it are a better reason.
    let share = match width {
        1 if even < lines => 0,
        1 => 50 + if quoted > 0 { 40 } else { 0 },
        _ => even * 100 / lines,
    };
    (share, if usual { quoted } else { quoted.saturating_sub(1) }, width)
}

/// Whether quotes are escaped by a backslash: one stands before a quote that is not the end of a field.
fn backslash(text: &[u8], marks: Marks) -> bool {
    let Some(quote) = marks.quote else { return false };
    let ends = |byte: Option<&u8>| match byte {
        None | Some(b'\r') => true,
        Some(byte) => *byte == marks.delimiter || *byte == marks.newline,
    };
    memchr::memchr_iter(b'\\', text).any(|at| {
        text.get(at + 1) == Some(&quote)
            && !ends(text.get(at + 2))
            && text.get(at + 2) != Some(&quote)
            && at > 0
            && !ends(Some(&text[at - 1]))
            || text.get(at + 1) == Some(&quote) && text.get(at + 2) == Some(&quote) && ends(text.get(at + 3))
    })
}

/// Whether a quote stands behind blanks where a field starts. Apostrophes, which are common there, must be said to be quotes.
fn indented(text: &[u8], marks: Marks, said: bool) -> bool {
    let Some(quote) = marks.quote.filter(|quote| said || *quote == b'"') else { return false };
    memchr::memchr_iter(quote, text).any(|at| {
        let blanks = text[..at].iter().rev().take_while(|byte| **byte == b' ').count();
        let before = text[..at - blanks].last();
        blanks > 0 && before.is_none_or(|byte| [marks.delimiter, marks.newline].contains(byte))
    }) && marks.delimiter != b' '
}

/// Whether the first row differs in kind from those below: a word over numbers says yes, a number in it says no, and
/// where all is text it is taken for names, as tables mostly have them.
fn is_header(
    text: &[u8],
    first: &[Cell],
    rest: &[Row],
    columns: usize,
    escapes: Escapes,
    options: &Options,
) -> bool {
    let kind_of = |cells: &mut dyn Iterator<Item = Cell>| {
        let mut guess = Guess::default();
        let mut any = false;
        for cell in cells {
            let written = value(text, cell, escapes);
            let text = written.as_bytes();
            let null = text.is_empty() || options.nulls.matches(text) || options.nulls.word(text).is_some();
            if cell.form != Form::Missing && !null {
                any = true;
                guess.observe(text);
            }
        }
        any.then(|| guess.finish())
    };
    let mut against = false;
    for column in 0..first.len().max(columns) {
        let name = kind_of(&mut first.get(column).copied().into_iter());
        let below = kind_of(&mut rest.iter().filter_map(|(row, _)| row.get(column).copied()));
        match (name, below) {
            (Some(Kind::Text), Some(below)) if below != Kind::Text => return true,
            (Some(kind), _) if kind != Kind::Text => against = true,
            _ => {}
        }
    }
    let all_named = first.iter().all(|cell| cell.end > cell.start);
    !against && all_named
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> (char, Option<char>, Option<char>, bool, Vec<String>, usize) {
        let found = sniff(text.as_bytes(), true, &Options::default());
        let Dialect { marks, escape, .. } = found.dialect;
        let char_of = |byte: Option<u8>| byte.map(char::from);
        (
            char::from(marks.delimiter),
            char_of(marks.quote),
            char_of(escape),
            found.header,
            found.names,
            found.body,
        )
    }

    #[test]
    fn delimiters() {
        for (text, delimiter) in [
            ("a,b\n1,2\n", ','),
            ("a\tb\n1,5\t2\n", '\t'),
            ("a;b\n1,5;2,5\n3,5;x\n", ';'),
            ("a|b\n\"x,y\"|2\n", '|'),
            ("just\nwords\n", ','),
            ("a,b\n\"x;y\",2\n\"z;w\",3\n", ','),
        ] {
            assert_eq!(told(text).0, delimiter, "{text}");
        }
    }

    #[test]
    fn quotes_and_escapes() {
        assert_eq!(told("a,b\n'x,1',2\n'y,1',3\n").1, Some('\''));
        assert_eq!(told("a\n'x,1'\n'y,2'\n").1, Some('\''));
        assert_eq!(told("a,b\nit's,2\ndon't,3\n").1, Some('"'));
        assert_eq!(told("a,b\n\"say \\\"hi\\\" now\",2\n").2, Some('\\'));
        assert_eq!(told("a,b\n\"say \"\"hi\"\"\",2\n").2, None);
        assert_eq!(told("a,b\n\"C:\\\",2\n").2, None);
        let blanks = |text: &str| sniff(text.as_bytes(), true, &Options::default()).dialect.blanks;
        assert!(blanks("a, b\n1, \"x, y\"\n"));
        assert!(!blanks("a, b\n1, x\n") && !blanks("a,b\n\" x\",1\n") && !blanks("a,b\nx, 'tis\n"));
        assert_eq!(told("a,b\n\"{\"\"t\"\": \"\"said \\\"\"hi\\\"\", left\"\"}\",2\n\"x\",3\n").2, None);
    }

    #[test]
    fn headers() {
        let names = |text: &str| (told(text).3, told(text).4);
        let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(names("a,b\n1,2\n"), (true, named(&["a", "b"])));
        assert_eq!(names("1,2\n3,4\n"), (false, named(&["column0", "column1"])));
        assert_eq!(names("x,y\nz,w\n"), (true, named(&["x", "y"])));
        assert_eq!(names("a,,c\n1,2,3\n"), (true, named(&["a", "column1", "c"])));
        assert_eq!(names("a,b\n"), (true, named(&["a", "b"])));
        assert_eq!(names("a"), (true, named(&["a"])));
        assert_eq!(names("\n\na,b\r\n1,2\r\n"), (true, named(&["a", "b"])));
        assert_eq!(names(""), (false, vec![]));
        assert_eq!(told("a,b\n1,2\n").5, 4);
    }

    #[test]
    fn lines_before_the_table() {
        let skip = |text: &str, options: &Options| sniff(text.as_bytes(), true, options).skip;
        let padded = Options { pad: true, ..Options::default() };
        for (text, lines) in [
            ("# x\n#\na,b\n1,2\n", 2),
            ("t\r\n\r\na,b\r\n1,2\r\n", 2),
            ("t\na,b\n1,2\n", 1),
            ("#x,y,z\n#\na,b\n1,2\n", 2),
            ("t,u\n\na,b,c\n1,2,3\n", 2),
            ("t\n1,2\n3,4\n", 0),
            ("a,b\n1,2,3\n4,5,6\n", 0),
            ("a,b,c\n1,2\n3,4\n", 0),
            ("a,b\n1,2\nx\n3,4\n", 0),
            ("\n\na,b\n1,2\n", 0),
            ("a\nb\nc\n", 0),
        ] {
            assert_eq!(skip(text, &Options::default()), lines, "{text}");
            assert_eq!(skip(text, &padded), lines, "{text}");
        }
        assert_eq!(skip("x\nt\na,b\n1,2\n", &Options { skip: 1, ..Options::default() }), 1);
    }
}
