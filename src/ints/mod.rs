//! Exact integers of 64 bits, and some of 128.
#![forbid(unsafe_code)]

mod lucas;
mod montgomery;
mod prime;

pub use prime::{is_prime, is_prime_wide, next_prime, prev_prime};
