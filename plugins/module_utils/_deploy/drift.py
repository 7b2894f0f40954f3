# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Drift: the differences between a workspace and the folder, from the plan of a deployment."""

from __future__ import annotations

import typing as t

from .._content.diff import unified_text
from .._errors import PowerBIError, listed
from .entry import CREATE, DELETE, UNCHANGED, UPDATE, Entry

_WORDS = {CREATE: "missing", UPDATE: "changed", DELETE: "extra"}


class DriftError(PowerBIError):
    """The workspace differs from the folder. ``drift`` in the details is the result of `findings`."""

    kind = "drift"


def findings(entries: t.Iterable[Entry]) -> list[dict[str, t.Any]]:
    """One for each item that differs, as result values; ``diff`` goes from the service's definition to the folder's."""
    return [
        {
            **{key: value for key, value in entry.to_dict().items() if key != "action"},
            "drift": _WORDS[entry.action],
            "changes": entry.changes if entry.action == UPDATE else [],
            "diff": unified_text(entry.diffs),
        }
        for entry in entries
        if entry.action != UNCHANGED
    ]


def failure(found: t.Sequence[t.Mapping[str, t.Any]], workspace: str, results: t.Mapping[str, t.Any]) -> DriftError:
    """The error of a workspace that differs; ``results`` are the return values, which a failure has as well."""
    names = [f"{entry['name']}.{entry['type']} ({entry['drift']})" for entry in found]
    count = "1 item differs" if len(names) == 1 else f"{len(names)} items differ"
    error = DriftError(
        f"The workspace {workspace!r} has drifted: {count} from the folder",
        why=listed(names),
        remedy="deploy the folder again with powerbi_deploy, or export the changes of the service into the folder "
        "with powerbi_export",
    )
    error.results = dict(results)
    return error
