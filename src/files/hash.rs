//! Digests of files.
#![forbid(unsafe_code)]

use super::many::{self, Outcome};
use super::read::{self, BIG, Regular};
use crate::error::Error;
use crate::exec;
use crate::progress::{Progress, Pulse};
use blake3::hazmat::{ChainingValue, HasherExt, Mode, merge_subtrees_non_root, merge_subtrees_root};
use sha2::Digest as _;
use std::path::Path;

/// How a digest is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// BLAKE3, 256 bits: cryptographic, and the fastest here, because one file keeps every thread busy.
    Blake3,
    /// SHA-256 (FIPS 180-4).
    Sha256,
    /// SHA-512 (FIPS 180-4).
    Sha512,
    /// SHA-1 (FIPS 180-4): broken, for comparing with what others published.
    Sha1,
    /// MD5 (RFC 1321): broken, for comparing with what others published.
    Md5,
    /// XXH3, 64 bits, seed 0, in the canonical (big-endian) form: not cryptographic.
    Xxh3_64,
    /// XXH3, 128 bits, seed 0, in the canonical (big-endian) form: not cryptographic.
    Xxh3_128,
    /// CRC-32 (ISO-HDLC, as in zip, gzip and PNG), big-endian: finds accidents, not intentions.
    Crc32,
}

impl Algorithm {
    /// Every algorithm and its name.
    pub const ALL: [(&str, Self); 8] = [
        ("blake3", Self::Blake3),
        ("sha256", Self::Sha256),
        ("sha512", Self::Sha512),
        ("sha1", Self::Sha1),
        ("md5", Self::Md5),
        ("xxh3_64", Self::Xxh3_64),
        ("xxh3_128", Self::Xxh3_128),
        ("crc32", Self::Crc32),
    ];

    /// The algorithm called `name`.
    ///
    /// # Errors
    /// [`Error::Invalid`] when there is none.
    pub fn named(name: &str) -> Result<Self, Error> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, algorithm)| *algorithm).ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|(name, _)| *name).collect();
            Error::Invalid(format!("algorithm must be one of {}, got {name:?}", known.join(", ")))
        })
    }

    /// Bytes of a digest.
    pub fn size(self) -> usize {
        match self {
            Self::Blake3 | Self::Sha256 => 32,
            Self::Sha512 => 64,
            Self::Sha1 => 20,
            Self::Md5 | Self::Xxh3_128 => 16,
            Self::Xxh3_64 => 8,
            Self::Crc32 => 4,
        }
    }
}

/// The most bytes a digest has.
const LONGEST: usize = 64;

/// A digest: [`Algorithm::size`] bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest {
    bytes: [u8; LONGEST],
    len: usize,
}

impl Digest {
    fn new(bytes: &[u8]) -> Self {
        let mut digest = Self { bytes: [0; LONGEST], len: bytes.len() };
        digest.bytes[..bytes.len()].copy_from_slice(bytes);
        digest
    }

    /// Its bytes, in the order they are written in hexadecimal.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// A digest being computed over bytes that come in order.
pub(super) enum Hasher {
    Blake3(Box<blake3::Hasher>),
    Sha256(sha2::Sha256),
    Sha512(sha2::Sha512),
    Sha1(sha1::Sha1),
    Md5(md5::Md5),
    Xxh3(Box<xxhash_rust::xxh3::Xxh3>, Algorithm),
    Crc32(crc32fast::Hasher),
}

impl Hasher {
    pub(super) fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Blake3 => Self::Blake3(Box::default()),
            Algorithm::Sha256 => Self::Sha256(sha2::Sha256::new()),
            Algorithm::Sha512 => Self::Sha512(sha2::Sha512::new()),
            Algorithm::Sha1 => Self::Sha1(sha1::Sha1::new()),
            Algorithm::Md5 => Self::Md5(md5::Md5::new()),
            Algorithm::Xxh3_64 | Algorithm::Xxh3_128 => Self::Xxh3(Box::default(), algorithm),
            Algorithm::Crc32 => Self::Crc32(crc32fast::Hasher::new()),
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Blake3(state) => {
                state.update(bytes);
            }
            Self::Sha256(state) => state.update(bytes),
            Self::Sha512(state) => state.update(bytes),
            Self::Sha1(state) => state.update(bytes),
            Self::Md5(state) => state.update(bytes),
            Self::Xxh3(state, _) => state.update(bytes),
            Self::Crc32(state) => state.update(bytes),
        }
    }

    pub(super) fn finish(self) -> Digest {
        match self {
            Self::Blake3(state) => Digest::new(state.finalize().as_bytes()),
            Self::Sha256(state) => Digest::new(&state.finalize()),
            Self::Sha512(state) => Digest::new(&state.finalize()),
            Self::Sha1(state) => Digest::new(&state.finalize()),
            Self::Md5(state) => Digest::new(&state.finalize()),
            Self::Xxh3(state, Algorithm::Xxh3_64) => Digest::new(&state.digest().to_be_bytes()),
            Self::Xxh3(state, _) => Digest::new(&state.digest128().to_be_bytes()),
            Self::Crc32(state) => Digest::new(&state.finalize().to_be_bytes()),
        }
    }
}

/// The digest of a file. The progress counts bytes.
///
/// # Errors
/// [`Error::Io`] when it cannot be read or is not a regular file, [`Error::Cancelled`].
pub fn hash(path: &Path, algorithm: Algorithm, progress: &Progress<'_>) -> Result<Digest, Error> {
    let regular = Regular::open(path)?;
    progress.set_total(regular.size);
    if splits(&regular, algorithm)?
        && let Some(digest) = blake3_in_blocks(&regular, progress)?
    {
        return Ok(digest);
    }
    in_order(&regular, algorithm, &progress.pulse())
}

/// The digests of many files, in their order. The progress counts files.
///
/// Without `keep_going` the first file, in order, that cannot be read ends the call; with it the
/// error stands in its digest's place.
///
/// # Errors
/// As [`hash`].
pub fn hash_many<P: AsRef<Path> + Sync>(
    paths: &[P],
    algorithm: Algorithm,
    keep_going: bool,
    progress: &Progress<'_>,
) -> Result<Vec<Outcome<Digest>>, Error> {
    let one = |path: &Path, pulse: &Pulse<'_>| {
        let regular = Regular::open(path)?;
        if splits(&regular, algorithm)? {
            return Ok(None);
        }
        let mut hasher = Hasher::new(algorithm);
        regular.stream(|piece| {
            hasher.update(piece);
            pulse.check()?;
            Ok(true)
        })?;
        Ok(Some(hasher.finish()))
    };
    many::each(paths, keep_going, progress, one, |path, inner| hash(path, algorithm, inner))
}

fn in_order(regular: &Regular<'_>, algorithm: Algorithm, pulse: &Pulse<'_>) -> Result<Digest, Error> {
    let mut hasher = Hasher::new(algorithm);
    read::in_order(regular, pulse, |piece| hasher.update(piece))?;
    Ok(hasher.finish())
}

/// Whether several threads share this file: only BLAKE3 is a tree of independent parts.
fn splits(regular: &Regular<'_>, algorithm: Algorithm) -> Result<bool, Error> {
    Ok(algorithm == Algorithm::Blake3 && regular.size >= BIG && exec::threads()? > 1)
}

/// BLAKE3's tree cut in complete subtrees of one size (section 2.1 of its paper), each hashed by
/// itself, then merged as one thread would have. `None` when the file became shorter meanwhile.
fn blake3_in_blocks(regular: &Regular<'_>, progress: &Progress<'_>) -> Result<Option<Digest>, Error> {
    // A subtree covers a power of two of bytes; more of them than this would be work to merge.
    let block = (1_u64 << 20).max((regular.size >> 15).next_power_of_two());
    let begin = |first| {
        let mut hasher = blake3::Hasher::new();
        hasher.set_input_offset(first);
        hasher
    };
    let Some(hashers) = regular.blocks(block, progress, begin, |hasher, piece| {
        hasher.update(piece);
    })?
    else {
        return Ok(None);
    };
    let subtrees: Vec<ChainingValue> = hashers.iter().map(HasherExt::finalize_non_root).collect();
    let (left, right) = subtrees.split_at(left_of(subtrees.len()));
    Ok(Some(Digest::new(merge_subtrees_root(&merged(left), &merged(right), Mode::Hash).as_bytes())))
}

/// How many of `count >= 2` subtrees stand left of the root: the largest power of two below `count`.
fn left_of(count: usize) -> usize {
    count.next_power_of_two() / 2
}

/// As deep as the logarithm of the count.
fn merged(subtrees: &[ChainingValue]) -> ChainingValue {
    match subtrees {
        [single] => *single,
        several => {
            let (left, right) = several.split_at(left_of(several.len()));
            merge_subtrees_non_root(&merged(left), &merged(right), Mode::Hash)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::Folder;
    use std::fmt::Write;
    use std::fs::File;

    fn hex(digest: Digest) -> String {
        digest.as_bytes().iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        })
    }

    #[test]
    fn digests_of_abc_are_the_published_ones() {
        let folder = Folder::new();
        let path = folder.file("abc", b"abc");
        let published = [
            ("blake3", "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"),
            ("sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "sha512",
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                 2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            ),
            ("sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            ("md5", "900150983cd24fb0d6963f7d28e17f72"),
            ("xxh3_64", "78af5f94892f3950"),
            ("xxh3_128", "06b05ab6733a618578af5f94892f3950"),
            ("crc32", "352441c2"),
        ];
        assert_eq!(published.len(), Algorithm::ALL.len());
        for (name, expected) in published {
            let algorithm = Algorithm::named(name).unwrap();
            let digest = hash(&path, algorithm, &Progress::silent()).unwrap();
            assert_eq!(hex(digest), expected, "{name}");
            assert_eq!(digest.as_bytes().len(), algorithm.size(), "{name}");
        }
    }

    #[test]
    fn a_tree_in_blocks_is_the_tree_of_one_thread() {
        let folder = Folder::new();
        let mib = 1 << 20;
        for size in [2 * mib, 2 * mib + 1, 3 * mib - 1, 4 * mib, 5 * mib + 1023, 7 * mib + 1025, 8 * mib + 1]
        {
            let content: Vec<u8> =
                (0..size).map(|i: usize| (i.wrapping_mul(2_654_435_761) >> 11) as u8).collect();
            let path = folder.file("x", &content);
            let regular = Regular::open(&path).unwrap();
            let digest = blake3_in_blocks(&regular, &Progress::silent()).unwrap().unwrap();
            assert_eq!(digest.as_bytes(), blake3::hash(&content).as_bytes(), "{size} bytes");
        }
    }

    #[test]
    fn a_file_that_shrank_is_read_again() {
        let folder = Folder::new();
        let path = folder.file("x", &vec![7; 5 << 20]);
        let regular = Regular::open(&path).unwrap();
        File::options().write(true).open(&path).unwrap().set_len(3).unwrap();
        assert_eq!(blake3_in_blocks(&regular, &Progress::silent()).unwrap(), None);
    }

    #[test]
    fn one_missing_file_is_the_error_or_has_it() {
        let folder = Folder::new();
        let paths = [folder.file("a", b"a"), folder.path("none"), folder.file("b", &vec![1; 5 << 20])];
        let error = hash_many(&paths, Algorithm::Blake3, false, &Progress::silent()).unwrap_err();
        assert!(matches!(error, Error::Io { path, .. } if path.ends_with("none")));
        let outcomes = hash_many(&paths, Algorithm::Blake3, true, &Progress::silent()).unwrap();
        assert!(outcomes[0].is_ok() && outcomes[1].is_err());
        assert_eq!(outcomes[2].as_ref().unwrap().as_bytes(), blake3::hash(&vec![1; 5 << 20]).as_bytes());
    }

    #[test]
    fn cancelling_ends_every_way_of_hashing() {
        let folder = Folder::new();
        let path = folder.path("big");
        File::create(&path).unwrap().set_len(8 << 30).unwrap(); // a hole: no disk, and seconds to hash
        for (_, algorithm) in Algorithm::ALL {
            let stop = || Progress::new(|_, _| false);
            assert!(matches!(hash(&path, algorithm, &stop()), Err(Error::Cancelled)), "{algorithm:?}");
            let many = hash_many(&[&path, &path], algorithm, true, &stop());
            assert!(matches!(many, Err(Error::Cancelled)), "{algorithm:?}");
        }
    }

    #[test]
    fn an_unknown_algorithm_is_named() {
        let message = Algorithm::named("sha3").unwrap_err().to_string();
        assert!(
            message.starts_with("algorithm must be one of blake3, sha256")
                && message.ends_with("got \"sha3\"")
        );
    }
}
