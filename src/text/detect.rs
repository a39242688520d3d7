//! What the terminal at the other end can show.
#![forbid(unsafe_code)]

use super::color::ColorSystem;
use super::spec::MOST;
use console::Term;

/// A stream that may lead to a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Error,
    /// A file, a pipe, or something in memory.
    Other,
}

/// A terminal, or what stands in for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// Cells of a line: `COLUMNS`, else the terminal's, else 80.
    pub width: usize,
    /// Lines: `LINES`, else the terminal's, else 24.
    pub height: usize,
    /// What to write to it.
    pub color: ColorSystem,
    /// Whether to use all of Unicode.
    pub unicode: bool,
    /// Whether somebody is looking.
    pub is_terminal: bool,
}

/// Looks at a stream and at the environment.
pub fn detect(stream: Stream) -> Terminal {
    let term = match stream {
        Stream::Output => Some(Term::stdout()),
        Stream::Error => Some(Term::stderr()),
        Stream::Other => None,
    };
    let term = term.filter(Term::is_term);
    let variable = |name: &str| {
        let value = std::env::var_os(name)?.to_string_lossy().trim().to_owned();
        (!value.is_empty()).then_some(value)
    };
    let size = term.as_ref().and_then(Term::size_checked);
    let side = |name: &str, found: Option<u16>, otherwise: usize| {
        let given = variable(name).and_then(|value| value.parse::<usize>().ok());
        let found = found.map(usize::from);
        let sane = |size: &usize| (1..=MOST).contains(size);
        given.filter(sane).or(found.filter(sane)).unwrap_or(otherwise)
    };
    Terminal {
        width: side("COLUMNS", size.map(|(_, columns)| columns), 80),
        height: side("LINES", size.map(|(rows, _)| rows), 24),
        // On Windows the question also turns the escape sequences on.
        color: colors(
            variable,
            term.as_ref().map(|term| cfg!(windows) && term.features().colors_supported()),
        ),
        unicode: unicode(variable),
        is_terminal: term.is_some(),
    }
}

/// The colours to write. `terminal` is None where there is none, and otherwise says whether it is a
/// Windows console, which shows 24 bits whatever `TERM` says.
fn colors(variable: impl Fn(&str) -> Option<String>, terminal: Option<bool>) -> ColorSystem {
    let is = |name: &str, words: &[&str]| {
        variable(name).is_some_and(|value| words.iter().any(|word| value.eq_ignore_ascii_case(word)))
    };
    let forced = variable("FORCE_COLOR");
    let off = is("FORCE_COLOR", &["0", "false"]) || is("TTY_COMPATIBLE", &["0"]);
    let on = forced.is_some() || is("TTY_COMPATIBLE", &["1"]);
    if off || terminal.is_none() && !on {
        return ColorSystem::None;
    }
    if variable("NO_COLOR").is_some() {
        return ColorSystem::NoColors;
    }
    match forced.as_deref() {
        Some("1") => return ColorSystem::Standard,
        Some("2") => return ColorSystem::EightBit,
        Some("3") => return ColorSystem::TrueColor,
        _ => {}
    }
    let term = variable("TERM").unwrap_or_default().to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| term.contains(word));
    if term == "dumb" && forced.is_none() {
        return ColorSystem::None;
    }
    let true_color = terminal == Some(true) || is("COLORTERM", &["truecolor", "24bit"]);
    if true_color || has(&["-direct", "kitty", "ghostty", "alacritty", "wezterm", "foot"]) {
        return ColorSystem::TrueColor;
    }
    if has(&["256color"]) {
        return ColorSystem::EightBit;
    }
    if term.is_empty() && forced.is_none() && variable("CI").is_none() {
        return ColorSystem::None; // a terminal that does not say what it is
    }
    ColorSystem::Standard
}

/// Whether the locale is one of UTF-8. No locale, `C` and `POSIX` say nothing about the terminal, and
/// terminals have long been UTF-8; only another character set by name counts against it.
fn unicode(variable: impl Fn(&str) -> Option<String>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(variable).unwrap_or_default();
    match locale.split_once('.') {
        Some((_, charset)) => charset.to_ascii_lowercase().starts_with("utf"),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(given: &'static [(&'static str, &'static str)]) -> impl Fn(&str) -> Option<String> {
        move |name| given.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn the_environment_decides_on_colours() {
        use ColorSystem::{EightBit, NoColors, None as Nothing, Standard, TrueColor};
        let tty = Some(false);
        for (given, terminal, expected) in [
            (&[("TERM", "xterm-256color")][..], tty, EightBit),
            (&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")], tty, TrueColor),
            (&[("TERM", "xterm")], tty, Standard),
            (&[("TERM", "xterm-kitty")], tty, TrueColor),
            (&[("TERM", "dumb")], tty, Nothing),
            (&[], tty, Nothing),
            (&[("CI", "true")], tty, Standard),
            (&[], Some(true), TrueColor),
            (&[("TERM", "xterm"), ("NO_COLOR", "1")], tty, NoColors),
            (&[("TERM", "xterm"), ("COLORTERM", "truecolor")], None, Nothing),
            (&[("FORCE_COLOR", "1")], None, Standard),
            (&[("FORCE_COLOR", "3")], None, TrueColor),
            (&[("FORCE_COLOR", "true"), ("TERM", "xterm-256color")], None, EightBit),
            (&[("FORCE_COLOR", "0"), ("TERM", "xterm")], tty, Nothing),
            (&[("FORCE_COLOR", "1"), ("NO_COLOR", "1")], None, NoColors),
            (&[("TTY_COMPATIBLE", "1"), ("TERM", "xterm")], None, Standard),
        ] {
            assert_eq!(colors(variables(given), terminal), expected, "{given:?} {terminal:?}");
        }
    }

    #[test]
    fn only_another_character_set_by_name_rules_unicode_out() {
        assert!(unicode(variables(&[])));
        assert!(unicode(variables(&[("LANG", "C")])));
        assert!(unicode(variables(&[("LANG", "de_DE.UTF-8")])));
        assert!(!unicode(variables(&[("LC_ALL", "de_DE.ISO-8859-1"), ("LANG", "de_DE.UTF-8")])));
    }

    #[test]
    fn without_a_terminal_there_is_still_a_size() {
        let found = detect(Stream::Other);
        assert!(!found.is_terminal && found.width > 0 && found.height > 0);
    }
}
