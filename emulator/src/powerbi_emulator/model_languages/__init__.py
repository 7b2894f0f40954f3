# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Conversion of semantic models between TMDL and TMSL, for the objects in the vocabulary."""

from __future__ import annotations

import json
import typing as t

from powerbi_emulator.definition_parts import encoded, text_of_part
from powerbi_emulator.model_languages.tmdl_reader import read_object_file
from powerbi_emulator.model_languages.tmdl_writer import written
from powerbi_emulator.model_languages.vocabulary import REFERENCED, Json, TranslationError
from powerbi_emulator.state.items import Parts

_FOLDER: t.Final = "definition/"


def as_tmsl(parts: Parts) -> Parts:
    """The parts with one ``model.bim`` in place of the TMDL documents. Raises TranslationError."""
    database: Json = {}
    model: Json = {"name": "Model"}
    order: dict[str, list[str]] = {}
    for path in sorted(parts):
        if path.startswith(_FOLDER) and path.endswith(".tmdl"):
            read_object_file(text_of_part(parts, path), database, model, order)
    for collection, names in order.items():
        place = {name: index for index, name in enumerate(names)}
        model.get(collection, []).sort(key=lambda one, place=place: place.get(one.get("name"), len(place)))
    document = {"compatibilityLevel": 1567, **database, "model": model}
    others = {path: payload for path, payload in parts.items() if not path.startswith(_FOLDER)}
    return {**others, "model.bim": encoded(json.dumps(document, indent=2, ensure_ascii=False))}


def as_tmdl(parts: Parts) -> Parts:
    """The parts with TMDL documents in place of ``model.bim``. Raises TranslationError."""
    try:
        document = json.loads(text_of_part(parts, "model.bim"))
        model = dict(document["model"])
    except (ValueError, KeyError, TypeError) as error:
        raise TranslationError(f"model.bim: {error}") from error
    others = {name: value for name, value in document.items() if name not in ("name", "id", "model")}
    files = {"database": written("database", {"compatibilityLevel": 1567, **others})}
    references = []
    for collection, (keyword, place) in REFERENCED.items():
        objects = model.pop(collection, [])
        if not objects:
            continue
        if place.endswith("/"):
            references += [written("ref " + keyword, {"name": one["name"]}) for one in objects]
            files |= {place + str(one["name"]).replace("/", "_"): written(keyword, one) for one in objects}
        else:
            files[place] = "\n".join(written(keyword, one) for one in objects)
    annotations = model.pop("annotations", [])
    text = [written("model", {"name": model.pop("name", "Model"), **model})]
    text += [written("annotation", one) for one in annotations]
    files["model"] = "\n".join([*text, "".join(references)])
    others = {path: payload for path, payload in parts.items() if path != "model.bim"}
    return {**others, **{f"{_FOLDER}{name}.tmdl": encoded(text) for name, text in files.items()}}
