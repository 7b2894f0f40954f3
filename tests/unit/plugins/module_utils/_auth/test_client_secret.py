# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._auth.authenticator import acquire
from ansible_collections.community.powerbi.plugins.module_utils._errors import AuthError, ConfigError
from fakes.levels import app, settings
from fakes.login import TOKEN, refusal, scripted_login


def sent(path: Path) -> str:
    scripted = scripted_login(TOKEN)
    found = settings(app("1", client_secret=None, client_secret_file=str(path)))
    acquire(found, found.scope, scripted.login)
    return str(scripted.sender.requests[0].form["client_secret"])


@pytest.mark.parametrize("content", ["50%~a.b", "50%~a.b\n", "\n50%~a.b\r\n"])
def test_a_file_holds_it_with_or_without_a_newline(tmp_path: Path, content: str) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content.encode())
    assert sent(path) == "50%~a.b"


@pytest.mark.parametrize(("content", "word"), [(b"", "empty"), (b" \n", "empty"), (b"\xff\xfea\x00", "not text")])
def test_a_file_without_one(tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=word) as caught:
        sent(path)
    assert caught.value.option == "client_secret_file"
    assert str(path) in caught.value.what


def test_an_option_is_sent_as_it_is() -> None:
    scripted = scripted_login(TOKEN)
    found = settings(app("1", client_secret=" with spaces "))
    acquire(found, found.scope, scripted.login)
    assert scripted.sender.requests[0].form["client_secret"] == " with spaces "


def test_a_secret_s_id_in_its_place_is_pointed_at() -> None:
    found = settings(app("1", client_secret="12345678-1234-1234-1234-123456789abc"))
    with pytest.raises(AuthError, match="ID, not its Value") as caught:
        acquire(found, found.scope, scripted_login(refusal(7000215)).login)
    assert "12345678-1234" not in str(caught.value)
