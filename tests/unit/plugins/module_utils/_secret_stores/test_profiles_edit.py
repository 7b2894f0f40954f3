# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from ansible_collections.community.powerbi.plugins.module_utils._secret_stores.profiles_edit import (
    WRITTEN,
    section_values,
    with_section,
    without_section,
)

PATH = "/home/ann/.config/powerbi/profiles.ini"
FILE = """\
# kept by hand
[default]
tenant_id = contoso.example
; the old app
client_id = d

# of the pipeline
[prod]
tenant = contoso.example
# until May
client_secret = 50%~a.b

[test]
client_id: t
"""

NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="[]\0", exclude_categories=("Cc", "Zl", "Zp")), min_size=1
)
VALUES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp", "Cs")), min_size=1)


def test_a_new_section_goes_to_the_end() -> None:
    assert with_section(FILE, "dev", {"client_id": "x"}, PATH) == f"{FILE}\n[dev]\n{WRITTEN}client_id = x\n"
    assert with_section("", "dev", {"client_id": "x"}, PATH) == f"[dev]\n{WRITTEN}client_id = x\n"


def test_only_what_differs_is_touched() -> None:
    values = {"tenant_id": "contoso.example", "client_secret": "new", "client_id": "p"}
    changed = with_section(FILE, "prod", values, PATH)
    assert changed == FILE.replace("client_secret = 50%~a.b\n", "client_secret = new\nclient_id = p\n")
    assert with_section(changed, "prod", values, PATH) == changed


def test_removed_keys_go_with_their_continuation_lines() -> None:
    text = "[a]\nclient_id = x\nclient_secret = one\n  two\n# end\n"
    assert with_section(text, "a", {"client_id": "x"}, PATH) == "[a]\nclient_id = x\n# end\n"


def test_removing_takes_the_section_and_leaves_the_comments_of_the_next() -> None:
    assert without_section(FILE, "default", PATH).startswith("# kept by hand\n# of the pipeline\n[prod]")
    assert without_section(FILE, "test", PATH) == FILE[: FILE.index("\n[test]")]
    assert without_section(FILE, "nobody", PATH) == FILE


@given(NAMES.filter(lambda name: name == name.strip()), VALUES.filter(lambda value: value == value.strip()))
def test_what_was_written_is_read(name: str, value: str) -> None:
    text = with_section(FILE, name, {"client_secret": value, "tenant_id": "t"}, PATH)
    assert section_values(text, name, PATH) == {"client_secret": value, "tenant_id": "t"}
    for other in {"default", "prod", "test"} - {name}:
        assert section_values(text, other, PATH) == section_values(FILE, other, PATH)


@pytest.mark.parametrize("value", ["a\nb", " a", "a ", "a\rb", "a\u2028b", "a\0"])
def test_what_a_line_can_t_hold_is_refused_without_showing_it(value: str) -> None:
    with pytest.raises(ConfigError, match="client_secret has a line break in it, or blanks") as caught:
        with_section(FILE, "prod", {"client_secret": value}, PATH)
    assert caught.value.option == "client_secret"


@pytest.mark.parametrize("name", ["", " ", "a]", "a\nb", " a"])
def test_names_that_are_no_names(name: str) -> None:
    with pytest.raises(ConfigError, match="can't name a section"):
        with_section(FILE, name, {}, PATH)


def test_a_section_that_would_be_misread_is_refused() -> None:
    with pytest.raises(ConfigError, match="can't be changed without losing something"):
        with_section("[a]\n  client_id = x\n  tenant_id = y\n", "a", {"client_id": "z"}, PATH)


def test_what_is_no_ini_is_not_overwritten() -> None:
    with pytest.raises(ConfigError, match="no INI file: line 2"):
        with_section("[a]\nhunter2\n", "b", {"client_id": "x"}, PATH)
