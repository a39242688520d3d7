//! One digest for a whole tree.
#![forbid(unsafe_code)]

use super::Kind;
use super::hash::{self, Algorithm, Digest, Hasher};
use super::path_of;
use super::scan::{self, Options};
use super::table::Scan;
use crate::error::Error;
use crate::progress::Progress;
use std::fs;
use std::path::{MAIN_SEPARATOR, Path};

/// The digest of a tree: of its names, kinds, contents and link targets, nothing else.
///
/// Two trees have the same digest when a copy that keeps no times, owners or permissions makes one from
/// the other. The digest is the algorithm's over one record for each entry, in the order of a scan:
///
/// - one byte for its kind: `f` file, `d` directory, `l` symbolic link, `o` other;
/// - the length of its path below the root, 8 bytes little-endian, and the path, with `/` between names;
/// - for a file the digest of its content, for a link the length of its target, as above, and the target.
///
/// The progress counts files.
///
/// # Errors
/// [`Error::Io`] for the first path, in order, that cannot be read: a digest of a part would look like a
/// digest of the whole. [`Error::Memory`], [`Error::Cancelled`].
pub fn hash_tree(
    root: &Path,
    options: &Options,
    algorithm: Algorithm,
    progress: &Progress<'_>,
) -> Result<Digest, Error> {
    let pulse = progress.pulse();
    let table = {
        // Its count of entries must not mix with ours of files; cancelling must reach it.
        let inner = Progress::new(|_, _| pulse.check().is_ok());
        scan::scan(root, options, &inner)?
    };
    if !table.problems().is_empty() {
        let (path, source) = table.into_problems().swap_remove(0);
        return Err(Error::Io { path, source });
    }
    let regular = (0..table.len()).filter(|index| table.kinds()[*index] == Kind::File as i8);
    let files: Vec<_> = regular.map(|index| path_of(table.path(index))).collect();
    let mut digests = hash::hash_many(&files, algorithm, false, progress)?.into_iter();
    let mut hasher = Hasher::new(algorithm);
    let skipped = prefix(&table);
    for index in 0..table.len() {
        let path = table.path(index);
        let kind = table.kinds()[index];
        let letter = [(Kind::File, b'f'), (Kind::Dir, b'd'), (Kind::Symlink, b'l')]
            .iter()
            .find_map(|(known, letter)| (*known as i8 == kind).then_some(*letter))
            .unwrap_or(b'o');
        hasher.update(&[letter]);
        field(&mut hasher, &portable(&path[skipped..]));
        if letter == b'f' {
            let digest = digests.next().expect("every file was hashed")?;
            hasher.update(digest.as_bytes());
        } else if letter == b'l' {
            let path = path_of(path);
            let target = fs::read_link(&path).map_err(Error::io(&path))?;
            field(&mut hasher, &portable(target.as_os_str().as_encoded_bytes()));
            pulse.check()?;
        }
    }
    Ok(hasher.finish())
}

fn field(hasher: &mut Hasher, bytes: &[u8]) {
    hasher.update(&(bytes.len() as u64).to_le_bytes());
    hasher.update(bytes);
}

/// Bytes that come before the paths below the root.
fn prefix(table: &Scan) -> usize {
    let root = table.root().as_os_str().as_encoded_bytes();
    root.len() + usize::from(root.last().is_some_and(|last| !std::path::is_separator(char::from(*last))))
}

/// The same on every system.
fn portable(path: &[u8]) -> Vec<u8> {
    path.iter().map(|byte| if *byte == MAIN_SEPARATOR as u8 { b'/' } else { *byte }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::Folder;

    fn digest(folder: &Folder) -> Digest {
        hash_tree(folder.root(), &Options::default(), Algorithm::Blake3, &Progress::silent()).unwrap()
    }

    #[test]
    fn the_digest_is_the_documented_one() {
        let folder = Folder::new();
        folder.file("b/c", b"content");
        folder.file("a", b"");
        let mut bytes = Vec::new();
        let mut record = |kind: u8, path: &str, content: Option<&[u8]>| {
            bytes.push(kind);
            bytes.extend((path.len() as u64).to_le_bytes());
            bytes.extend(path.as_bytes());
            bytes.extend(content.iter().flat_map(|content| *blake3::hash(content).as_bytes()));
        };
        record(b'f', "a", Some(b""));
        record(b'd', "b", None);
        record(b'f', "b/c", Some(b"content"));
        assert_eq!(digest(&folder).as_bytes(), blake3::hash(&bytes).as_bytes());
    }

    #[test]
    fn every_change_of_names_and_contents_shows_and_nothing_else_does() {
        let folder = Folder::new();
        let mut seen = vec![digest(&folder)];
        let mut note = |folder: &Folder| {
            let now = digest(folder);
            assert!(!seen.contains(&now));
            seen.push(now);
        };
        let path = folder.file("a/b", b"1");
        note(&folder);
        folder.file("a/b", b"2");
        note(&folder);
        fs::create_dir(folder.path("empty")).unwrap();
        note(&folder);
        fs::rename(&path, folder.path("a/c")).unwrap();
        note(&folder);
        let before = digest(&folder);
        let file = fs::File::options().append(true).open(folder.path("a/c")).unwrap();
        file.set_modified(std::time::UNIX_EPOCH).unwrap();
        assert_eq!(digest(&folder), before);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_its_target_and_a_loop_that_is_followed_an_error() {
        use std::os::unix::fs::symlink;
        let (one, two) = (Folder::new(), Folder::new());
        symlink("x", one.path("link")).unwrap();
        symlink("y", two.path("link")).unwrap();
        assert_ne!(digest(&one), digest(&two));
        symlink(".", one.path("loop")).unwrap();
        let followed = Options { follow: true, ..Options::default() };
        let result = hash_tree(one.root(), &followed, Algorithm::Blake3, &Progress::silent());
        assert!(matches!(result, Err(Error::Io { path, .. }) if path.ends_with("loop")));
    }
}
