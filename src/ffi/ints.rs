//! Exports of `crate::ints`.
