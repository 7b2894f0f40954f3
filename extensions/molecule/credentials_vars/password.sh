#!/bin/sh
# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later
# The password of the scenario's vault, which lives as long as the scenario.
echo molecule
