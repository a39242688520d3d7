//! Writes include/ironwheel.h from src/ffi, so that the header cannot lag behind the code, and hands
//! the library the hash of what the header declares.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-changed=src/ffi");
    println!("cargo:rerun-if-changed=cbindgen.toml");
    println!("cargo:rerun-if-changed=include/ironwheel.h");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("ironwheel.h");
    // A stale header is worse than a failed build: C and ctypes would call through it.
    boundary(&root).generate().expect("cbindgen could not read src/ffi").write_to_file(&out);
    let header = fs::read_to_string(&out).expect("cbindgen wrote the header");
    publish(&header, &root.join("include/ironwheel.h"));
    println!("cargo:rustc-env=IW_ABI_FINGERPRINT={:016x}", fnv1a(declarations(&header).as_bytes()));
}

/// Only src/ffi: a public constant of the safe core is no business of C's.
fn boundary(root: &Path) -> cbindgen::Builder {
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("cbindgen.toml is not valid");
    cbindgen::Builder::new().with_config(config).with_src(root.join("src/ffi/mod.rs"))
}

/// Updates the committed copy. A source tree that cannot be written still builds: the fingerprint comes
/// from the code itself, so a wrapper made from another header is refused when it loads the library.
fn publish(header: &str, committed: &Path) {
    if fs::read_to_string(committed).is_ok_and(|old| old == header) {
        return;
    }
    if let Err(error) = fs::write(committed, header) {
        println!("cargo:warning={} is stale and could not be updated: {error}", committed.display());
    }
}

/// The header without comments and with single spaces, as scripts/generate_abi.py reduces it too.
fn declarations(header: &str) -> String {
    let mut code = String::new();
    let mut rest = header;
    while let Some(start) = rest.find("/*") {
        code.push_str(&rest[..start]);
        let end = rest[start..].find("*/").expect("cbindgen closes its comments");
        rest = &rest[start + end + 2..];
    }
    code.push_str(rest);
    let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// FNV-1a, 64 bits: enough to tell two headers apart, and ten lines in any language.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
