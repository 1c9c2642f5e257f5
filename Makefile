# Everything runs in .venv, made from requirements.lock. `make` alone lists the commands.
.DEFAULT_GOAL := help
SHELL := bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
-include .env
export

.PHONY: help install demo test test-nightly mutate lint format up docs bench clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.installed ## Set up .venv from the lock file

# The lock file is complete, so pip needs to resolve nothing (--no-deps) and to trust nobody.
$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@echo "Setting up $(VENV): about a minute with the downloads cached"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: install ## Simulate two statistical periods, let Airflow run them, show the ranking
	@$(BIN)/python -m scripts.demo

# Tests of one file share what they build, so a file is not split between the two processes.
PYTEST = PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test: install ## Run the tests, but for the slow and rare ones
	@$(PYTEST)

test-nightly: install ## Run the slow and rare tests, then break each rule of the marts
	@$(PYTEST) -m nightly tests/property tests/crash tests/integration tests/unit # longest first
	@$(MAKE) --no-print-directory mutate

mutate: install ## Break each rule of the marts and see which tests fail; ONLY=name for one
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m tests.mutation.mutation_check $(if $(ONLY),--only $(ONLY))

lint: install ## Ruff, mypy, sqlfluff, import layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar dbt_project

format: install ## Let ruff and sqlfluff put the code in order
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/sqlfluff fix --processes 2 --disable-progress-bar dbt_project

# The shell reads .env itself: make would change a value that holds $$ or #.
up: install ## Start Airflow with its web page
	@set -a; if [ -f .env ]; then . ./.env; fi; exec $(BIN)/python -m scripts.local_airflow

docs: install ## Write docs/marts.md, make the dbt docs site and Data Docs of the home in ./data
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m docs.build

bench: install ## Measure every step next to its reference; SIZE=small, medium or full
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m benchmarks --size $(or $(SIZE),small)

clean: ## Remove the virtual environment and the demo's data
	@rm -rf $(VENV) data/demo .airflow
