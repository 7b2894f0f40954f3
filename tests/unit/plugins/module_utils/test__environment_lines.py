# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines of environment files: written, read back, and kept apart from those of others."""

from __future__ import annotations

import subprocess

import pytest

from ansible_collections.community.powerbi.plugins.module_utils import _environment_lines as lines
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError

OTHERS = "DATABASE_URL=postgres://app:pw@db/app\n\n# mail\nSMTP_PASSWORD=only-here"


@pytest.mark.parametrize("style", lines.STYLES)
@pytest.mark.parametrize("value", ["plain", 'a"b\\\\c$d`e$HOME#f;g h%i', "-----BEGIN X-----\nAAAA\n-----END X-----\n"])
def test_what_is_written_is_read_back(style: str, value: str) -> None:
    name, read = lines.parse(lines.line("certificate_data", value, style).rstrip("\n")) or ("", "")
    assert lines.options_of({name: read}, "POWERBI_") == {"certificate_data": value}


def test_a_shell_reads_it_alike() -> None:
    value = 'a"b\\c$d`e$HOME#f;g h%i'
    script = lines.line("client_secret", value, "systemd") + 'printf %s "$POWERBI_CLIENT_SECRET"'
    seen = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    assert seen.stdout == value


@pytest.mark.parametrize("character", ["\r", "\u2028", "\u2029", "\x85", "\v", "\f", "\0", "\x1e"])
@pytest.mark.parametrize("style", lines.STYLES)
def test_what_would_end_a_line_is_refused(character: str, style: str) -> None:
    with pytest.raises(ValueError, match="client_secret"):
        lines.line("client_secret", f"one{character}INJECTED=two", style)


@pytest.mark.parametrize("text", ["no name", "=x", "1A=x", 'A="open', "A='open", 'A="x" y'])
def test_what_is_no_line_of_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"no line|quote"):
        lines.parse(text)


@pytest.mark.parametrize("text", ["", "  ", "# a comment", "; another"])
def test_what_says_nothing(text: str) -> None:
    assert lines.parse(text) is None


def test_export_and_single_quotes() -> None:
    assert lines.parse("export A='b\"c'") == ("A", 'b"c')


class TestBlock:
    def test_the_other_lines_stay(self) -> None:
        one = lines.with_block(OTHERS, "prod", ["A=1\n"])
        assert one.startswith(OTHERS + "\n# BEGIN ANSIBLE MANAGED BLOCK community.powerbi prod\nA=1\n# END ")
        two = lines.with_block(one + "LAST=1\n", "prod", ["A=2\n", "B=3\n"])
        assert two.endswith("B=3\n# END ANSIBLE MANAGED BLOCK community.powerbi prod\nLAST=1\n")
        assert lines.with_block(two, "prod", None) == OTHERS + "\nLAST=1\n"

    def test_blocks_of_several_profiles(self) -> None:
        both = lines.with_block(lines.with_block("", "a", ["A=1\n"]), "b", ["A=2\n"])
        assert lines.with_block(both, "a", None) == lines.with_block("", "b", ["A=2\n"])

    @pytest.mark.parametrize("damage", ["# BEGIN", "# END"])
    def test_half_a_block_is_an_error(self, damage: str) -> None:
        whole = lines.with_block("", "a", ["A=1\n"])
        half = "".join(line for line in whole.splitlines(keepends=True) if not line.startswith(damage))
        with pytest.raises(ValueError, match="damaged"):
            lines.with_block(half, "a", ["A=2\n"])

    def test_lines_of_others_that_set_the_same(self) -> None:
        text = "A=0\n" + lines.with_block("", "a", ["A=1\n"]) + "export A=2\nB=3\n"
        assert lines.others(text, "a", {"A"}) == [1, 5]


@pytest.mark.parametrize("name", ["", " ", "a\nb", "a\u2028b"])
def test_a_name_that_is_no_line_marks_no_block(name: str) -> None:
    with pytest.raises(ConfigError, match="can't stand in a line"):
        lines.markers(name)
