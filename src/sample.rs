//! The two functions of the sample this project grew from.
#![forbid(unsafe_code)]

use console::{Style, Term};
use std::io;

/// `left * right` as C's `int`, wrapping where C would be undefined.
pub fn multiply(left: i32, right: i32) -> i32 {
    left.wrapping_mul(right)
}

/// Prints `message` in red, then " via " and the library's name in green, on standard output.
///
/// Colour appears where the terminal shows it, and not where output is piped or `NO_COLOR` is set.
///
/// # Errors
/// What the operating system answers when standard output cannot be written.
pub fn write_line(message: &str) -> io::Result<()> {
    let term = Term::stdout();
    let colours = console::colors_enabled();
    let red = Style::new().red().force_styling(colours);
    let green = Style::new().green().force_styling(colours);
    term.write_line(&format!("{} via {}", red.apply_to(message), green.apply_to("ironwheel")))
}
