//! Tables in files: delimited text, JSON lines and Parquet, one file or many, as one stream of batches.
//!
//! [`Source::open`] looks at the files and tells format, dialect, columns and types; [`Source::reader`] streams them,
//! as often as asked for, in memory that does not grow with the files.
#![deny(unsafe_code)] // not forbid, which simd_scan could not lift

pub mod cells;
pub mod column;
pub mod csv;
pub mod delimited;
pub mod encoding;
pub mod input;
pub mod json_lines;
pub mod json_text;
pub mod kind;
pub mod moment;
pub mod nulls;
pub mod number;
pub mod options;
pub mod parquet;
pub mod paths;
pub mod plan;
#[allow(unsafe_code)]
pub mod simd_scan;
pub mod sniff;
pub mod stream;
pub mod text_file;
pub mod windows;

use crate::error::Error;
use crate::frames::types::type_name;
use arrow_schema::{Field, Schema, SchemaRef};
use input::Input;
use kind::{Guess, Kind};
use options::{Format, Options};
use parquet::ParquetFile;
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use stream::Stream;
use text_file::{Lines, TextFile};

/// Files that have been looked at.
#[derive(Clone)]
pub struct Source {
    files: Vec<OneFile>,
    options: Options,
    format: Format,
    columns: Vec<Known>,
    schema: SchemaRef,
    paths: Vec<PathBuf>,
    bytes: u64,
}

/// One of them.
#[derive(Clone)]
enum OneFile {
    Text(Box<TextFile>),
    Parquet(ParquetFile),
}

/// A column of the result.
#[derive(Clone)]
struct Known {
    name: String,
    kind: Kind,
    given: bool,
    /// Where each of the files has it.
    places: Vec<Option<usize>>,
}

/// A column by its name, and by its number among those of that name.
type Key = (String, usize);

impl Source {
    /// Looks at files by path or pattern, in the order given.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Invalid`] for files that are not what they should be or do not go together.
    pub fn open(paths: &[PathBuf], options: Options) -> Result<Self, Error> {
        let paths = paths::expand(paths)?;
        let mut files = Vec::new();
        let mut format = None;
        let mut bytes = 0_u64;
        for path in &paths {
            let input = Input::look(path)?;
            bytes = bytes.saturating_add(input.size);
            let this = options.format.unwrap_or_else(|| format_of(&input));
            if *format.get_or_insert(this) != this {
                let first: Format = format.unwrap_or(this);
                return Err(Error::Invalid(format!(
                    "{}: {}, where {} is {}",
                    path.display(),
                    this.name(),
                    paths[0].display(),
                    first.name()
                )));
            }
            files.push(match this {
                Format::Parquet => OneFile::Parquet(ParquetFile::open(path)?),
                _ => OneFile::Text(Box::new(text(input, this, &options)?)),
            });
        }
        let format = format.unwrap_or(Format::Csv);
        let mut source = Self {
            files,
            options,
            format,
            columns: Vec::new(),
            schema: Arc::new(Schema::empty()),
            paths,
            bytes,
        };
        source.join()?;
        source.choose()?;
        Ok(source)
    }

    /// Names and types of the columns.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// All that was told, as JSON: `format`, `files`, `bytes`, `dialect`, `columns`, `types`, `rows` where known.
    pub fn describe(&self) -> Json {
        let fields = self.schema.fields();
        let names: Vec<&str> = fields.iter().map(|field| field.name().as_str()).collect();
        let types: Vec<String> = fields.iter().map(|field| type_name(field.data_type())).collect();
        let files: Vec<String> = self.paths.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        let mut rows = Some(0);
        for file in &self.files {
            rows = match file {
                OneFile::Parquet(file) => rows.map(|rows: u64| rows.saturating_add(file.rows())),
                OneFile::Text(_) => None,
            };
        }
        json!({
            "format": self.format.name(),
            "files": files,
            "bytes": self.bytes,
            "rows": rows,
            "dialect": self.dialect(),
            "columns": names,
            "types": types,
        })
    }

    /// The dialect of the first file.
    fn dialect(&self) -> Json {
        let Some(OneFile::Text(file)) = self.files.first() else { return Json::Null };
        let mut told = json!({
            "encoding": file.encoding.name(),
            "compression": file.input.packing.name(),
        });
        if let (Lines::Csv(sniffed), Json::Object(told)) = (&file.lines, &mut told) {
            let char_of = |byte: u8| Json::from(char::from(byte).to_string());
            let marks = sniffed.dialect.marks;
            told.insert("delimiter".into(), char_of(marks.delimiter));
            told.insert("quote".into(), marks.quote.map_or(Json::Null, char_of));
            told.insert("escape".into(), sniffed.dialect.escape.or(marks.quote).map_or(Json::Null, char_of));
            told.insert("header".into(), sniffed.header.into());
            told.insert("newline".into(), char_of(marks.newline));
            told.insert("skip".into(), sniffed.skip.into());
            told.insert("nulls".into(), self.options.nulls.everywhere().into());
        }
        told
    }

    /// A stream of the rows of all files. With `wanted`, of at least the columns of these names that there are.
    pub fn reader(&self, wanted: Option<&[&str]>) -> Stream {
        let chosen: Vec<usize> = (0..self.columns.len())
            .filter(|index| wanted.is_none_or(|wanted| wanted.contains(&self.columns[*index].name.as_str())))
            .collect();
        let fields: Vec<Field> = chosen.iter().map(|index| self.schema.field(*index).clone()).collect();
        let all = chosen.len() == self.columns.len() && self.options.columns.is_none();
        Stream::new(self.clone(), chosen, Arc::new(Schema::new(fields)), !all)
    }

    /// Brings the columns of the files together by name.
    fn join(&mut self) -> Result<(), Error> {
        let mut order: Vec<Key> = Vec::new();
        let mut known: HashMap<Key, (Vec<Option<usize>>, Guess)> = HashMap::new();
        let many = self.files.len();
        for (number, file) in self.files.iter().enumerate() {
            let mut counts: HashMap<&str, usize> = HashMap::new();
            let mut here = 0;
            for (place, name) in file.names().into_iter().enumerate() {
                let count = counts.entry(name).or_default();
                let key = (name.to_owned(), *count);
                *count += 1;
                here += 1;
                let entry = known.entry(key.clone()).or_insert_with(|| {
                    order.push(key);
                    (vec![None; many], Guess::default())
                });
                entry.0[number] = Some(place);
                if let OneFile::Text(file) = file {
                    entry.1.merge(&file.guesses[place]);
                }
            }
            let same = here == order.len() && order.iter().all(|key| known[key].0[0].is_some());
            if !self.options.union && !same {
                let lacks = order.iter().find(|key| known[*key].0[number].is_none());
                let extra = order.iter().find(|key| known[*key].0[0].is_none());
                return Err(self.apart(number, lacks, extra));
            }
        }
        let mut missing = 0;
        for key in order {
            let (places, guess) = known.remove(&key).unwrap_or_default();
            let asked = self.options.types.iter().find(|(name, _)| *name == key.0).map(|(_, kind)| *kind);
            let asked = asked.or(self.options.every);
            let kind = asked.map_or_else(|| guess.finish(), |asked| guess.ordered(asked));
            if kind != Kind::Text {
                missing |= guess.missing;
            }
            self.columns.push(Known { name: key.0, kind, given: asked.is_some(), places });
        }
        self.options.nulls.adopt(missing);
        if self.format == Format::Parquet && (!self.options.types.is_empty() || self.options.every.is_some())
        {
            return Err(Error::Invalid(
                "types must not be given for Parquet files, which have their own".into(),
            ));
        }
        for (name, _) in &self.options.types {
            self.must_have("types", name)?;
        }
        let fields = self.columns.iter().map(|column| self.field(column)).collect::<Result<Vec<_>, _>>()?;
        self.schema = Arc::new(Schema::new(fields));
        Ok(())
    }

    fn apart(&self, number: usize, lacks: Option<&Key>, extra: Option<&Key>) -> Error {
        let (first, this) = (self.paths[0].display(), self.paths[number].display());
        let difference = match (lacks, extra) {
            (Some((name, _)), _) => format!("no column {name:?}, which {first} has"),
            (None, Some((name, _))) => format!("a column {name:?}, which {first} has not"),
            (None, None) => format!("other columns than {first}"),
        };
        Error::Invalid(format!("{this}: {difference}; pass union=True to take what a file lacks for null"))
    }

    fn field(&self, column: &Known) -> Result<Field, Error> {
        let mut field: Option<Field> = None;
        for (number, (file, place)) in self.files.iter().zip(&column.places).enumerate() {
            let (OneFile::Parquet(file), Some(place)) = (file, place) else { continue };
            let here = file.schema().field(*place);
            match &field {
                None => field = Some(here.clone().with_nullable(true)),
                Some(field) if field.data_type() == here.data_type() => {}
                Some(field) => {
                    return Err(Error::Invalid(format!(
                        "{}: column {:?} is {}, where it was {} in the files before",
                        self.paths[number].display(),
                        column.name,
                        type_name(here.data_type()),
                        type_name(field.data_type())
                    )));
                }
            }
        }
        Ok(field.unwrap_or_else(|| Field::new(&column.name, column.kind.data_type(), true)))
    }

    /// Keeps the columns the caller asked for, in that order.
    fn choose(&mut self) -> Result<(), Error> {
        let Some(names) = self.options.columns.clone() else { return Ok(()) };
        let (mut columns, mut fields) = (Vec::new(), Vec::new());
        for name in &names {
            self.must_have("columns", name)?;
            for (index, column) in self.columns.iter().enumerate() {
                if column.name == *name {
                    columns.push(column.clone());
                    fields.push(self.schema.field(index).clone());
                }
            }
        }
        self.columns = columns;
        self.schema = Arc::new(Schema::new(fields));
        Ok(())
    }

    fn must_have(&self, what: &str, name: &str) -> Result<(), Error> {
        if self.columns.iter().any(|column| column.name == name) {
            return Ok(());
        }
        const SHOWN: usize = 12;
        let mut list: Vec<String> =
            self.columns.iter().take(SHOWN).map(|column| format!("{:?}", column.name)).collect();
        if self.columns.len() > SHOWN {
            list.push(format!("{} more", self.columns.len() - SHOWN));
        }
        Err(Error::Invalid(format!(
            "{what}: {name:?} is not a column of {}, which has {}",
            self.paths[0].display(),
            list.join(", ")
        )))
    }
}

impl OneFile {
    fn names(&self) -> Vec<&str> {
        match self {
            Self::Text(file) => file.names.iter().map(String::as_str).collect(),
            Self::Parquet(file) => file.schema().fields().iter().map(|field| field.name().as_str()).collect(),
        }
    }
}

fn text(input: Input, format: Format, options: &Options) -> Result<TextFile, Error> {
    let mut options = options.clone();
    // Other delimiters are rare in files of that name.
    options.tabs |= options.delimiter.is_none() && ["tsv", "tab"].contains(&ending(&input).as_str());
    TextFile::open(input, format == Format::JsonLines, &options)
}

/// What follows the last dot of the name, without what compression adds, in lower case.
fn ending(input: &Input) -> String {
    let mut path = input.path.as_path();
    let ending_of = |path: &std::path::Path| {
        path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase()).unwrap_or_default()
    };
    let stem;
    if ["gz", "zst", "zstd", "gzip"].contains(&ending_of(path).as_str()) {
        stem = path.file_stem().map(PathBuf::from).unwrap_or_default();
        path = &stem;
    }
    ending_of(path)
}

/// The format the first bytes show, else the name, else delimited text.
fn format_of(input: &Input) -> Format {
    if input.magic.starts_with(b"PAR1") {
        return Format::Parquet;
    }
    match ending(input).as_str() {
        "parquet" | "pq" | "parq" => Format::Parquet,
        "jsonl" | "ndjson" | "json" | "ldjson" => Format::JsonLines,
        "csv" | "tsv" | "tab" | "txt" => Format::Csv,
        _ if input.magic.trim_ascii_start().starts_with(b"{") => Format::JsonLines,
        _ => Format::Csv,
    }
}
