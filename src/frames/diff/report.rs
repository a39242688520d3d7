//! What a comparison found, as JSON.
#![forbid(unsafe_code)]

use super::side::Place;
use super::spell::spell;
use super::{Diff, Shared};
use crate::frames::types::type_name;
use arrow_schema::Schema;
use serde_json::{Map, Value as Json, json};

/// Rows of each part that a report shows.
const EXAMPLES: usize = 5;

impl Diff {
    /// Whether both tables have the same rows, as often each, and the same columns; their types and order may differ.
    pub fn equal(&self) -> bool {
        let rows = self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty();
        rows && self.only(false).is_empty() && self.only(true).is_empty()
    }

    /// The report. `counts` are of rows, `columns` says in how many changed rows a column differs.
    pub fn json(&self) -> String {
        let key = self.key.as_ref().map(|key| key.iter().map(|column| &column.name).collect::<Vec<_>>());
        let differing = self.compared.iter().zip(&self.differing);
        let columns: Map<String, Json> =
            differing.map(|(column, count)| (column.name.clone(), (*count).into())).collect();
        let (old, new) = (&self.old.schema, &self.new.schema);
        let shared = self.key.iter().flatten().chain(&self.compared);
        let retyped = shared.filter_map(|column| {
            let (before, after) = (old.field(column.old).data_type(), new.field(column.new).data_type());
            let (before, after) = (type_name(before), type_name(after));
            (before != after).then(|| json!({"name": column.name, "old": before, "new": after}))
        });
        json!({
            "equal": self.equal(),
            "key": key,
            "counts": {
                "old": self.old.rows,
                "new": self.new.rows,
                "unchanged": self.unchanged,
                "changed": self.changed.len(),
                "added": self.added.len(),
                "removed": self.removed.len(),
                "repeated_keys_old": self.key.as_ref().map(|_| self.repeated.0),
                "repeated_keys_new": self.key.as_ref().map(|_| self.repeated.1),
                "null_keys_old": self.key.as_ref().map(|_| self.null_keys.0),
                "null_keys_new": self.key.as_ref().map(|_| self.null_keys.1),
            },
            "columns": columns,
            "schema": {
                "added": fields(new, &self.only(true)),
                "removed": fields(old, &self.only(false)),
                "retyped": retyped.collect::<Vec<_>>(),
            },
            "examples": {
                "changed": (0..self.changed.len().min(EXAMPLES)).map(|pair| self.pair(pair)).collect::<Vec<_>>(),
                "added": self.examples(&self.added, new, &self.shown.1),
                "removed": self.examples(&self.removed, old, &self.shown.0),
            },
        })
        .to_string()
    }

    /// Columns that only one of the tables has.
    fn only(&self, new: bool) -> Vec<usize> {
        let (own, other, shown) = match new {
            true => (&self.new.schema, &self.old.schema, &self.shown.1),
            false => (&self.old.schema, &self.new.schema, &self.shown.0),
        };
        shown.iter().copied().filter(|at| other.index_of(own.field(*at).name()).is_err()).collect()
    }

    fn value(&self, place: Place, column: usize) -> Json {
        spell(self.batches[place.batch as usize].column(column).as_ref(), place.row as usize)
    }

    fn examples(&self, places: &[Place], schema: &Schema, shown: &[usize]) -> Vec<Json> {
        let row = |place: &Place| -> Json {
            let values = shown.iter().map(|at| (schema.field(*at).name().clone(), self.value(*place, *at)));
            Json::Object(values.collect::<Map<_, _>>())
        };
        places.iter().take(EXAMPLES).map(row).collect()
    }

    fn pair(&self, pair: usize) -> Json {
        let (old, new) = self.changed[pair];
        let key = self.key.iter().flatten();
        let key: Map<String, Json> =
            key.map(|column: &Shared| (column.name.clone(), self.value(new, column.new))).collect();
        let columns = self.compared.iter().enumerate().filter(|(at, _)| self.differs(pair, *at));
        let columns: Map<String, Json> = columns
            .map(|(_, column)| {
                (column.name.clone(), json!([self.value(old, column.old), self.value(new, column.new)]))
            })
            .collect();
        json!({"key": key, "columns": columns})
    }
}

fn fields(schema: &Schema, places: &[usize]) -> Vec<Json> {
    let field = |at: &usize| {
        let field = schema.field(*at);
        json!({"name": field.name(), "type": type_name(field.data_type())})
    };
    places.iter().map(field).collect()
}
