# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python -m powerbi_emulator``."""

import sys

from powerbi_emulator.cli import main

if __name__ == "__main__":
    sys.exit(main())
