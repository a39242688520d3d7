//! Writes nothing yet.
fn main() {}
