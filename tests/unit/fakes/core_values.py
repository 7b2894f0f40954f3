# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values as the ansible-core of this environment makes them from a playbook: trusted since 2.19, of types of its own before."""

from __future__ import annotations

import typing as t

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.community.powerbi.plugins.plugin_utils._core_version import CORE


def template(text: str) -> str:
    """A text that ansible-core takes for a template."""
    if CORE < (2, 19):
        return text
    from ansible.template import trust_as_template

    return t.cast("str", trust_as_template(text))


def as_from_a_playbook(text: str) -> str:
    """A text of ansible-core's own class."""
    if CORE < (2, 19):
        from ansible.parsing.yaml.objects import AnsibleUnicode

        return t.cast("str", AnsibleUnicode(text))
    from ansible._internal._datatag._tags import Origin

    return t.cast("str", Origin(path="/p.yml").tag(text))


def vaulted(text: str, monkeypatch: pytest.MonkeyPatch) -> t.Any:
    """What ``!vault`` in a variables file gives."""
    secret = VaultSecret(b"password")
    ciphertext = VaultLib().encrypt(text, secret).decode()
    if CORE < (2, 19):
        from ansible.parsing.yaml.objects import AnsibleVaultEncryptedUnicode

        value = AnsibleVaultEncryptedUnicode(ciphertext)
        value.vault = VaultLib([("default", secret)])
        return value
    from ansible.parsing.vault import EncryptedString, VaultSecretsContext

    monkeypatch.setattr(VaultSecretsContext, "_current", None, raising=False)
    VaultSecretsContext.initialize(VaultSecretsContext([("default", secret)]))
    return EncryptedString(ciphertext=ciphertext)
