//! Types as people name them.
#![forbid(unsafe_code)]

use arrow_schema::DataType;

/// The family a type belongs to.
pub fn kind(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Null => "null",
        DataType::Boolean => "boolean",
        DataType::Float16 | DataType::Float32 | DataType::Float64 => "float",
        DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => "decimal",
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text",
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            "binary"
        }
        DataType::Date32 | DataType::Date64 => "date",
        DataType::Time32(_) | DataType::Time64(_) => "time",
        DataType::Timestamp(..) => "timestamp",
        DataType::Duration(_) => "duration",
        DataType::Interval(_) => "interval",
        DataType::Struct(_) => "struct",
        DataType::Map(..) => "map",
        DataType::Union(..) => "union",
        DataType::List(_)
        | DataType::LargeList(_)
        | DataType::ListView(_)
        | DataType::LargeListView(_)
        | DataType::FixedSizeList(..) => "list",
        DataType::Dictionary(_, values) => kind(values),
        DataType::RunEndEncoded(_, values) => kind(values.data_type()),
        _ => "integer",
    }
}

/// The families.
pub const KINDS: [&str; 16] = [
    "null",
    "boolean",
    "integer",
    "float",
    "decimal",
    "text",
    "binary",
    "date",
    "time",
    "timestamp",
    "duration",
    "interval",
    "list",
    "struct",
    "map",
    "union",
];

/// Types whose name is one word.
pub const PLAIN: [&str; 20] = [
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float16",
    "float32",
    "float64",
    "string",
    "large_string",
    "string_view",
    "binary",
    "large_binary",
    "binary_view",
    "date32",
    "date64",
];

/// Whether [`kind`] or [`type_name`] could say so. Of a type with parameters only the word before them is looked at.
pub fn is_known(name: &str) -> bool {
    const WITH: [(&str, char, &[&str]); 3] = [
        ("[", ']', &["fixed_size_binary", "time32", "time64", "timestamp", "duration", "interval"]),
        ("(", ')', &["decimal32", "decimal64", "decimal128", "decimal256"]),
        (
            "<",
            '>',
            &[
                "list",
                "large_list",
                "list_view",
                "large_list_view",
                "fixed_size_list",
                "struct",
                "map",
                "union",
                "dictionary",
                "run_end_encoded",
            ],
        ),
    ];
    let with = |(open, close, words): &(&str, char, &[&str])| {
        name.split_once(open).is_some_and(|(word, rest)| {
            words.contains(&word)
                && (rest.ends_with(*close) || (word == "fixed_size_list" && rest.ends_with(']')))
        })
    };
    KINDS.contains(&name) || PLAIN.contains(&name) || WITH.iter().any(with)
}

/// The type as Arrow's own documentation and pyarrow spell it, with NumPy's names for numbers.
pub fn type_name(data_type: &DataType) -> String {
    let unit = |unit: &arrow_schema::TimeUnit| match unit {
        arrow_schema::TimeUnit::Second => "s",
        arrow_schema::TimeUnit::Millisecond => "ms",
        arrow_schema::TimeUnit::Microsecond => "us",
        arrow_schema::TimeUnit::Nanosecond => "ns",
    };
    match data_type {
        DataType::Boolean => "bool".to_owned(),
        DataType::Utf8 => "string".to_owned(),
        DataType::LargeUtf8 => "large_string".to_owned(),
        DataType::Utf8View => "string_view".to_owned(),
        DataType::LargeBinary => "large_binary".to_owned(),
        DataType::BinaryView => "binary_view".to_owned(),
        DataType::FixedSizeBinary(size) => format!("fixed_size_binary[{size}]"),
        DataType::Time32(of) => format!("time32[{}]", unit(of)),
        DataType::Time64(of) => format!("time64[{}]", unit(of)),
        DataType::Timestamp(of, None) => format!("timestamp[{}]", unit(of)),
        DataType::Timestamp(of, Some(zone)) => format!("timestamp[{}, tz={zone}]", unit(of)),
        DataType::Duration(of) => format!("duration[{}]", unit(of)),
        DataType::Interval(of) => format!("interval[{}]", format!("{of:?}").to_lowercase()),
        DataType::Decimal32(p, s) => format!("decimal32({p}, {s})"),
        DataType::Decimal64(p, s) => format!("decimal64({p}, {s})"),
        DataType::Decimal128(p, s) => format!("decimal128({p}, {s})"),
        DataType::Decimal256(p, s) => format!("decimal256({p}, {s})"),
        DataType::List(item) => format!("list<{}>", type_name(item.data_type())),
        DataType::LargeList(item) => format!("large_list<{}>", type_name(item.data_type())),
        DataType::ListView(item) => format!("list_view<{}>", type_name(item.data_type())),
        DataType::LargeListView(item) => format!("large_list_view<{}>", type_name(item.data_type())),
        DataType::FixedSizeList(item, size) => {
            format!("fixed_size_list<{}>[{size}]", type_name(item.data_type()))
        }
        DataType::Struct(fields) => {
            let fields =
                fields.iter().map(|field| format!("{}: {}", field.name(), type_name(field.data_type())));
            format!("struct<{}>", fields.collect::<Vec<_>>().join(", "))
        }
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(pair) if pair.len() == 2 => {
                format!("map<{}, {}>", type_name(pair[0].data_type()), type_name(pair[1].data_type()))
            }
            other => format!("map<{}>", type_name(other)),
        },
        DataType::Union(fields, _) => {
            let fields = fields.iter().map(|(_, field)| type_name(field.data_type()));
            format!("union<{}>", fields.collect::<Vec<_>>().join(", "))
        }
        DataType::Dictionary(keys, values) => {
            format!("dictionary<{}, {}>", type_name(keys), type_name(values))
        }
        DataType::RunEndEncoded(ends, values) => {
            format!("run_end_encoded<{}, {}>", type_name(ends.data_type()), type_name(values.data_type()))
        }
        plain => format!("{plain:?}").to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_schema::{Field, TimeUnit};
    use std::sync::Arc;

    #[test]
    fn what_types_are_called_is_known() {
        let item = || Arc::new(Field::new("item", DataType::Int8, true));
        let of = [
            DataType::Null,
            DataType::Boolean,
            DataType::UInt16,
            DataType::Float16,
            DataType::BinaryView,
            DataType::Date64,
            DataType::Time32(TimeUnit::Second),
            DataType::Timestamp(TimeUnit::Nanosecond, Some("Europe/Zurich".into())),
            DataType::Interval(arrow_schema::IntervalUnit::MonthDayNano),
            DataType::Decimal256(70, -2),
            DataType::FixedSizeBinary(3),
            DataType::FixedSizeList(item(), 2),
            DataType::LargeListView(item()),
            DataType::Struct(vec![item()].into()),
            DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8)),
        ];
        for data_type in of {
            assert!(is_known(&type_name(&data_type)) && is_known(kind(&data_type)), "{data_type}");
        }
        for wrong in ["integerr", "", "int", "decimal128", "list<int8", "Int64", "timestamps[us]"] {
            assert!(!is_known(wrong), "{wrong}");
        }
    }
}
