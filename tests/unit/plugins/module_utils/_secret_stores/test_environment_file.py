# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""powerbi_environment_file on files that other parties have written to."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._module import run_in_process
from ansible_collections.community.powerbi.plugins.modules import powerbi_environment_file as module

BEGIN, END = (f"# {word} ANSIBLE MANAGED BLOCK community.powerbi default\n" for word in ("BEGIN", "END"))
SECRET = "s3cr3t-of-the-nightly-app"
BLOCK = f'{BEGIN}POWERBI_CLIENT_ID="c"\nPOWERBI_CLIENT_SECRET="{SECRET}"\n{END}'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "nightly"
    file.touch(mode=0o600)
    return file


def run(path: Path, *, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
    identity = {} if options.get("state") == "absent" else {"client_id": "c", "client_secret": SECRET}
    return run_in_process(
        module.ARGUMENT_SPEC,
        module.run,
        {"path": str(path), **identity, **options},
        name="community.powerbi.powerbi_environment_file",
        check_mode=check,
        environ={},
        cache_directory="",
        notify=lambda _text: None,
    )


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("block", ["", BLOCK])
@pytest.mark.parametrize("value", ['"open', "'open", "one\\"])
def test_nothing_is_written_into_a_value_without_an_end(path: Path, value: str, block: str, check: bool) -> None:
    text = f"# mail\nA=1\nMOTTO={value}\n{block}"
    path.write_text(text)
    result = run(path, check=check, client_id="another")
    assert result["msg"].startswith(f"line 3 of {path} begins a value that has no end")
    assert "close the quote or remove the backslash in line 3" in result["msg"]
    assert path.read_text() == text


def test_the_block_goes_from_a_value_without_an_end(path: Path) -> None:
    path.write_text(f'MOTTO="open\n{BLOCK}')
    assert run(path, state="absent")["changed"]
    assert path.read_text() == 'MOTTO="open\n'


def test_a_value_over_several_lines_that_has_an_end(path: Path) -> None:
    text = 'TLS_KEY="-----BEGIN\nAAAA\n-----END"\n'
    path.write_text(text)
    assert "warnings" not in run(path)
    assert path.read_text() == text + BLOCK


@pytest.mark.parametrize(
    ("line", "options", "reader"),
    [("MOTTO=it's", {}, "a shell, other than systemd"), ('MOTTO="open', {"format": "plain"}, "systemd and a shell")],
)
def test_what_only_some_readers_take_for_an_open_value_is_a_warning(
    path: Path, line: str, options: dict[str, str], reader: str
) -> None:
    path.write_text(f"{line}\n")
    [warning] = run(path, **options)["warnings"]
    assert f"Line 1 of {path} has a quote that is not closed" in warning
    assert reader in warning
    assert path.read_text().startswith(f"{line}\n{BEGIN}")


@pytest.mark.parametrize("state", ["present", "absent"])
def test_lines_of_others_in_the_block_are_kept_and_named(path: Path, state: str) -> None:
    others = "# ask the DBA first\nDATABASE_PASSWORD=only-here\n"
    path.write_text(BLOCK.replace(END, others + END))
    planned = run(path, check=True, state=state)
    result = run(path, state=state)
    assert result["changed"]
    assert planned["warnings"] == result["warnings"]
    assert "lines that this module does not write (line 4, 5)" in result["warnings"][0]
    assert path.read_text() == (BLOCK if state == "present" else "") + others
    assert result["diff"]["before"]["other lines in the block"] == 2
    assert "only-here" not in str(result)
    again = run(path, state=state)
    assert not again["changed"]
    assert "warnings" not in again
