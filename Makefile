# `make demo`, `make studio` and `make test` work on a fresh machine with Python 3.11 and make; everything else they set up themselves.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo studio test lint bench mixbench words docs clean

demo: $(STAMP)
	$(BIN)/faderwise demo -o demo --force

studio: $(STAMP)
	$(BIN)/faderwise serve --open

test: lint
	$(BIN)/pytest -n 2 --dist loadscope

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(STAMP)
	$(BIN)/python -m tests.bench

mixbench: $(STAMP)
	$(BIN)/python -m tests.bench.mixbench

words: $(STAMP)
	$(BIN)/python -m tests.bench.words

docs: $(STAMP)
	$(BIN)/python -m mixer.session_schema > docs/session.schema.json
	$(BIN)/faderwise params --markdown > docs/params.md

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[test]"
	touch $(STAMP)

clean:
	rm -rf $(VENV) build dist demo *.egg-info .mypy_cache .ruff_cache .pytest_cache
