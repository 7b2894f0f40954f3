# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mutations of definitions: each is an error, a difference, or one of the rules in docs/deploying.md of what is none.

A mutation changes one token or one line of one part. `verdict` gives the product's result for it, `excuse` decides from
the texts alone, without the product's parsers, which rule may be the reason that a mutation is no difference.
"""

from __future__ import annotations

import functools
import random
import re
import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._content import diff, item_checks, normalise
from ansible_collections.community.powerbi.plugins.module_utils._content.folder import scan
from ansible_collections.community.powerbi.plugins.module_utils._content.item import LocalItem
from ansible_collections.community.powerbi.plugins.module_utils._content.model import rules
from fuzz import mutation_samples

TEXTS: t.Final = (".tmdl", ".bim", ".json", ".pbir", ".pbism", ".rdl")
LARGEST: t.Final = 60_000  # characters of a part: larger ones take too long to compare
_TOKEN: t.Final = re.compile(r"\w+|[^\w\s]")

Parts = dict[str, bytes]


class Mutation(t.NamedTuple):
    item_type: str
    parts: Parts
    path: str
    before: str
    after: str

    @property
    def mutated(self) -> Parts:
        return {**self.parts, self.path: self.after.encode()}


@functools.cache
def definitions() -> tuple[tuple[str, Parts], ...]:
    """The samples of this folder, the project's own one, and real ones where they are."""
    found = list(mutation_samples.definitions())
    for folder in mutation_samples.folders():
        found += [(item.type, dict(item.parts)) for item in scan(str(folder)).items if item.parts]
    return tuple(found)


def texts_of(parts: t.Mapping[str, bytes]) -> list[str]:
    return sorted(path for path, data in parts.items() if path.endswith(TEXTS) and 0 < len(data) <= LARGEST)


def mutation(seed: int) -> Mutation:
    """A mutation that the number identifies."""
    chosen = random.Random(seed)
    item_type, parts = chosen.choice(definitions())
    path = chosen.choice(texts_of(parts))
    before = parts[path].decode("utf-8-sig").replace("\r\n", "\n")
    change = chosen.choice((_of_token, _of_token, _of_token, _of_line))
    return Mutation(item_type, parts, path, before, change(before, chosen))


def _of_token(text: str, chosen: random.Random) -> str:
    match = chosen.choice(list(_TOKEN.finditer(text)))
    token = match.group()
    if token.isdigit():
        others = [str(int(token) + 1), token + "1", ""]
    elif token[0].isalnum() or token[0] == "_":
        others = [token + "x", token[:-1], token.swapcase(), "other"]
    else:
        others = ["", token * 2, "?"]
    return text[: match.start()] + chosen.choice(others) + text[match.end() :]


def _of_line(text: str, chosen: random.Random) -> str:
    lines = text.split("\n")
    at = chosen.randrange(len(lines))
    kind = chosen.choice(("delete", "repeat", "swap", "indent"))
    if kind == "delete":
        del lines[at]
    elif kind == "repeat":
        lines.insert(at, lines[at])
    elif kind == "swap" and at + 1 < len(lines):
        lines[at], lines[at + 1] = lines[at + 1], lines[at]
    elif kind == "indent":
        lines[at] = "\t" + lines[at]
    return "\n".join(lines)


def has_error(case: Mutation) -> bool:
    item = LocalItem(case.item_type, "A", "definition", "", f"A.{case.item_type}", parts=case.mutated)
    return any(problem.severity == "error" for problem in item_checks.check_item(item))


def check(seed: int) -> None:
    """Raise AssertionError for a mutation that is called unchanged without a rule, or that has no line of the summary."""
    case = mutation(seed)
    if case.before == case.after or has_error(case):
        return
    for local, live in ((case.mutated, case.parts), (case.parts, case.mutated)):
        comparison = normalise.compare(local, live, case.item_type)
        if comparison.equal:
            assert excuse(case), f"unchanged, and no rule allows it: {_shown(case)}"
        else:
            assert diff.summary(comparison), f"a difference without words: {_shown(case)}"
            assert diff.unified_text(diff.part_diffs(comparison, "x")), f"a difference without lines: {_shown(case)}"


def _shown(case: Mutation) -> str:
    removed, added = _lines(case)
    return f"{case.item_type}/{case.path}: {removed!r} -> {added!r}"


def _lines(case: Mutation) -> tuple[list[str], list[str]]:
    """The lines that only one of the two texts has, without blanks around them."""
    before, after = ([line.strip() for line in text.split("\n")] for text in (case.before, case.after))
    removed, added = list(before), list(after)
    for line in before:
        if line in added:
            added.remove(line)
            removed.remove(line)
    return removed, added


def excuse(case: Mutation) -> str:
    """The rule by which a mutation may be no difference, "" for none: the beginning of its text in docs/deploying.md."""
    removed, added = _lines(case)
    changed = [line for line in (*removed, *added) if line]
    if not changed:
        if [line for line in case.before.split("\n") if line.strip()] == [
            line for line in case.after.split("\n") if line.strip()
        ]:
            return "layout: " if case.path.endswith(".tmdl") else "order of keys"  # only empty lines
        swapped = [
            line for line, other in zip(case.before.split("\n"), case.after.split("\n"), strict=False) if line != other
        ]
        ordered = any(re.search(r"\b(?:level|calculationItem)\b", line) for line in swapped)
        return "" if ordered else "order of " if case.path.endswith((".tmdl", ".bim")) else "order of keys"
    for rule, matches in _REASONS:
        if all(matches(case, line) for line in changed):
            return rule
    return ""


def _is_default(_case: Mutation, line: str) -> bool:
    name, _sign, value = line.strip('",').replace('": ', ": ").partition(": ")
    return rules.DEFAULTS.get(name, "\0").lower() == (value.strip('", ') or "true").lower()


def _same_numbers(case: Mutation, line: str) -> bool:
    """The two lines differ in digits of a number that a double can't hold."""
    removed, added = _lines(case)
    rounded = [
        re.sub(r"-?\d+\.\d+(?:[eE][-+]?\d+)?", lambda found: repr(float(found[0])), text) for text in (*removed, *added)
    ]
    return case.path.endswith(".json") and len(rounded) == 2 and rounded[0] == rounded[1]


def _is_noted_by_tools(_case: Mutation, line: str) -> bool:
    return any(name in line for name in rules.TOOL_ANNOTATIONS)


def _only_case(case: Mutation, line: str) -> bool:
    """The two lines differ in case only, in a keyword, the name of a property, a flag or a value of an enumeration."""
    removed, added = _lines(case)
    if not case.path.endswith(".tmdl") or [text.lower() for text in removed] != [text.lower() for text in added]:
        return False
    words = {word for text in (*removed, *added) for word in _TOKEN.findall(text)}
    odd = {word for word in words if not all(word in text for text in (*removed, *added))}
    return all(word.lower() in _KEYWORDS or word.lower() in rules.ENUM_WORDS for word in odd)


def _is_database_name(case: Mutation, line: str) -> bool:
    """The line is the name at the top of a model.bim, which is that of the database and not of the model."""
    tops = {text.split("\n")[1].strip() for text in (case.before, case.after) if case.path.endswith(".bim")}
    return line.startswith('"name": ') and line in tops


def _is_declared_again(case: Mutation, line: str) -> bool:
    first = line.partition(" ")[0].lower()
    return case.path.endswith(".tmdl") and first in _KEYWORDS and case.before.count(line) < case.after.count(line)


_KEYWORDS: t.Final = {word.lower() for word in mutation_samples.KEYWORDS}


def _contains(*words: str) -> t.Callable[[Mutation, str], bool]:
    return lambda _case, line: any(word in line for word in words)


def _in(path: str, *words: str) -> t.Callable[[Mutation, str], bool]:
    return lambda case, line: re.search(path, case.path) is not None and any(word in line for word in words)


_REASONS: t.Final[tuple[tuple[str, t.Callable[[Mutation, str], bool]], ...]] = (
    ("`$schema`", _in(r"\.(?:json|pbir|pbism)$", '"$schema"')),
    ("`version`", _in(r"version\.json$|\.pbism$|\.pbir$", '"version"', "version")),
    ("`version`; empty", _in(r"\.pbism$", '"settings": {}')),
    ("the form of a connection", _in(r"definition\.pbir$", "byConnection", "onnectionString", "pbi", "name",
                                     "connectionType")),
    ("order of keys", _same_numbers),
    ("order of objects", lambda case, line: case.path.endswith(".tmdl") and line.lower().startswith("ref ")),
    ("properties that state", _is_default),
    ("lineage tags", _contains("ineageTag")),
    ("annotations of editors", _is_noted_by_tools),
    ("name and id of the database", _in(r"database\.tmdl$", "database ")),
    ("name and id of the database", _is_database_name),
    ("name and id of the database", _in(r"\.bim$", '"id"')),
    ("layout: ", _only_case),
    ("layout: ", _is_declared_again),
    ("blanks at line ends", lambda case, line: line in ("///", "```")),
    ("times and states", _in(r"\.bim$", *(f'"{name}"' for name in rules.VOLATILE_TMSL))),
    ("encoding, order", lambda case, line: case.path.endswith(".rdl") and ("<?xml" in line or "<!--" in line)),
    ("the ownership annotation", _contains(rules.OWNERSHIP_ANNOTATION)),
)  # fmt: skip
