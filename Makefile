# Each target first brings .venv up to date; when nothing changed that takes no time.

.DEFAULT_GOAL := help
.PHONY: help setup demo test check unit fix golden bench large lock

# What a developer's shell sets for another project stays out of this one.
unexport PYTHONHOME PYTHONPATH
# As in tools/setup.sh: behind a company's certificate, uv has to be told where to look.
export UV_SYSTEM_CERTS ?= 1

BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest

help: ## list these targets
	@sed -n 's/^\([a-z]*\):[^#]*## /  make \1	/p' Makefile | expand -t 16

setup: ## the environment, .venv
	@tools/setup.sh

demo: setup ## close a month of the sandbox group
	@MONTHCLOSE_HOME="$${MONTHCLOSE_HOME:-$(CURDIR)/.monthclose}" $(BIN)/monthclose demo

# Tests of one file stay on one worker: they may share a server.
test: check ## everything CI runs
	$(PYTEST) -n 2 --dist loadfile

check: setup ## lint, strict types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry src

unit: setup ## the fast tests
	$(PYTEST) -m "not slow"

fix: setup ## format and mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

golden: setup ## rewrite expected documents; read the diff like code
	$(PYTEST) -m golden --golden-update || [ $$? -eq 5 ] # 5: no such test yet

bench: setup ## timed, with peers
	$(BIN)/python -m bench

large: setup ## a file of the ECD of a gigabyte, in constant memory
	$(BIN)/python -m bench.large

# Versions stay where the locks have them unless asked: make lock UPGRADE=--upgrade
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.13 --extra dev \
	--no-annotate --no-header $(UPGRADE) pyproject.toml
lock: setup ## the locks, after a change of dependencies
	$(COMPILE) --generate-hashes --output-file requirements/dev.lock
	$(COMPILE) --output-file requirements/constraints.txt
	@tools/setup.sh
