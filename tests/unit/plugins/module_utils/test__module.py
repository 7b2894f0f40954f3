# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""run() in the controller's process: its context, and what becomes of its result or its error.

That the shipped module gives the same is compared by tests/integration/test_two_paths.py.
"""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._errors import ApiError, ConfigError
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, Run, run_in_process
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec
from fakes.config_sources import app
from fakes.jwts import access_token

SPEC = auth_argument_spec({"name": {"type": "str", "required": True}, "count": {"type": "int", "default": 1}})


class Task(t.NamedTuple):
    run: t.Callable[..., dict[str, t.Any]]
    notifications: list[str]


@pytest.fixture
def task(tmp_path: Path) -> Task:
    """task.run(run, **options): the result as Ansible gets it."""
    notifications: list[str] = []

    def go(
        run: Run, *, check_mode: bool = False, secret_result: bool = False, rules: t.Any = None, **args: t.Any
    ) -> t.Any:
        return run_in_process(
            SPEC,
            run,
            {key: value for key, value in {"name": "n", **args}.items() if value is not None},
            name="powerbi_thing",
            check_mode=check_mode,
            environ={},
            cache_directory=str(tmp_path / "tokens"),
            notify=notifications.append,
            secret_result=secret_result,
            **(rules or {}),
        )

    return Task(go, notifications)


def nothing(_context: Context) -> Result:
    return Result()


class TestOptions:
    def test_are_validated_and_completed(self, task: Task) -> None:
        seen: dict[str, t.Any] = {}

        def run(context: Context) -> Result:
            seen.update(context.params)
            return Result()

        task.run(run, count="7", secret="s", tenant="t")
        assert (seen["count"], seen["client_secret"], seen["tenant_id"], seen["auth_method"]) == (7, "s", "t", "auto")

    @pytest.mark.parametrize(
        ("args", "text"),
        [
            ({"colour": "red"}, "Unsupported parameters for (powerbi_thing) module: colour"),
            ({"count": "many"}, "unable to convert"),
            ({"name": None}, "missing required arguments: name"),
            ({"auth_method": "kerberos"}, "value of auth_method must be one of"),
        ],
    )
    def test_wrong_ones_are_refused_before_run(self, task: Task, args: dict[str, t.Any], text: str) -> None:
        def never(_context: Context) -> Result:
            raise AssertionError

        outcome = task.run(never, **args)
        assert outcome["failed"] is True
        assert text in outcome["msg"]

    def test_rules(self, task: Task) -> None:
        outcome = task.run(
            nothing,
            client_secret="hunter2-hunter2",
            access_token="hunter3-hunter3",
            rules={"mutually_exclusive": [("secret", "access_token")]},
        )
        assert outcome.get("failed") is None
        outcome = task.run(
            nothing,
            client_secret="hunter2-hunter2",
            access_token="hunter3-hunter3",
            rules={"mutually_exclusive": [("client_secret", "access_token")]},
        )
        assert "mutually exclusive" in outcome["msg"]

    def test_the_echo_of_options_hides_secrets(self, task: Task) -> None:
        outcome = task.run(nothing, client_secret="hunter2-hunter2", client_id="shown")
        echo = outcome["invocation"]["module_args"]
        assert (echo["client_secret"], echo["client_id"]) == ("VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", "shown")


class TestResult:
    def test_values_stand_beside_changed(self, task: Task) -> None:
        diff = {"before": "a", "after": "b"}
        outcome = task.run(lambda _context: Result(True, {"workspace": {"id": "w"}}, diff))
        del outcome["invocation"]
        assert outcome == {"changed": True, "workspace": {"id": "w"}, "diff": diff}

    def test_secrets_of_the_task_are_masked(self, task: Task) -> None:
        outcome = task.run(
            lambda _context: Result(values={"echo": "it was hunter2-hunter2"}), client_secret="hunter2-hunter2"
        )
        assert outcome["echo"] == "it was ********"

    def test_so_is_a_token_that_was_got_on_the_way(self, task: Task) -> None:
        token = access_token()

        def run(context: Context) -> Result:
            return Result(values={"echo": f"Bearer {context.tokens.token().value.reveal()}"})

        assert token not in str(task.run(run, access_token=token))

    def test_unless_the_secret_is_the_result(self, task: Task) -> None:
        outcome = task.run(
            lambda _context: Result(values={"access_token": "hunter2-hunter2"}),
            access_token="hunter2-hunter2",
            secret_result=True,
        )
        assert outcome["access_token"] == "hunter2-hunter2"
        assert "hunter2" not in str(outcome["invocation"])

    def test_warnings(self, task: Task) -> None:
        def run(context: Context) -> Result:
            context.warn("mind the gap: hunter2-hunter2")
            return Result()

        assert task.run(run, client_secret="hunter2-hunter2")["warnings"] == ["mind the gap: ********"]

    def test_check_mode_reaches_run(self, task: Task) -> None:
        assert task.run(lambda context: Result(values={"check": context.check_mode}), check_mode=True)["check"] is True


class TestFailure:
    def test_an_error_of_ours_is_a_failure_with_its_facts(self, task: Task) -> None:
        def run(_context: Context) -> Result:
            raise ApiError("Refused", status=403, code="x", request_id="r", remedy="ask for it")

        outcome = task.run(run)
        assert outcome["failed"] is True
        assert outcome["msg"] == "Refused. Remedy: ask for it. For support: request id r."
        assert outcome["error"]["status"] == 403

    def test_what_was_already_written_is_in_the_result(self, task: Task) -> None:
        def run(context: Context) -> Result:
            context.mark_changed()
            raise ConfigError("too late", option="name")

        assert task.run(run)["changed"] is True

    def test_a_defect_shows_its_place_without_its_text(self, task: Task) -> None:
        def run(_context: Context) -> Result:
            raise RuntimeError("holds a secret")

        outcome = task.run(run)
        assert outcome["error"]["kind"] == "defect"
        assert set(outcome["error"]) == {"kind", "what", "why", "remedy"}  # the keys that every error has
        assert "RuntimeError at " in outcome["msg"]
        assert "holds a secret" not in str(outcome)
        assert "Traceback" not in str(outcome)

    @pytest.mark.parametrize("secret_result", [True, False])
    def test_a_failure_is_masked_in_any_case(self, task: Task, secret_result: bool) -> None:
        def run(_context: Context) -> Result:
            raise ConfigError("it was hunter2-hunter2", option="name")

        outcome = task.run(run, client_secret="hunter2-hunter2", secret_result=secret_result)
        assert "hunter2" not in str(outcome)

    def test_settings_that_can_t_be_used(self, task: Task) -> None:
        def run(context: Context) -> Result:
            context.client.request("GET", "/groups")
            return Result()

        outcome = task.run(run, **{**app("1"), "certificate_path": "/c.pem"})
        assert outcome["error"]["kind"] == "config"
        assert "client_secret and certificate_path are both given (option)" in outcome["msg"]

    def test_the_session_is_closed_whatever_happens(self, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
        closed: list[bool] = []

        def run(context: Context) -> Result:
            monkeypatch.setattr(context.session, "close", lambda: closed.append(True))
            raise RuntimeError

        task.run(run, **app("1"))
        assert closed == [True]


def test_a_prompt_is_shown_at_once(task: Task) -> None:
    def run(context: Context) -> Result:
        assert context.session._notify is not None
        context.session._notify("enter the code")
        return Result()

    task.run(run, **app("1"))
    assert task.notifications == ["enter the code"]


@pytest.mark.parametrize(
    ("way", "allowed"),
    [(r"\.changed = ", {"_module.py"}), (r"\.issued_secrets\b", {"cache.py", "_session.py"})],
    ids=["mark_changed", "register_secrets"],
)
def test_changes_and_secrets_have_one_door(way: str, allowed: set[str]) -> None:
    """Set by hand, it leaves the run's cached responses valid, or the secret in texts of the service."""
    plugins = Path(__file__).resolve().parents[4] / "plugins"
    assert {path.name for path in plugins.rglob("*.py") if re.search(way, path.read_text())} <= allowed


class TestKnownValues:
    """Return values that are known when the task fails."""

    @staticmethod
    def fails(error: Exception, **known: t.Any) -> Run:
        def run(context: Context) -> Result:
            context.known.update(known)
            raise error

        return run

    def test_are_in_the_result_of_a_failure(self, task: Task) -> None:
        result = task.run(self.fails(ConfigError("no such workspace"), items=["a"], api_calls=lambda: 3))
        assert (result["failed"], result["items"], result["api_calls"]) == (True, ["a"], 3)

    def test_are_in_the_result_of_a_defect(self, task: Task) -> None:
        result = task.run(self.fails(KeyError("x"), workspace_id="w"))
        assert (result["error"]["kind"], result["workspace_id"]) == ("defect", "w")

    def test_do_not_replace_those_of_the_error_nor_the_error(self, task: Task) -> None:
        error = ConfigError("one item failed")
        error.results = {"failed_items": ["b"]}
        result = task.run(self.fails(error, failed_items=[], msg="x", changed=True))
        assert (result["failed_items"], result["changed"]) == (["b"], False)
        assert "one item failed" in result["msg"]

    def test_are_redacted(self, task: Task) -> None:
        run = self.fails(ConfigError("x"), items=["the secret hunter2-hunter2"])
        assert "hunter2" not in str(task.run(run, client_secret="hunter2-hunter2"))
