//! Which columns a reader gives, and where a file has them.
#![forbid(unsafe_code)]

use super::cells::{Cells, Escapes};
use super::column::{Builder, Misfit, Reading};
use super::kind::Kind;
use super::nulls::Nulls;
use super::windows::Trouble;
use crate::frames::types::type_name;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use arrow_schema::SchemaRef;
use std::ops::Range;

/// One column of the result.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Its name.
    pub name: String,
    /// Where the file has it; nowhere when all of it is null.
    pub place: Option<usize>,
    /// How its values are read.
    pub kind: Kind,
    /// The caller chose the type.
    pub given: bool,
}

/// What to make of the rows of a text file.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The columns of the result.
    pub columns: Vec<Planned>,
    /// Their names and types.
    pub schema: SchemaRef,
    /// What escapes mean.
    pub escapes: Escapes,
    /// What is null.
    pub nulls: Nulls,
    /// Columns of the file.
    pub width: usize,
}

/// The columns of one piece of a file under construction.
pub struct Building<'a> {
    plan: &'a Plan,
    builders: Vec<Option<Builder>>,
    rows: usize,
}

impl<'a> Building<'a> {
    /// Nothing yet.
    pub fn new(plan: &'a Plan) -> Self {
        let builders =
            plan.columns.iter().map(|column| column.place.map(|_| Builder::new(column.kind, column.given)));
        Self { plan, builders: builders.collect(), rows: 0 }
    }

    /// Appends rows.
    pub fn extend(&mut self, cells: &impl Cells, buffer: &[u8]) -> Result<(), Trouble> {
        let reading = Reading { buffer, escapes: self.plan.escapes, nulls: &self.plan.nulls };
        for (builder, column) in self.builders.iter_mut().zip(&self.plan.columns) {
            if let (Some(builder), Some(place)) = (builder, column.place) {
                builder.extend(cells, place, reading).map_err(|misfit| misfitting(buffer, misfit, column))?;
            }
        }
        self.rows += cells.rows();
        Ok(())
    }

    /// States the rows, which cells without columns cannot.
    pub fn set_rows(&mut self, rows: usize) {
        self.rows = rows;
    }

    /// The batch that the rows in `range` of `buffer` came to.
    pub fn finish(self, buffer: &[u8], range: Range<usize>) -> Result<RecordBatch, Trouble> {
        let Self { plan, builders, rows } = self;
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(builders.len());
        for (builder, column) in builders.into_iter().zip(&plan.columns) {
            columns.push(match builder {
                None => new_null_array(&column.kind.data_type(), rows),
                Some(builder) => {
                    builder.finish().ok_or_else(|| not_utf8(buffer, range.clone(), &column.name))?
                }
            });
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(plan.schema.clone(), columns, &options)
            .map_err(|error| Trouble::Failed(crate::frames::uncarry(error)))
    }
}

fn misfitting(buffer: &[u8], misfit: Misfit, column: &Planned) -> Trouble {
    let kind = type_name(&column.kind.data_type());
    let advice = if column.given {
        "as types= says it is".to_owned()
    } else {
        format!(
            "as those looked at are; pass types={{{:?}: \"string\"}}, or sample=None to look at all of them first",
            column.name
        )
    };
    let text = shown(&buffer[misfit.start..misfit.end]);
    Trouble::At(misfit.start, format!("column {:?} has {text}, which is no {kind}, {advice}", column.name))
}

/// A value as messages show it.
pub fn shown(text: &[u8]) -> String {
    const MOST: usize = 60;
    let text = String::from_utf8_lossy(&text[..text.len().min(MOST * 4)]).into_owned();
    if text.chars().count() <= MOST {
        return format!("{text:?}");
    }
    format!("{:?}...", text.chars().take(MOST).collect::<String>())
}

fn not_utf8(buffer: &[u8], range: Range<usize>, name: &str) -> Trouble {
    let valid = match std::str::from_utf8(&buffer[range.clone()]) {
        Ok(_) => 0, // an escape made it so
        Err(error) => error.valid_up_to(),
    };
    let advice = "pass encoding=\"cp1252\" or whatever it is";
    Trouble::At(range.start + valid, format!("text that is not UTF-8, column {name:?} among it; {advice}"))
}
