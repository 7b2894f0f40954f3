# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""File systems without locks: files with secrets are left as they are."""

from __future__ import annotations

import errno
import fcntl
import os
import typing as t
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._module import run_in_process
from ansible_collections.community.powerbi.plugins.modules import powerbi_auth_profile, powerbi_environment_file


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EIO])
@pytest.mark.parametrize(
    ("module", "text"),
    [(powerbi_auth_profile, "[prod]\nclient_id = old\n"), (powerbi_environment_file, "DATABASE=db\n")],
)
def test_without_locks_nothing_is_written(
    module: t.Any, text: str, number: int, state: str, check: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_args: t.Any) -> t.NoReturn:
        raise OSError(number, os.strerror(number))

    path = tmp_path / "file"
    path.write_text(text)
    path.chmod(0o600)
    monkeypatch.setattr(fcntl, "flock", refused)
    identity = {"client_id": "new"} if state == "present" else {}
    result = run_in_process(
        module.ARGUMENT_SPEC,
        module.run,
        {"path": str(path), "name": "prod", "state": state, **identity},
        name="m",
        check_mode=check,
        environ={},
        cache_directory="",
        notify=lambda _text: None,
    )
    assert result["failed"]
    assert f"{path} can't be locked: {os.strerror(number)}" in result["msg"]
    assert "keep the file on a local file system" in result["msg"]
    assert result["error"]["kind"] == "config"
    assert path.read_text() == text
    assert [file.name for file in tmp_path.iterdir()] == ["file"]
