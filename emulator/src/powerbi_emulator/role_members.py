# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Members of a semantic model's roles, which are set in the portal and by XMLA, not by REST. Pure."""

from __future__ import annotations

import json
import re
import typing as t

from powerbi_emulator.definition_parts import encoded, text_of_part
from powerbi_emulator.model_languages.vocabulary import quoted, unquoted
from powerbi_emulator.state.items import Parts

_ROLE: t.Final = re.compile(
    r"(?m)^role (?P<name>'(?:[^'\n]|'')*'|[^\s=:']+)[ \t\r]*\n(?P<body>(?:[ \t]+[^\n]*\n?|\r?\n)*)"
)
_MEMBER: t.Final = re.compile(r"(?m)^\tmember [^\n]*\n?(?:\t\t[^\n]*\n?|[ \t\r]*\n(?=\t\t))*")


class UnknownRoleError(ValueError):
    """The model has no role of that name."""


def has_roles(parts: Parts) -> bool:
    """Whether the model has roles, so that row-level security applies."""
    if "model.bim" in parts:
        return bool(json.loads(text_of_part(parts, "model.bim")).get("model", {}).get("roles"))
    return any(_ROLE.search(text_of_part(parts, path)) for path in parts if path.endswith(".tmdl") and "role" in path)


def with_members(parts: Parts, members: t.Mapping[str, t.Sequence[str]]) -> Parts:
    """The definition with these members of the roles. Raises UnknownRoleError; then no role is changed."""
    missing = {name.lower(): name for name in members}
    requested = {name.lower(): names for name, names in members.items()}
    result = dict(parts)
    for path in parts:
        if path == "model.bim":
            document = json.loads(text_of_part(parts, path))
            for role in document.get("model", {}).get("roles", []):
                key = str(role.get("name")).lower()
                if missing.pop(key, None) is not None:
                    role["members"] = [{"memberName": one, "identityProvider": "AzureAD"} for one in requested[key]]
            result[path] = encoded(json.dumps(document, indent=2, ensure_ascii=False))
        elif path.endswith(".tmdl"):
            text = text_of_part(parts, path)

            def replace(match: re.Match[str]) -> str:
                key = unquoted(match["name"]).lower()
                if missing.pop(key, None) is None:
                    return match[0]
                rest = _MEMBER.sub("", match["body"]).rstrip("\r\n")
                lines = "".join(f"\n\tmember {quoted(one)}\n\t\tidentityProvider: AzureAD\n" for one in requested[key])
                return f"role {match['name']}\n{rest}\n{lines}\n"

            changed = _ROLE.sub(replace, text)
            if changed != text:
                result[path] = encoded(changed)
    if missing:
        raise UnknownRoleError(f"there is no role {', '.join(sorted(missing.values()))}")
    return result
