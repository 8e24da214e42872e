# The commands of a working day. Everything happens inside .venv; nothing on the machine is changed.
#   make run        install, build the pages, load the demo county, serve on http://127.0.0.1:8000
#   make test       every test but the long ones
#   make test-all   the long ones too
#   make lint       what CI checks besides the tests

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PORT   ?= 8000
HOST   ?= 127.0.0.1
TESTS  ?=
# Tests run in as many processes as this; a file's tests stay together, and the long ones, which come first in the
# order of their names, are not left for the end, when the other processes would have nothing to do.
WORKERS ?= 2
PYTEST   = -n $(WORKERS) --dist loadfile --no-loadscope-reorder
# pip, npm and Chromium want a home; a bare container may have none.
export HOME := $(if $(strip $(HOME)),$(HOME),$(CURDIR)/.cache/home)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUNBUFFERED := 1

.DEFAULT_GOAL := help
.PHONY: help install dev build run demo test test-all lint format types bench wheel clean

help:  ## Show the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# One venv serves both; `.dev` knows more than `.run`, so it satisfies it.
$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'Bihuan needs Python 3.11 or later; name it with: make PYTHON=python3.12 …' >&2; exit 2; }
	@mkdir -p '$(HOME)'
	@echo '· creating $(VENV)'
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.created pyproject.toml
	@echo '· installing Bihuan and what it needs'
	@$(BIN)/python -m pip install --quiet --editable '.[pages]'
	@touch $@

$(VENV)/.dev: $(VENV)/.created pyproject.toml
	@echo '· installing Bihuan, its tests and linters'
	@$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $(VENV)/.run $@

install: $(VENV)/.run  ## Install Bihuan into .venv
dev: $(VENV)/.dev      ## Install it with tests and linters

build: install         ## Build scripts, styles and translations when they are out of date
	@echo '· building the pages'
	@$(BIN)/python build_pages.py

demo: build            ## Load the demo county into var/, unless it is there
	@$(BIN)/bihuan demo

run: demo              ## Serve the inbox with the demo county on 127.0.0.1:8000
	@$(BIN)/bihuan serve --host $(HOST) --port $(PORT)

test: dev build        ## Run the tests (TESTS=tests/engine for a part)
	@$(BIN)/python -m pytest $(PYTEST) -m 'not long' $(TESTS)

# Long tests wait for browsers and for servers that were killed: one process more than there are processors uses that time.
test-all: WORKERS = 3
test-all: dev build    ## Run the long tests too
	@$(BIN)/python -m pytest $(PYTEST) --durations=40 $(TESTS)

lint: dev              ## Check style, types and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: dev            ## Put the source into its one style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: dev build       ## Run the benchmarks; the full sizes take minutes (BENCH='start --quick' for one)
	@$(BIN)/python -m bench $(or $(BENCH),all)

wheel: dev             ## Build the wheel, pages included
	@$(BIN)/python -m build --wheel

clean:                 ## Remove what was built; keeps var/ (data) and .venv
	@rm -rf build dist web/static/dist web/assets/node_modules .pytest_cache .mypy_cache .ruff_cache
	@find web/translations -name '*.mo' -delete 2>/dev/null || true
