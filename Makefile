# The project's commands; `make` alone lists them. On a system without make, see "Without make" in README.md.
PYTHON ?= $(shell command -v python3 || command -v python)
PY := .venv/bin/python
LAB_ARGS ?=
TEST_ARGS ?=
SHARED := -n 2 --dist worksteal
export TORCH_INDEX

.PHONY: help lab test test-slow test-unit test-notebooks test-browser lint bench claims clean set-up-lab set-up-test

help:  ## list the commands
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /make \1: /'

lab: set-up-lab  ## set up .venv, open the course in JupyterLab (LAB_ARGS="--no-browser --port=9000" is passed on)
	@if [ "`id -u`" = 0 ]; then root=--allow-root; fi; \
	exec $(PY) -m jupyterlab $$root $(LAB_ARGS) notebooks/00_first_minute.ipynb

test: lint test-unit test-notebooks test-browser  ## lint and every test: units, notebooks, browser

test-unit: set-up-test  ## the short tests alone, in two processes (TEST_ARGS="-k gan -n 0" is passed on, here and below)
	$(PY) -m pytest -m "not notebook and not browser and not slow" $(SHARED) $(TEST_ARGS)

test-notebooks: set-up-test  ## run every notebook, each alone in a folder of its own
	$(PY) -m pytest -m "notebook and not slow" $(SHARED) $(TEST_ARGS)

test-browser: set-up-test  ## the tests in JupyterLab and Chromium
	$(PY) -m pytest -m "browser and not slow" $(TEST_ARGS)

test-slow: set-up-test  ## the tests too long for `make test`
	$(PY) -m pytest -m slow $(TEST_ARGS)

lint: set-up-test  ## style of code and notebooks; no stored outputs
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m nbstripout --verify --keep-id notebooks/*.ipynb

bench: set-up-test  ## run every benchmark; each prints a table
	@set -e; for file in benchmarks/*.py; do echo "== $$file"; $(PY) $$file; done

claims: set-up-test  ## run the notebooks and write notebooks/CLAIMS.md from their verdicts
	$(PY) scripts/claims.py

clean:  ## remove what these commands made, .venv included
	rm -rf .venv dist build .ruff_cache .pytest_cache
	find . -name __pycache__ -prune -exec rm -rf {} + ; find . -name .ipynb_checkpoints -prune -exec rm -rf {} +

set-up-lab set-up-test:
	@test -n "$(PYTHON)" || { echo "genlab needs Python 3.11 or newer, and no python3 is on the path" >&2; exit 1; }
	@"$(PYTHON)" scripts/set_up.py $(if $(filter set-up-test,$@),lab test,lab)
