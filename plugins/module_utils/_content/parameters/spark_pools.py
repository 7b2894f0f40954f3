# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""spark_pool: the pool of an environment, `instance_pool_id` in Setting/Sparkcompute.yml, by the name of a pool of the target."""

from __future__ import annotations

import re
import typing as t

from ..located_yaml import Located
from .dynamic_variable import Variable
from .rules import Filter, TextRule
from .values import Values

KIND = "spark_pool"
KEYS: t.Final = (KIND, "instance_pool_id", frozenset(("instance_pool_id", "replace_value", "item_name")))
"""The section, the key that names what is replaced, and all keys of a rule."""

TYPES = ("Capacity", "Workspace")
_PART = "**/Setting/Sparkcompute.yml"
_LINE = r"""(?mi)^ *instance_pool_id *: *["']?({})["']? *(?:#.*)?$"""


def rule(values: Values, entry: Located) -> TextRule | None:
    """A rule of the section; None with its problems, or where the environment has no pool."""
    pool_id = values.text(entry.value["instance_pool_id"], "instance_pool_id")
    names = values.texts(entry, "item_name")
    given = entry.value["replace_value"]
    pools = {name: _pool(values, name, found) for name, found in given.value.items()} if _is_mapping(given) else {}
    at = values.for_environment(given)
    pool = next((pools[name] for name, found in given.value.items() if found is at), None) if at else None
    if pool is None or not pool_id:
        return None
    chosen = Filter(("Environment",), names, (_PART,))
    return TextRule(_LINE.format(re.escape(pool_id)), pool, chosen, entry, regex=True, kind=KIND)


def _is_mapping(at: Located) -> bool:
    return isinstance(at.value, dict)


def _pool(values: Values, environment: str, at: Located) -> Variable | None:
    """The pool of an environment. All environments are checked, as fabric-cicd does."""
    if not isinstance(at.value, dict) or set(at.value) != {"type", "name"}:
        what = f"the pool for {environment!r} needs type and name, and nothing else"
        values.add_problem(at, what, "Write {type: Workspace, name: ...}")
        return None
    texts = {key: values.text(found, f"the {key} of the pool") for key, found in at.value.items()}
    if texts["type"] not in (None, *TYPES):
        values.add_problem(
            at.value["type"], f"{at.value['type'].value!r} isn't a type of pools", f"Use {' or '.join(TYPES)}"
        )
        return None
    if texts["name"] == "":
        values.add_problem(at.value["name"], "the name of the pool is empty", "Give it a value")
    if not texts["type"] or not texts["name"]:
        return None
    return Variable("id", item_name=texts["name"], pool_type=texts["type"])
