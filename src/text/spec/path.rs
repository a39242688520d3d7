//! Where in a spec a field is, for the message that names it.
#![forbid(unsafe_code)]

use crate::error::Error;
use std::fmt;

/// Renderables inside one another. Each level costs stack when it is rendered.
const DEEPEST: u8 = 64;

/// Where in the spec something stands; a chain on the stack, written out only for a message.
#[derive(Clone, Copy)]
pub(in crate::text) struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step<'p>,
    level: u8,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Root,
    Field(&'p str),
    Index(usize),
}

impl<'p> Path<'p> {
    pub(in crate::text) const ROOT: Path<'static> = Path { parent: None, step: Step::Root, level: 0 };

    pub(in crate::text) fn field(&'p self, name: &'p str) -> Path<'p> {
        Path { parent: Some(self), step: Step::Field(name), level: self.level }
    }

    pub(in crate::text) fn index(&'p self, index: usize) -> Path<'p> {
        Path { parent: Some(self), step: Step::Index(index), level: self.level }
    }

    /// The same place, one renderable further in.
    pub(in crate::text) fn deeper(self) -> Result<Self, Error> {
        if self.level == DEEPEST {
            return Err(self.says(format_args!("more than {DEEPEST} renderables inside one another")));
        }
        Ok(Path { level: self.level + 1, ..self })
    }

    /// An error that goes on from the path: `rows[3] must be a list, got 5`.
    pub(in crate::text) fn must(&self, rule: &str, got: impl fmt::Display) -> Error {
        Error::Invalid(format!("{self} must be {rule}, got {got}"))
    }

    /// An error in a sentence of its own: `title: Could not find color 'rde'.`
    pub(in crate::text) fn says(&self, sentence: impl fmt::Display) -> Error {
        Error::Invalid(format!("{self}: {sentence}"))
    }

    /// An error that begins with a field's name, with the way to that field before it.
    pub(in crate::text) fn prefix(&self, error: Error) -> Error {
        match (self.parent, error) {
            (Some(_), Error::Invalid(message)) => Error::Invalid(format!("{self}.{message}")),
            (_, error) => error,
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>) -> Result<bool, fmt::Error> {
        let written = match self.parent {
            Some(parent) => parent.write(f)?,
            None => false,
        };
        match self.step {
            Step::Root => return Ok(false),
            Step::Field(name) if written => write!(f, ".{name}")?,
            Step::Field(name) => f.write_str(name)?,
            Step::Index(index) if written => write!(f, "[{index}]")?,
            Step::Index(index) => write!(f, "spec[{index}]")?,
        }
        Ok(true)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.write(f)? { Ok(()) } else { f.write_str("spec") }
    }
}
