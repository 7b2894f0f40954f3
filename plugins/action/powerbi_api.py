# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one action plugin of all modules: run them here where the target is the controller, ship them elsewhere.

Shipping a module costs a fraction of a second: a zip, a new Python, imports. Here run() is called in the worker that
Ansible has forked for the task anyway. Results are equal either way; `tests/integration/test_two_paths.py` compares.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import typing as t

from ansible import constants as C
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.community.powerbi.plugins.plugin_utils import _bytecode

_bytecode.install()

# isort: split
from ansible_collections.community.powerbi.plugins.module_utils._empty_values import refuse_no_mappings
from ansible_collections.community.powerbi.plugins.module_utils._errors import PowerBIError
from ansible_collections.community.powerbi.plugins.module_utils._mapping_secrets import secrets_of
from ansible_collections.community.powerbi.plugins.module_utils._module import run_in_process
from ansible_collections.community.powerbi.plugins.plugin_utils import _core_version as core
from ansible_collections.community.powerbi.plugins.plugin_utils._ansible_vault import RunVault
from ansible_collections.community.powerbi.plugins.plugin_utils._hidden_results import hide, mask
from ansible_collections.community.powerbi.plugins.plugin_utils._progress_display import display_of
from ansible_collections.community.powerbi.plugins.plugin_utils._run import show_prompt, show_warning, token_directory
from ansible_collections.community.powerbi.plugins.plugin_utils._task_paths import (
    absolute_paths,
    refuse_ambiguous_keys,
)


class ActionModule(ActionBase):
    _supports_async = True  # by shipping, except where run() refuses it

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        name = core.module_name(self._task)
        module = importlib.import_module(f"ansible_collections.community.powerbi.plugins.modules.{name}")
        secret_result = bool(getattr(module, "SECRET_VALUES", ()))
        if secret_result and self._task.async_val:
            raise AnsibleActionFail(
                f"{name} can't run with async: Ansible would leave its result, a secret, on disk in clear. "
                "Remedy: remove async; a cached token costs milliseconds"
            )
        if self._task.async_val and getattr(module, "secret_is_expected", _never)(self._task.args):
            raise AnsibleActionFail(
                f"{name} can't send this request with async: Ansible would leave its response, which holds a secret, on disk "
                "in clear. Remedy: remove async, or set show_secrets: true where that is no harm"
            )
        if secret_result and not self._task.no_log and _is_loop(self._task) and core.SHOWS_HIDDEN_ITEMS_OF_LOOPS:
            raise AnsibleActionFail(
                f"{name} does not run in a loop without no_log: its result is a secret, and ansible-core before 2.19 "
                "shows the result of the whole loop to callbacks and writes it to their files. Remedy: set no_log: true"
            )
        result.update(self._outcome(module, secret_result, variables))
        values = [result[key] for key in getattr(module, "SECRET_VALUES", ()) if result.get(key)]
        if values and not result.get("failed"):
            hide(result, _secrets_of_run(values))
        find = getattr(module, "secrets_in_result", None)
        if find is not None and not self._task.no_log:
            secrets = [] if result.get("failed") else find(self._task.args, result)
            if secrets and _is_loop(self._task) and core.SHOWS_HIDDEN_ITEMS_OF_LOOPS:
                mask(result, secrets)
            elif secrets:
                hide(result, secrets)
        if core.HIDES_WARNINGS and (self._task.no_log or result.get("_ansible_no_log")):
            for warning in result.get("warnings", ()):
                show_warning(str(warning))
        return t.cast("dict[str, t.Any]", core.unsafe(result))

    def _outcome(self, module: t.Any, secret_result: bool, variables: dict[str, t.Any]) -> dict[str, t.Any]:
        args = dict(self._task.args)
        try:
            refuse_ambiguous_keys(args)
            refuse_no_mappings(args, module.ARGUMENT_SPEC)
            if self._connection.transport == "local":  # the controller, as any user
                args = absolute_paths(args, module.ARGUMENT_SPEC, self._loader, self._task.get_search_path())
        except PowerBIError as error:
            return {"failed": True, "changed": False, "msg": str(error), "error": error.to_dict()}
        if self._runs_here(variables):
            return self._run_here(module, args, secret_result, variables)
        return self._ship(args, variables)

    def _runs_here(self, variables: dict[str, t.Any]) -> bool:
        """Whether the target is this machine, this user and this Python."""
        if self._connection.transport != "local" or self._task.async_val or self._connection.become is not None:
            return False
        if self._task.delegate_to:
            variables = variables.get("ansible_delegated_vars", {}).get(self._task.delegate_to, variables)
        interpreter = self._templar.template(variables.get("ansible_python_interpreter"))
        return not interpreter or str(interpreter).startswith("auto") or _is_this_python(str(interpreter))

    def _run_here(
        self, module: t.Any, args: dict[str, t.Any], secret_result: bool, variables: dict[str, t.Any]
    ) -> dict[str, t.Any]:
        environment: dict[str, str] = {}
        self._compute_environment_string(environment)
        display = None if self._task.no_log else display_of(str(variables.get("inventory_hostname", "")))
        with _environment(environment):
            outcome = run_in_process(
                module.ARGUMENT_SPEC,
                module.run,
                _plain(args),
                name=self._task.action,  # as in the playbook; a shipped module gets the same name
                check_mode=self._task.check_mode,
                environ=os.environ,
                cache_directory=token_directory(),
                notify=show_prompt,
                secret_result=secret_result,
                vault=RunVault(self._loader),
                display=display,
                **getattr(module, "RULES", {}),
            )
        if not _includes_invocation(variables):
            del outcome["invocation"]
        return outcome

    def _ship(self, args: dict[str, t.Any], variables: dict[str, t.Any]) -> dict[str, t.Any]:
        wrap_async = bool(self._task.async_val) and not self._connection.has_native_async
        outcome: dict[str, t.Any] = self._execute_module(module_args=args, task_vars=variables, wrap_async=wrap_async)
        if not wrap_async:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        return outcome


def _never(_args: t.Any) -> bool:
    return False


def _is_loop(task: t.Any) -> bool:
    return task.loop is not None or bool(task.loop_with)


def _includes_invocation(variables: dict[str, t.Any]) -> bool:
    """Whether results carry the module's arguments: a setting since ansible-core 2.20, always so before."""
    try:
        return bool(C.config.get_config_value("INJECT_INVOCATION", variables=variables))
    except AnsibleError:
        return True


def _is_this_python(path: str) -> bool:
    """The same interpreter, also by another of its names; another venv of the same Python is another interpreter."""
    return os.path.dirname(path) == os.path.dirname(sys.executable) and os.path.realpath(path) == os.path.realpath(
        sys.executable
    )


@contextlib.contextmanager
def _environment(values: dict[str, str]) -> t.Iterator[None]:
    """The task's `environment`, for as long as run() runs: libraries read it from the process."""
    before = dict(os.environ)
    os.environ.update({name: str(value) for name, value in values.items()})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _secrets_of_run(values: list[t.Any]) -> list[str]:
    """Texts to mask in all tasks of the run: the values themselves; of mappings, such as a vault's entry, the secrets."""
    texts = [text for value in values for text in (secrets_of(value) if isinstance(value, dict) else [value])]
    return [text for text in texts if isinstance(text, str)]


def _plain(value: t.Any) -> t.Any:
    """The value without Ansible's tags, as a shipped module would get it."""
    if isinstance(value, str):
        return str.__str__(value)
    if getattr(value, "__ENCRYPTED__", False):  # `!vault` in the task itself, before ansible-core 2.19
        return str(value)
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
