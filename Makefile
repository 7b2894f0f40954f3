# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-builtin-rules --no-print-directory

# What the user's shell has set for other work must not reach ours.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV ANSIBLE_CONFIG ANSIBLE_COLLECTIONS_PATH ANSIBLE_LIBRARY
export ANSIBLE_HOME := $(CURDIR)/.cache/ansible

LINK := .collections/ansible_collections/community/powerbi
BIN := .venv/bin
JOBS ?= 2
comma := ,
# How much is run, see below: neither for what is short, MORE for continuous integration, FULL for everything.
export FULL MORE

##@ Use it

.PHONY: setup demo emulator
setup: .venv/.dev $(LINK)  ## Make .venv (Ansible, the emulator, test tools) and the link .collections/

demo: .venv/.runtime $(LINK)  ## Run playbooks/quickstart.yml on an emulator; leaves nothing running
	@tools/with-emulator.sh $(BIN)/ansible-playbook playbooks/quickstart.yml

emulator: .venv/.runtime $(LINK)  ## Serve an emulator until Ctrl-C and print what to export (PORT=, SEED=)
	@tools/with-emulator.sh

.PHONY: resource
resource: .venv/.dev  ## Make the files of a new module with `state` (NAME=refresh_schedule, API=fabric, ROUTE= of the emulator if it has one)
	@$(BIN)/python tools/make_resource.py "$(NAME)" $(if $(API),--api "$(API)") $(if $(ROUTE),--route "$(ROUTE)")

.PHONY: tenant-check
tenant-check: .venv/.runtime $(LINK)  ## Compare a real tenant with the emulator (POWERBI_* variables; ARGS="-e tenant_check_write=true")
	@ANSIBLE_COLLECTIONS_PATH=$(CURDIR)/.collections $(BIN)/ansible-playbook playbooks/tenant_check.yml $(ARGS)

##@ Test it

.PHONY: test test-full test-quick lint unit integration test-emulator conformance sanity ansible-test-units \
    ansible-test-integration molecule build-check test-cores bench scaling nox
# These use JOBS processors each; the others use one, and run side by side.
WIDE := unit test-emulator integration
NARROW := sanity lint molecule build-check ansible-test-integration
EVERYTHING := $(WIDE) side-by-side
MATRIX ?= test-cores
# With MORE and FULL, also what repeats a proof for further combinations; CONTRIBUTING.md has the list.
BRIEF := $(if $(FULL)$(MORE),,yes)
SELECTION := $(if $(FULL),,not full$(if $(MORE),, and not more))
export POWERBI_TEST_FORKS := $(BRIEF)
# Half of what these do is waiting.
WORKERS = $(shell echo $$((2 * $(JOBS))))
test: CORES := $(if $(FULL),,--brief --parts unit$(comma)everycore)
test: $(EVERYTHING) $(MATRIX)  ## All below but bench and nox; the oldest and the newest ansible-core besides that of .venv (MORE=yes: as on CI)
	@echo "==> make test: all passed"

test-full:  ## Each combination of tests, each Python, each ansible-core of requirements/cores.txt
	@$(MAKE) FULL=yes $(EVERYTHING)
	@$(MAKE) FULL=yes test-cores CORES=--all
	@echo "==> make test-full: all passed"

.PHONY: side-by-side
side-by-side: setup .venv/.lint .venv-importer/.importer .venv-nox/.nox
	@$(BIN)/python tools/stages.py --jobs $(JOBS) $(NARROW)

test-quick: setup ruff mypy  ## What to run every few minutes: ruff, mypy, unit tests, the heart of the integration tests
	@echo "==> unit tests and integration tests marked everycore"
	@$(BIN)/pytest -n $(JOBS) tests/unit
	@$(BIN)/pytest -n $(JOBS) -m "everycore and not slow" tests/integration

unit: setup  ## Unit tests
	@echo "==> unit tests"
	@$(BIN)/pytest -n $(JOBS) tests/unit tests/fuzz

fuzz: setup  ## Damage the inputs of all parsers for SECONDS= (default 120) and print the inputs per parser (ARGS=names)
	@PYTHONPATH=.collections:tests:tests/unit $(BIN)/python -m fuzz.run $(or $(SECONDS),120) $(ARGS)

integration: setup node  ## Integration tests: real Ansible runs on the emulator
	@echo "==> integration tests"
	@$(BIN)/pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder -m "$(SELECTION)" tests/integration

test-emulator: setup  ## The emulator's own tests
	@echo "==> tests of the emulator"
	@cd emulator && ../$(BIN)/pytest -q -n $(JOBS) -p no:cacheprovider

conformance: .venv/.dev  ## The recorded facts of the real services beside what the emulator answers, as a table
	@$(BIN)/python -m powerbi_emulator.conformance.recorded_facts

molecule: .venv/.lint $(LINK)  ## The roles, with molecule, on this machine
	@echo "==> molecule"
	@tools/molecule.sh test --all $(if $(BRIEF),--exclude credentials_azure_keyvault --exclude credentials_hashi_vault)

sanity: .venv/.lint  ## ansible-test sanity, without ignore files (ARGS="--test pylint")
	@echo "==> ansible-test sanity"
	@tools/sanity.sh $(ARGS)

# The Python of .venv has what the collection needs; nothing is installed.
ANSIBLE_TEST = tools/on-a-copy.sh ansible-test $(1) --local --color no \
    --python $(shell $(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')

ansible-test-units: setup  ## The unit tests as other collections run theirs, in a collection tree (ARGS=files)
	@echo "==> ansible-test units"
	@$(call ANSIBLE_TEST,units) --num-workers $(JOBS) $(ARGS)

ansible-test-integration: setup  ## tests/integration/targets, which need no service (ARGS=targets)
	@echo "==> ansible-test integration"
	@mkdir -p .cache
	@$(call ANSIBLE_TEST,integration) $(ARGS) >.cache/ansible-test-integration.log 2>&1 \
	    || { cat .cache/ansible-test-integration.log; exit 1; }

build-check: .venv/.lint .venv-importer/.importer  ## The artefact: what is in it, Galaxy's importer, all documentation
	@echo "==> artefact"
	@$(BIN)/python tools/build_check.py

# What can't be had here is skipped, and that is said.
test-cores: .venv/.lint $(LINK)  ## Unit, everycore and sanity tests with other ansible-cores, and a table (CORES="2.16 2.20", CORES=--all)
	@$(BIN)/python tools/test_cores.py --jobs $(JOBS) $(CORES)

bench: setup  ## Measure against the goals; prints a table and writes bench.json
	@$(BIN)/python tests/bench/run.py $(ARGS)

scaling: setup  ## Simulate large deployments under the quota and make the tables of docs/scaling.md (ARGS="--workspaces 1000 --only 0")
	@$(BIN)/python tests/bench/scaling.py $(ARGS)

nox: .venv-nox/.nox  ## antsibull-nox: the sessions of the ecosystem that work offline
	@.venv-nox/bin/nox $(ARGS)

##@ Lint it

.PHONY: ruff mypy lint-yaml lint-ansible lint-collection lint-docs lint-changelog lint-licenses lint-shell \
    lint-commits format
lint: setup ruff mypy lint-commits lint-yaml lint-shell lint-licenses lint-changelog lint-collection lint-docs lint-ansible  ## All of these

ruff: .venv/.dev  ## Style and likely defects of Python
	@echo "==> ruff"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check . || { $(BIN)/ruff format --check .; exit 1; }

mypy: .venv/.dev $(LINK)  ## Types, strict: plugins and emulator
	@echo "==> mypy"
	@$(BIN)/mypy --no-error-summary -p ansible_collections.community.powerbi.plugins
	@cd emulator && ../$(BIN)/mypy --no-error-summary --cache-dir ../.cache/mypy-emulator

lint-yaml: .venv/.lint  ## YAML, also in plugin documentation
	@echo "==> yamllint"
	@$(BIN)/yamllint --strict .

lint-commits: .venv/.runtime  ## Subjects of at most 72 characters, of commits that are not yet on the remote's main branch
	@echo "==> commit subjects"
	@$(BIN)/python tools/commit_subjects.py

lint-shell: .venv/.lint  ## Shell scripts
	@echo "==> shellcheck"
	@$(BIN)/shellcheck tools/*.sh .ci/run

lint-licenses: .venv/.lint  ## A licence and copyright for every file
	@echo "==> reuse"
	@$(BIN)/reuse lint --quiet || { $(BIN)/reuse lint --lines; exit 1; }

lint-changelog: .venv/.lint  ## Changelog fragments
	@echo "==> antsibull-changelog"
	@$(BIN)/antsibull-changelog lint

lint-collection: .venv-nox/.nox  ## antsibull-nox: licences of plugins, action group, stray files, trailing blanks
	@echo "==> antsibull-nox: license-check, extra-checks"
	@.venv-nox/bin/nox --no-venv -e license-check extra-checks antsibull-nox-config >.cache/nox.log 2>&1 \
	    || { cat .cache/nox.log; exit 1; }

lint-docs: .venv/.lint  ## Plugin documentation, its references and examples
	@echo "==> antsibull-docs"
	@tools/on-a-copy.sh $(CURDIR)/$(BIN)/antsibull-docs lint-collection-docs \
	    --plugin-docs --skip-rstcheck --validate-collection-refs=all .

lint-ansible: .venv/.lint  ## Roles and playbooks, profile production
	@echo "==> ansible-lint"
	@tools/on-a-copy.sh $(CURDIR)/$(BIN)/ansible-lint --offline -q

format: .venv/.dev  ## Format Python and mend what ruff can
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

##@ And

.PHONY: pins clean help
pins: .venv/.lint  ## Write requirements/constraints.txt anew from what .venv has
	@tools/pin.sh

clean:  ## Remove environments, caches and what was built
	@rm -rf .venv .venv-* .venv*.lock .collections .cache .nox .ansible .mypy_cache .ruff_cache .pytest_cache \
	    dist bench.json tests/output community-powerbi-*.tar.gz
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

help:  ## List the targets
	@awk -F ':.*##' \
	    '/^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*##/ {printf "  make %-15s%s\n", $$1, $$2}' Makefile

# --- environments -----------------------------------------------------------------------------------------------
# A stamp file inside each environment says what it has; pip runs only when a list of requirements is newer.

.venv/.runtime: requirements/runtime.txt requirements/constraints.txt emulator/pyproject.toml
	@tools/venv.sh .venv - -c requirements/constraints.txt -r requirements/runtime.txt --editable ./emulator
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.runtime
	@tools/venv.sh .venv - -c requirements/constraints.txt -r requirements/dev.txt
	@touch $@

.venv/.lint: requirements/lint.txt .venv/.dev
	@tools/venv.sh .venv - -c requirements/constraints.txt -r requirements/lint.txt
	@touch $@

.venv-core-%/.dev: requirements/cores.txt requirements/runtime.txt requirements/dev.txt emulator/pyproject.toml
	@tools/core-venv.sh $*
	@touch $@

.venv-importer/.importer: requirements/importer.txt
	@tools/venv.sh .venv-importer - -r requirements/importer.txt
	@touch $@

.venv-nox/.nox: requirements/nox.txt
	@tools/venv.sh .venv-nox - -r requirements/nox.txt
	@touch $@

# The third-party servers of some integration tests; those tests skip themselves where they can't be installed.
# Node has CAs of its own; a company's proxy is known to the system only.
NODE := tests/integration/node
# By itself npm tries for a minute and a half before it says that there is no network.
NPM_RETRIES := --fetch-retries=2 --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=4000
SYSTEM_CA := $(firstword $(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt))
.PHONY: node
node: $(if $(shell command -v npm),$(NODE)/node_modules/.stamp,node-missing)

$(NODE)/node_modules/.stamp: $(NODE)/package-lock.json
	@echo "==> $(NODE): npm ci"
	@$(if $(SYSTEM_CA),NODE_EXTRA_CA_CERTS="$${NODE_EXTRA_CA_CERTS:-$(SYSTEM_CA)}";export NODE_EXTRA_CA_CERTS;) \
	if npm ci --prefix $(NODE) --ignore-scripts --no-audit --no-fund --loglevel=error $(NPM_RETRIES); then touch $@; else \
	    echo "==> npm ci failed: SKIPPED, tests against oidc-provider and Azurite"; rm -rf $(NODE)/node_modules; fi

.PHONY: node-missing
node-missing:
	@echo "==> node and npm are not here: SKIPPED, tests against oidc-provider and Azurite"

# ansible-playbook finds the collection through this link to the repository.
$(LINK):
	@mkdir -p $(@D)
	@ln -sfn ../../.. $@
