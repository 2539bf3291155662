# Every verb sets up what it needs; none needs root, Docker or anything but Python 3.11 or later and the package index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: setup run test fmt check bench soak score lock
.DEFAULT_GOAL := run

setup: $(VENV)/.done

# pip refuses an editable install together with hashes, hence two steps
$(VENV)/.done: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "gongbao needs Python 3.11 or later; set PYTHON=/path/to/python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: setup
	@$(BIN)/gongbao demo

test: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 --dist worksteal -m "not soak"

check: setup
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 --dist worksteal -m "not soak and not slow"

fmt: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/bench/requirements.lock
	$(BIN)/python -m tests.bench

soak: setup
	$(BIN)/pytest -m soak --timeout 7200

score: setup
	$(BIN)/python -m tests.score

# For whoever changes the dependencies; needs uv.
lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --extra dev --extra postgres --generate-hashes \
		--no-emit-index-url --no-header --no-annotate -o requirements.lock
	uv pip compile pyproject.toml --universal --python-version 3.11 --extra build --extra postgres --generate-hashes \
		--no-emit-index-url --no-header --no-annotate --constraint requirements.lock -o deploy/requirements.lock
	uv pip compile pyproject.toml --universal --python-version 3.11 --extra bench --generate-hashes \
		--no-emit-index-url --no-header --no-annotate --constraint requirements.lock -o tests/bench/requirements.lock
