# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which values of an entry are secrets, and what ansible-core gets of options that are such entries."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._mapping_secrets import (
    HIDDEN,
    NoLogMappings,
    secrets_of,
)

GUID: t.Final = "5ec00000-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("client_secret", "lower-case only"),
        ("POWERBI_CLIENT_SECRET", "s3cret"),
        ("password", "correct horse"),
        ("access_token", "eyJ.eyJ.sig"),
        ("certificate_data", "MIIK..."),
        ("db_password", "hunter2"),
        ("secret_id", GUID),
        ("value", "abc8Q~0123456789abcdefABCDEF"),  # what Entra ID generates, under a name without a meaning
    ],
)
def test_secrets(name: str, text: str) -> None:
    assert secrets_of({name: text, "tenant_id": GUID}) == [text]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tenant_id", "contoso.onmicrosoft.com"),
        ("POWERBI_TENANT", "Contoso2.onmicrosoft.com"),
        ("key_id", GUID),
        ("app", GUID),
        ("owner", "team-bi"),
        ("cloud", "china"),
        ("client_secret_expires_on", "2026-11-27T10:11:12Z"),
        ("certificate_path", "/etc/PowerBI/cert-2026.pem"),
        ("password", "abc"),  # would cut up any other text
        ("client_secret", ""),
        ("value", 5),
        ("value", None),
    ],
)
def test_what_is_none(name: str, text: t.Any) -> None:
    assert secrets_of({name: text}) == []


def test_entries_within_entries() -> None:
    assert secrets_of({"apps": [{"client_secret": "first one"}, {"passwords": ["second one"]}]}) == [
        "first one",
        "second one",
    ]


SPEC: t.Final = {
    "data": {"type": "dict", "no_log": True},
    "query": {"type": "dict"},
    "password": {"type": "str", "no_log": True},
}
PARAMS: t.Final = {
    "data": {"client_secret": "the secret", "owner": "team-bi", "keep": 1, "on": True},
    "query": {"a": "b"},
    "password": "p",
}


def test_ansible_masks_only_the_secrets_of_an_option() -> None:
    registered: list[str] = []
    mappings = NoLogMappings(SPEC, registered.append)
    assert mappings.argument_spec == {**SPEC, "data": {"type": "dict", "no_log": False}}
    assert mappings.register(PARAMS) == {"the secret", "team-bi", "1"}
    assert registered == ["the secret"]
    assert mappings.without(PARAMS) == {**PARAMS, "data": HIDDEN}
    assert mappings.without({"data": None}) == {"data": None}


def test_an_older_ansible_needs_nothing() -> None:
    mappings = NoLogMappings(SPEC, None)
    assert mappings.argument_spec == SPEC
    assert mappings.register(PARAMS) == set()
    assert mappings.without(PARAMS) == PARAMS
