//! Files by path or glob pattern.
#![forbid(unsafe_code)]

use crate::error::Error;
use globset::{GlobBuilder, GlobMatcher};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// Most directories between the fixed part of a pattern and a file.
const DEEPEST: usize = 128;

/// The files that `given` names, each pattern's sorted by name.
///
/// A path that exists is taken as it is, whatever characters it has. `*` is any run of characters but `/`, `?` one,
/// `[a-z]` one of a class, `{a,b}` either, `**` any number of directories; a leading dot must be written.
///
/// # Errors
/// [`Error::Invalid`] for a pattern that is none or matches no file; [`Error::Io`] for a directory that cannot be listed.
pub fn expand(given: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    if given.is_empty() {
        return Err(Error::Invalid("path must name at least one file, got none".into()));
    }
    let mut files = Vec::new();
    for path in given {
        match path.to_str().filter(|text| is_pattern(text) && fs::symlink_metadata(path).is_err()) {
            Some(pattern) => files.extend(matching(pattern)?),
            None => files.push(path.clone()), // opening it says what is wrong with it
        }
    }
    Ok(files)
}

fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '[', '{'])
}

fn matching(pattern: &str) -> Result<Vec<PathBuf>, Error> {
    // What comes before the first component with a wildcard is a directory to start from.
    let mut root = PathBuf::new();
    let mut rest = Vec::new();
    for component in Path::new(pattern).components() {
        let text = component.as_os_str().to_string_lossy().into_owned();
        if rest.is_empty() && !(matches!(component, Component::Normal(_)) && is_pattern(&text)) {
            root.push(component);
        } else {
            rest.push(text);
        }
    }
    let wrong = |kind: &globset::ErrorKind| {
        Error::Invalid(format!("path must be a file or a glob pattern, got {pattern:?}: {kind}"))
    };
    let glob = GlobBuilder::new(&rest.join("/"))
        .literal_separator(true)
        .backslash_escape(cfg!(not(windows)))
        .case_insensitive(cfg!(windows))
        .build()
        .map_err(|error| wrong(error.kind()))?
        .compile_matcher();
    let depth = if rest.iter().any(|part| part.contains("**")) { DEEPEST } else { rest.len() };
    let hidden = rest.iter().any(|part| part.starts_with('.'));
    let mut found = Vec::new();
    walk(&root, Path::new(""), depth, hidden, &glob, &mut found)?;
    if found.is_empty() {
        return Err(Error::Invalid(format!("path must match at least one file, got {pattern:?}")));
    }
    found.sort_unstable();
    Ok(found)
}

fn walk(
    root: &Path,
    below: &Path,
    depth: usize,
    hidden: bool,
    glob: &GlobMatcher,
    found: &mut Vec<PathBuf>,
) -> Result<(), Error> {
    let here = root.join(below);
    let here = if here.as_os_str().is_empty() { PathBuf::from(".") } else { here };
    let entries = match fs::read_dir(&here) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(Error::io(&here))?,
    };
    for entry in entries {
        let entry = entry.map_err(Error::io(&here))?;
        let name = entry.file_name();
        if !hidden && name.as_encoded_bytes().first() == Some(&b'.') {
            continue;
        }
        let below = below.join(&name);
        let path = root.join(&below);
        // Links to files count, links to directories would lead round in circles.
        let kind = entry.file_type().map_err(Error::io(&path))?;
        if kind.is_dir() {
            if depth > 1 {
                walk(root, &below, depth - 1, hidden, glob, found)?;
            }
        } else if glob.is_match(&below) && path.is_file() {
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::Folder;

    fn names(folder: &Folder, pattern: &str) -> Vec<String> {
        let pattern = folder.path(pattern);
        let found = expand(&[pattern]).unwrap();
        let root = folder.root();
        found
            .iter()
            .map(|path| path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/"))
            .collect()
    }

    #[test]
    fn patterns_match_files_in_order() {
        let folder = Folder::new();
        for name in ["b.csv", "a.csv", "c.txt", "deep/x/d.csv", "deep/e.csv", ".hidden.csv"] {
            folder.file(name, b"");
        }
        assert_eq!(names(&folder, "*.csv"), ["a.csv", "b.csv"]);
        assert_eq!(names(&folder, "[bc].*"), ["b.csv", "c.txt"]);
        assert_eq!(names(&folder, "deep/*.csv"), ["deep/e.csv"]);
        assert_eq!(names(&folder, "**/*.csv"), ["a.csv", "b.csv", "deep/e.csv", "deep/x/d.csv"]);
        assert_eq!(names(&folder, ".*.csv"), [".hidden.csv"]);
    }

    #[test]
    fn a_file_that_exists_is_no_pattern() {
        let folder = Folder::new();
        folder.file("a[1].csv", b"");
        assert_eq!(names(&folder, "a[1].csv"), ["a[1].csv"]);
    }

    #[test]
    fn nothing_found_is_an_error() {
        let folder = Folder::new();
        for pattern in ["*.csv", "none/*.csv", "[z"] {
            let message = expand(&[folder.path(pattern)]).unwrap_err().to_string();
            assert!(message.starts_with("path must"), "{message}");
        }
        assert!(expand(&[]).is_err());
    }
}
