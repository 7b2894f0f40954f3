# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What users read is plain technical English: none of the words that only this project used, in any documentation."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest

ROOT: t.Final = Path(__file__).resolve().parents[2]
_PRIVATE: t.Final = re.compile(
    r"\b(?:asked|told|tells?|says|looks|brings|nobody|somebody|whoever|everybody|twice|by itself|as it is|as they are|"
    r"ledger|glance|for good)\b",
    re.IGNORECASE,
)
_BLOCK: t.Final = re.compile(r'^\s*(?:[A-Z_]+) = r"""\n(.*?)^"""', re.DOTALL | re.MULTILINE)
_GENERATED: t.Final = ("docs/errors.md", "docs/api_errors.md")  # tables of error causes, made from the code


def texts() -> t.Iterator[tuple[str, str]]:
    """The name and the text of each documentation: blocks of plugins, roles, playbooks and pages."""
    for folder in ("modules", "doc_fragments", "lookup", "filter", "test"):
        for path in sorted((ROOT / "plugins" / folder).glob("*.py")):
            blocks = _BLOCK.findall(path.read_text(encoding="utf-8"))
            yield str(path.relative_to(ROOT)), "\n".join(blocks)
    roles = [path for path in sorted((ROOT / "roles").rglob("*")) if path.suffix in (".yml", ".md")]
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
    for path in (*roles, *sorted((ROOT / "playbooks").glob("*.yml")), *pages):
        name = str(path.relative_to(ROOT))
        if name not in _GENERATED:
            yield name, path.read_text(encoding="utf-8")


def found_in(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if _PRIVATE.search(line)]


def test_documentation_has_no_private_words() -> None:
    assert {name: found for name, text in texts() if (found := found_in(text))} == {}


def test_every_plugin_is_read() -> None:
    """A pattern that finds no block would make the test above empty."""
    read = dict(texts())
    modules = [f"plugins/modules/{path.name}" for path in (ROOT / "plugins" / "modules").glob("powerbi_*.py")]
    assert [name for name in modules if "short_description: " not in read[name]] == []
    assert "roles/powerbi_deploy/meta/argument_specs.yml" in read and "docs/deploying.md" in read


@pytest.mark.parametrize("text", ["The service says so.", "Sent as it is", "Deleted for good"])
def test_a_private_word_is_found(text: str) -> None:
    assert found_in(text) == [text]
