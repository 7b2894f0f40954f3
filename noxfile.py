# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

# /// script
# dependencies = ["nox>=2025.02.09", "antsibull-nox"]
# ///

"""The sessions of antsibull-nox, for those who know them from other collections; `make test` does the same and more."""

import sys

import nox

try:
    import antsibull_nox
except ImportError:
    print("antsibull-nox is missing: make nox, or pip install -r requirements/nox.txt")
    sys.exit(1)

antsibull_nox.load_antsibull_nox_toml()

if __name__ == "__main__":
    nox.main()
