//! What `.gitignore` files leave out.
#![forbid(unsafe_code)]

use super::chain::{self, Chain};
use super::path_of;
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The rules of one file, and where the paths they speak of begin.
#[derive(Debug)]
pub(super) struct Rules {
    matcher: Gitignore,
    base: Base,
}

#[derive(Debug)]
enum Base {
    /// The rules' directory is this many bytes into a path below the root, its separator included.
    Within(usize),
    /// The rules' directory is above the root; this leads from it to the root.
    Above(PathBuf),
}

/// What could not be understood: the file and why.
pub(super) type Problems = Vec<(PathBuf, io::Error)>;

fn compile(content: &[u8], file: &Path, problems: &mut Problems) -> Option<Gitignore> {
    let mut builder = GitignoreBuilder::new(".");
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    for (number, line) in content.split(|byte| *byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let failed = match std::str::from_utf8(line) {
            Ok(text) => builder.add_line(None, text).err().map(|error| error.to_string()),
            Err(_) => Some("not UTF-8".to_owned()),
        };
        if let Some(why) = failed {
            let said = format!("line {} does not apply: {why}", number + 1);
            problems.push((file.to_owned(), io::Error::new(io::ErrorKind::InvalidData, said)));
        }
    }
    match builder.build() {
        Ok(matcher) if matcher.is_empty() => None,
        Ok(matcher) => Some(matcher),
        Err(error) => {
            problems.push((file.to_owned(), io::Error::new(io::ErrorKind::InvalidData, error.to_string())));
            None
        }
    }
}

/// Adds the rules of a `.gitignore` in the directory `below`, which is relative to the root.
pub(super) fn add(
    rules: &Chain<Rules>,
    below: &[u8],
    content: &[u8],
    file: &Path,
    problems: &mut Problems,
) -> Chain<Rules> {
    match compile(content, file, problems) {
        None => rules.clone(),
        Some(matcher) => {
            let skipped = if below.is_empty() { 0 } else { below.len() + 1 };
            chain::add(rules, Rules { matcher, base: Base::Within(skipped) })
        }
    }
}

/// Whether the path `below`, relative to the root, is left out. The nearest file that speaks of it decides.
pub(super) fn ignored(rules: &Chain<Rules>, below: &[u8], directory: bool) -> bool {
    for rule in chain::values(rules) {
        let said = match &rule.base {
            Base::Within(skipped) => rule.matcher.matched(path_of(&below[*skipped..]), directory),
            Base::Above(way) => rule.matcher.matched(way.join(path_of(below)), directory),
        };
        match said {
            Match::Ignore(_) => return true,
            Match::Whitelist(_) => return false,
            Match::None => {}
        }
    }
    false
}

/// The rules that hold at `root` itself: `.git/info/exclude` and every `.gitignore` from the top of
/// the repository down to the parent of `root`. Outside a repository there are none.
pub(super) fn above(root: &Path, problems: &mut Problems) -> Chain<Rules> {
    // What cannot be resolved cannot be opened either; the scan itself says so.
    let Ok(root) = fs::canonicalize(root) else { return None };
    let top = root.ancestors().find(|directory| directory.join(".git").symlink_metadata().is_ok())?;
    let mut directories: Vec<&Path> = root.ancestors().skip(1).take_while(|it| it.starts_with(top)).collect();
    directories.reverse();
    let mut rules = None;
    let exclude = top.join(".git/info/exclude");
    let files = directories.iter().map(|directory| (*directory, directory.join(".gitignore")));
    for (directory, file) in std::iter::once((top, exclude)).chain(files) {
        let Some(content) = read_rules(&file, problems) else { continue };
        let way = root.strip_prefix(directory).unwrap_or(Path::new("")).to_owned();
        if let Some(matcher) = compile(&content, &file, problems) {
            rules = chain::add(&rules, Rules { matcher, base: Base::Above(way) });
        }
    }
    rules
}

/// The content of a file of rules, if there is one. A link is not one: git does not follow it either.
pub(super) fn read_rules(file: &Path, problems: &mut Problems) -> Option<Vec<u8>> {
    match file.symlink_metadata() {
        Ok(meta) if meta.is_file() => {
            fs::read(file).map_err(|error| problems.push((file.to_owned(), error))).ok()
        }
        Ok(_) => None,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => None,
        Err(error) => {
            problems.push((file.to_owned(), error));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(content: &str) -> Chain<Rules> {
        let mut problems = Vec::new();
        let rules = add(&None, b"", content.as_bytes(), Path::new(".gitignore"), &mut problems);
        assert!(problems.is_empty(), "{problems:?}");
        rules
    }

    #[test]
    fn the_last_line_that_matches_decides() {
        let rules = of("*.log\n!keep.log\n/build/\n# note\n");
        assert!(ignored(&rules, b"a.log", false) && ignored(&rules, b"x/y/a.log", false));
        assert!(!ignored(&rules, b"keep.log", false) && !ignored(&rules, b"a.txt", false));
        assert!(ignored(&rules, b"build", true) && !ignored(&rules, b"build", false));
        assert!(!ignored(&rules, b"x/build", true));
    }

    #[test]
    fn a_nearer_file_overrules_a_farther_one_and_reads_paths_from_its_own_place() {
        let outer = of("*.log\n");
        let inner =
            add(&outer, b"sub", b"!*.log\n/only-here\r\n", Path::new("sub/.gitignore"), &mut Vec::new());
        assert!(!ignored(&inner, b"sub/a.log", false) && ignored(&outer, b"sub/a.log", false));
        assert!(ignored(&inner, b"sub/only-here", false) && !ignored(&inner, b"sub/x/only-here", false));
    }

    #[test]
    fn lines_that_cannot_apply_are_reported_and_the_others_hold() {
        let mut problems = Vec::new();
        let rules = add(&None, b"", b"\xff\xfe\n*.o\na[z-a]\n", Path::new("p"), &mut problems);
        assert!(ignored(&rules, b"x.o", false));
        let said: Vec<String> = problems.iter().map(|(_, error)| error.to_string()).collect();
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said[0].contains("line 1") && said[1].contains("line 3"), "{said:?}");
    }
}
