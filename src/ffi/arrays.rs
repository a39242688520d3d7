//! Exports of `crate::arrays`.
