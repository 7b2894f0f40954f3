# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks an exchange against its operation: parameters, bodies, statuses, headers."""

from __future__ import annotations

import dataclasses
import re
import typing as t

import jsonschema  # type: ignore[import-untyped]

from powerbi_emulator.conformance.documents import Documents, Json, Operation
from powerbi_emulator.guids import is_guid

Part = t.Literal["request", "answer", "operation"]
# The bodies of Power BI's errors, which its document does not describe.
_POWERBI_ERROR: t.Final[Json] = {
    "anyOf": [
        {
            "type": "object",
            "required": ["error"],
            "properties": {
                "error": {
                    "type": "object",
                    "required": ["code"],
                    "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
                }
            },
        },
        {"type": "object", "required": ["Message"], "properties": {"Message": {"type": "string"}}},
        {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}},
    ]
}
_DATE_TIME: t.Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:\d\d)")


@dataclasses.dataclass(frozen=True)
class Finding:
    """A deviation from the document. ``where`` is a path into the part."""

    part: Part
    operation: str
    method: str
    path: str
    status: int
    where: str
    problem: str

    def __str__(self) -> str:
        return (
            f"{self.operation} ({self.method} {self.path} -> {self.status}), {self.part} {self.where}: {self.problem}"
        )


class ConformanceChecker:
    """Finds deviations in exchanges. ``formats`` in addition to JSON Schema's: uuid and date-time, strictly."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        formats = jsonschema.FormatChecker(())
        formats.checks("uuid")(lambda value: not isinstance(value, str) or is_guid(value))
        formats.checks("date-time")(lambda value: not isinstance(value, str) or _DATE_TIME.fullmatch(value) is not None)
        self._formats = formats
        self._validator = jsonschema.validators.extend(
            jsonschema.Draft4Validator, {"discriminator": self._discriminator}
        )
        self._open: set[tuple[int, int]] = set()
        self._validators: dict[str, t.Any] = {}

    def findings(self, exchange: Json, *, answers_of_faults: bool = False) -> list[Finding]:
        """All deviations. Responses of faults are skipped, unless requested."""
        operation = self._documents.find(exchange["method"], exchange["path"])
        found: list[tuple[Part, str, str]] = []
        if operation is None:
            if exchange["status"] not in (404, 405):
                found.append(("operation", "", "no document describes it"))
        else:
            found += [("request", *one) for one in self._request(operation, exchange)]
            if answers_of_faults or not exchange["fault"]:
                found += [("answer", *one) for one in self._answer(operation, exchange)]
        name = operation.id if operation else "?"
        about = (name, exchange["method"], exchange["path"], exchange["status"])
        return [Finding(part, *about, where, problem) for part, where, problem in dict.fromkeys(found)]

    # requests

    def _request(self, operation: Operation, exchange: Json) -> t.Iterator[tuple[str, str]]:
        query = dict(exchange["query"])
        known = {one["name"]: one for one in operation.parameters if one["in"] == "query"}
        for name, value in query.items():
            if name not in known and name not in operation.uri.partition("?")[2]:
                yield f"query {name}", "not a parameter of the operation"
            elif name in known:
                yield from self._parameter(f"query {name}", known[name], value)
        for name, parameter in known.items():
            if parameter.get("required") and name not in query:
                yield f"query {name}", "required, but absent"
        body = next(((one, uri) for one, uri in self._bodies(operation)), None)
        content_type = exchange["content_type"].partition(";")[0].strip()
        if body is None:
            if exchange["request"] not in (None, {}):
                yield "body", "the operation has none"
        elif content_type and "json" not in content_type:
            yield "body", f"the document describes no {content_type}"
        elif exchange["request"] is None:
            if body[0].get("required"):
                yield "body", "required, but absent"
        else:
            yield from self._body(f"{body[1]}/schema", exchange["request"], closed=True)

    @staticmethod
    def _bodies(operation: Operation) -> t.Iterator[tuple[Json, str]]:
        for parameter, uri in zip(operation.parameters, operation.parameter_uris, strict=True):
            if parameter["in"] == "body":
                yield parameter, uri

    @staticmethod
    def _parameter(where: str, parameter: Json, value: str) -> t.Iterator[tuple[str, str]]:
        kind, form = parameter.get("type"), parameter.get("format")
        allowed = parameter.get("enum")
        if kind == "array":
            allowed = parameter.get("items", {}).get("enum")
        wrong = (
            (kind == "integer" and not re.fullmatch(r"-?\d+", value))
            or (kind == "boolean" and value.lower() not in ("true", "false"))
            or (form == "uuid" and not is_guid(value))
            or (allowed is not None and not set(value.split(",") if kind == "array" else [value]) <= set(allowed))
        )
        if wrong:
            yield where, f"'{value}' does not fit {allowed or form or kind}"

    # answers

    def _answer(self, operation: Operation, exchange: Json) -> t.Iterator[tuple[str, str]]:
        status, responses = str(exchange["status"]), operation.content["responses"]
        key = status if status in responses else "default" if "default" in responses and status[0] in "45" else None
        if key is None:
            if status[0] in "45" and operation.api == "powerbi":
                yield from self._powerbi_error(exchange)
            else:
                yield "status", f"{status} is not among {', '.join(responses)}"
            return
        uri = f"{operation.uri}/responses/{key}"
        response = responses[key]
        if "$ref" in response:
            response = self._documents.resolved(uri).resolver.lookup(response["$ref"]).contents
        for name in response.get("headers", {}):
            if name.lower() not in exchange["headers"]:
                yield f"header {name}", "documented, but absent"
        schema = response.get("schema")
        if schema is None:
            if not exchange["empty"]:
                yield "body", "the document has none"
        elif schema.get("type") == "file":
            if exchange["empty"]:
                yield "body", "a file was expected"
        elif exchange["empty"] or "json" not in exchange["headers"].get("content-type", ""):
            yield "body", "JSON was expected"
        else:
            yield from self._body(f"{uri}/schema", exchange["answer"], closed=False)

    def _powerbi_error(self, exchange: Json) -> t.Iterator[tuple[str, str]]:
        """An error without a body has its code in a header."""
        if exchange["empty"]:
            return
        for error in jsonschema.Draft4Validator(_POWERBI_ERROR).iter_errors(exchange["answer"]):
            yield "body", f"none of Power BI's error bodies: {error.message}"

    # bodies

    def _body(self, uri: str, value: t.Any, *, closed: bool) -> t.Iterator[tuple[str, str]]:
        validator = self._validators.get(uri)
        if validator is None:
            validator = self._validators[uri] = self._validator(
                {"$ref": uri}, registry=self._documents.registry, format_checker=self._formats
            )
        for error in validator.iter_errors(value):
            yield _place(error.absolute_path), error.message[:300]
        if closed:
            resolved = self._documents.resolved(uri)
            yield from self._unknown(resolved.resolver, resolved.contents, value, "")

    def _discriminator(self, validator: t.Any, name: str, value: t.Any, schema: Json) -> t.Iterator[t.Any]:
        """A value must also match the schema of the type in its discriminator."""
        uri = self._subtype(name, value, schema)
        place = (id(schema), id(value))
        if uri is None or place in self._open:
            return
        self._open.add(place)
        try:
            yield from validator.evolve(schema={"$ref": uri}).iter_errors(value)
        finally:
            self._open.discard(place)

    def _subtype(self, name: str, value: t.Any, schema: Json) -> str | None:
        if not isinstance(value, dict):
            return None
        return self._documents.subtypes.get(id(schema), {}).get(str(value.get(name)))

    def _unknown(self, resolver: t.Any, schema: Json, value: t.Any, where: str) -> t.Iterator[tuple[str, str]]:
        """Properties that no schema has; the services match names case-insensitively."""
        if isinstance(value, list):
            resolver, schema = _followed(resolver, schema)
            for index, item in enumerate(value):
                yield from self._unknown(resolver, schema.get("items", {}), item, f"{where}/{index}")
        if not isinstance(value, dict):
            return
        properties: dict[str, tuple[t.Any, Json]] = {}
        is_open = self._collect(resolver, schema, value, properties, set())
        for name, item in value.items():
            found = properties.get(name.lower())
            if found is not None:
                yield from self._unknown(*found, item, f"{where}/{name}")
            elif properties and not is_open:
                yield f"{where}/{name}", "not a property of the request"

    def _collect(
        self, resolver: t.Any, schema: Json, value: Json, properties: dict[str, tuple[t.Any, Json]], seen: set[int]
    ) -> bool:
        """Collect the properties of a schema, of its parts and of the subtype. Returns whether others are allowed."""
        resolver, schema = _followed(resolver, schema)
        if id(schema) in seen:
            return False
        seen.add(id(schema))
        for name, inner in schema.get("properties", {}).items():
            properties[name.lower()] = (resolver, inner)
        is_open = bool(schema.get("additionalProperties"))
        for part in schema.get("allOf", []):
            is_open |= self._collect(resolver, part, value, properties, seen)
        uri = self._subtype(schema.get("discriminator", ""), value, schema)
        if uri is not None:
            resolved = self._documents.resolved(uri)
            is_open |= self._collect(resolved.resolver, resolved.contents, value, properties, seen)
        return is_open


def _followed(resolver: t.Any, schema: Json) -> tuple[t.Any, Json]:
    while "$ref" in schema:
        resolved = resolver.lookup(schema["$ref"])
        resolver, schema = resolved.resolver, resolved.contents
    return resolver, schema


def _place(path: t.Iterable[t.Any]) -> str:
    return "body" + "".join(f"/{step}" for step in path)
