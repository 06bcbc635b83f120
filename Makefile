# `make` lists what there is. Nothing but Python 3.11+ and make is needed; everything else comes into .venv.

PYTHON ?= python3
PORT ?= 8000
SANDBOX_PORT ?= 9400
STORMS ?= 1000
ARGS ?=
export PORT SANDBOX_PORT

VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py

.DEFAULT_GOAL := help
.PHONY: help setup demo up test e2e lint bench storm clean

help:
	@echo "make demo    the panel with example data and simulated platforms, on port $(PORT)"
	@echo "make up      the real thing, on port $(PORT); the first start prints a link for the first administrator"
	@echo "make setup   only what both need: .venv with the pinned requirements, and the database"
	@echo "make test    all tests; ARGS='tests/syncpanel -k keys' runs some of them"
	@echo "make e2e     only the tests in a real browser: the story of the demo, every page"
	@echo "make lint    formatting, lint, types, migrations, deployment checks"
	@echo "make bench   measure whole jobs; ARGS='--contacts 10000' measures smaller ones"
	@echo "make storm   $(STORMS) random kills and faults (STORMS=…), each job checked to the last record; then 50,000 calls and the night"
	@echo "make clean   remove .venv and caches; data/ stays"
	@echo "Ports: PORT=$(PORT) SANDBOX_PORT=$(SANDBOX_PORT)"

demo: $(VENV)/run.stamp
	@exec $(MANAGE) demo $(ARGS)

up: $(VENV)/run.stamp
	@exec $(MANAGE) up $(ARGS)

setup: $(VENV)/setup.stamp

# More processes than two cores: many tests wait for what they started. A data directory of their own: neither reads nor
# writes the one of a panel that runs here. What is compiled is kept: else hundreds of processes compile all of it anew.
test: $(VENV)/dev.stamp
	@env -u DATA_DIR -u PYTHONDONTWRITEBYTECODE $(BIN)/pytest -n 5 $(ARGS)

lint: export DATA_DIR = $(CURDIR)/build/lint
lint: $(VENV)/dev.stamp
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(MANAGE) makemigrations --check --dry-run
	@TLS=1 DEBUG=0 $(MANAGE) check --deploy --fail-level WARNING

bench: $(VENV)/dev.stamp
	@env -u DATA_DIR $(MANAGE) bench $(ARGS)

e2e: $(VENV)/dev.stamp
	@env -u DATA_DIR $(BIN)/pytest tests/e2e $(ARGS)

storm: $(VENV)/dev.stamp
	@env -u DATA_DIR STORM=$(STORMS) $(BIN)/pytest tests/faults -k "storm or border or webhook" $(ARGS)

clean:
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Each stamp is newer than what it was made from, so that the second time costs nothing.
$(VENV)/run.stamp: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Another one: make PYTHON=python3.12 …")'
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear $(VENV) || { echo "Python's venv is missing. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@echo "Installing the requirements into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/run.stamp
	@echo "Installing what tests and checks need …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

$(VENV)/setup.stamp: $(VENV)/run.stamp $(wildcard integrations/migrations/*.py)
	@$(MANAGE) migrate --verbosity 0
	@touch $@
	@echo "Ready: make demo, or make up."
