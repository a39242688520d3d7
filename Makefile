# The way in on Linux; build.ps1 is its twin on Windows. `make help` lists the targets.
#
# PYTHON   the Python everything is built for and run with (python3)
# WHEEL    a ready-made wheel to install and test, in place of building this tree
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

# Relative throughout, so that a clone may live in a folder with spaces in its name.
VENV := .venv
PY := $(VENV)/bin/python
EXTRAS_STAMP := $(VENV)/.extras$(if $(EXTRAS),-$(EXTRAS))
DEV := .envs/dev/bin

SOURCES := Cargo.toml Cargo.lock build.rs cbindgen.toml pyproject.toml README.md LICENSE THIRD-PARTY.txt scripts/cargo_hook.py \
	$(shell find src python -type f ! -name '*.pyc' ! -name '*.so' ! -name '*.new' | sort)

# The wheel that gets installed: this tree's own, or the one named by WHEEL.
NATIVE := target/native
WHEEL_STAMP := $(if $(WHEEL),$(WHEEL),$(NATIVE)/.built)
WHEEL_NAME := $(or $(WHEEL),tree)
WHEEL_FILE := $(if $(WHEEL),$(WHEEL),$$(ls $(NATIVE)/ironwheel-*.whl))

.PHONY: help demo build build-rust test test-rust test-python test-c bench wheel wheel-twice test-pythons lint format docs abi clean
.PHONY: need-build need-python need-wheel need-dev need-lint FORCE

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

demo: need-build $(EXTRAS_STAMP) ## nine questions, answered by the installed wheel
	@$(PY) -m ironwheel demo

test: need-build test-rust test-python test-c ## Rust tests, pytest through the installed wheel, C programs

build: need-build build-rust $(VENV)/.test ## all that the tests need, not run yet; -j2 does two things at once

build-rust: need-build
	cargo test --locked --no-run

test-rust: need-build
	cargo test --locked

test-python: need-build $(VENV)/.test
	IRONWHEEL_TEST_INSTALLED=1 $(PY) -m pytest tests/python

test-c: need-build $(VENV)/.installed
	$(PY) tests/c/run.py $(if $(CI),--require all)

bench: need-build $(VENV)/.bench ## this library next to its peers, timed in one run
	$(PY) benches/run.py $(if $(QUICK),--quick)

wheel: need-wheel .envs/wheel/.made ## dist/ironwheel-*-py3-none-manylinux2014_x86_64.whl, checked
	.envs/wheel/bin/python scripts/wheel.py

wheel-twice: need-wheel .envs/wheel/.made ## the wheel, built again in another folder: the same bits
	.envs/wheel/bin/python scripts/wheel.py --twice

test-pythons: need-python ## the wheel from dist/, in every Python this machine has
	$(PYTHON) scripts/test_pythons.py $(if $(WHEEL),"$(WHEEL)",)

lint: need-lint .envs/dev/.made ## formatting, clippy, ruff, mypy, shellcheck, build.ps1
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	$(DEV)/ruff format --check
	$(DEV)/ruff check
	$(DEV)/mypy
	$(DEV)/shellcheck scripts/*.sh .ci/run
	$(DEV)/python scripts/check_ps1.py build.ps1
	$(DEV)/python scripts/third_party.py --check

format: need-lint .envs/dev/.made ## what the formatters can put right by themselves
	cargo fmt
	$(DEV)/ruff check --fix --quiet --exit-zero
	$(DEV)/ruff format

docs: need-build $(VENV)/.test ## Rust's documentation without a warning, and every Python example run
	RUSTDOCFLAGS=-Dwarnings cargo doc --locked --no-deps --document-private-items
	IRONWHEEL_TEST_INSTALLED=1 $(PY) -m pytest --doctest-modules --pyargs ironwheel

abi: need-dev .envs/dev/.made ## include/ironwheel.h and python/ironwheel/_abi.py from src/ffi
	cargo build --locked --lib
	$(DEV)/python scripts/generate_abi.py

clean: ## remove everything that was built or installed in this folder
	rm -rf target dist .venv .envs .pytest_cache .mypy_cache .ruff_cache .hypothesis
	rm -f python/ironwheel/*.so python/ironwheel/*.new
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- what a target lacks, said before anything is done --------------------------------------------
need-build:
	@sh scripts/need.sh python venv cc $(if $(WHEEL),,cargo)
need-python:
	@sh scripts/need.sh python venv
need-wheel:
	@sh scripts/need.sh python python310 venv cc cargo
need-dev:
	@sh scripts/need.sh python python310 venv cc cargo
need-lint:
	@sh scripts/need.sh python python310 venv cc cargo rustfmt clippy

# --- environments: a stamp each, made again when what it was made from changes --------------------
$(VENV)/.made: | need-python
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(NATIVE)/.built: $(SOURCES) | need-build $(VENV)/.made
	@rm -rf $(NATIVE) && mkdir -p $(NATIVE)
	$(PY) -m pip wheel --quiet --no-deps --wheel-dir $(NATIVE) .
	@touch $@

# The stamp says which wheel it is, because a change of mind about WHEEL changes no file.
$(VENV)/.installed: $(VENV)/.made $(WHEEL_STAMP) $(if $(filter $(WHEEL_NAME),$(shell cat $(VENV)/.installed 2>&1)),,FORCE)
	$(PY) -m pip install --quiet --force-reinstall --no-deps "$(WHEEL_FILE)"
	@echo '$(WHEEL_NAME)' > $@

$(EXTRAS_STAMP): pyproject.toml $(VENV)/.made | $(VENV)/.installed
	$(if $(EXTRAS),$(PY) -m pip install --quiet "$(WHEEL_FILE)[$(EXTRAS)]" || \
		{ echo 'The demo runs without these and shows what it left out: make demo EXTRAS=' >&2; exit 1; })
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.made | $(VENV)/.installed
	$(PY) -m pip install --quiet -r requirements/test.txt
	@touch $@

$(VENV)/.bench: requirements/bench.txt $(VENV)/.made | $(VENV)/.installed
	$(PY) -m pip install --quiet -r requirements/bench.txt
	@touch $@

.envs/dev/.made: requirements/dev.txt | need-python
	$(PYTHON) -m venv .envs/dev
	$(DEV)/python -m pip install --quiet -r requirements/dev.txt
	@touch $@

.envs/wheel/.made: requirements/wheel.txt | need-python
	$(PYTHON) -m venv .envs/wheel
	.envs/wheel/bin/python -m pip install --quiet -r requirements/wheel.txt
	@touch $@
