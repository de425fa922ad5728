# The workspace, in the order of use. `make` alone prints this list.
.DEFAULT_GOAL := help
# Relative: make can't have blanks in the name of a target, and the path to this folder may hold some.
VENV := .venv
BIN := $(VENV)/bin
# Scripts and the example's Makefile run in other folders: they get the whole path, and only of an environment named
# on the command line. One of the shell's (VENV=…) is not ours.
unexport VENV
NAMED_VENV := $(if $(findstring command,$(origin VENV)),VENV="$(abspath $(VENV))")
export DO_NOT_TRACK := 1

help: ## print this help
	@echo "make <target>, in the order of use:"
	@grep -hE '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

all: env ## everything: environment, seed, run, dbt tests, ingest into QALITA, summary
	@$(NAMED_VENV) scripts/run_all.sh

env: $(VENV)/.installed-workspace ## the environment in .venv (dbt, DuckDB, the library)
	@:

seed: env ## load the open data into DuckDB
	@$(MAKE) --no-print-directory -C example_dbt $(NAMED_VENV) seed

run: env ## build staging and marts
	@$(MAKE) --no-print-directory -C example_dbt $(NAMED_VENV) run

test-data: env ## run the dbt tests on the data
	@$(MAKE) --no-print-directory -C example_dbt $(NAMED_VENV) test

# Exit status 3: kept in the outbox, to go with the next ingest. It has said so; nothing failed.
ingest: env ## take what dbt left behind into QALITA
	@$(NAMED_VENV) scripts/ingest_dbt.sh || { status=$$?; [ $$status -eq 3 ] || exit $$status; }

issues: env ## list the open issues
	@$(BIN)/qalita ingest issues

demo: env ## break it, fix it: a bad batch opens issues, the good one resolves them
	@$(BIN)/python scripts/demo.py

sandbox: $(VENV)/.installed-sandbox ## serve the store at http://localhost:3080, with a dashboard
	@$(NAMED_VENV) scripts/build_pack.sh >/dev/null
	@QALITA_SANDBOX_PACK="$${QALITA_SANDBOX_PACK-example_pack/opendata_dbt_pack}" exec $(BIN)/python -m qalita_ingest.sandbox

token: env ## print a new token for the sandbox, as lines for a shell
	@$(BIN)/python -m qalita_ingest.sandbox token $(TOKEN_ARGS)

setup-vendor: env ## QALITA's own client (proprietary) in .venv-qalita; RELEASE=2.5.4 or 2.3.0 for an older one beside it
	@$(NAMED_VENV) scripts/setup_vendor.sh $(if $(findstring command,$(origin RELEASE)),"$(RELEASE)")

# In this process's place: Ctrl-C ends Dagster, and all that it started.
dagster: $(VENV)/.installed-dagster ## Dagster's page on example_dagster, at http://localhost:3000
	@$(NAMED_VENV) exec scripts/run_dagster.sh dev -f definitions.py

dagster-job: $(VENV)/.installed-dagster ## run example_dagster's job once, as its run config says
	@$(NAMED_VENV) exec scripts/run_dagster.sh job execute -f definitions.py -j example_qalita_job -c run_config.example.yaml

notebooks: $(VENV)/.installed-notebooks ## the walkthrough in JupyterLab, stage by stage
	@$(NAMED_VENV) exec scripts/run_notebooks.sh $(NOTEBOOK_ARGS)

doctor: env ## say what is set up here, and what is to be mended
	@$(BIN)/qalita-ingest doctor

# Named on the command line, as VENV: a shell's PLATFORM is not ours. Several at once: PLATFORM="linux-x86_64 macos-arm64".
offline-bundle: env ## wheels for laptops without a network; PLATFORM=macos-arm64 PYTHON_VERSION=3.12 for others than this one
	@$(BIN)/python scripts/offline_bundle.py \
	  $(if $(findstring command,$(origin PLATFORM)),--platform $(PLATFORM)) \
	  $(if $(findstring command,$(origin PYTHON_VERSION)),--python $(PYTHON_VERSION))

test: $(VENV)/.installed-test ## the project's own tests
	@$(BIN)/python -m pytest -m 'not network' -n auto --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

lint: $(VENV)/.installed-test ## style, types, import arrows
	@$(BIN)/ruff check && $(BIN)/ruff format --check && $(BIN)/mypy && $(BIN)/lint-imports

bench: $(VENV)/.installed-dagster ## measure: make all cold and warm, a large ingest, the sandbox's pages and load
	@$(BIN)/python scripts/bench.py
	@$(BIN)/python scripts/bench_ingest.py
	@$(BIN)/python scripts/bench_pages.py
	@$(BIN)/python scripts/bench_load.py
	@$(BIN)/python scripts/bench_dagster.py

clean: ## remove what the workspace produced (keeps .venv and the QALITA store)
	@$(MAKE) --no-print-directory -C example_dbt $(NAMED_VENV) clean
	@rm -rf example_dagster/.tmp_dagster_home_*
	@rm -rf .work .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

# Named together, in whatever order and also under -j, targets run in this one: they share a database file.
all env: | $(filter clean,$(MAKECMDGOALS))
seed: | $(filter all,$(MAKECMDGOALS))
run: | $(filter all seed,$(MAKECMDGOALS))
test-data: | $(filter all seed run,$(MAKECMDGOALS))
ingest: | $(filter all seed run test-data,$(MAKECMDGOALS))
issues demo bench: | $(filter all seed run test-data ingest,$(MAKECMDGOALS))

# A group is installed when its file changed; the library is editable, so only its metadata counts.
# workspace comes first, also under -j: two installers must not fill one environment at once.
$(VENV)/.installed-workspace: requirements/bootstrap.txt requirements/workspace.txt pyproject.toml
	@$(NAMED_VENV) scripts/install.sh workspace && touch $@

$(VENV)/.installed-sandbox: requirements/sandbox.txt $(VENV)/.installed-workspace
	@$(NAMED_VENV) scripts/install.sh sandbox && touch $@

$(VENV)/.installed-dagster: requirements/dagster.txt $(VENV)/.installed-sandbox
	@$(NAMED_VENV) scripts/install.sh dagster && touch $@

$(VENV)/.installed-notebooks: requirements/notebooks.txt $(VENV)/.installed-dagster
	@$(NAMED_VENV) scripts/install.sh notebooks && touch $@

$(VENV)/.installed-test: requirements/test.txt $(VENV)/.installed-notebooks
	@$(NAMED_VENV) scripts/install.sh test && touch $@

.PHONY: help all env seed run test-data ingest issues demo sandbox token setup-vendor dagster dagster-job notebooks doctor offline-bundle test lint bench clean
