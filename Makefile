# `make release` builds the dataset's release, `make test` runs every test; each sets up what it needs in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
LOCK := requirements/dev.txt

.DEFAULT_GOAL := help
.PHONY: help release test lint fix docs check bench lock clean

help:
	@echo "make release  set up, lint, build the release into dist/ and read it back"
	@echo "make test     set up and run every test"
	@echo "make lint     check the data"
	@echo "make fix      mend what can be mended in the data and the code"
	@echo "make docs     write the generated files"
	@echo "make check    run every pre-commit hook"
	@echo "make bench    measure speed and memory"

$(STAMP): $(LOCK) pyproject.toml datapackage.json
	@echo "== setting up $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one: make PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

release: $(STAMP)
	@echo "== linting, building and reading back the release"
	@$(BIN)/rsfm release

test: $(STAMP)
	@echo "== running every test"
	@$(BIN)/python -m pytest

lint: $(STAMP)
	@$(BIN)/rsfm lint

fix: $(STAMP)
	@$(BIN)/ruff format --quiet . && $(BIN)/ruff check --quiet --fix .
	@$(BIN)/rsfm lint --fix

docs: $(STAMP)
	@$(BIN)/python scripts/generate_docs.py

check: $(STAMP)
	@$(BIN)/pre-commit run --all-files

bench: $(STAMP)
	@$(BIN)/python scripts/bench.py
	@$(BIN)/python scripts/bench_release.py

lock: $(STAMP)
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		requirements/dev.in --output-file $(LOCK)

clean:
	@rm -rf $(VENV) dist
