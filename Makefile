# make run    a running 整改通 on this machine, with the example bulletin (BULLETIN=path: with your own)
# make test   every check and every test, as CI runs them
# make check  the fast part of it: format, lint, types, import contracts, tests on SQLite without a browser

PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8000
# One PostgreSQL per worker, and a browser in one of them. Tests wait for these a third of their time, so three
# workers keep a machine of two cores busy.
WORKERS ?= 3

# Compiled modules are kept even where a machine forbids it: each process of tests would compile all of them again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test check all-tests quick-tests static lint types browser screenshots bench clean
.DEFAULT_GOAL := run

run: .venv/installed
	$(BIN)/rectify demo --port $(PORT) $(if $(ISSUED_ON),--issued-on $(ISSUED_ON)) $(if $(BULLETIN),"$(BULLETIN)")

# What takes a second comes first. mypy uses one core for half a minute in a fresh clone: beside the tests.
test: lint browser
	$(MAKE) --no-print-directory --jobs=2 types all-tests

check: lint
	$(MAKE) --no-print-directory --jobs=2 types quick-tests

all-tests: .venv/developing
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

quick-tests: .venv/developing
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --hypothesis-profile=quick \
		-m "not browser and not wheel and not slow" -k "not postgresql"

static: lint types

lint: .venv/developing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: .venv/developing
	$(BIN)/mypy

browser: .venv/developing
	sh tests/browser/get_chromium.sh $(BIN)/python

screenshots: browser
	$(BIN)/python -m tests.browser.screenshots

bench: .venv/developing
	for file in benchmarks/bench_*.py; do $(BIN)/python -m benchmarks.$$(basename $$file .py) || exit 1; done

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed (PYTHON=python3.12 make …)")'
	$(PYTHON) -m venv .venv

.venv/installed: pyproject.toml .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/developing: pyproject.toml .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@ .venv/installed

clean:
	rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
