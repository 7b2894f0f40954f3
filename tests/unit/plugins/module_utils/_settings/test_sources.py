# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of configuration sources: their types, whatever the source."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from ansible_collections.community.powerbi.plugins.module_utils._settings.sources import ConfigSource, clean


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *((value, True) for value in (True, "true", "Yes", "1", "on", 1, " TRUE ")),
        *((value, False) for value in (False, "no", "0", "Off", 0)),
    ],
)
def test_a_boolean_of_a_profile_or_the_environment(value: t.Any, expected: bool) -> None:
    source = ConfigSource("env:POWERBI_*", {"send_certificate_chain": value})
    assert clean(source).values == {"send_certificate_chain": expected}


@pytest.mark.parametrize("value", [None, ""])
def test_a_boolean_that_is_not_set(value: t.Any) -> None:
    assert clean(ConfigSource("profile:prod", {"send_certificate_chain": value})).values == {}


@pytest.mark.parametrize("value", ["maybe", "ture", ["true"], 2])
def test_any_other_text_is_an_error(value: t.Any) -> None:
    with pytest.raises(ConfigError, match=r"send_certificate_chain is .* \(profile:prod\)") as caught:
        clean(ConfigSource("profile:prod", {"send_certificate_chain": value}))
    assert caught.value.option == "send_certificate_chain"
