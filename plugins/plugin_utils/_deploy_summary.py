# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The results of the tasks for one workspace as one entry of the plan and of the report of the role powerbi_deploy.

Pure: results of powerbi_workspace, powerbi_workspace_access and powerbi_deploy in, plain data out. A step that was not
run, or was skipped, is a missing or empty result.
"""

from __future__ import annotations

import difflib
import re
import typing as t

from ansible_collections.community.powerbi.plugins.plugin_utils._timeline import timeline

MAX_DIFF_LINES = 400
_HEADER_NOTE = re.compile(r" \((?:live|absent|removed)\)$")

Values = t.Mapping[str, t.Any]


def summarise(steps: Values, *, max_diff_lines: int = MAX_DIFF_LINES) -> dict[str, t.Any]:
    """One workspace: the changes, planned or applied, of the workspace, its access and its items.

    ``steps`` has ``name``, ``capacity`` (as the user wrote it) and the results ``workspace``, ``access``, ``content``.
    """
    workspace, access, content = (_result(steps, step) for step in ("workspace", "access", "content"))
    items = _items(content, max_diff_lines)
    failed = [step for step in (workspace, access, content) if step.get("failed")]
    return {
        "name": steps["name"],
        **_workspace(workspace, str(steps.get("capacity") or "")),
        "access": _access(_single_diff(access)),
        "items": items,
        "fence": "`" * (max([2, *(len(run) for item in items for run in re.findall("`+", item["diff"]))]) + 1),
        "failed": list(_value(content, "failed_items") or []),
        "timeline": timeline(
            _value(content, "plan") or [], {str(one.get("item")) for one in _value(content, "failed_items") or []}
        ),
        "skipped": list(_value(content, "skipped_items") or []),
        "warnings": [str(warning) for step in (workspace, access, content) for warning in step.get("warnings") or []],
        "error": "\n".join(str(step.get("msg", "")) for step in failed),
        "partial": any(step.get("changed") for step in failed),
    }


def _result(steps: Values, name: str) -> Values:
    result = steps.get(name) or {}
    return {} if result.get("skipped") is True else result


def _value(result: Values, name: str) -> t.Any:
    """A key of a result; a failure may have it below ``error``."""
    if name in result:
        return result[name]
    error = result.get("error")
    return error.get(name) if isinstance(error, dict) else None


def _single_diff(result: Values) -> Values:
    diff = result.get("diff") or {}
    return diff if isinstance(diff, dict) else {}


def _workspace(result: Values, capacity: str) -> dict[str, t.Any]:
    """``action`` and the properties that differ, each with its value before and after."""
    diff = _single_diff(result)
    before, after = diff.get("before") or {}, diff.get("after") or {}
    changes = [
        {
            "property": "capacity" if name == "capacity_id" else name,
            "before": _text(before.get(name)),
            "after": _capacity(_text(value), capacity) if name == "capacity_id" else _text(value),
        }
        for name, value in after.items()
        if name != "id" and _text(before.get(name)) != _text(value)
    ]
    if not result or (result.get("failed") and not changes):
        action = "failed" if result else "unchanged"
    else:
        action = ("update" if before else "create") if changes else "unchanged"
    return {"action": action, "changes": changes}


def _capacity(capacity_id: str, name: str) -> str:
    """The capacity's id behind the name that the user wrote."""
    has_name = capacity_id and name and name.lower() not in (capacity_id.lower(), "none")
    return f"{name} ({capacity_id})" if has_name else capacity_id


def _access(diff: Values) -> list[dict[str, str]]:
    """Each principal with its role before and after, those that change first."""
    before, after = diff.get("before") or {}, diff.get("after") or {}
    rows = [
        {"principal": name, "before": _text(before.get(name)), "after": _text(after.get(name))}
        for name in sorted({*before, *after})
    ]
    for row in rows:
        row["action"] = _action(row["before"], row["after"])
    return sorted(rows, key=lambda row: row["action"] == "unchanged")


def _action(before: str, after: str) -> str:
    if before == after:
        return "unchanged"
    if not before:
        return "add"
    return "change" if after else "remove"


def _items(content: Values, max_lines: int) -> list[dict[str, t.Any]]:
    diffs = content.get("diff") or []
    parts = [diffs] if isinstance(diffs, dict) else list(diffs)
    items = []
    for entry in _value(content, "plan") or []:
        label = "/".join(part for part in (entry.get("folder"), f"{entry['name']}.{entry['type']}") if part)
        items.append(
            {
                "name": f"{entry['name']}.{entry['type']}",
                "folder": entry.get("folder") or "",
                "action": entry["action"],
                "changes": list(entry.get("changes") or []),
                "diff": _diff_text([part for part in parts if _belongs_to(part, label)], max_lines),
            }
        )
    return items


def _belongs_to(part: Values, label: str) -> bool:
    for key in ("before_header", "after_header"):
        header = _HEADER_NOTE.sub("", str(part.get(key, "")))
        if header == label or header.startswith(label + "/"):
            return True
    return False


def _diff_text(parts: list[Values], max_lines: int) -> str:
    """The parts as one unified diff of at most ``max_lines`` lines; the last line then states how many are missing."""
    lines: list[str] = []
    for part in parts:
        lines += difflib.unified_diff(
            _text(part.get("before")).splitlines(),
            _text(part.get("after")).splitlines(),
            str(part.get("before_header", "before")),
            str(part.get("after_header", "after")),
            lineterm="",
        )
    if len(lines) > max_lines:
        lines = [*lines[:max_lines], f"... {len(lines) - max_lines} more lines are not shown"]
    return "\n".join(lines)


def _text(value: t.Any) -> str:
    return "" if value is None else str(value)
