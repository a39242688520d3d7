//! Native code for Python's data platforms behind a plain C ABI.
//!
//! The domains ([`ints`], [`text`], [`files`], [`arrays`], [`frames`]) are safe Rust and know
//! nothing of C. [`ffi`] turns pointers into checked values and errors into a status, and decides
//! nothing. docs/architecture.md draws the whole house.

pub mod arrays;
pub mod cpu;
pub mod error;
pub mod exec;
pub mod ffi;
pub mod files;
pub mod frames;
pub mod ints;
pub mod progress;
pub mod sample;
pub mod text;
