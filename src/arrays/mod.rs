//! Operations on n-dimensional numeric arrays.

mod view;

pub use view::{AnyView, View};
