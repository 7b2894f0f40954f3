# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The decisions of the action plugin that need no run; runs are in tests/integration/test_two_paths.py."""

from __future__ import annotations

import os
import sys
import types
import typing as t
from pathlib import Path

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.community.powerbi.plugins.action import powerbi_api as powerbi
from ansible_collections.community.powerbi.plugins.action.powerbi_api import ActionModule
from ansible_collections.community.powerbi.plugins.plugin_utils import _core_version as core
from fakes.core_values import as_from_a_playbook, vaulted


def runs_here(
    variables: dict[str, t.Any] | None = None,
    *,
    transport: str = "local",
    become: t.Any = None,
    async_val: int = 0,
    delegate_to: str | None = None,
) -> bool:
    action = ActionModule.__new__(ActionModule)
    action._connection = types.SimpleNamespace(transport=transport, become=become)
    action._task = types.SimpleNamespace(async_val=async_val, delegate_to=delegate_to)
    action._templar = types.SimpleNamespace(template=lambda value: value)
    return action._runs_here(variables or {})


class TestWhere:
    def test_on_the_controller_it_runs_here(self) -> None:
        assert runs_here()

    @pytest.mark.parametrize("python", ["auto", "auto_silent", "auto_legacy", sys.executable])
    def test_with_this_python(self, python: str) -> None:
        assert runs_here({"ansible_python_interpreter": python})

    @pytest.mark.parametrize("python", ["/usr/bin/python9", "/opt/other/bin/python3"])
    def test_another_python_is_shipped_to(self, python: str) -> None:
        assert not runs_here({"ansible_python_interpreter": python})

    def test_another_environment_of_the_same_python_is_another(self, tmp_path: Path) -> None:
        other = tmp_path / "bin" / "python"
        other.parent.mkdir()
        other.symlink_to(Path(sys.executable).resolve())
        assert not runs_here({"ansible_python_interpreter": str(other)})

    def test_so_are_another_host_another_user_and_the_background(self) -> None:
        assert not runs_here(transport="ssh")
        assert not runs_here(become=object())
        assert not runs_here(async_val=30)

    def test_where_it_is_delegated_to_the_delegate_s_python_counts(self) -> None:
        delegated = {"ansible_delegated_vars": {"localhost": {"ansible_python_interpreter": "/usr/bin/python9"}}}
        assert not runs_here(delegated, delegate_to="localhost")
        variables = {"ansible_python_interpreter": "/usr/bin/python9", "ansible_delegated_vars": {"localhost": {}}}
        assert runs_here(variables, delegate_to="localhost")


class TestEnvironment:
    def test_it_is_there_while_run_runs_and_gone_after(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KEPT", "before")
        with powerbi._environment({"KEPT": "during", "ADDED": t.cast("str", 5)}):
            assert (os.environ["KEPT"], os.environ["ADDED"]) == ("during", "5")
            os.environ["BY_RUN"] = "x"
        assert os.environ["KEPT"] == "before"
        assert not {"ADDED", "BY_RUN"} & os.environ.keys()

    def test_also_after_a_failure(self) -> None:
        def fail() -> None:
            with powerbi._environment({"ADDED": "x"}):
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fail()
        assert "ADDED" not in os.environ


def test_options_reach_run_as_plain_values() -> None:
    tagged = as_from_a_playbook("secret")
    assert tagged.__class__ is not str
    plain = powerbi._plain({tagged: [tagged, (tagged, 1, None, True)]})
    assert plain == {"secret": ["secret", ["secret", 1, None, True]]}
    assert next(iter(plain)).__class__ is str
    assert {type(plain["secret"][0]), type(plain["secret"][1][0])} == {str}


def test_a_value_that_is_vaulted_in_the_task_is_decrypted_before_ansible_does_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Since ansible-core 2.19 options reach the plugin decrypted; before, as an object that is no text."""
    value = vaulted("secret", monkeypatch) if core.CORE < (2, 19) else as_from_a_playbook("secret")
    assert powerbi._plain({"client_secret": value}) == {"client_secret": "secret"}


class TestLoopsOverSecrets:
    @staticmethod
    def run(name: str, monkeypatch: pytest.MonkeyPatch, *, shows: bool = True, **task: t.Any) -> t.Any:
        monkeypatch.setattr(core, "SHOWS_HIDDEN_ITEMS_OF_LOOPS", shows)
        monkeypatch.setattr(core, "module_name", lambda _task: name)
        monkeypatch.setattr("ansible.plugins.action.ActionBase.run", lambda *_args: {})
        monkeypatch.setattr(ActionModule, "_runs_here", lambda *_args: True)
        monkeypatch.setattr(ActionModule, "_run_here", lambda *_args: {"ran": True})
        action = ActionModule.__new__(ActionModule)
        defaults: dict[str, t.Any] = {"loop": None, "loop_with": None, "no_log": False, "async_val": 0, "args": {}}
        action._connection = types.SimpleNamespace(transport="ssh")
        action._task = types.SimpleNamespace(**{**defaults, **task})
        return action.run()

    @pytest.mark.parametrize(
        "name",
        ["powerbi_token", "powerbi_client_secret", "powerbi_client_certificate", "powerbi_key_vault_secret_info"],
    )
    @pytest.mark.parametrize("loop", [{"loop": [1]}, {"loop": [1], "loop_with": "items"}])
    def test_are_refused_for_each_module_with_a_secret_result(
        self, name: str, loop: dict[str, t.Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with pytest.raises(AnsibleActionFail, match=f"{name} does not run in a loop without no_log.*set no_log: true"):
            self.run(name, monkeypatch, **loop)

    @pytest.mark.parametrize("path", ["/GenerateToken", "/groups/1/imports/createTemporaryUploadLocation"])
    def test_async_is_refused_where_the_answer_is_a_secret(self, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(AnsibleActionFail, match=r"with async.*on disk in clear. Remedy: remove async"):
            self.run("powerbi_api", monkeypatch, async_val=30, args={"path": path})
        shown = {"path": path, "show_secrets": True}
        assert self.run("powerbi_api", monkeypatch, async_val=30, args=shown) == {"ran": True}
        assert self.run("powerbi_api", monkeypatch, async_val=30, args={"path": "/groups"}) == {"ran": True}
        assert self.run("powerbi_api", monkeypatch, args={"path": path}) == {"ran": True}

    def test_run_with_no_log(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.run("powerbi_token", monkeypatch, loop=[1], no_log=True) == {"ran": True}

    def test_run_where_ansible_hides_the_whole_loop(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.run("powerbi_token", monkeypatch, shows=False, loop=[1]) == {"ran": True}

    def test_other_modules_run_in_loops(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.run("powerbi_workspace", monkeypatch, loop=[1]) == {"ran": True}

    def test_so_does_a_single_task(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.run("powerbi_token", monkeypatch) == {"ran": True}
