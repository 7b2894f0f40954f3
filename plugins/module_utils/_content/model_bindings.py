# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The connection bindings of semantic models in a parameter file (two forms, and the former key)."""

from __future__ import annotations

import typing as t

from .._guid import GUID
from .located_yaml import Located
from .parameters.values import Values
from .problem import WARNING


def build(values: Values, sections: t.Mapping[str, Located]) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    named: dict[str, tuple[str, ...]] = {}
    default: tuple[str, ...] = ()
    section = sections.get("semantic_model_binding")
    old = sections.get("gateway_binding")
    if old is not None:
        values.add_problem(old, "gateway_binding is the old name", "Use semantic_model_binding", WARNING)
        _old_bindings(values, old, "gateway_id", "dataset_name", named)
    if section is None:
        return named, default
    if isinstance(section.value, list):
        _old_bindings(values, section, "connection_id", "semantic_model_name", named)
    elif isinstance(section.value, dict) and not section.value:
        values.add_problem(section, "semantic_model_binding is empty", "Give default or models")
    elif isinstance(section.value, dict):
        default = _new_bindings(values, section, named)
    else:
        values.add_problem(section, "semantic_model_binding is neither a mapping nor a list", "Give default and models")
    return named, default


def _old_bindings(
    values: Values, section: Located, id_key: str, name_key: str, named: dict[str, tuple[str, ...]]
) -> None:
    for entry in section.value if isinstance(section.value, list) else ():
        if not isinstance(entry.value, dict) or set(entry.value) != {id_key, name_key}:
            values.add_problem(
                entry, f"a binding needs {id_key} and {name_key}, and nothing else", "Correct the binding"
            )
            continue
        names, ids = values.texts(entry, name_key), _ids(values, entry.value[id_key])
        if not names or not ids:
            values.add_problem(entry, f"a binding has an empty {id_key if names else name_key}", "Give it a value")
        if isinstance(entry.value[id_key].value, list):
            what = f"in this form {id_key} is one GUID, not a list"
            values.add_problem(entry.value[id_key], what, "Use the form with default and models")
        _bind(values, entry, names, ids, named)


def _new_bindings(values: Values, section: Located, named: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    for key in sorted(set(section.value) - {"default", "models"}):
        values.add_problem(section.value[key], f"{key!r} is no key of semantic_model_binding", "Use default and models")
    models = section.value.get("models")
    if models is not None and not (isinstance(models.value, list) and models.value):
        values.add_problem(models, "models isn't a list with entries", "Start each model with a dash")
    for entry in models.value if models is not None and isinstance(models.value, list) else ():
        if not isinstance(entry.value, dict) or set(entry.value) != {"semantic_model_name", "connection_id"}:
            values.add_problem(entry, "a model needs semantic_model_name and connection_id", "Correct the model")
            continue
        ids = _environment_ids(values, entry.value["connection_id"])
        _bind(values, entry, values.texts(entry, "semantic_model_name"), ids, named)
    default = section.value.get("default")
    if default is None:
        return ()
    if not isinstance(default.value, dict) or "connection_id" not in default.value:
        values.add_problem(default, "default has no connection_id", "Give it connection_id")
        return ()
    return _environment_ids(values, default.value["connection_id"])


def _bind(
    values: Values, entry: Located, names: tuple[str, ...], ids: tuple[str, ...], named: dict[str, tuple[str, ...]]
) -> None:
    for name in names if ids else ():
        if name in named:
            values.add_problem(entry, f"the model {name!r} has two bindings", "Remove one of the two")
        named[name] = ids


def _environment_ids(values: Values, at: Located) -> tuple[str, ...]:
    if not isinstance(at.value, dict):
        values.add_problem(at, "connection_id isn't a mapping by environment", "Write PROD: id, or _ALL_: id")
        return ()
    for name, other in at.value.items():
        if other.value in (None, "", []):
            values.add_problem(other, f"the environment {name!r} has no connection", "Give its GUID")
        elif name != values.environment:
            _ids(values, other, given=True)
    found = values.for_environment(at)
    return _ids(values, found) if found is not None else ()


def _ids(values: Values, at: Located, *, given: bool = False) -> tuple[str, ...]:
    """The ids. ``given``: those of another environment, whose environment variables need not be set here."""
    entries = at.value if isinstance(at.value, list) else [at]
    ids = []
    for value in entries:
        if given and isinstance(value.value, str) and "$ENV:" in value.value:
            continue
        text = values.text(value, "the connection's id") or ""
        if text and not GUID.fullmatch(text):
            values.add_problem(value, f"{value.value!r} isn't a connection's id", "Give its GUID")
        elif text:
            ids.append(text.lower())
    return tuple(ids)
