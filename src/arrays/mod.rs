//! Operations on n-dimensional numeric arrays.

mod simd_mandelbrot;
mod view;

pub mod mandelbrot;

pub use view::{AnyView, View};
