//! Exports of `crate::frames`.
