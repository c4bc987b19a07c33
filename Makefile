# make run    the nightly job, on demo extracts if the landing folder is empty
# make test   every test        make check  formatting, lint, types
# make ui     the Dagster UI    make lock   the hash-pinned lock, after a change in pyproject.toml

PYTHON ?= python3
export CX_ENV ?= local
export CX_HOME ?= $(CURDIR)/var
export DAGSTER_HOME = $(CX_HOME)/dagster
export DO_NOT_TRACK = 1
unexport PYTHONDONTWRITEBYTECODE
# Nothing of the caller's Python may leak into the environment of the project.
unexport PYTHONPATH

BIN := .venv/bin
ENVIRONMENT := .venv/installed

.PHONY: run test test-long check format ui env lock clean
.DEFAULT_GOAL := run

env: $(ENVIRONMENT)

$(ENVIRONMENT): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; say which with: make PYTHON=python3.12 run"; exit 2; }
	@echo "Making the environment in .venv from requirements.lock; this takes a minute or two, once."
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/cxroi doctor --prepare > /dev/null
	@touch $@

run: env
	@$(BIN)/cxroi demo --if-empty
	@$(BIN)/cxroi run

# Two files at a time, the nights first: a night keeps one core busy.
PYTEST := $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

test: env
	@$(PYTEST)

test-long: env
	@$(PYTEST) --long

check: env
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/mypy dbt_project/models
	@$(BIN)/sqruff lint dbt_project/models dbt_project/tests

format: env
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

ui: env
	@$(BIN)/cxroi doctor --prepare > /dev/null
	@$(BIN)/dagster dev --host 127.0.0.1 --port 3000 --workspace workspace.yaml

lock:
	uv pip compile pyproject.toml --extra dev --universal --generate-hashes \
		--no-emit-index-url --no-header --quiet --output-file requirements.lock

clean:
	rm -rf .venv var
