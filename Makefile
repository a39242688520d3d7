# The way in on Linux; build.ps1 is its twin on Windows. `make help` lists the targets.
#
# PYTHON   the Python everything is built for and run with (python3)
# WHEEL    a ready-made wheel to install and test, in place of building this tree
# QUICK    anything: bench measures less, test-windows tests a wheel that was optimised little, test-spark one stack
# EXTRAS   what the demo installs beside ironwheel (pandas,arrow)

PYTHON ?= python3
EXTRAS ?= pandas,arrow
WHEEL ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
export PYTHON
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# rustup's folder last, for a shell that was open before rustup came.
export PATH := $(PATH):$(HOME)/.cargo/bin

# The steps, which build.ps1 takes too. Relative throughout, so that a clone may live in a folder with spaces in its name.
STEP := $(PYTHON) scripts/build.py $(if $(WHEEL),--wheel "$(WHEEL)")
DEV := .envs/dev/bin

SOURCES := Cargo.toml Cargo.lock build.rs cbindgen.toml pyproject.toml README.md LICENSE THIRD-PARTY.txt scripts/cargo_hook.py \
	$(shell find src python -type f ! -name '*.pyc' ! -name '*.so' ! -name '*.new' | sort)

WINDOWS := target/windows
WINDOWS_WHEEL = $(if $(WHEEL),$(WHEEL),$$(ls $(if $(QUICK),$(WINDOWS)/quick,dist)/ironwheel-*-win_amd64.whl))

.PHONY: help demo library build build-rust test test-rust test-python test-needs test-c bench wheel wheel-twice wheel-tools test-pythons
.PHONY: wheel-windows test-windows test-spark test-spark-all lint check-devcontainer format docs abi dev clean
.PHONY: need-build need-python need-wheel need-windows need-wine need-spark need-dev need-lint FORCE

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

demo: need-build ## nine questions, answered by the installed wheel
	@$(STEP) demo --extras "$(EXTRAS)"

library: need-build ## artefacts/linux-x64/libironwheel.so, for ctypes.CDLL without pip
	@$(STEP) library

test: need-build test-rust test-python test-c ## Rust tests, pytest through the installed wheel, C programs

build: need-build build-rust test-needs ## all that the tests need, not run yet; -j2 does two things at once

build-rust: need-build
	cargo test --locked --no-run

test-needs: need-build
	@$(STEP) test-needs

test-rust: need-build
	cargo test --locked

test-python: need-build
	@$(STEP) test-python

test-c: need-build
	@$(STEP) test-c

bench: need-build ## this library next to its peers, timed in one run
	@$(STEP) bench $(if $(QUICK),--quick)

wheel: need-wheel ## dist/ironwheel-*-py3-none-manylinux2014_x86_64.whl, checked
	@$(STEP) wheel

wheel-twice: need-wheel wheel-tools ## the wheel, built again in another folder: the same bits
	.envs/wheel/bin/python scripts/wheel.py --twice

test-pythons: need-python ## the wheel from dist/, in every Python this machine has
	$(PYTHON) scripts/test_pythons.py $(if $(WHEEL),"$(WHEEL)",)

wheel-windows: $(WINDOWS)/.release ## dist/ironwheel-*-py3-none-win_amd64.whl, cross-built and checked

test-windows: need-wine $(if $(WHEEL),,$(WINDOWS)/$(if $(QUICK),.quick,.release)) ## pytest in Windows' own CPython, under Wine
	$(PYTHON) scripts/test_windows.py "$(WINDOWS_WHEEL)"

test-spark: need-spark ## ironwheel.spark on the Sparks of Fabric 1.3 and 2.0, a driver and two executors each
	$(PYTHON) scripts/test_spark.py $(if $(QUICK),--quick) $(if $(WHEEL),--wheel "$(WHEEL)")

test-spark-all: need-spark ## the same on all five of Synapse and Fabric, one after the other
	$(PYTHON) scripts/test_spark.py --all $(if $(WHEEL),--wheel "$(WHEEL)")

lint: need-lint dev ## formatting, clippy, ruff, mypy, shellcheck, build.ps1, the workflow
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	$(DEV)/ruff format --check
	$(DEV)/ruff check
	$(DEV)/mypy
	$(DEV)/shellcheck scripts/*.sh .ci/run .devcontainer/*.sh
	$(DEV)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(DEV)/jactionlint --profile correctness --shellcheck=$(DEV)/shellcheck --pyflakes= .github/workflows/*.yml
	$(DEV)/python scripts/check_ps1.py build.ps1
	$(DEV)/python scripts/third_party.py --check

check-devcontainer: ## what the container runs first, in a bare Debian of its own (as root, with debootstrap)
	bash scripts/check_devcontainer.sh

format: need-lint dev ## what the formatters can put right by themselves
	cargo fmt
	$(DEV)/ruff check --fix --quiet --exit-zero
	$(DEV)/ruff format

docs: need-build ## Rust's documentation without a warning, and every Python example run
	@$(STEP) docs

abi: need-dev dev ## include/ironwheel.h and python/ironwheel/_abi.py from src/ffi
	cargo build --locked --lib
	$(DEV)/python scripts/generate_abi.py

dev: need-python ## the linters, in .envs/dev
	@$(STEP) dev

clean: ## remove everything that was built or installed in this folder
	@$(STEP) clean

# --- what a target lacks, said before anything is done --------------------------------------------
need-build:
	@sh scripts/need.sh python venv cc $(if $(WHEEL),,cargo)
need-python:
	@sh scripts/need.sh python venv
need-wheel:
	@sh scripts/need.sh python python310 venv cc cargo
need-windows:
	@sh scripts/need.sh python python310 venv cc cargo mingw windows-std
need-wine:
	@sh scripts/need.sh python wine mingw
need-spark:
	@sh scripts/need.sh python venv java $(if $(WHEEL),,cc cargo)
need-dev:
	@sh scripts/need.sh python python310 venv cc cargo
need-lint:
	@sh scripts/need.sh python python310 venv cc cargo rustfmt clippy

# --- Windows: a stamp for the wheel that users get, and one for the quick one -----------------------
wheel-tools: need-python
	@$(STEP) wheel-tools

$(WINDOWS)/.release: $(SOURCES) scripts/wheel.py scripts/mingw.py scripts/pe.py $(if $(wildcard dist/*-win_amd64.whl),,FORCE) | need-windows wheel-tools
	.envs/wheel/bin/python scripts/wheel.py --windows
	@mkdir -p $(@D) && touch $@

$(WINDOWS)/.quick: $(SOURCES) scripts/wheel.py scripts/mingw.py scripts/pe.py | need-windows wheel-tools
	.envs/wheel/bin/python scripts/wheel.py --windows --quick --out $(WINDOWS)/quick
	@touch $@
