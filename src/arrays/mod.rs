//! Operations on n-dimensional numeric arrays.

mod extreme;
mod fold;
mod layout;
mod moments;
mod out;
mod simd_extremes;
mod simd_fold;
mod simd_mandelbrot;
#[cfg(target_arch = "x86_64")]
mod simd_mandelbrot_x86;
mod source;
mod sum;
mod view;

pub mod mandelbrot;
pub mod reduce;

pub use out::AnyMut;
pub use view::{AnyView, View};
