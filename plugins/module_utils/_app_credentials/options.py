# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The options that the modules for client secrets and certificates of an app share."""

from __future__ import annotations

import typing as t

ROTATION_OPTIONS: dict[str, dict[str, t.Any]] = {
    "application": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "rotated", "absent"], "default": "present"},
    "display_name": {"type": "str"},
    "key_id": {"type": "str", "no_log": False},
    "valid_for": {"type": "int", "default": 180},
    "rotate_before": {"type": "int"},
    "key_ids": {"type": "list", "elements": "str", "no_log": False},
    "keep_key_ids": {"type": "list", "elements": "str", "no_log": False},
    "allow_lockout": {"type": "bool", "default": False},
    "propagation_timeout": {"type": "float", "default": 300.0},
}
RULES: dict[str, t.Any] = {
    "required_if": [
        ("state", "present", ("display_name",)),
        ("state", "rotated", ("display_name",)),
        ("state", "absent", ("display_name", "key_ids"), True),
    ]
}
