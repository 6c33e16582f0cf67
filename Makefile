# The commands of the house. `make` alone lists them. Each sets up what it needs: the environment in .venv is made from
# requirements.lock (hashes checked) and made again when the lock or setup.cfg changes.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo test check lint types imports rules bench docs env lock moved

# The first Python on the path that is new enough; `make PYTHON=/path/to/python3 …` names another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
# The stamp names the place that the environment was made in: one that was moved or copied along is made anew.
MOVED := $(shell [ ! -e .venv/.stamp ] || [ "$$(cat .venv/.stamp)" = "$$(pwd -P)" ] || echo moved)

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*##  *\(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

demo: .venv/.stamp  ## everything for a first look; Ctrl-C stops it
	@exec $(BIN)/lunas demo

test: .venv/.stamp  ## all tests
	@exec $(BIN)/pytest -n 2 --dist loadfile

check: lint types imports rules  ## format, lint, types, direction of imports, rules of the house

lint: .venv/.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.stamp
	$(BIN)/mypy

imports: .venv/.stamp
	$(BIN)/lint-imports

rules: .venv/.stamp
	$(BIN)/pytest -q tests/rules

bench: .venv/.stamp  ## the benchmarks, with their table
	@exec $(BIN)/python -m benchmarks

docs: .venv/.stamp  ## the tables of docs/ written anew from the code
	@exec $(BIN)/python -m tests.rules.house_tables

env: .venv/.stamp  ## the environment in .venv

lock: .venv/.stamp  ## resolve requirements.lock anew from setup.cfg
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
		--extra embedded --extra dev setup.cfg -o requirements.lock

.venv/.stamp: requirements.lock setup.cfg pyproject.toml $(MOVED)
	@[ -n "$(PYTHON)" ] || { echo "Lunas needs Python 3.11 or newer; none was found as python3 … python3.14." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make an environment: its venv module is missing. On Debian: apt-get install python3-venv" >&2; \
		exit 1; }
	@echo "Setting up .venv (a minute or two the first time) …"
	@[ -z "$(MOVED)" ] && [ -x $(BIN)/python ] || rm -rf .venv
	@rm -f .venv/.stamp
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@pwd -P > .venv/.stamp
