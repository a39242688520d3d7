//! Sizes in words: `15.0 KiB`, `4.0/8.0 Kibit`.
#![forbid(unsafe_code)]

use super::color::Color;
use super::culture::one_decimal;
use super::paragraph::Paragraph;
use super::render::Widget;
use super::spec::{self, Fields};
use super::style::Style;
use crate::error::Error;
use std::borrow::Cow;

const PREFIXES: [&str; 9] = ["", "K", "M", "G", "T", "P", "E", "Z", "Y"];

/// How a size is written.
#[derive(Clone, Copy)]
struct Unit {
    binary: bool,
    bits: bool,
    prefix: usize,
}

impl Unit {
    fn of(fields: &mut Fields<'_, '_>, bytes: f64) -> Result<Self, Error> {
        let binary = fields.choice("base", &[("binary", true), ("decimal", false)])?.unwrap_or(true);
        let bits = fields.flag("bits", false)?;
        let base: f64 = if binary { 1024.0 } else { 1000.0 };
        let count = if bits { bytes * 8.0 } else { bytes };
        let prefix = (0..PREFIXES.len()).find(|prefix| count < base.powi(*prefix as i32 + 1));
        Ok(Self { binary, bits, prefix: prefix.unwrap_or(PREFIXES.len() - 1) })
    }

    fn digits(self, bytes: f64) -> String {
        let base: f64 = if self.binary { 1024.0 } else { 1000.0 };
        let count = if self.bits { bytes * 8.0 } else { bytes } / base.powi(self.prefix as i32);
        if self.prefix == 0 { count.trunc().to_string() } else { one_decimal(count) }
    }

    fn name(self, bytes: f64) -> String {
        let word = if self.bits { "bit" } else { "byte" };
        match (self.prefix, self.binary, self.bits) {
            (0, ..) => format!("{word}{}", if bytes == 1.0 { "" } else { "s" }),
            (prefix, true, bits) => format!("{}i{}", PREFIXES[prefix], if bits { "bit" } else { "B" }),
            (prefix, false, bits) => format!("{}{}", PREFIXES[prefix], if bits { "bit" } else { "B" }),
        }
    }
}

/// A size from 0 on.
fn amount(fields: &mut Fields<'_, '_>, name: &'static str) -> Result<f64, Error> {
    let path = fields.path;
    let value = spec::finite(fields.required(name)?, &path.field(name))?;
    if value < 0.0 { Err(path.field(name).must("0 or more", value)) } else { Ok(value) }
}

pub(super) fn build<'j>(fields: &mut Fields<'j, '_>) -> Result<Widget<'j>, Error> {
    let bytes = amount(fields, "bytes")?;
    let unit = Unit::of(fields, bytes)?;
    let text = format!("{} {}", unit.digits(bytes), unit.name(bytes));
    Ok(Widget::Text(Paragraph::plain(Cow::Owned(text), Style::PLAIN)?))
}

/// A column of a progress display, alone; so far the one that tells how much has come.
pub(super) fn column<'j>(fields: &mut Fields<'j, '_>) -> Result<Widget<'j>, Error> {
    fields.choice("column", &[("downloaded", ())])?;
    let (value, total) = (amount(fields, "value")?, amount(fields, "total")?);
    let unit = Unit::of(fields, total)?;
    let named = |name| Color::named(name).map(Style::color).unwrap_or_default();
    let (digits, name) = (unit.digits(total), unit.name(total));
    let pieces = if value >= total {
        vec![(Cow::Owned(format!("{digits} {name}")), named("green"))]
    } else {
        vec![
            (Cow::Owned(unit.digits(value)), Style::PLAIN),
            (Cow::Borrowed("/"), named("grey")),
            (Cow::Owned(digits), Style::PLAIN),
            (Cow::Owned(format!(" {name}")), named("grey")),
        ]
    };
    Ok(Widget::Text(Paragraph::of_pieces(pieces)?))
}
