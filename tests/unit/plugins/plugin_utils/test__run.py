# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible import constants as C

from ansible_collections.community.powerbi.plugins.plugin_utils._run import token_directory


def test_the_folder_lies_in_that_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(C, "DEFAULT_LOCAL_TMP", "/run/ansible-local-1")
    assert token_directory() == "/run/ansible-local-1/powerbi-tokens"
