# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines of environment files: written, read back, and kept apart from those of others."""

from __future__ import annotations

import subprocess

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._secret_stores import environment_lines as lines


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
def test_what_has_no_meaning(text: str) -> None:
    assert lines.parse(text) is None


def test_export_and_single_quotes() -> None:
    assert lines.parse("export A='b\"c'") == ("A", 'b"c')


@pytest.mark.parametrize(
    ("text", "systemd", "shell"),
    [
        ("A=1\nB=2\n", 0, 0),
        ('A=1\nNOTE="open\nB=2\n', 2, 2),
        ("A='open\n", 1, 1),
        ('KEY="-----BEGIN\nAAAA\n-----END"\nB=1\n', 0, 0),
        ('KEY="-----BEGIN\n\nAAAA\nB="two"\nC="\n', 5, 0),
        ('A="a \\" b\nc"\n', 0, 0),
        ("A='a\\'\n", 0, 0),
        ("A=one\\\n", 1, 1),
        ("A=one\\\ntwo\n", 0, 0),
        ("A=one\\\\\n", 0, 0),
        ('A="one" \'two\n', 1, 1),
        ("A=it's\n", 0, 1),
        ('A="x"\'y\n', 1, 1),
        ("A=1 # it's a note\n", 0, 0),
        ("# it's a note\n; \"\nA=1\n", 0, 0),
        ("A='open\r\nB=2\r\n", 1, 1),
        ("no variable's line\n", 0, 0),
    ],
)
def test_where_a_value_begins_that_has_no_end(text: str, systemd: int, shell: int) -> None:
    assert (lines.open_line(text), lines.open_line(text, as_shell=True)) == (systemd, shell)


@pytest.mark.parametrize("text", ['A="one', "A=one\\", "A='one"])
def test_a_shell_takes_the_next_line_into_an_open_value(text: str) -> None:
    """Why nothing may be written after such a line: a shell, which reads values as systemd does, doesn't see it."""
    assert lines.open_line(f"{text}\n") == 1
    script = f'{text}\nPOWERBI_CLIENT_ID="c"\nprintf %s "$POWERBI_CLIENT_ID"'
    seen = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=False)
    assert seen.stdout != "c"
