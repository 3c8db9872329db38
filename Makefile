# Everything here works in a fresh clone with nothing but python3 (3.10 to 3.13), make and a Python package registry.
# Python packages go into .venv/, everything else that is made into .build/; `make clean` removes both.

# The first interpreter of a supported version that can make an environment; `make PYTHON=... test` chooses another.
# (Asked, not only found: a version manager may have a shim for a version that is not installed.)
FITS := import ensurepip, sys, venv; sys.exit(not (3, 10) <= sys.version_info < (3, 14))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python3.10; do \
	$$python -c '$(FITS)' >/dev/null 2>&1 && echo $$python && break; done)

BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
SOURCES := $(shell find failback tui wizard_steps tests screenshots -name '*.py' -o -name '*.tcss' -o -name '*.tsv' 2>/dev/null)
VCENTER_SIMULATOR := .build/vcenter-simulator

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check static lint types layers coverage mutants screenshots screenshots-check translations translations-check \
	documents documents-check peers pythons audit benchmarks clean

help: ## print this list
	@echo 'make TARGET, where TARGET is one of'
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1|\2/' | \
		while IFS='|' read -r name text; do printf '  %-20s %s\n' "$$name" "$$text"; done

# ------------------------------------------------------------------------------------------------- environment
# The package is installed in place (editable), so that only a change of pyproject.toml installs again.

.build/python:
	@test -n '$(PYTHON)' || { echo 'No Python 3.10 to 3.13 that can make an environment was found (on Debian: apt install python3-venv); name one with make PYTHON=...' >&2; exit 1; }
	@mkdir -p .build
	$(PYTHON) -m venv .venv
	@touch $@

.build/installed: .build/python pyproject.toml
	$(PIP) --editable .
	@touch $@

.build/installed-dev: .build/python pyproject.toml
	$(PIP) --editable '.[dev]'
	@touch $@ .build/installed

# --------------------------------------------------------------------------------------------------------- run

demo: .build/installed ## run the wizard on the rehearsal site (no network, no account)
	@$(BIN)/failback demo

# -------------------------------------------------------------------------------------------------------- test

peers: .build/installed-dev ## build the vCenter simulator that the tests talk to (with the Go on PATH, or PyPI's)
	@$(BIN)/python tests/peers/build_vcenter_simulator.py $(VCENTER_SIMULATOR)

test: .build/installed-dev peers ## run all tests in parallel, and collect coverage
	@rm -f .build/tested
	$(BIN)/python -m pytest --numprocesses=auto --dist=worksteal --cov --cov-report= --cov-fail-under=0
	@touch .build/tested

# The suite runs only when something changed since it last passed: after `make test`, `make check` does not repeat it.
.build/tested: .build/installed-dev $(SOURCES)
	@$(MAKE) --no-print-directory test

# ------------------------------------------------------------------------------------------------------- check

check: static coverage ## everything a change must pass

static: lint types layers translations-check documents-check screenshots-check ## the same without the tests

lint: .build/installed-dev ## style: ruff's rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .build/installed-dev ## mypy, strict
	$(BIN)/mypy

layers: .build/installed-dev ## which package may import which
	$(BIN)/lint-imports --no-cache --no-logo

coverage: .build/tested ## how much of the engine and the core the tests run (runs them if anything changed)
	$(BIN)/coverage report

audit: .build/installed-dev ## ask the vulnerability database of PyPI about what is installed (needs the internet; not part of check)
	$(PIP) --editable '.[dev,audit]'
	$(BIN)/pip-audit --local --skip-editable --strict # strict: a library that nothing is known about is a failure, too

mutants: .build/installed-dev ## break the guard of each promise in a copy: its tests must notice
	$(BIN)/python -m tools.mutants

pythons: ## install and rehearse on every other supported Python found on this machine
	@.ci/pythons

# Two apps of the same library stand beside it where they can be installed; without a registry the rest is measured.
.build/benchmarks: .build/python
	@for app in toolong==1.5.0 harlequin==2.1.3; do \
		.venv/bin/python -m venv "$@/$${app%%=*}" && "$@/$${app%%=*}/bin/pip" install --quiet --disable-pip-version-check "$$app" || true; \
	done

benchmarks: .build/installed-dev .build/benchmarks ## measure start-up, terminal bytes and sizes of sites, beside others; not part of check
	@$(BIN)/python -m benchmarks

# -------------------------------------------------------------------------------------------------------- made

screenshots: .build/installed ## draw every screen of the rehearsal site anew
	$(BIN)/python screenshots/draw.py

screenshots-check: .build/installed
	$(BIN)/python screenshots/draw.py --check

translations: .build/installed-dev ## collect the texts, update the catalogues, compile them
	$(BIN)/python -m tools.translations

translations-check: .build/installed-dev
	$(BIN)/python -m tools.translations --check

documents: .build/installed ## write docs/requirements.md from the code
	$(BIN)/python -m tools.documents

documents-check: .build/installed
	$(BIN)/python -m tools.documents --check

clean: ## remove what make made
	rm -rf .venv .build .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find failback tui wizard_steps tests screenshots -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
