#!/usr/bin/env bash
# From a bare Debian with Rust and Python to a working tree: the packages of CI, the library installed into .venv
# with what its tests need, and the linters. `make test`, `make lint` and `./build.ps1 -Test` run straight after.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [ "$(id -u)" -eq 0 ]; then
    bash scripts/packages.sh
else
    sudo --preserve-env=PATH,CARGO_HOME,RUSTUP_HOME bash scripts/packages.sh
fi
make dev library test-needs
.venv/bin/python -c 'import ironwheel as iw; print("ironwheel", iw.__version__, "works:", iw.ints.mul(6, 7))'
