# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

# What the user's shell has set for other work must not reach ours.
unexport PYTHONPATH PYTHONHOME ANSIBLE_CONFIG ANSIBLE_COLLECTIONS_PATH ANSIBLE_HOME ANSIBLE_LIBRARY VIRTUAL_ENV

LINK := .collections/ansible_collections/community/powerbi

# --- environments ------------------------------------------------------------------------------------------------
# A stamp file inside each environment says what it has; pip runs only when a list of requirements is newer.

.PHONY: setup
setup: .venv/.dev $(LINK)  ## Make .venv (Ansible, the emulator, test tools) and the link .collections/

.PHONY: setup-demo
setup-demo: .venv/.runtime $(LINK)

.venv/.runtime: requirements/runtime.txt $(wildcard emulator/pyproject.toml emulator/README.md)
	@tools/venv.sh .venv - -r requirements/runtime.txt $(if $(wildcard emulator/README.md),--editable ./emulator)
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.runtime
	@tools/venv.sh .venv - -r requirements/dev.txt
	@touch $@

# ansible-playbook finds the collection through this link to the repository.
$(LINK):
	@mkdir -p $(@D)
	@ln -sfn ../../.. $@

.PHONY: help
help:  ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
