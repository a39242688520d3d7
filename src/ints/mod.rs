//! Exact integers of 64 bits, and some of 128.
#![deny(unsafe_code)] // each file but simd_widest.rs forbids it

mod ecm;
mod elementwise;
mod factor;
mod feed;
mod gcd;
mod lucas;
mod montgomery;
mod number;
mod prime;
mod primes;
mod root;
mod scalar;
mod sieve;
#[allow(unsafe_code, reason = "runs a safe loop with instructions found at run time")]
mod simd_widest;
mod wheel;

pub use elementwise::{AnyOutput, BinaryOp, Output, UnaryOp, are_prime, binary, unary};
pub use factor::{Factor, factor};
pub use gcd::{gcd, gcd_wide};
pub use number::{Int, Overflow};
pub use prime::{is_prime, is_prime_wide, next_prime, prev_prime};
pub use primes::Primes;
pub use root::isqrt;
pub use scalar::{binary_scalar, unary_scalar};
