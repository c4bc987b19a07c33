# make run    the nightly job, on demo extracts if the landing folder is empty
# make test   every test        make check  formatting, lint, types
# make ui     the Dagster UI    make lock   the hash-pinned locks, after a change in pyproject.toml

PYTHON ?= python3
export CX_ENV ?= local
export CX_HOME ?= $(CURDIR)/var
export DAGSTER_HOME = $(CX_HOME)/dagster
export DO_NOT_TRACK = 1
# As `cxroi` sets it; Dagster's own processes do not pass there.
export OPENBLAS_NUM_THREADS ?= 1
unexport PYTHONDONTWRITEBYTECODE
# Nothing of the caller's Python may leak into the environment of the project.
unexport PYTHONPATH

BIN := .venv/bin
ENVIRONMENT := .venv/installed
WITH_TESTS := .venv/installed-with-tests
# uv, where it is there, makes the same environment in seconds.
UV := $(shell command -v uv 2>/dev/null)
ifdef UV
    MAKE_VENV = uv venv --quiet --clear --python "$(shell command -v $(PYTHON))" .venv
    INSTALL = uv pip install --quiet --python $(BIN)/python --compile-bytecode
else
    MAKE_VENV = $(PYTHON) -m venv --clear .venv
    INSTALL = $(BIN)/pip install --quiet --disable-pip-version-check
endif

.PHONY: run test test-long check format ui env env-test lock clean
.DEFAULT_GOAL := run

env: $(ENVIRONMENT)

env-test: $(WITH_TESTS)

$(ENVIRONMENT): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; say which with: make PYTHON=python3.12 run"; exit 2; }
	@echo "Making the environment in .venv from requirements.lock; this takes a minute or two, once."
	@$(MAKE_VENV)
	@$(INSTALL) --require-hashes --no-deps -r requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@$(BIN)/cxroi doctor --prepare > /dev/null
	@touch $@

$(WITH_TESTS): $(ENVIRONMENT) requirements-dev.lock
	@echo "Adding the test tools of requirements-dev.lock to .venv."
	@$(INSTALL) --require-hashes --no-deps -r requirements-dev.lock
	@touch $@

run: env
	@$(BIN)/cxroi demo --if-empty
	@$(BIN)/cxroi run

# Two files at a time, the nights first: a night keeps one core busy.
PYTEST := $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

test: env-test
	@$(PYTEST)

test-long: env-test
	@$(PYTEST) --long

check: env-test
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/mypy dbt_project/models
	@$(BIN)/sqruff lint dbt_project/models dbt_project/tests

format: env-test
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

ui: env
	@$(BIN)/cxroi doctor --prepare > /dev/null
	@$(BIN)/dagster dev --host 127.0.0.1 --port 3000 --workspace workspace.yaml

lock:
	uv pip compile pyproject.toml --universal --generate-hashes \
		--no-emit-index-url --no-header --quiet --output-file requirements.lock
	uv pip compile pyproject.toml --extra dev --universal --generate-hashes --constraint requirements.lock \
		--no-emit-index-url --no-header --quiet --output-file requirements-dev.lock

clean:
	rm -rf .venv var
