#!/usr/bin/env bash
# Installs with apt-get what CI needs and this machine lacks; without root it says what that is.
set -euo pipefail

wanted=(
    # command:package
    gcc:gcc g++:g++ make:make git:git nm:binutils clang:clang valgrind:valgrind pypy3:pypy3 chromium:chromium
    java:openjdk-17-jre-headless
    x86_64-w64-mingw32-gcc:gcc-mingw-w64-x86-64 /usr/lib/wine/wine64:wine64
)
missing=()
for pair in "${wanted[@]}"; do
    command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
done
python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3 python3-venv)
pypy3 -c 'import ensurepip' 2>/dev/null || missing+=(pypy3-venv)
if ! printf 'int main(void){return 0;}' | clang -x c -fsanitize=address - -o /dev/null 2>/dev/null; then
    missing+=(libclang-rt-dev)
fi
# Rust's standard library for Windows: rustup's where it has it, else Debian's sources of it with their compiler.
if [ ! -d "$(rustc --print sysroot 2>/dev/null)/lib/rustlib/x86_64-pc-windows-gnu/lib" ]; then
    [ -e /usr/lib/rustlib/src/rust/library/std/Cargo.toml ] || missing+=(rust-web-src)
    [ -x /usr/bin/rustc ] || missing+=(rustc-web)
fi

if [ ${#missing[@]} -eq 0 ]; then
    echo "everything is here"
elif [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo "installing ${missing[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends "${missing[@]}" >/dev/null
else
    echo "please install: ${missing[*]}" >&2
    exit 1
fi
