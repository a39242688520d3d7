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
