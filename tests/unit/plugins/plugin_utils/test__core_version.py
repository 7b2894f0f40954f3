# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The differences between versions of ansible-core, as the version of this environment has them."""

from __future__ import annotations

import types
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.plugin_utils import _core_version as core


def task(action: str, resolved: str | None, collections: t.Sequence[str] = ()) -> t.Any:
    return types.SimpleNamespace(action=action, resolved_action=resolved, collections=list(collections))


class TestModuleName:
    def test_where_the_task_knows_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(core, "CORE", (2, 19))
        assert core.module_name(task("powerbi_token", "community.powerbi.powerbi_token")) == "powerbi_token"

    @pytest.mark.parametrize("version", [(2, 16), (2, 18)])
    def test_where_the_task_knows_only_the_action_plugin(
        self, version: tuple[int, int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        requested: list[t.Any] = []

        def find(action: str, collection_list: t.Any) -> t.Any:
            requested.append((action, collection_list))
            return types.SimpleNamespace(resolved_fqcn="community.powerbi.powerbi_token")

        monkeypatch.setattr(core, "CORE", version)
        monkeypatch.setattr(core.module_loader, "find_plugin_with_context", find)
        given = task("powerbi_token", "community.powerbi.powerbi_api", ["community.powerbi"])
        assert core.module_name(given) == "powerbi_token"
        assert requested == [("powerbi_token", ["community.powerbi"])]


class TestUnsafe:
    @pytest.mark.skipif(core.CORE >= (2, 19), reason="from 2.19 on, what is not marked as trusted is no template")
    def test_texts_at_any_depth_are_marked_before_2_19(self) -> None:
        from ansible.utils.unsafe_proxy import AnsibleUnsafe

        found = core.unsafe({"workspaces": [{"name": "{{ 1 }}"}]})
        assert isinstance(found["workspaces"][0]["name"], AnsibleUnsafe)
        assert found == {"workspaces": [{"name": "{{ 1 }}"}]}

    @pytest.mark.skipif(core.CORE < (2, 19), reason="before 2.19 texts are marked as unsafe")
    def test_nothing_is_marked_from_2_19_on(self) -> None:
        value = {"name": "{{ 1 }}"}
        assert core.unsafe(value) is value
