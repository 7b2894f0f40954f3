# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""For any model: its canonical form is stable, its layout is noise, and its measures are content."""

from __future__ import annotations

import dataclasses
import string
import typing as t

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ansible_collections.community.powerbi.plugins.module_utils._content import normalise

Parts = dict[str, bytes]

NAME = st.text(alphabet=string.ascii_letters + string.digits + " '.=:_-äß€[]\"", min_size=1, max_size=12).map(str.strip)
NAMES = NAME.filter(lambda name: bool(name) and "\n" not in name)
# Texts as people write them in DAX and M: words, quotes, brackets, comments, lines of any indentation.
WORDS = st.sampled_from(
    ["SUM(", ")", "Sales[Amount]", "VAR x = 1", "RETURN", "// note", '"text"', '"a ""b"" c"', "'My Table'[x]", "+", "let",
     "in", 'Source = #"Changed Type"', "isHidden", "measure X = 1", "mode: import", "table T", "```x", "/* y */", "é", "="]
)  # fmt: skip
LINES = st.builds(
    lambda depth, words: "    " * depth + " ".join(words), st.integers(0, 3), st.lists(WORDS, min_size=1, max_size=4)
)
EXPRESSIONS = (
    st.lists(st.one_of(LINES, st.just("")), min_size=1, max_size=6)
    .map("\n".join)
    .filter(lambda text: bool(text.strip()) and not text.startswith("\n") and "```\n" not in text + "\n")
)
LABELS = st.text(alphabet=string.ascii_letters + ' "#,0.$-', max_size=10).filter(
    lambda text: text.lower() not in ("true", "false")
)


@dataclasses.dataclass(frozen=True)
class Measure:
    name: str
    expression: str
    folder: str
    hidden: bool


@dataclasses.dataclass(frozen=True)
class Style:
    """How a writer of TMDL may lay out the same content."""

    unit: str
    fenced: bool
    upper: bool
    extra_blank: bool
    reversed_order: bool
    stated_defaults: bool
    quoted: bool
    newline: str
    mark: bytes
    own_file: bool


MEASURES = st.lists(
    st.builds(Measure, NAMES, EXPRESSIONS, LABELS, st.booleans()),
    min_size=1,
    max_size=4,
    unique_by=lambda measure: measure.name.casefold(),
)
STYLES = st.builds(
    Style,
    st.sampled_from(["\t", "  ", "    "]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
    st.booleans(),
)
PLAIN = Style("\t", False, False, False, False, False, False, "\n", b"", False)


def quoted_name(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"


def written(measures: t.Sequence[Measure], style: Style) -> Parts:
    """A model of one table as TMDL, in a style."""
    unit = style.unit
    word = "MEASURE" if style.upper else "measure"
    blocks = []
    for measure in measures:
        lines = measure.expression.split("\n")
        body = [unit * 3 + line if line.strip() else "" for line in lines]
        head = f"{unit}{word} {quoted_name(measure.name)} ="
        fence = style.fenced or "```" in measure.expression
        block = [f"{head} ```", *body, f"{unit * 3}```"] if fence else [head, *body]
        inner = (
            style.quoted or measure.folder != measure.folder.strip() or measure.folder[:1] == '"' or not measure.folder
        )
        folder = '"' + measure.folder.replace('"', '""') + '"' if inner else measure.folder
        properties = [f"{unit * 2}displayFolder: {folder}"]
        if measure.hidden:
            properties.append(f"{unit * 2}{'ISHIDDEN: True' if style.upper else 'isHidden'}")
        elif style.stated_defaults:
            properties.append(f"{unit * 2}isHidden: false")
        if style.reversed_order:
            properties.reverse()
        blocks.append([*block, *properties])
    if style.reversed_order:
        blocks.reverse()
    gap = ["", ""] if style.extra_blank else []
    lines = [line for block in blocks for line in (*gap, *block)]

    def part(*texts: str) -> bytes:
        return style.mark + style.newline.join(texts).encode() + b"\n" * (2 if style.extra_blank else 0)

    table = [f"{'TABLE' if style.upper else 'table'} Facts", f"{unit}dataCategory: Facts"]
    model = "model Model"
    if style.own_file:
        return {
            "definition/model.tmdl": part(model),
            "definition/measures.tmdl": part("table Facts", *lines),
            "definition/tables/Facts.tmdl": part(*table),
        }
    return {
        "definition/tables/Facts.tmdl": part(*table, *lines),
        "definition/model.tmdl": part(model, "", "ref table Facts"),
    }


@given(MEASURES, STYLES)
@settings(max_examples=300)
def test_the_canonical_form_is_its_own_canonical_form(measures: list[Measure], style: Style) -> None:
    once = normalise.normalise(written(measures, style), "SemanticModel")
    again = normalise.normalise(once.parts, "SemanticModel")

    assert once.model is not None
    assert dict(again.parts) == dict(once.parts)


@given(MEASURES, STYLES, STYLES)
@settings(max_examples=400)
def test_layout_is_no_difference(measures: list[Measure], one: Style, other: Style) -> None:
    comparison = normalise.compare(written(measures, one), written(measures, other), "SemanticModel")

    assert comparison.changed == ()


def content(expression: str) -> str:
    """An expression without what is layout by definition: blanks at line ends, blank lines around, shared indentation."""
    lines = [line.rstrip() for line in expression.split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    margin = min((len(line) - len(line.lstrip()) for line in lines if line), default=0)
    return "\n".join(line[margin:] for line in lines)


@given(MEASURES, EXPRESSIONS, STYLES, STYLES, st.data())
@settings(max_examples=400)
def test_a_changed_measure_is_a_difference_in_every_style(
    measures: list[Measure], expression: str, one: Style, other: Style, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(measures) - 1))
    assume(content(expression) != content(measures[place].expression))
    changed = list(measures)
    changed[place] = dataclasses.replace(measures[place], expression=expression)

    comparison = normalise.compare(written(changed, one), written(measures, other), "SemanticModel")

    assert comparison.changed == ("definition/tables/Facts.tmdl",)


@given(MEASURES, st.data())
@settings(max_examples=200)
def test_one_changed_character_of_an_expression_is_a_difference(measures: list[Measure], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(measures) - 1))
    text = measures[place].expression
    spots = [spot for spot, char in enumerate(text) if not char.isspace() and char != "`"]
    assume(spots)
    spot = data.draw(st.sampled_from(spots))
    changed = list(measures)
    changed[place] = dataclasses.replace(measures[place], expression=text[:spot] + "Q" + text[spot + 1 :])
    assume(text[spot] != "Q")

    assert not normalise.compare(written(changed, PLAIN), written(measures, PLAIN), "SemanticModel").equal


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=10,
)


@given(
    st.dictionaries(st.text(alphabet="abcdef$", min_size=1, max_size=4), JSON, max_size=4),
    st.sampled_from([None, 2, "\t"]),
)
@settings(max_examples=200)
def test_json_is_compared_by_its_value(value: dict[str, t.Any], indent: int | str | None) -> None:
    import json

    shuffled = dict(reversed(list(value.items())))
    one = {"definition/pages/p/page.json": json.dumps(value).encode()}
    other = {
        "definition/pages/p/page.json": b"\xef\xbb\xbf"
        + json.dumps(shuffled, indent=indent).replace("\n", "\r\n").encode()
    }

    assert normalise.compare(one, other, "Report").equal
    once = normalise.normalise(one, "Report").parts
    assert dict(normalise.normalise(once, "Report").parts) == dict(once)
