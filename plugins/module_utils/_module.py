# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Input and result of a module's run(), and the single boundary where an error becomes a module failure.

A module runs in one of two ways with equal results: shipped to a host by Ansible (`run_as_module`), or called by the
action plugin in the controller's own process (`run_in_process`).
"""

from __future__ import annotations

import dataclasses
import os
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError

try:
    from ansible.module_utils.secrets import register_secret
except ImportError:  # ansible-core before 2.22
    register_secret = None

from ._empty_values import refuse_emptied
from ._errors import MissingLibraryError, PowerBIError, defect_of
from ._mapping_secrets import NoLogMappings, warn_of_short_secrets
from ._progress.opening import open_progress
from ._progress.progress import Display, Progress
from ._requirements import extended
from ._run_files import RunResponseCache
from ._secret import without_secrets
from ._session import SHORTEST_SECRET, Session, open_session
from ._settings.options import SHARED_OPTIONS
from ._settings.resolve import ConfigSource

if t.TYPE_CHECKING:
    from ._auth.cache import CachingTokenProvider
    from ._http.client import Client
    from ._vault import Vault

Run = t.Callable[["Context"], "Result"]
Conceal = t.Callable[[t.Mapping[str, t.Any]], "dict[str, t.Any]"]


@dataclasses.dataclass(frozen=True)
class Result:
    """What a module returns. ``values`` are the documented return values, JSON-ready; ``diff`` as Ansible shows it."""

    changed: bool = False
    values: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    diff: t.Any = None


class Context:
    """The input of run(): the validated ``params``, ``check_mode``, and lazily the session and the API client.

    ``cache_directory`` is the run's private folder, None on other hosts than the controller.
    ``no_log`` are the values of the task's secret options.

    ``vault`` is Ansible Vault, None on other hosts than the controller. ``progress`` is open while run() runs.

    Call ``mark_changed()`` directly after each write, so that the result of a later failure has ``changed: true``, and put
    return values into ``known`` as soon as they are known, so that it has them too; a function is called then.
    """

    def __init__(
        self,
        params: dict[str, t.Any],
        *,
        check_mode: bool,
        environ: t.Mapping[str, str],
        warn: t.Callable[[str], None],
        cache_directory: str | None = None,
        notify: t.Callable[[str], None] | None = None,
        no_log: t.Iterable[str] = (),
        vault: Vault | None = None,
    ) -> None:
        self.params = params
        self.vault = vault
        self.check_mode = check_mode
        self.warn = warn
        self.changed = False
        self.known: dict[str, t.Any] = {}
        self.environ = environ
        self.cache_directory = cache_directory
        self.progress = Progress()
        self._notify = notify
        self._session: Session | None = None
        self._hidden: set[str] = set()
        self._no_log = {str(value) for value in no_log if value}

    @property
    def session(self) -> Session:
        """The session of the task's options, opened when it is first used. Raises ConfigError."""
        if self._session is None:
            source = ConfigSource("option", {name: self.params.get(name) for name in SHARED_OPTIONS}, True)
            self._session = open_session(
                [source],
                self.environ,
                cache_directory=self.cache_directory,
                notify=self._notify,
                warn=self.warn,
                hidden=lambda: self._no_log,
            )
        return self._session

    @property
    def client(self) -> Client:
        """The API client of the session."""
        return self.session.client

    @property
    def tokens(self) -> CachingTokenProvider:
        """The token provider of the session."""
        return self.session.tokens

    def api_calls(self) -> int:
        """The number of HTTP requests that the task has sent."""
        return 0 if self._session is None else self._session.requests_sent()

    def mark_changed(self) -> None:
        """To be called after each write: a later failure is reported as changed, and cached responses are invalidated."""
        self.changed = True
        RunResponseCache(self.cache_directory).invalidate()

    def secrets(self) -> set[str]:
        """Secrets to redact in the result that are not among the task's options with ``no_log``."""
        return self._hidden | (set() if self._session is None else self._session.secrets())

    def register_secrets(self, values: t.Iterable[str], shortest: int = SHORTEST_SECRET) -> None:
        """Register further texts to redact, for example values of environment variables that are part of content."""
        texts = {value for value in values if value}
        self._no_log |= texts
        self._hidden.update(value for value in texts if len(value) >= shortest)

    def printable(self, text: str) -> str:
        """The text in one line, without secrets, terminal escapes and control characters, for display while run() runs."""
        from ._http.response import printable

        return printable(text, secrets=self._no_log | self.secrets())

    def requirements(self) -> tuple[str, ...]:
        """The features that the requests of the task need, none for a module without them."""
        if self._session is None and "auth_method" not in self.params:
            return ()
        try:
            return self.session.requirements()
        except PowerBIError:  # an error in the options, which is reported when they are used
            return ()

    def close(self) -> None:
        """Close the session's connections."""
        if self._session is not None:
            self._session.close()


def _as_given(params: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return dict(params)


class _Module(AnsibleModule):  # type: ignore[misc]
    params: dict[str, t.Any]
    conceal: t.ClassVar[t.Any]

    def add_path_info(self, kwargs: dict[str, t.Any]) -> dict[str, t.Any]:
        """Adds nothing: Ansible would add facts of any file named `path` or `dest`, which run_in_process does not.

        Options are concealed here because Ansible calls it for each result, that of a failed validation included.
        """
        kwargs.setdefault("invocation", {"module_args": self.conceal(self.params)})
        return kwargs

    def _log_invocation(self) -> None:
        given, self.params = self.params, self.conceal(self.params)
        try:
            super()._log_invocation()
        finally:
            self.params = given


def run_as_module(
    argument_spec: dict[str, t.Any],
    run: Run,
    *,
    secret_result: bool = False,
    conceal: Conceal = _as_given,
    **rules: t.Any,
) -> None:
    """The main() of every module. ``rules`` are AnsibleModule's (mutually_exclusive, required_if, ...).

    ``conceal`` returns the options redacted, for options without ``no_log`` that may contain a secret.
    """
    mappings = NoLogMappings(argument_spec, register_secret)

    def shown(params: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        return conceal(mappings.without(params))

    _Module.conceal = staticmethod(shown)  # before the options are validated, which may fail
    module = _Module(argument_spec=mappings.argument_spec, supports_check_mode=True, **rules)
    module.no_log_values |= mappings.register(module.params)
    warnings: list[str] = []
    context = Context(
        module.params,
        check_mode=module.check_mode,
        environ=os.environ,
        warn=warnings.append,
        no_log=module.no_log_values,
    )
    outcome = _execute(run, context, argument_spec, module._name)
    hidden = module.no_log_values | context.secrets()
    for warning in warnings:
        module.warn(without_secrets(warning, hidden))
    if not secret_result or outcome.get("failed"):
        outcome = without_secrets(outcome, hidden)
    # A secret option (access_token) may be a return value as well: mask it in the invocation, not in the result.
    outcome["invocation"] = {"module_args": without_secrets(shown(module.params), hidden)}
    module.no_log_values.clear()  # redacted already; ansible-core before 2.22 would redact again
    (module.fail_json if outcome.get("failed") else module.exit_json)(**outcome)


def run_in_process(
    argument_spec: dict[str, t.Any],
    run: Run,
    args: dict[str, t.Any],
    *,
    name: str,
    check_mode: bool,
    environ: t.Mapping[str, str],
    cache_directory: str,
    notify: t.Callable[[str], None],
    secret_result: bool = False,
    conceal: Conceal = _as_given,
    vault: Vault | None = None,
    display: Display | None = None,
    **rules: t.Any,
) -> dict[str, t.Any]:
    """The result that the shipped module would give, without shipping it."""
    mappings = NoLogMappings(argument_spec, register_secret)
    validation = ModuleArgumentSpecValidator(mappings.argument_spec, **rules).validate(args)
    params = {**args, **validation.validated_parameters}
    hidden = validation._no_log_values | mappings.register(params)
    warnings: list[str] = []
    if validation.error_messages:
        text = validation.errors.msg
        if isinstance(validation.errors[0], UnsupportedError):
            text = f"Unsupported parameters for ({name}) module: {text}"
        outcome: dict[str, t.Any] = {"failed": True, "msg": text}
    else:
        context = Context(
            params,
            check_mode=check_mode,
            environ=environ,
            warn=warnings.append,
            cache_directory=cache_directory,
            notify=notify,
            no_log=hidden,
            vault=vault,
        )
        outcome = _execute(run, context, argument_spec, name, display)
        hidden = hidden | context.secrets()
    if not secret_result or outcome.get("failed"):
        outcome = without_secrets(outcome, hidden)
    if warnings:
        outcome["warnings"] = without_secrets(warnings, hidden)
    outcome["invocation"] = {"module_args": without_secrets(conceal(mappings.without(params)), hidden)}
    return outcome


def _execute(
    run: Run,
    context: Context,
    argument_spec: t.Mapping[str, t.Any],
    name: str,
    display: Display | None = None,
) -> dict[str, t.Any]:
    """Call run(), and turn any exception into a module failure."""
    warn_of_short_secrets(context.params, argument_spec, context.warn)
    try:
        refuse_emptied(context.params, planned=("workspace",) if context.check_mode else ())
        context.progress = open_progress(context, name, display)
        with context.progress:
            result = run(context)
    except PowerBIError as caught:
        error = extended(caught, *context.requirements()) if isinstance(caught, MissingLibraryError) else caught
    except Exception as unexpected:  # its text may hold a secret, so only its type and place are shown
        error = defect_of(unexpected)
    else:
        diff = {} if result.diff is None else {"diff": result.diff}
        return {"changed": result.changed, **result.values, **diff}
    finally:
        context.close()
    known = {name: value() if callable(value) else value for name, value in context.known.items()}
    outcome = {"failed": True, "changed": context.changed, "msg": str(error), "error": error.to_dict()}
    return {**known, **error.results, **outcome}
