# Two commands: `make run` shows the whole chain on a sample world, `make test` runs the suite.
# Both set themselves up: Python 3.11 or newer, git and make are all they need.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= 2
# Tests of one group run in one worker: no two real networks at a time.
PARALLEL := -n $(WORKERS) --dist loadgroup
COMETBFT := v0.38.25
COMETBFT_STAMP := $(VENV)/.cometbft-$(COMETBFT)
SERVE ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHON

.PHONY: help setup run test cometbft consortium-test consortium-soak check format bench fuzz docs lock clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 18

setup: $(STAMP) ## make .venv and install the locked dependencies and Cantoria itself

run: $(STAMP) ## build the sample world and run the main job end to end, then serve the portal (SERVE=0: stop after the job)
	$(BIN)/cantoria demo $(if $(filter 0,$(SERVE)),,--serve)

test: $(STAMP) ## run the whole test suite (PYTEST_ARGS=… are passed on)
	$(BIN)/python -m pytest $(PARALLEL) -q $(PYTEST_ARGS)

consortium-test: $(COMETBFT_STAMP) ## the consortium's part of the suite: simulated and real networks under faults
	CANTORIA_REQUIRE_ALL=1 $(BIN)/python -m pytest $(PARALLEL) -q tests/consortium $(PYTEST_ARGS)

consortium-soak: $(COMETBFT_STAMP) ## thousands of simulated schedules and 20 on a real network (hours)
	CANTORIA_SOAK=1 CANTORIA_REQUIRE_ALL=1 $(BIN)/python -m pytest $(PARALLEL) -q \
	  tests/consortium/test_simulator.py tests/consortium/test_faults.py $(PYTEST_ARGS)

cometbft: $(COMETBFT_STAMP) ## build CometBFT, the consensus engine of a consortium, into .venv (needs Go 1.22 or newer)

check: $(STAMP) ## format, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## put the code into its one form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP) ## run one benchmark: make bench NAME=ledger [ARGS=--quick]
	@test -n "$(NAME)" || { echo "name one of: $$(grep -l __main__ benchmarks/*.py | xargs -n1 basename -s .py | paste -sd' ')" >&2; exit 2; }
	$(BIN)/python -m benchmarks.$(NAME) $(ARGS)

fuzz: $(STAMP) ## fuzz one reader: make fuzz NAME=cwr [SECONDS=600]
	@test -n "$(NAME)" || { echo "name one of: $$(ls fuzz | sed -n 's/\.py$$//p' | grep -v -e ^_ -e '^run$$' | paste -sd' ')" >&2; exit 2; }
	$(BIN)/python -m fuzz.run $(NAME) --seconds $(or $(SECONDS),60)

docs: $(STAMP) ## write the generated pages of docs/reference
	$(BIN)/python tools/generate_reference.py

lock: ## resolve requirements.lock again from pyproject.toml
	@python="$$(bash tools/find_python.sh)"; \
	folder="$$(mktemp -d)"; trap 'rm -rf "$$folder"' EXIT; \
	"$$python" -m venv "$$folder"; \
	"$$folder/bin/python" -m pip install --quiet uv; \
	"$$folder/bin/uv" pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	  --extra postgres --extra spark --group dev --no-header --quiet --output-file requirements.lock

clean: ## remove what the other targets made, .venv and the sample world included (never a house of yours)
	if test -e world/SAMPLE-WORLD; then rm -rf world; fi
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): requirements.lock pyproject.toml tools/find_python.sh
	@python="$$(bash tools/find_python.sh)"; \
	test -x $(BIN)/python || { echo "making $(VENV) with $$("$$python" --version)"; "$$python" -m venv $(VENV); }
	@echo "installing the locked dependencies (once; some minutes on a slow line)"
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# Go fetches and checks the sources by the checksum database; a pure Go program needs no C compiler.
$(COMETBFT_STAMP): | $(STAMP)
	@command -v go >/dev/null || { \
	  echo "CometBFT is built by Go 1.22 or newer, which is not on this machine: see https://go.dev/dl or install the" \
	    "package golang-go. Everything but the consortium works without it." >&2; exit 4; }
	@echo "building CometBFT $(COMETBFT) (once; some minutes)"
	@GOBIN="$(abspath $(BIN))" GOFLAGS= CGO_ENABLED=0 go install github.com/cometbft/cometbft/cmd/cometbft@$(COMETBFT) || \
	  { echo "$$(go version) did not build CometBFT: it takes Go 1.22 or newer and, the first time, a network" >&2; exit 4; }
	@$(BIN)/cometbft version
	@touch $@
