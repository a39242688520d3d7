//! The frames that foreign keys refer to: each is read once, and only its keys are kept.
#![forbid(unsafe_code)]

use super::check::{References, refused};
use super::keys::{Keys, Recipe, is_narrow};
use super::plan::Node;
use super::rules::fields::nearest;
use super::rules::{Kind, Rules};
use super::set::KeySet;
use super::typing::{Scope, Typed};
use super::unify::unify;
use super::vector::Type;
use crate::error::Error;
use crate::frames::pick;
use crate::frames::uncarry;
use crate::progress::Progress;
use arrow_array::RecordBatchReader;
use arrow_schema::{DataType, Schema};

/// Another frame, by the name rules call it.
pub type Named = (String, Box<dyn RecordBatchReader + Send>);

/// For each rule that is a foreign key: how its columns become keys, and the keys they must be among.
///
/// # Errors
/// [`Error::Invalid`] for a frame or a column that is not there and types that cannot be compared, naming the rule;
/// whatever a reader fails with.
pub fn read(
    rules: &Rules,
    scope: &Scope<'_>,
    frames: Vec<Named>,
    progress: &Progress<'_>,
) -> Result<Vec<Option<(Recipe, References)>>, Error> {
    let mut found: Vec<Option<(Recipe, References)>> = rules.0.iter().map(|_| None).collect();
    let known: Vec<String> = frames.iter().map(|(name, _)| name.clone()).collect();
    for rule in &rules.0 {
        if let Kind::ForeignKey { frame, .. } = &rule.kind
            && !known.contains(frame)
        {
            let hint = nearest(frame, known.iter().map(String::as_str));
            return Err(refused(rule, &format!("frame {frame:?} was not given{hint}")));
        }
    }
    for (name, mut reader) in frames {
        let schema = reader.schema();
        let there = Scope { schema: &schema, now: scope.now };
        // Position of the rule, its recipe here, the recipe there, and the keys.
        let mut wanted: Vec<(usize, Recipe, Recipe, Keys)> = Vec::new();
        for (index, rule) in rules.0.iter().enumerate() {
            if let Kind::ForeignKey { columns, frame, references } = &rule.kind
                && *frame == name
            {
                let (here, there) =
                    recipes(scope, &there, columns, references).map_err(|what| refused(rule, &what))?;
                let none = there.none();
                wanted.push((index, here, there, none));
            }
        }
        if wanted.is_empty() {
            continue;
        }
        for batch in reader.as_mut() {
            let batch = batch.map_err(uncarry)?;
            for (_, _, recipe, keys) in &mut wanted {
                progress.poll()?;
                let (more, _) = recipe.keys(batch.columns(), 0..batch.num_rows(), None)?;
                match (keys, more) {
                    (Keys::Narrow(keys), Keys::Narrow(more)) => {
                        keys.try_reserve(more.len())?;
                        keys.extend_from_slice(&more);
                    }
                    (Keys::Wide(keys), Keys::Wide(more)) => {
                        keys.try_reserve(more.len())?;
                        keys.extend_from_slice(&more);
                    }
                    _ => {}
                }
            }
        }
        for (index, here, _, keys) in wanted {
            let references = match keys {
                Keys::Narrow(keys) => References::Narrow(KeySet::new(&keys)?),
                Keys::Wide(keys) => References::Wide(KeySet::new(&keys)?),
            };
            found[index] = Some((here, references));
        }
    }
    Ok(found)
}

/// How the columns here and those there become keys of one kind.
fn recipes(
    here: &Scope<'_>,
    there: &Scope<'_>,
    columns: &[String],
    references: &[String],
) -> Result<(Recipe, Recipe), String> {
    let mut both = (Vec::new(), Vec::new());
    let mut narrow = columns.len() == 1;
    for (column, reference) in columns.iter().zip(references) {
        let (index, kind) = here.column(column)?;
        let (place, other) = there.column(reference).map_err(|what| {
            format!("references: {}", what.replace("no column of data", "no column of the frame"))
        })?;
        let typed = |index, kind| Typed { node: Node::Column(index), kind, constant: false };
        let wrong = |what: String| format!("columns {column:?} and {reference:?}: {what}");
        if matches!(kind, Type::List | Type::Other) || matches!(other, Type::List | Type::Other) {
            return Err(wrong(format!("cannot compare {} and {}", kind.called(), other.called())));
        }
        let (one, two) = unify(typed(index, kind), typed(place, other), "compare").map_err(wrong)?;
        let unsigned = |schema: &Schema, index: usize| {
            *pick::leaf_type(schema.field(index).data_type()) == DataType::UInt64
        };
        let plain = |node: &Node| matches!(node, Node::Column(_));
        narrow &= one.kind == two.kind
            && plain(&one.node)
            && plain(&two.node)
            && is_narrow(one.kind, unsigned(here.schema, index) || unsigned(there.schema, place));
        both.0.push(one.node);
        both.1.push(two.node);
    }
    Ok((Recipe { parts: both.0, narrow }, Recipe { parts: both.1, narrow }))
}
