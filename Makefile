# amparo: `make demo` shows it at work, `make test` runs everything. No root needed for `make demo`.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON := $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest -q
SPREAD := --numprocesses auto --dist loadfile  # over the processors, the tests of a file together
DEMO := .demo

.PHONY: help setup dev demo lint test test-slow bench altered-copies fuzz docs lock clean

help: ## List the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: .venv/base ## Make the environment that runs Amparo

dev: .venv/dev ## Make the environment that develops Amparo

.venv/base: requirements/base.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Amparo needs Python 3.11 or newer; found $$($(PYTHON) -V)."; exit 3; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv is missing. On Debian or Ubuntu: apt-get install python3-venv"; exit 3; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

.venv/dev: .venv/base requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

demo: setup ## Make a benign evidence folder, scan it, write a report
	@$(BIN)/python scripts/demo.py $(DEMO)

lint: dev ## Style, types, direction of imports, file sizes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python scripts/check_sizes.py

test: dev ## Run all tests, on SQLite and on PostgreSQL
	@scripts/apt_parts.sh
	$(PYTEST) $(SPREAD) -m "not slow"
	@$(BIN)/python scripts/postgres.py --tests "$$($(BIN)/python -m pytest -m 'database and not slow' --collect-only -q 2>/dev/null | grep -c ::)" -- \
		$(PYTEST) $(SPREAD) -m "database and not slow"

test-slow: dev ## Run what takes longer than `make test` may
	@scripts/apt_parts.sh
	$(PYTEST) -m slow
	@$(BIN)/python scripts/postgres.py -- $(PYTEST) -m "database_slow or (slow and database)"

bench: dev ## Measure against named peers; prints ratios
	@scripts/apt_parts.sh
	$(BIN)/python benchmarks/digests.py
	$(BIN)/python benchmarks/pictures.py
	$(BIN)/python benchmarks/near_search.py --peers --n 1000000 10000000
	$(BIN)/python benchmarks/groups.py
	$(BIN)/python benchmarks/banks.py
	$(BIN)/python benchmarks/workbench.py
	$(BIN)/python benchmarks/exports.py
	$(BIN)/python benchmarks/search_backlog.py
	$(BIN)/python benchmarks/erasure.py
	$(BIN)/python benchmarks/catalogue_growth.py
	$(BIN)/python benchmarks/catalogue_overhead.py
	$(BIN)/python scripts/postgres.py -- $(BIN)/python benchmarks/workbench.py
	$(BIN)/python scripts/postgres.py -- $(BIN)/python benchmarks/exports.py
	$(BIN)/python scripts/postgres.py -- $(BIN)/python benchmarks/search_backlog.py
	$(BIN)/python scripts/postgres.py -- $(BIN)/python benchmarks/catalogue_growth.py
	$(BIN)/python scripts/postgres.py -- $(BIN)/python benchmarks/catalogue_overhead.py

altered-copies: dev ## Count which altered copies are found; writes docs/altered-copies (10 minutes)
	$(BIN)/python benchmarks/altered/run.py --out docs/altered-copies
	$(BIN)/python benchmarks/altered/exact.py

fuzz: dev ## Property tests with a hundred times the examples
	AMPARO_FUZZ=1 $(PYTEST) --timeout=0 -m "not slow" $$(grep -rl "from hypothesis" tests --include="test_*.py")

docs: dev ## Write the generated parts of docs/ again
	$(BIN)/python scripts/reference.py
	$(BIN)/python scripts/documents.py

lock: dev ## Pin dependencies again, with hashes and without addresses
	$(BIN)/python scripts/lock.py

clean: ## Remove the environment and the demo
	rm -rf .venv $(DEMO)
