# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a seed: a YAML or JSON file that describes a tenant.

Stores read their part through ``Section``, which validates it: an error contains the file, the key and the expected
value. Every key must have been read when ``finish`` is called, so a misspelt key is an error, not a silent default.
"""

from __future__ import annotations

import datetime
import json
import math
import re
import typing as t
import uuid
from importlib import resources
from pathlib import Path

import yaml

_MISSING: t.Final = object()


class SeedError(ValueError):
    """An invalid seed: the text contains file, key and expected value."""


class Section:
    """One mapping of a seed. Each getter consumes its key; ``path`` is the section's path for error texts."""

    def __init__(self, file: str, path: str, data: t.Any) -> None:
        self.file = file
        self.path = path
        if not isinstance(data, dict):
            raise SeedError(f"{file}: {path or 'the seed'}: expected a mapping, got {_kind(data)}")
        self._data: dict[str, t.Any] = data
        self._seen: set[str] = set()

    def error(self, key: str, problem: str) -> SeedError:
        """An error about ``key`` of this section, to be raised by the caller."""
        return SeedError(f"{self.file}: {self._place(key)}: {problem}")

    def text(self, key: str, default: str | None = None) -> str:
        """A non-empty string. Without ``default`` the key is required."""
        value = self._take(key, _MISSING if default is None else default)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or (not value and default is None):
            raise self.error(key, f"expected text, got {_kind(value)}")
        return value

    def guid(self, key: str, default: str | None = None) -> str:
        """A GUID in lower case."""
        value = self.text(key, default)
        try:
            return str(uuid.UUID(value))
        except ValueError:
            raise self.error(key, f"expected a GUID (11111111-2222-3333-4444-555555555555), got '{value}'") from None

    def choice(self, key: str, choices: t.Collection[str], default: str | None = None) -> str:
        """One of ``choices``."""
        value = self.text(key, default)
        if value not in choices:
            raise self.error(key, f"expected one of {', '.join(choices)}, got '{value}'")
        return value

    def flag(self, key: str, default: bool) -> bool:
        """true or false."""
        value = self._take(key, default)
        if not isinstance(value, bool):
            raise self.error(key, f"expected true or false, got {_kind(value)}")
        return value

    def number(self, key: str, default: float | None) -> float | None:
        """A number, or ``default`` when absent or null."""
        value = self._take(key, default)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.error(key, f"expected a number, got {_kind(value)}")
        if not math.isfinite(value):
            raise self.error(key, f"expected a finite number, got {value}")
        return value

    def time(self, key: str, default: str) -> float:
        """A point in time as epoch seconds, from an ISO 8601 date or date-time; UTC where no offset is given."""
        value = self._take(key, default)
        if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
            value = value.isoformat()
        if isinstance(value, str):
            try:
                value = datetime.datetime.fromisoformat(value)
            except ValueError:
                raise self.error(key, f"expected an ISO 8601 time (2031-01-31T12:00:00Z), got '{value}'") from None
        if not isinstance(value, datetime.datetime):
            raise self.error(key, f"expected an ISO 8601 time, got {_kind(value)}")
        return (value if value.tzinfo else value.replace(tzinfo=datetime.UTC)).timestamp()

    def texts(self, key: str, default: t.Sequence[str] = ()) -> list[str]:
        """A list of strings."""
        value = self._take(key, list(default))
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(key, f"expected a list of texts, got {_kind(value)}")
        return list(value)

    def mapping(self, key: str) -> dict[str, t.Any]:
        """A mapping, unchecked; empty when absent."""
        value = self._take(key, {})
        if not isinstance(value, dict):
            raise self.error(key, f"expected a mapping, got {_kind(value)}")
        return dict(value)

    def value(self, key: str, default: t.Any = None) -> t.Any:
        """The value, unchecked."""
        return self._take(key, default)

    def section(self, key: str) -> Section | None:
        """A nested mapping, or None when absent."""
        value = self._take(key, None)
        return None if value is None else Section(self.file, self._place(key), value)

    def sections(self, key: str) -> list[Section]:
        """A list of mappings; empty when absent."""
        value = self._take(key, [])
        if not isinstance(value, list):
            raise self.error(key, f"expected a list of mappings, got {_kind(value)}")
        return [Section(self.file, f"{self._place(key)}[{index}]", item) for index, item in enumerate(value)]

    def has(self, key: str) -> bool:
        return self._data.get(key) is not None

    def finish(self) -> None:
        """Raise SeedError for keys that were never read, and so are unknown."""
        unknown = [key for key in self._data if key not in self._seen]
        if unknown:
            raise self.error(str(unknown[0]), f"unknown key; known here: {', '.join(sorted(self._seen))}")

    def _take(self, key: str, default: t.Any) -> t.Any:
        self._seen.add(key)
        value = self._data.get(key, _MISSING)
        if value is not _MISSING:
            return value
        if default is _MISSING:
            raise self.error(key, "missing, and it is required")
        return default

    def _place(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key


class Seed:
    """A parsed seed. ``root`` returns its top level for each reset."""

    def __init__(self, file: str, data: t.Any) -> None:
        self.file = file
        self._data = data

    @classmethod
    def load(cls, path: Path | None) -> Seed:
        """Read ``path``, or the built-in Contoso seed. Raises SeedError for a file that is no YAML or JSON mapping."""
        if path is None:
            return cls("default_seed.yaml", yaml.load(_default_text(), Loader=_Loader))
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise SeedError(f"{path}: cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise SeedError(f"{path}: is not UTF-8 text") from error
        try:
            data = json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=_Loader)
        except (yaml.YAMLError, json.JSONDecodeError) as error:
            raise SeedError(f"{path}: is not valid {'JSON' if path.suffix == '.json' else 'YAML'}: {error}") from error
        return cls(str(path), data)

    def root(self, placeholders: t.Mapping[str, str]) -> Section:
        """The top level, with ``${name}`` in texts replaced by values of the running emulator (``${url}``)."""
        return Section(self.file, "", _fill(self._data, placeholders))


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _default_text() -> str:
    return resources.files("powerbi_emulator").joinpath("default_seed.yaml").read_text(encoding="utf-8")


def _fill(value: t.Any, placeholders: t.Mapping[str, str]) -> t.Any:
    if isinstance(value, str) and "${" in value:
        return re.sub(r"\$\{(\w+)\}", lambda match: placeholders.get(match[1], match[0]), value)
    if isinstance(value, dict):
        return {key: _fill(item, placeholders) for key, item in value.items()}
    if isinstance(value, list):
        return [_fill(item, placeholders) for item in value]
    return value


def _kind(value: t.Any) -> str:
    if value is None:
        return "nothing"
    return {str: "text", bool: "true/false", int: "a number", float: "a number", list: "a list", dict: "a mapping"}.get(
        type(value), type(value).__name__
    )
