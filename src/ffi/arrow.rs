//! The Arrow C data interface..
