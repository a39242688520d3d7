//! Rules about a table, checked in one pass over its batches, or piece by piece.
#![forbid(unsafe_code)]

pub mod ast;
pub mod bind;
pub mod bits;
pub mod check;
pub mod duration;
pub mod evaluate;
pub mod expression;
pub mod foreign;
pub mod found;
pub mod functions;
pub mod held_bytes;
pub mod html;
pub mod junit;
pub mod kernels;
pub mod keys;
pub mod layouts;
pub mod lexer;
pub mod load;
pub mod mask;
pub mod membership;
pub mod node;
pub mod operators;
pub mod order;
pub mod packed;
pub mod pattern;
pub mod plan;
pub mod report;
pub mod rules;
pub mod runs;
pub mod sample;
pub mod set;
pub mod state;
pub mod suggest;
pub mod typing;
pub mod unify;
pub mod unique;
pub mod validation;
pub mod vector;

use crate::error::Error;
use crate::progress::Progress;
use arrow_array::RecordBatchReader;
use report::Report;
use rules::Rules;
use validation::{Custom, Validation};

/// Checks `rules` against what `reader` gives, as one piece; see [`Validation::of`].
///
/// # Errors
/// Those of [`Validation::of`].
pub fn validate(
    reader: &mut dyn RecordBatchReader,
    rules: &Rules,
    frames: Vec<foreign::Named>,
    custom: Option<&mut Custom<'_>>,
    progress: &Progress<'_>,
) -> Result<Report, Error> {
    let report = Validation::read(reader, rules, frames, custom, None, progress)?.into_report(progress)?;
    progress.finish()?;
    Ok(report)
}
