//! Values of text and binary arrays taken in, a block at a time.
#![forbid(unsafe_code)]

use super::{FORMAT_EVERY, Lengths, Texts, head};
use crate::frames::pick::Pick;
use crate::frames::profile::formats::{self, EMPTY};
use crate::frames::profile::runs::Order;
use crate::frames::profile::simd_moments::{self, BLOCK};
use crate::frames::profile::table::{KEPT_BYTES, Word};
use crate::frames::profile::tally::Tally;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    BinaryType, BinaryViewType, ByteArrayType, ByteViewType, LargeBinaryType, LargeUtf8Type, StringViewType,
    Utf8Type,
};
use arrow_array::{Array, GenericByteArray, GenericByteViewArray};
use arrow_buffer::{ArrowNativeType, Buffer};
use arrow_schema::DataType;
use xxhash_rust::xxh3::xxh3_64;

impl Texts {
    /// Takes in some values of `array`, an array of text or binary, which follow those that `order` has seen.
    ///
    /// [`Texts::settle`] must follow before the array goes away.
    pub fn feed(&mut self, array: &dyn Array, pick: &Pick<'_>, order: &mut Order) {
        match array.data_type() {
            DataType::Utf8 => self.feed_offsets(array.as_bytes::<Utf8Type>(), pick, order),
            DataType::LargeUtf8 => self.feed_offsets(array.as_bytes::<LargeUtf8Type>(), pick, order),
            DataType::Binary => self.feed_offsets(array.as_bytes::<BinaryType>(), pick, order),
            DataType::LargeBinary => self.feed_offsets(array.as_bytes::<LargeBinaryType>(), pick, order),
            DataType::Utf8View => self.feed_views(array.as_byte_view::<StringViewType>(), pick, order),
            DataType::BinaryView => self.feed_views(array.as_byte_view::<BinaryViewType>(), pick, order),
            _ => {
                let array = array.as_fixed_size_binary();
                self.block(pick, |place| array.value(place), false, order);
            }
        }
    }

    /// Copies what is only known by its place in `array`.
    pub fn settle(&mut self, array: &dyn Array) {
        if let Tally::Many(many) = &mut self.tally {
            many.heavy.settle(|place| value(array, place));
        }
    }

    /// Takes in the values of `array` as often as `times` says, place by place.
    pub fn feed_counted(&mut self, array: &dyn Array, times: &[u32]) {
        for (place, times) in times.iter().enumerate().filter(|(_, times)| **times > 0) {
            let (value, times) = (value(array, place), u64::from(*times));
            let hash = xxh3_64(value);
            let known = match &mut self.tally {
                Tally::Few(table) => table.bump(hash, times),
                Tally::Many(_) => false,
            };
            if !known {
                let word = self.word(value);
                self.widen(value, head(value));
                self.seen += times;
                match &mut self.tally {
                    Tally::Few(table) => table.insert_word(hash, times, &word),
                    Tally::Many(many) => {
                        many.registers.add(hash);
                        many.heavy.add_value(hash, times, &word.bytes[..word.bytes.len().min(KEPT_BYTES)]);
                        self.looks.word(&word, times);
                    }
                }
                if times > 1 {
                    self.hashes = None;
                } else if let Some(hashes) = &mut self.hashes {
                    hashes.push(hash);
                }
            }
        }
        self.spill_if_full();
    }

    pub(super) fn word<'v>(&self, value: &'v [u8]) -> Word<'v> {
        match self.characters {
            true => Word { bytes: value, length: characters(value) as u64, format: formats::of(value) },
            false => Word {
                bytes: value,
                length: value.len() as u64,
                format: if value.is_empty() { EMPTY } else { 0 },
            },
        }
    }

    fn feed_offsets<T: ByteArrayType>(
        &mut self,
        array: &GenericByteArray<T>,
        pick: &Pick<'_>,
        order: &mut Order,
    ) {
        let (offsets, data) = (array.value_offsets(), array.value_data());
        // One look at the whole block spares a count of characters for every value.
        let ascii = match pick {
            Pick::Range(range) if !self.tally.is_exact() => {
                data[offsets[range.start].as_usize()..offsets[range.end].as_usize()].is_ascii()
            }
            _ => false,
        };
        self.block(pick, |place| between(offsets, data, place), ascii, order);
    }

    fn feed_views<T: ByteViewType + ?Sized>(
        &mut self,
        array: &GenericByteViewArray<T>,
        pick: &Pick<'_>,
        order: &mut Order,
    ) {
        let (views, buffers) = (array.views(), array.data_buffers());
        let value = |place: usize| viewed(views, buffers, place);
        self.block(pick, value, false, order);
    }

    fn block<'v>(
        &mut self,
        pick: &Pick<'_>,
        value: impl Fn(usize) -> &'v [u8] + Copy,
        ascii: bool,
        order: &mut Order,
    ) {
        let mut hashes = [0_u64; BLOCK];
        let hashes = &mut hashes[..pick.len()];
        match pick {
            Pick::Range(range) => {
                let start = range.start;
                hashes.iter_mut().enumerate().for_each(|(at, hash)| *hash = xxh3_64(value(start + at)));
                self.block_of(hashes, |at| start + at, value, ascii, order);
            }
            Pick::Places(places) => {
                hashes.iter_mut().zip(*places).for_each(|(hash, place)| *hash = xxh3_64(value(*place)));
                self.block_of(hashes, |at| places[at], value, ascii, order);
            }
        }
    }

    #[inline]
    fn block_of<'v>(
        &mut self,
        hashes: &[u64],
        place: impl Fn(usize) -> usize,
        value: impl Fn(usize) -> &'v [u8],
        ascii: bool,
        order: &mut Order,
    ) {
        in_order(order, hashes, |at| value(place(at)));
        if let Tally::Few(table) = &mut self.tally {
            let mut fresh = [0_u16; BLOCK];
            let mut count = 0;
            for (at, hash) in hashes.iter().enumerate() {
                fresh[count] = at as u16;
                count += usize::from(!table.bump(*hash, 1));
            }
            for at in &fresh[..count] {
                let at = usize::from(*at);
                let (hash, value) = (hashes[at], value(place(at)));
                // Twice in this block: the second time it is there.
                let Tally::Few(table) = &mut self.tally else { return };
                if !table.bump(hash, 1) {
                    let word = self.word(value);
                    let Tally::Few(table) = &mut self.tally else { return };
                    table.insert_word(hash, 1, &word);
                    self.widen(value, head(value));
                }
            }
            self.spill_if_full();
            return;
        }
        let Tally::Many(many) = &mut self.tally else { return };
        let (mut shortest, mut longest, mut total) = (u64::MAX, 0, 0_u64);
        let (mut empty, mut blank) = (0, 0);
        for (at, hash) in hashes.iter().enumerate() {
            many.registers.add(*hash);
            many.heavy.add_at(*hash, place(at));
        }
        if let Some(kept) = &mut self.hashes {
            kept.extend_from_slice(hashes);
        }
        for at in 0..hashes.len() {
            let value = value(place(at));
            let length = if ascii || !self.characters { value.len() } else { characters(value) } as u64;
            (shortest, longest, total) = (shortest.min(length), longest.max(length), total + length);
            empty += u64::from(length == 0);
            blank += u64::from(self.characters && formats::is_blank(value));
            self.seen += 1;
            if self.seen.is_multiple_of(FORMAT_EVERY) && self.characters {
                self.looks.formats[usize::from(formats::of(value))] += FORMAT_EVERY;
            }
            let head = head(value);
            match &self.range {
                Some((min, max)) if min.head < head && head < max.head => {}
                _ => self.widen(value, head),
            }
        }
        let lengths =
            Lengths { count: hashes.len() as u64, min: shortest, max: longest, total: u128::from(total) };
        self.looks.lengths.merge(&lengths);
        self.looks.empty += empty;
        self.looks.blank += blank;
    }
}

/// Joins the order of some texts, whose hashes are there already.
pub fn in_order<'v>(order: &mut Order, hashes: &[u64], value: impl Fn(usize) -> &'v [u8]) {
    let (_, equal) = simd_moments::order(hashes);
    let mut piece = Order::of(hashes, 0, equal, |hash| hash);
    (piece.rises, piece.falls) = (order.rises, order.falls);
    let mut before = if order.undecided() { value(0) } else { &[] };
    for at in 1..hashes.len() {
        if !piece.undecided() {
            break;
        }
        let next = value(at);
        match before.cmp(next) {
            std::cmp::Ordering::Less => piece.falls = false,
            std::cmp::Ordering::Greater => piece.rises = false,
            std::cmp::Ordering::Equal => {}
        }
        before = next;
    }
    if piece.undecided() {
        piece.first.text = value(0).to_vec();
        piece.last.text = before.to_vec();
    }
    order.join(&piece, true);
}

/// A value of an array of text or binary. Every look is within bounds, whatever a producer has done to its buffers since
/// they were checked.
///
/// # Panics
/// When they were changed; and for a null row of views, which may hold anything.
pub fn value(array: &dyn Array, place: usize) -> &[u8] {
    fn plain<T: ByteArrayType>(array: &dyn Array, place: usize) -> &[u8] {
        let array = array.as_bytes::<T>();
        between(array.value_offsets(), array.value_data(), place)
    }
    fn view<T: ByteViewType>(array: &dyn Array, place: usize) -> &[u8] {
        let array = array.as_byte_view::<T>();
        viewed(array.views(), array.data_buffers(), place)
    }
    match array.data_type() {
        DataType::Utf8 => plain::<Utf8Type>(array, place),
        DataType::LargeUtf8 => plain::<LargeUtf8Type>(array, place),
        DataType::Binary => plain::<BinaryType>(array, place),
        DataType::LargeBinary => plain::<LargeBinaryType>(array, place),
        DataType::Utf8View => view::<StringViewType>(array, place),
        DataType::BinaryView => view::<BinaryViewType>(array, place),
        _ => array.as_fixed_size_binary().value(place),
    }
}

/// The bytes between two offsets.
#[inline]
pub fn between<'a, T: ArrowNativeType>(offsets: &[T], data: &'a [u8], place: usize) -> &'a [u8] {
    &data[offsets[place].as_usize()..offsets[place + 1].as_usize()]
}

/// The bytes of a view, in itself or in one of the buffers.
#[inline]
pub fn viewed<'a>(views: &'a [u128], buffers: &'a [Buffer], place: usize) -> &'a [u8] {
    let view = &views[place];
    let length = *view as u32 as usize;
    if length <= 12 {
        &bytes_of(view)[4..4 + length]
    } else {
        let (buffer, start) = ((view >> 64) as u32 as usize, (view >> 96) as u32 as usize);
        &buffers[buffer][start..start + length]
    }
}

/// The bytes of a view, the first one first on every machine Arrow is read on.
#[inline]
fn bytes_of(view: &u128) -> &[u8] {
    const _: () = assert!(cfg!(target_endian = "little"), "views are read where they lie");
    arrow_buffer::ToByteSlice::to_byte_slice(view)
}

/// Characters of UTF-8 text: bytes that do not continue one.
#[inline]
pub(super) fn characters(value: &[u8]) -> usize {
    value.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}
