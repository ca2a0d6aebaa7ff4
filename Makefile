# `make help` lists the targets. Everything lands in .venv; nothing is installed elsewhere, except Debian's chromium
# for the page tests where make runs as root.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.setup-done
# Where `make run` keeps its state; the same variable that penstock itself reads.
PENSTOCK_HOME ?= data
# More arguments for pytest or the benchmarks: make test ARGS="tests/storage -x"
ARGS ?=
# The first Python that is new enough; PYTHON=/path/to/python chooses another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)
# uv trusts its own list of authorities; where the system has one, that one counts (a company's proxy is in it).
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt),)
export UV_SYSTEM_CERTS ?= 1
endif
DEBIAN_AS_ROOT := [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null
APT_INSTALL := apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends

.PHONY: help setup run test bench soak lint lock clean check-java check-chromium

help: ## Explain the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(STAMP) check-java ## Install everything into .venv, exactly as locked; does nothing where that is done

run: setup ## Set up, write the sample files into the inbox on the first run, and run the whole system
	@[ -e "$(PENSTOCK_HOME)" ] || { $(BIN)/penstock samples "$(PENSTOCK_HOME)/inbox/samples" >/dev/null && \
		echo "Sample files to begin with are in $(PENSTOCK_HOME)/inbox/samples"; }
	@PENSTOCK_HOME="$(PENSTOCK_HOME)" $(BIN)/penstock run $(ARGS)

test: setup check-chromium ## Set up and run the tests; ARGS goes to pytest
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadgroup $(ARGS)

bench: setup ## Measure our own cost against the bare libraries; appends to benchmarks/RESULTS.md
	@$(BIN)/python benchmarks/run.py $(ARGS)

soak: setup ## Run the long fault tests: kills, floods, full disks
	@$(BIN)/python -m pytest -m soak --timeout 3600 $(ARGS)

lint: setup ## Check style, types and the import rule
	@failed=0; for check in "ruff check ." "ruff format --check ." "mypy" "lint-imports --no-logo"; do \
		$(BIN)/$$check || failed=1; \
	done; exit $$failed

lock: setup ## Choose versions anew within pyproject.toml and write requirements/
	@$(BIN)/uv pip compile pyproject.toml --all-extras --group dev --group build --universal --python-version 3.11 \
		--generate-hashes --no-header --upgrade --quiet --output-file requirements/lock.txt
	@echo uv | $(BIN)/uv pip compile - --constraints requirements/lock.txt --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate --quiet --output-file requirements/bootstrap.txt

clean: ## Remove what can be made anew: .venv, caches, build folders; never the data
	@rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): requirements/lock.txt requirements/bootstrap.txt pyproject.toml
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed and none was found; install it, or name it: make setup PYTHON=/path/to/python3.11" >&2; exit 1; }
	@if [ ! -x $(BIN)/python ]; then \
		if ! $(PYTHON) -c 'import ensurepip' 2>/dev/null && $(DEBIAN_AS_ROOT); then $(APT_INSTALL) python3-venv; fi; \
		$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "$(PYTHON) cannot make an environment; on Debian: apt install python3-venv" >&2; exit 1; }; \
	fi
	@if [ ! -x $(BIN)/uv ]; then \
		$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null; \
		$(BIN)/python -m pip install --quiet --require-hashes -r requirements/bootstrap.txt; \
	fi
	@$(BIN)/uv pip sync --python $(BIN)/python --require-hashes --compile-bytecode requirements/lock.txt
	@$(BIN)/uv pip install --python $(BIN)/python --quiet --no-deps --no-build-isolation --editable .
	@touch $@

check-java:
	@java="$${JAVA_HOME:+$$JAVA_HOME/bin/}java"; \
	found=$$("$$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -1 || true); \
	if [ "$${found:-0}" -lt 17 ]; then \
		echo "Java 17 or newer is needed for the Spark engine and the models (found: $${found:-none}); the rest works without." >&2; \
		echo "On Debian: apt install openjdk-17-jre-headless" >&2; \
	fi

check-chromium:
	@command -v chromium chromium-browser google-chrome >/dev/null || { \
		if $(DEBIAN_AS_ROOT); then $(APT_INSTALL) chromium fonts-liberation >/dev/null; \
		else echo "The page tests need Chromium and are skipped without it; on Debian: apt install chromium" >&2; fi; }
