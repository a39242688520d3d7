//! Comparisons, and values that are among others.
#![forbid(unsafe_code)]

use crate::frames::validate::bits::Bits;
use crate::frames::validate::operators::EXACT;
use crate::frames::validate::plan::Comparison;
use arrow_buffer::i256;
use std::cmp::Ordering;

/// A bit for each row of two vectors.
#[inline]
fn test_two<A: Copy, B: Copy>(one: &[A], other: &[B], test: impl Fn(A, B) -> bool) -> Bits {
    match (one, other) {
        ([a], other) => Bits::from_fn(other.len(), |at| test(*a, other[at])),
        (one, [b]) => Bits::from_fn(one.len(), |at| test(one[at], *b)),
        _ => {
            let len = one.len().min(other.len());
            let (one, other) = (&one[..len], &other[..len]);
            Bits::from_fn(len, |at| test(one[at], other[at]))
        }
    }
}

/// Compares integers.
pub fn compare<T: Copy + Ord>(how: Comparison, one: &[T], other: &[T]) -> Bits {
    match how {
        Comparison::Equal => test_two(one, other, |a, b| a == b),
        Comparison::Unequal => test_two(one, other, |a, b| a != b),
        Comparison::Less => test_two(one, other, |a, b| a < b),
        Comparison::AtMost => test_two(one, other, |a, b| a <= b),
        Comparison::Greater => test_two(one, other, |a, b| a > b),
        Comparison::AtLeast => test_two(one, other, |a, b| a >= b),
    }
}

/// Compares floats; what it says of NaN means nothing.
pub fn compare_reals(how: Comparison, one: &[f64], other: &[f64]) -> Bits {
    match how {
        Comparison::Equal => test_two(one, other, |a, b| a == b),
        Comparison::Unequal => test_two(one, other, |a, b| a != b),
        Comparison::Less => test_two(one, other, |a, b| a < b),
        Comparison::AtMost => test_two(one, other, |a, b| a <= b),
        Comparison::Greater => test_two(one, other, |a, b| a > b),
        Comparison::AtLeast => test_two(one, other, |a, b| a >= b),
    }
}

/// Whether an order is what a comparison asks for.
pub fn says(how: Comparison, found: Ordering) -> bool {
    match how {
        Comparison::Equal => found.is_eq(),
        Comparison::Unequal => found.is_ne(),
        Comparison::Less => found.is_lt(),
        Comparison::AtMost => found.is_le(),
        Comparison::Greater => found.is_gt(),
        Comparison::AtLeast => found.is_ge(),
    }
}

/// Compares integers with floats, exactly.
pub fn int_and_real<T: Copy + Into<i128>>(how: Comparison, one: &[T], other: &[f64]) -> Bits {
    let small = |value: &T| (-EXACT..=EXACT).contains(&(*value).into());
    if one.iter().fold(true, |all, value| all & small(value)) {
        let floats: Vec<f64> = one.iter().map(|value| (*value).into() as f64).collect();
        return compare_reals(how, &floats, other);
    }
    test_two(one, other, |int, real| says(how, order(int.into(), real)))
}

/// Compares integers of 256 bits with floats, exactly.
pub fn huge_and_real(how: Comparison, one: &[i256], other: &[f64]) -> Bits {
    test_two(one, other, |int, real| {
        let order = match (int.to_i128(), i256::from_f64(real)) {
            (Some(int), _) => order(int, real),
            // What is beyond 128 bits is compared with a float that has no fraction, or is nearer to zero.
            (None, Some(real)) => int.cmp(&real),
            (None, None) => 0.0.partial_cmp(&real).unwrap_or(Ordering::Equal),
        };
        says(how, order)
    })
}

/// The order of an integer and a float that is a number.
pub fn order(int: i128, real: f64) -> Ordering {
    const LIMIT: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0; // 2^127
    if real >= LIMIT {
        return Ordering::Less;
    }
    if real < -LIMIT {
        return Ordering::Greater;
    }
    let whole = real.floor(); // fits, and its conversion is exact
    int.cmp(&(whole as i128)).then(if real > whole { Ordering::Less } else { Ordering::Equal })
}

/// Which values are in a sorted list.
pub fn within<T: Copy + Ord>(values: &[T], items: &[T]) -> Bits {
    match items {
        [] => Bits::zeros(values.len()),
        [one] => Bits::from_fn(values.len(), |at| values[at] == *one),
        few if few.len() <= 8 => Bits::from_fn(values.len(), |at| {
            few.iter().fold(false, |found, item| found | (values[at] == *item))
        }),
        many => Bits::from_fn(values.len(), |at| many.binary_search(&values[at]).is_ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn integers_and_floats_compare_exactly(int in any::<i64>(), steps in -3_i64..3) {
            let real = int as f64;
            let near = f64::from_bits(real.to_bits().saturating_add_signed(steps));
            prop_assume!(near.is_finite());
            // 128 bits hold every float of this size, and its fraction shows in a comparison of floats.
            let expected = i128::from(int).cmp(&(near.floor() as i128)).then(if near.fract() == 0.0 { Ordering::Equal } else { Ordering::Less });
            prop_assert_eq!(order(int.into(), near), expected);
        }
    }

    #[test]
    fn wide_integers_and_floats_compare_exactly() {
        let ten39 = i256::from_string(&format!("1{}", "0".repeat(39))).unwrap();
        let orders = |int: i256, real: f64| {
            [Comparison::Less, Comparison::Equal, Comparison::Greater]
                .map(|how| huge_and_real(how, &[int], &[real]).get(0))
        };
        assert_eq!(orders(ten39, 1e38), [false, false, true]);
        assert_eq!(orders(ten39, 1e39), [false, false, true]); // the float is 10^39 - 60,350,...
        assert_eq!(orders(i256::from_f64(1e39).unwrap(), 1e39), [false, true, false]);
        assert_eq!(orders(ten39, f64::INFINITY), [true, false, false]);
        assert_eq!(orders(i256::MIN, f64::NEG_INFINITY), [false, false, true]);
        assert_eq!(orders(i256::from_i128(3), 3.5), [true, false, false]);
    }

    #[test]
    fn no_integer_is_beyond_infinity() {
        assert_eq!(order(i128::MAX, f64::INFINITY), Ordering::Less);
        assert_eq!(order(i128::MIN, f64::NEG_INFINITY), Ordering::Greater);
        assert_eq!(order(3, 3.5), Ordering::Less);
        assert_eq!(order(-3, -3.5), Ordering::Greater);
    }
}
