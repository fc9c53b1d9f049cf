PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# pytest rewrites the assertions of all tests in each of its processes where it may not keep them.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-long test-real check audit dist lock bench soak mutants clean
.DEFAULT_GOAL := demo

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Exactly the files that supply/dev.txt names by their SHA-256, and this folder.
$(STAMP): pyproject.toml supply/dev.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes --no-deps -r supply/dev.txt
	$(PIP) --no-deps --no-build-isolation -e .
	touch $@

demo: $(STAMP) ## the main job, end to end, on the sandbox
	$(BIN)/migrate sandbox demo

test: $(STAMP) ## the tests, in parallel
	$(BIN)/python -m compileall -q migrate # the stories start many processes
	$(BIN)/python -m pytest -n auto

test-long: $(STAMP) ## all of it: whole nights, the crash matrix, hosts over a real sshd; lines run
	$(BIN)/python -m compileall -q migrate
	rm -rf .coverage-data
	MIGRATE_SANDBOX_START_OPTIONS= $(BIN)/python -m coverage run -m pytest -n auto --long --kill-table
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report

test-real: $(STAMP) ## the stories on a real Jenkins and a real Kubernetes API, where there are any
	$(BIN)/python tests/e2e/run_real.py

check: $(STAMP) ## ruff, mypy strict (tests, too), import-linter, vulture, codespell; the fast tests on every other Python here
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture
	$(BIN)/codespell migrate tests docs examples plans README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md
	$(BIN)/python supply/audit.py
	$(BIN)/python tests/pythons/other_pythons.py

audit: $(STAMP) ## known vulnerabilities of the locked packages, where the service for that answers
	$(BIN)/python supply/audit.py

dist: $(STAMP) ## dist/: the wheel with its bill of materials, and the sdist
	rm -rf dist
	$(BIN)/python supply/sbom.py
	$(BIN)/python -m hatchling build -d dist
	cp supply/sbom.cdx.json dist/

RESOLVE := .venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate pyproject.toml
lock: ## supply/*.txt again, from pyproject.toml; UPGRADE=--upgrade takes newer releases
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'
	$(RESOLVE) $(UPGRADE) --extra dev -o supply/dev.txt
	$(RESOLVE) --constraint supply/dev.txt -o supply/run.txt
	$(PYTHON) supply/sbom.py

bench: $(STAMP) ## ratios against a baseline measured in the same run
	$(BIN)/python -m pytest -q tests/bench --run-bench

SECONDS ?= 600
soak: $(STAMP) ## random kills for SECONDS=600, and 200 agents with faults
	$(BIN)/python -m pytest -m soak --soak $(SECONDS) --kill-table tests/crash

SEED ?= 1
mutants: $(STAMP) ## breaks lines of a copy one at a time, for SECONDS=600: 90 % must be noticed
	$(BIN)/python -m compileall -q migrate
	$(BIN)/python tests/mutants/run_mutants.py --seconds $(SECONDS) --seed $(SEED)

clean:
	rm -rf $(VENV)
