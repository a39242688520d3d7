//! What a rule holds beyond counts and failing rows, as a part of a state's bytes.
#![forbid(unsafe_code)]

use super::bits::Bits;
use super::found::{Ends, Held};
use super::keys::Keys;
use super::mask::{Mask, ROWS};
use super::order::Owned;
use super::packed;
use super::plan::Comparison;
use super::runs;
use super::unique::Piece;
use crate::error::Error;
use crate::frames::envelope::{Reader, Writer};
use arrow_buffer::i256;
use std::sync::Arc;

/// Forms of what is held.
const NOTHING: u8 = 0;
const NUMBERS: u8 = 1;
const HASHES: u8 = 2;
const ORDER: u8 = 3;
const NEWEST: u8 = 4;
const SETTLED: u8 = 5;

/// The ways values may have to follow one another.
const ORDERS: [Comparison; 4] =
    [Comparison::AtLeast, Comparison::Greater, Comparison::AtMost, Comparison::Less];

/// Writes what is held.
///
/// # Errors
/// [`Error::Memory`].
pub fn write(to: &mut Writer, held: &Held) -> Result<(), Error> {
    match held {
        Held::Nothing => to.byte(NOTHING),
        Held::Keys(pieces) => {
            let narrow = pieces.first().is_none_or(|piece| piece.keys.is_narrow());
            to.byte(if narrow { NUMBERS } else { HASHES });
            let mut having = Mask::default();
            for piece in pieces {
                match &piece.having {
                    None => having.put(piece.first, &Bits::ones(piece.keys.len()))?,
                    Some(bits) => having.put(piece.first, bits)?,
                }
            }
            runs::write(to, &having);
            let keys: Vec<&Keys> = pieces.iter().map(|piece| piece.keys.as_ref()).collect();
            packed::write_keys(to, narrow, &keys);
        }
        Held::Order(how, ends) => {
            to.byte(ORDER);
            to.byte(ORDERS.iter().position(|order| order == how).unwrap_or(0) as u8);
            to.option(ends.as_ref(), |to, ends| {
                to.count(ends.row);
                owned(to, &ends.first);
                owned(to, &ends.last);
            });
        }
        Held::Newest(newest) => {
            to.byte(NEWEST);
            to.option(*newest, Writer::wide);
        }
        Held::Settled { holds, said, is_null } => {
            to.byte(SETTLED);
            to.byte(u8::from(*holds));
            to.byte(u8::from(*is_null));
            to.bytes(said.as_bytes());
        }
    }
    Ok(())
}

fn owned(to: &mut Writer, value: &Owned) {
    match value {
        Owned::Int(value) => {
            to.byte(0);
            to.wide(*value);
        }
        Owned::Float(value) => {
            to.byte(1);
            to.real(*value);
        }
        Owned::Text(bytes) => {
            to.byte(2);
            to.bytes(bytes);
        }
        Owned::Huge(value) => {
            let (low, high) = value.to_parts();
            to.byte(3);
            to.wide(low as i128);
            to.wide(high);
        }
    }
}

/// What a rule of this kind holds, after looking at `checked` of so many rows; none where that cannot be. `span` is as
/// of [`runs::read`].
///
/// # Errors
/// [`Error::Memory`].
pub fn read(
    from: &mut Reader<'_>,
    kind: &str,
    rows: u64,
    checked: u64,
    span: &mut u64,
) -> Result<Option<Held>, Error> {
    let Some(form) = from.byte() else { return Ok(None) };
    let expected = match kind {
        "unique" => form == NUMBERS || form == HASHES,
        "monotonic" => form == ORDER,
        "freshness" => form == NEWEST,
        "type" => form == SETTLED,
        _ => form == NOTHING,
    };
    if !expected {
        return Ok(None);
    }
    if form != NUMBERS && form != HASHES {
        return Ok(plain(from, form, rows, checked));
    }
    let Some(having) = runs::read(from, rows, span)? else { return Ok(None) };
    let Some(keys) = packed::read_keys(from, form == NUMBERS)? else { return Ok(None) };
    if keys.len() as u64 != checked || having.count() != checked {
        return Ok(None);
    }
    Ok(pieces(&having, &keys).map(Held::Keys))
}

/// What is held of anything but keys.
fn plain(from: &mut Reader<'_>, form: u8, rows: u64, checked: u64) -> Option<Held> {
    let held = match form {
        NOTHING => Held::Nothing,
        ORDER => {
            let how = *ORDERS.get(usize::from(from.byte()?))?;
            let ends = from.option(|from| {
                let row = from.count().filter(|row| *row < rows)?;
                Some(Ends { row, first: read_owned(from)?, last: read_owned(from)? })
            })?;
            Held::Order(how, ends)
        }
        NEWEST => Held::Newest(from.option(Reader::wide)?),
        _ => {
            let (holds, is_null) = (from.truth()?, from.truth()?);
            Held::Settled { holds, said: from.text()?.to_owned(), is_null }
        }
    };
    // Values that were looked at leave an end, or a newest.
    let looked = match &held {
        Held::Order(_, ends) => ends.is_some() == (checked > 0),
        Held::Newest(newest) => newest.is_some() == (checked > 0),
        _ => true,
    };
    looked.then_some(held)
}

fn read_owned(from: &mut Reader<'_>) -> Option<Owned> {
    Some(match from.byte()? {
        0 => Owned::Int(from.wide()?),
        1 => Owned::Float(from.real()?),
        2 => Owned::Text(from.bytes()?.to_vec()),
        3 => {
            let low = from.wide()? as u128;
            Owned::Huge(i256::from_parts(low, from.wide()?))
        }
        _ => return None,
    })
}

/// Keys with their rows, a piece for each chunk of the mask; there are as many keys as rows.
fn pieces(having: &Mask, keys: &Keys) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut next = 0;
    for (index, words) in having.chunks() {
        let count: usize = words.iter().map(|word| word.count_ones() as usize).sum();
        let end = next + count;
        let part = match keys {
            Keys::Narrow(keys) => keys.get(next..end).map(|keys| Keys::Narrow(keys.to_vec())),
            Keys::Wide(keys) => keys.get(next..end).map(|keys| Keys::Wide(keys.to_vec())),
        };
        let part = part?;
        let len = words.iter().rposition(|word| *word != 0).map_or(0, |last| (last + 1) * 64);
        let bits = (count < len).then(|| Bits::from_fn(len, |at| words[at / 64] >> (at % 64) & 1 == 1));
        pieces.push(Piece { first: index * ROWS, keys: Arc::new(part), having: bits.map(Arc::new) });
        next = end;
    }
    Some(pieces)
}
