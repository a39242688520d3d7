#!/bin/sh
# Says what a target of the Makefile lacks on this machine, and how to get it.
# usage: need.sh TOOL...    TOOL: cargo cc java mingw python python310 venv rustfmt clippy windows-std wine git valgrind
# Everything missing is named at once; the exit status is 1 when anything is.
set -u
python=${PYTHON:-python3}
missing=0

lacks() {
    printf 'missing: %s\n    %s\n' "$1" "$2" >&2
    missing=1
}

# Debian's words for a package, with a hint for the rest of the world.
packaged() {
    printf '%s' "Debian, Ubuntu: sudo apt-get install $1; elsewhere: the package of that name"
}

older() { # older FOUND WANTED
    [ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

for tool in "$@"; do
    case $tool in
    cargo)
        wanted=$(sed -n 's/^rust-version = "\([0-9.]*\)".*/\1/p' Cargo.toml)
        if ! command -v cargo >/dev/null 2>&1; then
            lacks "cargo (Rust $wanted or newer)" "get it from https://rustup.rs, then open a new shell"
        else
            found=$(rustc --version | sed 's/^rustc \([0-9.]*\).*/\1/')
            if older "$found" "$wanted"; then
                lacks "Rust $wanted or newer (this is $found)" "rustup update stable; or https://rustup.rs"
            fi
        fi
        ;;
    cc)
        command -v cc >/dev/null 2>&1 ||
            lacks "a C compiler and linker (cc)" "$(packaged 'gcc libc6-dev')"
        ;;
    python)
        if ! command -v "$python" >/dev/null 2>&1; then
            lacks "$python (3.8 or newer)" "$(packaged 'python3'); or name another one: make PYTHON=python3.12 ..."
        elif ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 8))'; then
            lacks "Python 3.8 or newer ($python is $("$python" --version 2>&1))" \
                "name another one: make PYTHON=python3.12 ..."
        fi
        ;;
    python310) # what today's mypy runs on
        if command -v "$python" >/dev/null 2>&1 &&
            ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))'; then
            lacks "Python 3.10 or newer for the development tools" "name one: make PYTHON=python3.12 ..."
        fi
        ;;
    venv)
        if command -v "$python" >/dev/null 2>&1 && ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
            lacks "$python's venv and ensurepip modules" "$(packaged 'python3-venv')"
        fi
        ;;
    rustfmt | clippy)
        name=$tool
        [ "$tool" = rustfmt ] && name=fmt
        ! command -v cargo >/dev/null 2>&1 || cargo "$name" --version >/dev/null 2>&1 ||
            lacks "cargo $name" "rustup component add $tool; without rustup: the package $tool"
        ;;
    mingw)
        command -v x86_64-w64-mingw32-gcc >/dev/null 2>&1 ||
            lacks "GCC for Windows (x86_64-w64-mingw32-gcc)" "$(packaged 'gcc-mingw-w64-x86-64')"
        ;;
    windows-std) # rustup's, or Debian's compiler and its sources, from which it is built along
        target=x86_64-pc-windows-gnu
        [ -d "$(rustc --print sysroot 2>/dev/null)/lib/rustlib/$target/lib" ] ||
            { [ -x /usr/bin/rustc ] && [ -e /usr/lib/rustlib/src/rust/library/std/Cargo.toml ]; } ||
            lacks "Rust's standard library for $target" \
                "rustup target add $target; or $(packaged 'rustc-web rust-web-src')"
        ;;
    java) # the one that Spark 3.4, 3.5 and 4.1 have in common
        "$python" scripts/test_spark.py --java >/dev/null 2>&1 ||
            lacks "Java 17, in JAVA_HOME or on PATH" "$(packaged 'openjdk-17-jre-headless')"
        ;;
    wine)
        [ -x /usr/lib/wine/wine64 ] || command -v wine64 >/dev/null 2>&1 || command -v wine >/dev/null 2>&1 ||
            lacks "Wine for 64-bit programs" "$(packaged 'wine64')"
        ;;
    *)
        command -v "$tool" >/dev/null 2>&1 || lacks "$tool" "$(packaged "$tool")"
        ;;
    esac
done
exit $missing
