//! Arrays as they cross the boundary: checked here, once, and safe from there on.

use crate::arrays::{AnyMut, AnyView, View};
use crate::error::Error;
use core::ffi::c_void;
use half::f16;

/// Most axes an `iw_array` can have; NumPy's own limit.
pub const IW_MAX_NDIM: usize = 64;

/// Element tag: one byte, 0 is false and any other value is true.
pub const IW_BOOL: u32 = 1;
/// Element tag: int8.
pub const IW_I8: u32 = 2;
/// Element tag: int16 in the byte order of the machine, as all that follow.
pub const IW_I16: u32 = 3;
/// Element tag: int32.
pub const IW_I32: u32 = 4;
/// Element tag: int64.
pub const IW_I64: u32 = 5;
/// Element tag: uint8.
pub const IW_U8: u32 = 6;
/// Element tag: uint16.
pub const IW_U16: u32 = 7;
/// Element tag: uint32.
pub const IW_U32: u32 = 8;
/// Element tag: uint64.
pub const IW_U64: u32 = 9;
/// Element tag: IEEE 754 binary16.
pub const IW_F16: u32 = 10;
/// Element tag: IEEE 754 binary32.
pub const IW_F32: u32 = 11;
/// Element tag: IEEE 754 binary64.
pub const IW_F64: u32 = 12;

/// An n-dimensional array lent for the length of one call. The library never frees it.
///
/// Element (i, j, ...) lies at `data + i * strides[0] + j * strides[1] + ...`, in bytes; strides may
/// be negative, and 0 for an input. Nobody may write to an input, or touch an output, from its lowest
/// to its highest element while the call lasts.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct iw_array {
    /// The element whose index is 0 on every axis; may be NULL when an axis is empty.
    pub data: *mut c_void,
    /// One of the `IW_*` element tags. An integer, so that a wrong value is an error, not UB.
    pub dtype: u32,
    /// Number of axes, 0..=IW_MAX_NDIM; 0 is a single element.
    pub ndim: u32,
    /// Length of each axis, in elements; entries from `ndim` on are not read.
    pub shape: [usize; IW_MAX_NDIM],
    /// Bytes from one index to the next on each axis; entries from `ndim` on are not read.
    pub strides: [isize; IW_MAX_NDIM],
}

/// Where the elements of an array lie: `len` elements from `low`, the first index at `origin`.
struct Extent<T> {
    low: *mut T,
    len: usize,
    origin: usize,
}

impl iw_array {
    fn axes(&self, name: &str) -> Result<(&[usize], &[isize]), Error> {
        let ndim = self.ndim as usize;
        match (self.shape.get(..ndim), self.strides.get(..ndim)) {
            (Some(shape), Some(strides)) => Ok((shape, strides)),
            _ => Err(Error::Invalid(format!("{name} has {ndim} axes, at most {IW_MAX_NDIM} are possible"))),
        }
    }

    /// Checks everything that can be checked from here: NULL, alignment, overflow of any index.
    fn extent<T>(&self, name: &str) -> Result<Extent<T>, Error> {
        let refuse = |why: &str| Err(Error::Invalid(format!("{name} {why}")));
        let (shape, strides) = self.axes(name)?;
        if shape.contains(&0) {
            return Ok(Extent { low: std::ptr::dangling_mut(), len: 0, origin: 0 });
        }
        let data = self.data.cast::<T>();
        if data.is_null() {
            return refuse("is NULL but not empty");
        }
        let size = size_of::<T>() as i128;
        let (mut below, mut above) = (0_i128, 0_i128);
        let mut aligned = data.is_aligned();
        for (&n, &stride) in shape.iter().zip(strides) {
            if n > 1 {
                aligned &= stride as i128 % size == 0;
                let reach = (n as i128 - 1) * stride as i128; // |reach| < 2^127: both factors fit 64 bits
                if reach < 0 { below -= reach } else { above += reach }
            }
            if below.max(above) > isize::MAX as i128 {
                return refuse("is larger than the address space");
            }
        }
        if !aligned {
            return refuse("is not aligned to its element");
        }
        let (address, span) = (data.addr() as i128, below + above + size);
        if address <= below || address + above + size > isize::MAX as i128 || span > isize::MAX as i128 {
            return refuse("is larger than the address space");
        }
        Ok(Extent {
            low: data.wrapping_byte_sub(below as usize),
            len: (span / size) as usize,
            origin: (below / size) as usize,
        })
    }

    /// Borrows the elements as `T`, whatever the tag says.
    ///
    /// # Safety
    /// Every byte from the lowest to the highest element is readable and nobody writes it while `'a`
    /// lasts.
    unsafe fn borrow<'a, T: Copy>(&self, name: &str) -> Result<View<'a, T>, Error> {
        let Extent { low, len, origin } = self.extent::<T>(name)?;
        let (shape, strides) = self.axes(name)?;
        // An axis of one element or none is never stepped along, so any stride is right for it.
        let strides: Vec<isize> = shape
            .iter()
            .zip(strides)
            .map(|(&n, &stride)| if n > 1 { stride / size_of::<T>() as isize } else { 0 })
            .collect();
        // SAFETY: extent() covers NULL, alignment and size; the caller promises the rest.
        let data = unsafe { std::slice::from_raw_parts(low, len) };
        View::new(data, origin, shape, &strides)
            .ok_or_else(|| Error::Invalid(format!("{name} has more elements than an index can count")))
    }

    /// Borrows the array as the element type its tag names.
    ///
    /// # Safety
    /// Every byte from the lowest to the highest element is readable and nobody writes it while `'a`
    /// lasts.
    pub(super) unsafe fn view<'a>(&self, name: &str) -> Result<AnyView<'a>, Error> {
        // SAFETY: the caller's promise is borrow's; every tag's type accepts any bytes.
        unsafe {
            Ok(match self.dtype {
                IW_BOOL => AnyView::Bool(self.borrow::<u8>(name)?),
                IW_I8 => AnyView::I8(self.borrow::<i8>(name)?),
                IW_I16 => AnyView::I16(self.borrow::<i16>(name)?),
                IW_I32 => AnyView::I32(self.borrow::<i32>(name)?),
                IW_I64 => AnyView::I64(self.borrow::<i64>(name)?),
                IW_U8 => AnyView::U8(self.borrow::<u8>(name)?),
                IW_U16 => AnyView::U16(self.borrow::<u16>(name)?),
                IW_U32 => AnyView::U32(self.borrow::<u32>(name)?),
                IW_U64 => AnyView::U64(self.borrow::<u64>(name)?),
                IW_F16 => AnyView::F16(self.borrow::<f16>(name)?),
                IW_F32 => AnyView::F32(self.borrow::<f32>(name)?),
                IW_F64 => AnyView::F64(self.borrow::<f64>(name)?),
                tag => return Err(Error::Type(format!("{name} has dtype tag {tag}, which no element has"))),
            })
        }
    }

    /// Borrows a C-contiguous array of exactly this tag for writing.
    ///
    /// # Safety
    /// `T` is the type of `dtype`; every element is writable and nobody else touches it while `'a` lasts.
    pub(super) unsafe fn slice_mut<'a, T: Copy>(&self, name: &str, dtype: u32) -> Result<&'a mut [T], Error> {
        if self.dtype != dtype {
            return Err(Error::Type(format!("{name} has dtype tag {}, expected {dtype}", self.dtype)));
        }
        let Extent { low, len, .. } = self.extent::<T>(name)?;
        let (shape, strides) = self.axes(name)?;
        let mut expected = size_of::<T>() as isize;
        for (&n, &stride) in shape.iter().zip(strides).rev() {
            if len > 0 && n > 1 && stride != expected {
                return Err(Error::Invalid(format!("{name} must be C-contiguous")));
            }
            expected = expected.wrapping_mul(n as isize);
        }
        // SAFETY: extent() covers NULL, alignment and size; the caller promises exclusive access.
        Ok(unsafe { std::slice::from_raw_parts_mut(low, len) })
    }

    /// Describes `len` elements side by side: what an export that takes pointer, tag and length was given.
    pub(super) fn row(data: *mut c_void, dtype: u32, len: usize) -> Self {
        let mut row = Self { data, dtype, ndim: 1, shape: [0; IW_MAX_NDIM], strides: [0; IW_MAX_NDIM] };
        row.shape[0] = len;
        row.strides[0] = match dtype {
            IW_BOOL | IW_I8 | IW_U8 => 1,
            IW_I16 | IW_U16 | IW_F16 => 2,
            IW_I32 | IW_U32 | IW_F32 => 4,
            _ => 8, // a tag that no element has is refused where it is read
        };
        row
    }

    /// Borrows a C-contiguous array of any tag for writing.
    ///
    /// # Safety
    /// Every element is writable and nobody else touches it while `'a` lasts.
    pub(super) unsafe fn any_mut<'a>(&self, name: &str) -> Result<AnyMut<'a>, Error> {
        let tag = self.dtype;
        // SAFETY: each tag comes with its own type; the caller promises exclusive access.
        unsafe {
            Ok(match tag {
                IW_BOOL => AnyMut::Bool(self.slice_mut(name, tag)?),
                IW_I8 => AnyMut::I8(self.slice_mut(name, tag)?),
                IW_I16 => AnyMut::I16(self.slice_mut(name, tag)?),
                IW_I32 => AnyMut::I32(self.slice_mut(name, tag)?),
                IW_I64 => AnyMut::I64(self.slice_mut(name, tag)?),
                IW_U8 => AnyMut::U8(self.slice_mut(name, tag)?),
                IW_U16 => AnyMut::U16(self.slice_mut(name, tag)?),
                IW_U32 => AnyMut::U32(self.slice_mut(name, tag)?),
                IW_U64 => AnyMut::U64(self.slice_mut(name, tag)?),
                IW_F16 => AnyMut::F16(self.slice_mut(name, tag)?),
                IW_F32 => AnyMut::F32(self.slice_mut(name, tag)?),
                IW_F64 => AnyMut::F64(self.slice_mut(name, tag)?),
                tag => return Err(Error::Type(format!("{name} has dtype tag {tag}, which no element has"))),
            })
        }
    }

    /// Refuses an output that shares a byte with an input: `&[T]` and `&mut [T]` over it would be UB.
    pub(super) fn refuse_overlap(&self, name: &str, other: &Self, other_name: &str) -> Result<(), Error> {
        let (a, b) = (self.bytes_spanned(name)?, other.bytes_spanned(other_name)?);
        if a.0 < b.1 && b.0 < a.1 {
            return Err(Error::Invalid(format!("{name} overlaps {other_name}")));
        }
        Ok(())
    }

    fn bytes_spanned(&self, name: &str) -> Result<(usize, usize), Error> {
        fn span<T>(array: &iw_array, name: &str) -> Result<(usize, usize), Error> {
            let extent = array.extent::<T>(name)?;
            let low = extent.low.addr();
            Ok((low, low + extent.len * size_of::<T>()))
        }
        match self.dtype {
            IW_BOOL | IW_I8 | IW_U8 => span::<u8>(self, name),
            IW_I16 | IW_U16 | IW_F16 => span::<u16>(self, name),
            IW_I32 | IW_U32 | IW_F32 => span::<u32>(self, name),
            IW_I64 | IW_U64 | IW_F64 => span::<u64>(self, name),
            tag => Err(Error::Type(format!("{name} has dtype tag {tag}, which no element has"))),
        }
    }

    /// The descriptor behind a pointer argument.
    ///
    /// # Safety
    /// `array` is NULL or points to a readable descriptor that stays as it is while `'a` lasts.
    pub(super) unsafe fn lent<'a>(array: *const Self, name: &str) -> Result<&'a Self, Error> {
        if !array.is_aligned() {
            return Err(Error::Invalid(format!("{name} must not be misaligned")));
        }
        // SAFETY: aligned; the caller promises NULL or readable.
        unsafe { array.as_ref() }.ok_or_else(|| Error::Invalid(format!("{name} must not be NULL")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array<T>(data: *const T, dtype: u32, axes: &[(usize, isize)]) -> iw_array {
        let mut made = iw_array {
            data: data.cast_mut().cast(),
            dtype,
            ndim: axes.len() as u32,
            shape: [0; IW_MAX_NDIM],
            strides: [0; IW_MAX_NDIM],
        };
        for (i, &(n, stride)) in axes.iter().enumerate() {
            (made.shape[i], made.strides[i]) = (n, stride);
        }
        made
    }

    fn refusal(array: &iw_array) -> String {
        // SAFETY: every array below is refused before it is read.
        unsafe { array.view("values") }.unwrap_err().to_string()
    }

    #[test]
    fn a_negative_stride_starts_at_the_last_element_in_memory() {
        let data = [1_i32, 2, 3, 4, 5, 6];
        let reversed = array(&data[5], IW_I32, &[(3, -8)]);
        // SAFETY: the elements are data[5], data[3] and data[1].
        let Ok(AnyView::I32(view)) = (unsafe { reversed.view("values") }) else { panic!("refused") };
        assert_eq!(view.iter().collect::<Vec<_>>(), [6, 4, 2]);
    }

    #[test]
    fn everything_wrong_is_refused_by_name() {
        let data = [0_f64; 4];
        let null = std::ptr::null::<f64>();
        assert_eq!(refusal(&array(null, IW_F64, &[(1, 8)])), "values is NULL but not empty");
        assert_eq!(refusal(&array(&data, 99, &[(1, 8)])), "values has dtype tag 99, which no element has");
        let odd = data.as_ptr().wrapping_byte_add(1);
        assert_eq!(refusal(&array(odd, IW_F64, &[(1, 8)])), "values is not aligned to its element");
        assert_eq!(refusal(&array(&data, IW_F64, &[(2, 12)])), "values is not aligned to its element");
        for axes in [
            &[(usize::MAX, 8)][..],
            &[(1 << 62, 8), (1 << 62, 8)],
            &[(2, isize::MIN), (2, isize::MIN)],
            &[(3, -(1 << 62))],
        ] {
            assert_eq!(refusal(&array(&data, IW_F64, axes)), "values is larger than the address space");
        }
        let wide = array(&data, IW_F64, &[(1 << 40, 0), (1 << 40, 0)]);
        assert_eq!(refusal(&wide), "values has more elements than an index can count");
        let mut deep = array(&data, IW_F64, &[]);
        deep.ndim = 65;
        assert_eq!(refusal(&deep), "values has 65 axes, at most 64 are possible");
    }

    #[test]
    fn empty_is_empty_whatever_the_pointer_and_the_other_axes() {
        let empty = array(std::ptr::null::<u8>(), IW_U8, &[(usize::MAX, 1), (0, isize::MAX)]);
        // SAFETY: nothing is read.
        let Ok(AnyView::U8(view)) = (unsafe { empty.view("values") }) else { panic!("refused") };
        assert_eq!(view.size(), 0);
    }

    #[test]
    fn outputs_must_be_contiguous_and_apart_from_inputs() {
        let mut data = [0_i16; 8];
        let base = data.as_mut_ptr();
        let strided = array(base, IW_I16, &[(4, 4)]);
        // SAFETY: refused before it is borrowed.
        assert!(unsafe { strided.slice_mut::<i16>("out", IW_I16) }.is_err());
        let (low, high) = (array(base, IW_I16, &[(4, 2)]), array(&data[4], IW_I16, &[(4, 2)]));
        assert!(low.refuse_overlap("out", &high, "values").is_ok());
        let error = strided.refuse_overlap("out", &high, "values").unwrap_err();
        assert_eq!(error.to_string(), "out overlaps values");
    }
}
