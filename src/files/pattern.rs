//! Which entries a scan lists.
#![forbid(unsafe_code)]

use super::path_of;
use crate::error::Error;
use globset::{Candidate, GlobBuilder, GlobSet, GlobSetBuilder};
use std::path::is_separator;

/// One or more glob patterns; an entry is listed when any of them matches.
///
/// `*` is any run of characters but `/`, `?` one, `[a-z]` one of a class and `[!a-z]` one outside
/// it, `{a,b}` either, `**` any number of whole components, `\` takes the next character as it is.
/// A pattern without `/` is compared with the name alone, at every depth; one with `/` with the
/// whole path below the root (`src/*.rs` is not `a/src/x.rs`; `**/src/*.rs` is both). A leading dot
/// is like any other character. Case matters, except on Windows.
#[derive(Debug)]
pub struct Pattern {
    names: GlobSet,
    paths: GlobSet,
}

impl Pattern {
    /// Compiles `globs`; an empty list matches nothing.
    ///
    /// # Errors
    /// [`Error::Invalid`] when one of them is not a glob pattern.
    pub fn new<S: AsRef<str>>(globs: &[S]) -> Result<Self, Error> {
        let (mut names, mut paths) = (GlobSetBuilder::new(), GlobSetBuilder::new());
        for glob in globs {
            let text = glob.as_ref();
            let whole = text.strip_prefix("./").unwrap_or(text);
            if whole.is_empty() {
                return Err(Error::Invalid(format!("pattern must not be empty, got {text:?}")));
            }
            if whole.starts_with('/') {
                return Err(Error::Invalid(format!(
                    "pattern must be relative to root and not start with '/', got {text:?}"
                )));
            }
            let compiled = GlobBuilder::new(whole)
                .literal_separator(true)
                .backslash_escape(true)
                .empty_alternates(true)
                .case_insensitive(cfg!(windows))
                .build()
                .map_err(|error| invalid(text, &error))?;
            if whole.contains('/') { &mut paths } else { &mut names }.add(compiled);
        }
        let built = |set: &GlobSetBuilder| set.build().map_err(|error| invalid("", &error));
        Ok(Self { names: built(&names)?, paths: built(&paths)? })
    }

    /// Whether the entry `name` in the directory `parent`, itself relative to the root, is listed.
    pub fn matches(&self, parent: &[u8], name: &[u8]) -> bool {
        if !self.names.is_empty() && self.names.is_match_candidate(&Candidate::new(&path_of(name))) {
            return true;
        }
        if self.paths.is_empty() {
            return false;
        }
        let mut whole = Vec::with_capacity(parent.len() + 1 + name.len());
        whole.extend_from_slice(parent);
        if whole.last().is_some_and(|last| !is_separator(char::from(*last))) {
            whole.push(b'/');
        }
        whole.extend_from_slice(name);
        self.paths.is_match_candidate(&Candidate::new(&path_of(&whole)))
    }
}

fn invalid(glob: &str, error: &globset::Error) -> Error {
    Error::Invalid(format!("pattern must be a glob, got {glob:?}: {}", error.kind()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(glob: &str, parent: &str, name: &str) -> bool {
        Pattern::new(&[glob]).unwrap().matches(parent.as_bytes(), name.as_bytes())
    }

    #[test]
    fn without_a_slash_the_name_decides_at_any_depth() {
        assert!(matches("*.rs", "", "a.rs") && matches("*.rs", "deep/down", "a.rs"));
        assert!(matches("*", "", ".hidden") && matches("[!a].??", "x", "b.rs"));
        assert!(!matches("*.rs", "a.rs", "b.py") && !matches("*.RS", "", "a.rs"));
        assert!(
            matches("*.{py,rs}", "x", "a.rs") && matches(r"a\*b", "", "a*b") && !matches(r"a\*b", "", "axb")
        );
    }

    #[test]
    fn with_a_slash_the_whole_path_decides() {
        assert!(matches("src/*.rs", "src", "a.rs") && !matches("src/*.rs", "x/src", "a.rs"));
        assert!(!matches("src/*.rs", "src/deep", "a.rs"));
        assert!(matches("**/src/*.rs", "src", "a.rs") && matches("**/src/*.rs", "x/y/src", "a.rs"));
        assert!(matches("src/**", "src/a/b", "c") && matches("./a/b", "a", "b"));
    }

    #[test]
    fn bytes_that_are_not_utf8_match_a_star() {
        let pattern = Pattern::new(&["*.txt"]).unwrap();
        assert!(cfg!(windows) || pattern.matches(b"\xff", b"\xfe\n.txt"));
    }

    #[test]
    fn any_of_several_is_enough_and_none_matches_nothing() {
        let several = Pattern::new(&["*.py", "doc/*"]).unwrap();
        assert!(
            several.matches(b"doc", b"x") && several.matches(b"", b"x.py") && !several.matches(b"", b"x")
        );
        assert!(!Pattern::new::<&str>(&[]).unwrap().matches(b"", b"x"));
    }

    #[test]
    fn a_wrong_pattern_is_named() {
        for wrong in ["", "./", "/etc/*", "a[", "{a", "[b-a]"] {
            let message = Pattern::new(&[wrong]).unwrap_err().to_string();
            assert!(
                message.starts_with("pattern must") && message.contains(&format!("{wrong:?}")),
                "{message}"
            );
        }
    }
}
