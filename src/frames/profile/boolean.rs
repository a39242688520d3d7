//! Truth values of a column, summed up.
#![forbid(unsafe_code)]

use super::moments::Moments;
use super::runs::Order;
use super::simd_moments::{self, BLOCK};
use crate::frames::pick::Pick;
use crate::frames::value::Value;
use arrow_array::BooleanArray;

/// How often each of the two came.
#[derive(Clone, Debug, Default)]
pub struct Booleans {
    /// How often true.
    pub yes: u64,
    /// How often false.
    pub no: u64,
}

impl Booleans {
    /// Takes in some values of `array`, which follow those that `order` has seen.
    pub fn feed(&mut self, array: &BooleanArray, pick: &Pick<'_>, order: &mut Order) {
        let mut bytes = [0_u8; BLOCK];
        let mut at = 0;
        pick.each(|place| {
            bytes[at] = u8::from(array.value(place));
            at += 1;
        });
        let (below, equal) = simd_moments::order(&bytes[..at]);
        order.join(&Order::of(&bytes[..at], below, equal, u64::from), false);
        let yes = match pick {
            Pick::Range(range) => array.values().slice(range.start, range.len()).count_set_bits(),
            Pick::Places(places) => places.iter().filter(|place| array.value(**place)).count(),
        };
        self.yes += yes as u64;
        self.no += (pick.len() - yes) as u64;
    }

    /// Takes in what another part of the column came to.
    pub fn merge(&mut self, other: &Self) {
        self.yes += other.yes;
        self.no += other.no;
    }

    /// Number of values.
    pub fn count(&self) -> u64 {
        self.yes + self.no
    }

    /// 0, 1 or 2.
    pub fn distinct(&self) -> u64 {
        u64::from(self.yes > 0) + u64::from(self.no > 0)
    }

    /// Smallest and largest, false below true.
    pub fn range(&self) -> (Value, Value) {
        match self.count() {
            0 => (Value::None, Value::None),
            _ => (Value::Bool(self.no == 0), Value::Bool(self.yes > 0)),
        }
    }

    /// Share of true.
    pub fn mean(&self) -> Option<f64> {
        (self.count() > 0).then(|| self.yes as f64 / self.count() as f64)
    }

    /// Spread and shape of ones and zeros.
    pub fn moments(&self) -> Moments {
        let one = |count, mean| Moments { count, mean, ..Moments::default() };
        let mut all = one(self.no, 0.0);
        all.join(one(self.yes, 1.0), 0.0);
        all
    }

    /// Sample standard deviation of ones and zeros.
    pub fn std(&self) -> Option<f64> {
        let (yes, no) = (self.yes as f64, self.no as f64);
        (self.count() > 1).then(|| (yes / (yes + no) * (no / (yes + no - 1.0))).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_picking_agree() {
        let array = BooleanArray::from(vec![true, false, true, true]);
        let (mut range, mut places) = (Booleans::default(), Booleans::default());
        range.feed(&array, &Pick::Range(0..4), &mut Order::default());
        places.feed(&array, &Pick::Places(&[0, 1]), &mut Order::default());
        places.merge(&{
            let mut rest = Booleans::default();
            rest.feed(&array, &Pick::Places(&[2, 3]), &mut Order::default());
            rest
        });
        for all in [range, places] {
            assert_eq!((all.count(), all.distinct(), all.mean(), all.std()), (4, 2, Some(0.75), Some(0.5)));
            assert_eq!(all.range(), (Value::Bool(false), Value::Bool(true)));
        }
    }
}
