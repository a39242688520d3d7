//! Borrowed n-dimensional arrays of any strides.
#![forbid(unsafe_code)]

use half::f16;

/// An array of `T` lent by the caller: any number of axes, any strides, nothing copied.
///
/// `data` is the whole stretch of memory from the first to the last element in address order, so
/// that strided access stays a checked index and needs no unsafe code.
#[derive(Debug, Clone)]
pub struct View<'a, T> {
    data: &'a [T],
    origin: usize,
    shape: Box<[usize]>,
    strides: Box<[isize]>,
}

impl<'a, T: Copy> View<'a, T> {
    /// An array over `data` whose element at index zero on every axis is `data[origin]`.
    ///
    /// `strides` count elements. Returns `None` unless every index within `shape` lands in `data`
    /// and the number of elements fits `isize`.
    pub fn new(data: &'a [T], origin: usize, shape: &[usize], strides: &[isize]) -> Option<Self> {
        if shape.len() != strides.len() {
            return None;
        }
        let made = Self { data, origin, shape: shape.into(), strides: strides.into() };
        if shape.contains(&0) {
            return Some(made);
        }
        let (mut low, mut high, mut count) = (origin as i128, origin as i128, 1_u128);
        for (&n, &stride) in shape.iter().zip(strides) {
            let reach = (n as i128 - 1) * stride as i128; // |reach| < 2^127: both factors fit 64 bits
            if reach < 0 {
                low += reach
            } else {
                high += reach
            }
            count = count.checked_mul(n as u128).filter(|&c| c <= isize::MAX as u128)?;
        }
        (low >= 0 && high < data.len() as i128).then_some(made)
    }

    /// A one-dimensional array over a slice.
    pub fn from_slice(data: &'a [T]) -> Self {
        Self { data, origin: 0, shape: [data.len()].into(), strides: [1].into() }
    }

    /// Length of each axis; empty for a scalar array.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Elements from one index to the next on each axis; may be 0 or negative.
    pub fn strides(&self) -> &[isize] {
        &self.strides
    }

    /// Number of elements.
    pub fn size(&self) -> usize {
        self.shape.iter().product()
    }

    /// The memory that [`View::origin`] and [`View::strides`] index.
    pub fn data(&self) -> &'a [T] {
        self.data
    }

    /// Index in [`View::data`] of the element whose index is zero on every axis.
    pub fn origin(&self) -> usize {
        self.origin
    }

    /// The elements in C order as one slice, when they lie that way without gaps.
    pub fn as_slice(&self) -> Option<&'a [T]> {
        let size = self.size();
        if size == 0 {
            return Some(&[]);
        }
        let mut expected = 1;
        for (&n, &stride) in self.shape.iter().zip(&self.strides).rev() {
            if n != 1 && stride != expected {
                return None;
            }
            expected *= n as isize;
        }
        Some(&self.data[self.origin..self.origin + size])
    }

    /// Every element in C order.
    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        let mut index = vec![0_usize; self.shape.len()];
        let mut at = self.origin as isize;
        (0..self.size()).map(move |_| {
            let value = self.data[at as usize];
            for axis in (0..index.len()).rev() {
                index[axis] += 1;
                at += self.strides[axis];
                if index[axis] < self.shape[axis] {
                    break;
                }
                at -= self.strides[axis] * self.shape[axis] as isize;
                index[axis] = 0;
            }
            value
        })
    }
}

/// A [`View`] of the element type its tag says.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "each variant is named after its element type")]
pub enum AnyView<'a> {
    /// One byte an element; any value but 0 is true.
    Bool(View<'a, u8>),
    I8(View<'a, i8>),
    I16(View<'a, i16>),
    I32(View<'a, i32>),
    I64(View<'a, i64>),
    U8(View<'a, u8>),
    U16(View<'a, u16>),
    U32(View<'a, u32>),
    U64(View<'a, u64>),
    F16(View<'a, f16>),
    F32(View<'a, f32>),
    F64(View<'a, f64>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strides_reach_every_element_in_c_order() {
        let data: Vec<i32> = (0..12).collect();
        let transposed = View::new(&data, 0, &[4, 3], &[1, 4]).unwrap();
        assert_eq!(transposed.iter().take(5).collect::<Vec<_>>(), [0, 4, 8, 1, 5]);
        let reversed = View::new(&data, 11, &[12], &[-1]).unwrap();
        assert!(reversed.iter().eq((0..12).rev()));
        let repeated = View::new(&data, 3, &[2, 2], &[0, 0]).unwrap();
        assert!(repeated.iter().eq([3; 4]));
        assert_eq!(View::new(&data, 0, &[], &[]).unwrap().iter().collect::<Vec<_>>(), [0]);
    }

    #[test]
    fn a_view_that_leaves_its_data_is_not_made() {
        let data = [0_u8; 4];
        assert!(View::new(&data, 0, &[5], &[1]).is_none());
        assert!(View::new(&data, 3, &[2], &[1]).is_none());
        assert!(View::new(&data, 0, &[2], &[-1]).is_none());
        assert!(View::new(&data, 0, &[usize::MAX], &[isize::MAX]).is_none());
        assert!(View::new(&data, 0, &[usize::MAX, usize::MAX], &[0, 0]).is_none());
        assert!(View::new(&data, 0, &[2], &[]).is_none());
    }

    #[test]
    fn only_gapless_c_order_is_a_slice() {
        let data: Vec<u16> = (0..12).collect();
        assert_eq!(View::new(&data, 2, &[2, 3], &[3, 1]).unwrap().as_slice(), Some(&data[2..8]));
        assert_eq!(View::new(&data, 0, &[2, 1, 3], &[3, 99, 1]).unwrap().as_slice(), Some(&data[..6]));
        assert_eq!(View::new(&data, 0, &[3, 2], &[1, 3]).unwrap().as_slice(), None);
        assert_eq!(View::new(&data, 0, &[0, 9], &[1, 1]).unwrap().as_slice(), Some(&[][..]));
    }
}
