# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The options that the modules for content share, as parts of argument specs. The doc fragment `content` documents each
part in the section of its name.
"""

from __future__ import annotations

import typing as t

from .._content import preserve

Options = dict[str, dict[str, t.Any]]

PATTERNS: dict[str, t.Any] = {"type": "list", "elements": "str", "default": []}

WORKSPACE: Options = {"workspace": {"type": "str", "required": True}}
SELECTION: Options = {"include": PATTERNS, "exclude": PATTERNS}
PARAMETERS: Options = {
    "environment": {"type": "str", "default": ""},
    "parameters": {"type": "raw"},
    "strict_parameters": {"type": "bool", "default": False},
}
RULES: Options = {
    **PARAMETERS,
    "preserve": {
        "type": "list",
        "elements": "str",
        "choices": list(preserve.CHOICES),
        "default": list(preserve.CHOICES),
    },
}
TYPES: Options = {"allow_unknown_types": PATTERNS}
DELETION: Options = {"hard_delete": {"type": "bool", "default": False}}
OWNERSHIP: Options = {"take_ownership": {"type": "bool", "default": False}}
PRUNING: Options = {
    "prune": {"type": "str", "choices": ["none", "deployed", "all"], "default": "none"},
    "protect": PATTERNS,
}
ANNOTATION: Options = {"ownership_annotation": {"type": "str", "choices": ["auto", "never"], "default": "auto"}}
BULK_API: Options = {"bulk_api": {"type": "str", "choices": ["auto", "always", "never"], "default": "auto"}}
PARALLEL: Options = {"parallel": {"type": "int", "default": 8}}
ON_ERROR: Options = {"on_error": {"type": "str", "choices": ["stop", "continue"], "default": "stop"}}
WAIT_TIMEOUT: Options = {"wait_timeout": {"type": "float", "default": 1800.0}}
