//! An input array as the loops want it: chunks in C order, of one type, whatever it is itself.
#![forbid(unsafe_code)]

use super::number::{Int, dtype, not_integers};
use crate::arrays::{AnyView, View};
use crate::error::Error;

/// Elements handled at once: three buffers of them stay in a first-level cache.
pub(super) const CHUNK: usize = 1024;

/// An input as the loops want it: chunks of the type of the calculation, in C order of the output.
pub(super) struct Feed<'v, T: Int> {
    view: &'v AnyView<'v>,
    kind: Kind<'v, T>,
}

enum Kind<'v, T> {
    /// Lies in order: no copy.
    Slice(&'v [T]),
    /// One element for all.
    Splat(T),
    /// Anything else: copied into a buffer chunk by chunk.
    Strided { origin: isize, shape: &'v [usize], strides: Vec<isize> },
}

/// Where elements can be had without a chunk.
#[derive(Clone, Copy)]
pub(super) enum Source<'v, T> {
    /// All, in order.
    Slice(&'v [T]),
    /// One for all.
    One(T),
    /// By the chunk only.
    Chunks,
}

/// Room for a chunk, filled already where every chunk is the same.
pub(super) enum Buffer<T> {
    Unused,
    Filled([T; CHUNK]),
    Free([T; CHUNK]),
}

impl<'v, T: Int> Feed<'v, T> {
    pub(super) fn new(name: &str, view: &'v AnyView<'v>, shape: &'v [usize]) -> Result<Self, Error> {
        let (type_name, range) = dtype(view);
        let Some((least, most)) = range else { return Err(not_integers(name, view)) };
        if least < T::MIN.into() || most > T::MAX.into() {
            return Err(Error::Type(format!(
                "{name} of dtype {type_name} does not fit out of dtype {}",
                T::NAME
            )));
        }
        let (own_shape, own_strides, origin) = match view {
            AnyView::I8(view) => parts(view),
            AnyView::I16(view) => parts(view),
            AnyView::I32(view) => parts(view),
            AnyView::I64(view) => parts(view),
            AnyView::U8(view) | AnyView::Bool(view) => parts(view),
            AnyView::U16(view) => parts(view),
            AnyView::U32(view) => parts(view),
            AnyView::U64(view) => parts(view),
            AnyView::F16(_) | AnyView::F32(_) | AnyView::F64(_) => return Err(not_integers(name, view)),
        };
        let missing = shape.len().checked_sub(own_shape.len());
        let stretches = |missing| {
            own_shape.iter().zip(&shape[missing..]).all(|(&own, &wanted)| own == wanted || own == 1)
        };
        let Some(missing) = missing.filter(|&missing| stretches(missing)) else {
            return Err(Error::Invalid(format!(
                "{name} of shape {own_shape:?} does not broadcast to {shape:?}"
            )));
        };
        if shape.contains(&0) {
            return Ok(Self { view, kind: Kind::Slice(&[]) });
        }
        if own_shape == shape
            && let Some(slice) = T::same(view).and_then(View::as_slice)
        {
            return Ok(Self { view, kind: Kind::Slice(slice) });
        }
        if own_shape.iter().all(|&n| n == 1) {
            let mut one = [T::ZERO];
            T::gather(view, origin as isize, 0, &mut one)?;
            return Ok(Self { view, kind: Kind::Splat(one[0]) });
        }
        let mut strides = vec![0; missing];
        strides
            .extend(own_shape.iter().zip(own_strides).map(|(&n, &stride)| if n == 1 { 0 } else { stride }));
        Ok(Self { view, kind: Kind::Strided { origin: origin as isize, shape, strides } })
    }

    pub(super) fn source(&self) -> Source<'v, T> {
        match self.kind {
            Kind::Slice(slice) => Source::Slice(slice),
            Kind::Splat(value) => Source::One(value),
            Kind::Strided { .. } => Source::Chunks,
        }
    }

    pub(super) fn buffer(&self) -> Buffer<T> {
        match self.kind {
            Kind::Slice(_) => Buffer::Unused,
            Kind::Splat(value) => Buffer::Filled([value; CHUNK]),
            Kind::Strided { .. } => Buffer::Free([T::ZERO; CHUNK]),
        }
    }

    /// Elements `from..from + len`, with `len` at most [`CHUNK`].
    #[inline]
    pub(super) fn chunk<'b>(
        &'b self,
        from: usize,
        len: usize,
        buffer: &'b mut Buffer<T>,
    ) -> Result<&'b [T], Error> {
        match (&self.kind, buffer) {
            (Kind::Slice(slice), _) => Ok(&slice[from..from + len]),
            (Kind::Strided { origin, shape, strides }, Buffer::Free(buffer)) => {
                let to = &mut buffer[..len];
                self.gather(*origin, shape, strides, from, to)?;
                Ok(to)
            }
            (_, Buffer::Filled(buffer)) => Ok(&buffer[..len]),
            _ => unreachable!("buffer() made the one that belongs to the kind"),
        }
    }

    fn gather(
        &self,
        origin: isize,
        shape: &[usize],
        strides: &[isize],
        from: usize,
        to: &mut [T],
    ) -> Result<(), Error> {
        let (&row, outer) = shape.split_last().expect("an array without axes is a Splat");
        let step = strides[outer.len()];
        let mut from = from;
        let mut rest = to;
        while !rest.is_empty() {
            let column = from % row;
            let mut above = from / row;
            let mut at = origin + column as isize * step;
            for (&n, &stride) in outer.iter().zip(strides).rev() {
                at += (above % n) as isize * stride;
                above /= n;
            }
            let (now, later) = rest.split_at_mut((row - column).min(rest.len()));
            T::gather(self.view, at, step, now)?;
            from += now.len();
            rest = later;
        }
        Ok(())
    }
}

fn parts<'v, T: Copy>(view: &'v View<'_, T>) -> (&'v [usize], &'v [isize], usize) {
    (view.shape(), view.strides(), view.origin())
}
