//! Exports of `crate::text`.
