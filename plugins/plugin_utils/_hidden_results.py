# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results that hold a secret which the user needs: hidden from callbacks, and kept by `register`."""

from __future__ import annotations

import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._api.raw.secrets import MASK, SHORTEST
from ansible_collections.community.powerbi.plugins.plugin_utils._masking import register_secret


def hide(result: dict[str, t.Any], secrets: t.Sequence[str]) -> None:
    """Hide a result from callbacks; `register` keeps it. These secrets in it are masked in the rest of the run, too."""
    for secret in secrets:
        if len(secret) >= SHORTEST:
            register_secret(secret)
    result["_ansible_no_log"] = True


def mask(result: dict[str, t.Any], secrets: t.Sequence[str]) -> None:
    """Mask these secrets in an item of a loop, whose own result this ansible-core shows."""
    for key in result:
        result[key] = _masked(result[key], secrets)
    text = "A signed URL or token is masked: ansible-core before 2.19 shows the results of loops. Set no_log or show_secrets"
    result["warnings"] = [*result.get("warnings", ()), text]


def _masked(value: t.Any, secrets: t.Sequence[str]) -> t.Any:
    if isinstance(value, str):
        return MASK if value in secrets else value
    if isinstance(value, dict):
        return {key: _masked(item, secrets) for key, item in value.items()}
    return [_masked(item, secrets) for item in value] if isinstance(value, list) else value
