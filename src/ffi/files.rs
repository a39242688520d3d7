//! Exports of `crate::files`.
