# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The official documents (OpenAPI 2.0): Power BI's one, Fabric's several that refer to each other."""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import re
import typing as t
from pathlib import Path
from urllib.parse import urljoin

import referencing
import referencing.jsonschema

Json = dict[str, t.Any]
METHODS: t.Final = ("get", "post", "put", "patch", "delete")


class DocumentsError(Exception):
    """The directory does not contain the documents."""


@dataclasses.dataclass(frozen=True)
class Operation:
    """``uri`` points into its document; ``api`` is ``powerbi`` or ``fabric``; ``pattern`` matches whole paths."""

    id: str
    api: str
    method: str
    template: str
    pattern: re.Pattern[str]
    uri: str
    content: Json
    parameters: list[Json]
    parameter_uris: list[str]

    @property
    def literals(self) -> int:
        """The length of the fixed segments of the path: the longest match is the best."""
        return sum("{" not in segment for segment in self.template.split("/"))


class Documents:
    """All operations, and the registry in which their schemas' references resolve."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory.resolve()
        self._files: dict[str, Json] = {}
        self.registry: referencing.Registry[t.Any] = referencing.Registry(retrieve=self._retrieve)  # type: ignore[call-arg]
        self.operations: list[Operation] = []
        self._read("powerbi/swagger.json", "powerbi")
        for path in sorted((self._directory / "fabric").glob("*/swagger.json")):
            self._read(str(path.relative_to(self._directory)), "fabric")
        self.operations.sort(key=lambda one: -one.literals)
        for path in (self._directory / "fabric").glob("**/definitions*/*.json"):
            self._load(path)
        for path in (self._directory / "fabric").glob("*/definitions.json"):
            self._load(path)
        self.registry = self.registry.with_resources((uri, self._retrieve(uri)) for uri in self._referenced()).crawl()
        self.subtypes = self._subtypes()
        self._find = functools.lru_cache(maxsize=4096)(self._search)

    def find(self, method: str, path: str) -> Operation | None:
        """The operation of a request."""
        return self._find(method, path)

    def resolved(self, uri: str) -> referencing._core.Resolved[t.Any]:
        """The value at a URI with a JSON pointer, with a resolver for references from there."""
        base, _, pointer = uri.partition("#")
        return self.registry.resolver(base).lookup(f"#{pointer}")

    def _search(self, method: str, path: str) -> Operation | None:
        for operation in self.operations:
            if operation.method == method and operation.pattern.fullmatch(path):
                return operation
        return None

    def _read(self, name: str, api: str) -> None:
        path = self._directory / name
        if not path.is_file():
            raise DocumentsError(f"{path}: not found; --documents must name the directory with powerbi/ and fabric/")
        document, uri = self._load(path), path.as_uri()
        for template, item in document["paths"].items():
            place = f"{uri}#/paths/{_escaped(template)}"
            plain = document.get("basePath", "") + template.partition("?")[0]
            pattern = re.compile("".join(_pattern(piece) for piece in re.split(r"(\{[^}]+\})", plain)), re.IGNORECASE)
            for method in METHODS:
                if method in item:
                    self.operations.append(self._operation(api, method, plain, pattern, place, item))

    def _operation(
        self, api: str, method: str, plain: str, pattern: re.Pattern[str], place: str, item: Json
    ) -> Operation:
        content = item[method]
        uris = [f"{place}/{method}/parameters/{index}" for index in range(len(content.get("parameters", [])))]
        uris += [f"{place}/parameters/{index}" for index in range(len(item.get("parameters", [])))]
        parameters = []
        for index, uri in enumerate(uris):
            resolved = self.resolved(uri)
            if "$ref" in resolved.contents:
                reference = resolved.resolver.lookup(resolved.contents["$ref"])
                parameters.append(reference.contents)
                uris[index] = _joined(uri, resolved.contents["$ref"])
            else:
                parameters.append(resolved.contents)
        return Operation(
            id=content.get("operationId", f"{method} {plain}"),
            api=api,
            method=method.upper(),
            template=plain,
            pattern=pattern,
            uri=f"{place}/{method}",
            content=content,
            parameters=parameters,
            parameter_uris=uris,
        )

    def _load(self, path: Path) -> Json:
        uri = path.resolve().as_uri()
        if uri not in self._files:
            self._files[uri] = json.loads(path.read_text(encoding="utf-8-sig"))
        return self._files[uri]

    def _retrieve(self, uri: str) -> referencing.Resource[t.Any]:
        contents = self._load(_existing(Path(uri.removeprefix("file://"))))
        return referencing.jsonschema.DRAFT4.create_resource(contents)

    def _referenced(self) -> set[str]:
        """The URIs of all files as references spell them. A registry searches what it retrieves anew each time."""
        found, new = set[str](), set(self._files)
        while new:
            found |= new
            documents = [(uri, self._retrieve(uri).contents) for uri in new]
            references = {urljoin(uri, name) for uri, document in documents for name in _referred_files(document)}
            new = {uri for uri in references - found if self._is_document(uri)}
        return found

    def _is_document(self, uri: str) -> bool:
        """Some references lead nowhere, and some to links that were saved as text."""
        try:
            return isinstance(self._retrieve(uri).contents, dict)
        except (OSError, ValueError):
            return False

    def _subtypes(self) -> dict[int, dict[str, str]]:
        """For each schema with a discriminator, by its identity: its value -> URI of the schema for it."""
        found: dict[int, dict[str, str]] = {}
        for uri, document in self._files.items():
            for name, schema in document.get("definitions", {}).items():
                value = schema.get("x-ms-discriminator-value")
                for base in schema.get("allOf", []) if value else []:
                    if "$ref" in base:
                        target = self.registry.resolver(uri).lookup(base["$ref"]).contents
                        found.setdefault(id(target), {})[value] = f"{uri}#/definitions/{name}"
        return found


def _referred_files(value: t.Any) -> t.Iterator[str]:
    """The files, relative to its own, that a document's references name."""
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str) and not reference.startswith("#"):
            yield reference.partition("#")[0]
    if isinstance(value, (dict, list)):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for name, item in items:
            if name != "x-ms-examples":
                yield from _referred_files(item)


def _existing(path: Path) -> Path:
    """The file of ``path``, in any case: the documents were written on a case-insensitive file system.

    A link that made up for it may have become a file, so what is not last must be a directory.
    """
    found = Path("/")
    parts = Path(os.path.normpath(path)).parts[1:]
    for index, name in enumerate(parts):
        exact = found / name
        fits = Path.is_file if index == len(parts) - 1 else Path.is_dir
        if not fits(exact) and found.is_dir():
            exact = next((one for one in found.iterdir() if one.name.lower() == name.lower() and fits(one)), exact)
        found = exact
    return found


def _joined(uri: str, reference: str) -> str:
    """A reference, seen from the document of ``uri``."""
    file, _, pointer = reference.partition("#")
    base = uri.partition("#")[0]
    if file:
        base = _existing(Path(base.removeprefix("file://")).parent / file).as_uri()
    return f"{base}#{pointer}"


def _pattern(piece: str) -> str:
    return "[^/]+" if piece.startswith("{") else re.escape(piece)


def _escaped(segment: str) -> str:
    """A key in a JSON pointer inside a URI fragment."""
    return segment.replace("~", "~0").replace("/", "~1").replace("%", "%25")
