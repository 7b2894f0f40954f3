# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""The canonical form of definitions, so that a comparison with the service finds real changes only.

`comparison_rules` lists what is not a difference, and why. The principle: a difference is ignored only where publishing
could not remove it, or where the local files lack a value and the service sets a default.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
import typing as t
import xml.etree.ElementTree as ET

from . import json_text, ownership_annotation, paginated, platform, rebind
from .item import REPORT, SEMANTIC_MODEL
from .model import canonical as model_canonical
from .model import merge, tmdl, tmsl
from .model.tree import Node
from .part_path import ignored
from .problem import ERROR
from .report import pbir
from .text import decode, suffix

Parts = t.Mapping[str, bytes]


_LEGACY_JSON = frozenset(("config", "filters", "query", "dataTransforms"))
_VERSIONED = frozenset(("definition.pbism", "definition/version.json"))
_EDITOR_STATE = re.compile(
    r"^(?:diagramLayout\.json|semanticModelDiagramLayout\.json|mobileState\.json|DAXQueries/|TMDLScripts/|Copilot/)"
)
_SERVICE_ADDS = re.compile(r"^(?:StaticResources/SharedResources/|\.platform$)")


@dataclasses.dataclass(frozen=True)
class Canonical:
    """A definition in canonical form: texts (or bytes) by part, and the model's tree for a TMDL model."""

    parts: t.Mapping[str, bytes]
    model: Node | None = None


def normalise(parts: Parts, item_type: str = "") -> Canonical:
    """The canonical form of a definition. Never fails: a part that can't be read is kept as its text or bytes.

    Idempotent: the canonical parts have themselves as canonical form.
    """
    return _canonical(pbir.by_name(parts) if item_type in ("", REPORT) else parts, item_type)


def _canonical(parts: Parts, item_type: str) -> Canonical:
    result = {}
    documents = {}
    for path in sorted(parts):
        if ignored(path):
            continue
        if item_type in ("", SEMANTIC_MODEL) and path.startswith("definition/") and suffix(path) == ".tmdl":
            documents[path] = parts[path]
        else:
            result[path] = _part(path, parts[path])
    model = _tmdl_model(documents)
    if model is None:
        result.update((path, _plain(data)) for path, data in documents.items())
    else:
        result.update((path, text.encode()) for path, text in model_canonical.documents(model).items())
    return Canonical({path: result[path] for path in sorted(result)}, model)


def _tmdl_model(documents: Parts) -> Node | None:
    """The canonical tree of TMDL documents, or None if one of them can't be parsed unambiguously."""
    trees = []
    for path, data in documents.items():
        text = decode(data)
        if text is None:
            return None
        tree, problems = tmdl.read(text, path)
        if any(problem.severity == ERROR for problem in problems):
            return None
        trees.append(tree)
    if not trees:
        return None
    root, problems = merge.merge(trees)
    return None if problems else model_canonical.canonical(root)


def _part(path: str, data: bytes) -> bytes:
    kind = suffix(path)
    data = paginated.plain(data) if kind == ".rdl" else data
    text = decode(data)
    if text is None:
        return data
    if kind in json_text.SUFFIXES or path == platform.PART:
        value, problem = json_text.parse(text, path)
        if problem is None:
            with contextlib.suppress(RecursionError):
                return dump(_json_part(path, value))
    if kind == ".rdl" and "<!DOCTYPE" not in text and "<!ENTITY" not in text and paginated.is_shallow(data):
        with contextlib.suppress(ET.ParseError, ValueError, LookupError):
            return ET.canonicalize(text).strip().encode() + b"\n"
    return _plain(data)


def _plain(data: bytes) -> bytes:
    text = decode(data)
    return data if text is None else (text.rstrip("\n") + "\n").encode() if text.strip("\n") else b""


def dump(value: t.Any) -> bytes:
    """A JSON value in canonical form: sorted keys, indented by two spaces, whole numbers without a fraction."""
    return (json_text.dump(_numbers(value), indent=2, sort_keys=True) + "\n").encode()


def _numbers(value: t.Any) -> t.Any:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, dict):
        return {name: _numbers(found) for name, found in value.items()}
    if isinstance(value, list):
        return [_numbers(found) for found in value]
    return value


def _json_part(path: str, value: t.Any) -> t.Any:
    if path == tmsl.PART:
        return tmsl.canonical(value)
    if not isinstance(value, dict):
        return value
    if path == platform.PART:
        metadata = value.get("metadata")
        found = metadata if isinstance(metadata, dict) else {}
        return {"metadata": {name: text for name, text in found.items() if name in ("type", "displayName")}}
    value = {name: found for name, found in value.items() if name != "$schema"}
    if path == ownership_annotation.REPORT_PART and isinstance(value.get("annotations"), list):
        value["annotations"] = ownership_annotation.without(value["annotations"])
        if not value["annotations"]:
            del value["annotations"]
    if path == rebind.PART:
        return _pbir(value)
    if path in _VERSIONED:
        return {name: found for name, found in value.items() if name != "version" and (name, found) != ("settings", {})}
    return _legacy(value) if path == "report.json" else value


def _pbir(value: dict[str, t.Any]) -> t.Any:
    rest = {name: found for name, found in value.items() if name not in ("version", "datasetReference")}
    bound = rebind.binding(value)
    if not bound or bound.server:
        # Not in a format that this code parses: comparing the text can't hide a change.
        return {**rest, "datasetReference": value.get("datasetReference")}
    if bound.model_id:
        reference: dict[str, t.Any] = {"byConnection": {"pbiModelDatabaseName": bound.model_id}}
    elif bound.path:
        reference = {"byPath": {"path": bound.path.replace("\\", "/")}}
    else:
        source = f'Data Source="powerbi://api.powerbi.com/v1.0/myorg/{bound.workspace}";' if bound.workspace else ""
        reference = {"byConnection": {"connectionString": f'{source}initial catalog="{bound.model}"'}}
    return {**rest, "datasetReference": reference}


def _legacy(value: t.Any, name: str = "") -> t.Any:
    if isinstance(value, dict):
        return {key: _legacy(found, key) for key, found in value.items()}
    if isinstance(value, list):
        return [_legacy(found) for found in value]
    if name in _LEGACY_JSON and isinstance(value, str):
        inner, problem = json_text.parse(value, name)
        return value if problem or not isinstance(inner, (dict, list)) else inner
    return value


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Two definitions in canonical form, without the additions that the service or an editor makes on one side.

    Parts with the same bytes on both sides are not canonicalized. The models are set if a part of a model differs in
    its bytes.
    """

    local: t.Mapping[str, bytes]
    live: t.Mapping[str, bytes]
    local_model: Node | None = None
    live_model: Node | None = None

    @property
    def changed(self) -> tuple[str, ...]:
        """Paths of canonical parts that differ, or are on one side only."""
        paths = sorted({*self.local, *self.live})
        return tuple(path for path in paths if self.local.get(path) != self.live.get(path))

    @property
    def equal(self) -> bool:
        return not self.changed


def compare(local: Parts, live: Parts, item_type: str = "") -> Comparison:
    """Compare a local definition with that of the service in the same format. Reports must be rebound first (`rebind`)."""
    if item_type in ("", REPORT):
        local, live = pbir.by_name(local), pbir.by_name(live)
    alike = _alike(local, live)
    ours = _canonical({path: data for path, data in local.items() if path not in alike}, item_type)
    theirs = _canonical({path: data for path, data in live.items() if path not in alike}, item_type)
    left, right = dict(ours.parts), dict(theirs.parts)
    models = (ours.model, theirs.model)
    if ours.model is not None and theirs.model is not None:
        for path in model_canonical.documents(theirs.model):
            del right[path]
        reconciled = model_canonical.reconcile(ours.model, theirs.model)
        right.update((path, text.encode()) for path, text in model_canonical.documents(reconciled).items())
        models = (ours.model, reconciled)
    elif ours.model is not None or theirs.model is not None:
        # One of the two can't be parsed as a model: both are compared as texts.
        left, right = _as_texts(left, local), _as_texts(right, live)
    if tmsl.PART in left and tmsl.PART in right:
        right[tmsl.PART] = _reconciled_tmsl(left[tmsl.PART], right[tmsl.PART])
        models = (_tmsl_model(left[tmsl.PART]), _tmsl_model(right[tmsl.PART]))
    left.update(alike)
    right.update(alike)
    for path in [
        path for path in right if path not in left and (_EDITOR_STATE.match(path) or _SERVICE_ADDS.match(path))
    ]:
        del right[path]
    for path in [path for path in left if path not in right and (_EDITOR_STATE.match(path) or path == platform.PART)]:
        del left[path]
    return Comparison(left, right, *models)


def _alike(local: Parts, live: Parts) -> dict[str, bytes]:
    """Parts with the same bytes on both sides, which need no parsing. TMDL parts can be parsed only together."""
    alike = {path: data for path, data in local.items() if live.get(path) == data and not ignored(path)}
    if not all(path in alike for path in (*local, *live) if suffix(path) == ".tmdl"):
        alike = {path: data for path, data in alike.items() if suffix(path) != ".tmdl"}
    return alike


def _as_texts(canonical: Parts, parts: Parts) -> dict[str, bytes]:
    result = {path: data for path, data in canonical.items() if suffix(path) != ".tmdl"}
    result.update((path, _plain(data)) for path, data in parts.items() if suffix(path) == ".tmdl")
    return result


def _reconciled_tmsl(local: bytes, live: bytes) -> bytes:
    try:
        return dump(tmsl.reconcile(json.loads(local), json.loads(live)))
    except (ValueError, RecursionError):
        return live


def _tmsl_model(data: bytes) -> Node | None:
    try:
        root, dummy = merge.merge([tmsl.read(json.loads(data), tmsl.PART)])
    except (ValueError, RecursionError):
        return None
    return root
