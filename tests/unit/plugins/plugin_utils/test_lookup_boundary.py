# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one place where errors become a lookup's: what it lets through, and what it keeps to itself."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleLookupError, AnsibleOptionsError

from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from ansible_collections.community.powerbi.plugins.plugin_utils._lookup import boundary


def test_our_errors_keep_their_words_and_lose_their_causes():
    cause = ValueError("the line with the secret")
    with pytest.raises(AnsibleLookupError) as raised, boundary():
        raise ConfigError("auth_profile is broken", option="auth_profile", remedy="mend it") from cause
    assert str(raised.value) == "auth_profile is broken. Remedy: mend it."
    assert raised.value.__cause__ is None and raised.value.__suppress_context__


def test_errors_of_ansible_pass_as_they_are():
    with pytest.raises(AnsibleOptionsError, match="not an option"), boundary():
        raise AnsibleOptionsError("not an option")


def test_a_defect_shows_its_kind_and_place_without_its_text():
    with pytest.raises(AnsibleLookupError) as raised, boundary():
        raise RuntimeError("Bearer the-token-itself")
    assert "defect of its own (RuntimeError at " in str(raised.value)
    assert "the-token-itself" not in str(raised.value)
    assert raised.value.__suppress_context__
