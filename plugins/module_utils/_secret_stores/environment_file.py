# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Implements powerbi_environment_file: a managed block of an environment file; all other lines are left unchanged."""

from __future__ import annotations

import functools
import os
import typing as t

from .._empty_values import described, is_emptied
from .._errors import ConfigError
from .._plan import Plan, plan_whole
from .._resource import Resource, Task
from .._settings.options import SECRET_OPTIONS, SHARED_OPTIONS
from . import environment_lines as lines
from .environment_lines import Block, others, split
from .private_file import MODE, Owner, PrivateFile, locked


class EnvironmentFile(Resource[Plan]):
    """``params`` are the options of powerbi_environment_file."""

    def __init__(self, params: t.Mapping[str, t.Any]) -> None:
        self.path = os.path.realpath(params["path"])
        self._params = params
        self._name: str = params["name"]
        self._write: t.Callable[[], None] = lambda: None

    def opened(self) -> t.ContextManager[object]:
        return locked(self.path)

    def plan(self, task: Task) -> Plan:
        """Raises ConfigError for options that can't be written, and for a file that can't be changed safely."""
        name, path, params = self._name, self.path, self._params
        owner = Owner.named(params["owner"], params["group"])
        block = _block(_options(params), params["format"]) if params["state"] == "present" else None
        file = PrivateFile.read(path)
        text = _decoded(file)
        try:
            current = split(text, name)
        except ValueError:
            raise ConfigError(
                f"{path} has one of the two lines around the block of profile {name} only, or repeats them",
                option="path",
                remedy="remove what is left of the block, and run the task again",
            ) from None
        if block is not None:
            _refuse_open_value(task, params["format"], path, current.before)
        desired = current.changed(name, block)
        _warn_of_foreign(task, name, path, current)
        if block is not None:
            _warn_of_others(task, name, path, desired, block)
        gone = block is None and not desired.strip() and current.own is not None
        self._write = file.remove if gone else functools.partial(file.write, desired.encode(), owner)
        return _plan(name, path, current, block, file, owner, gone)

    def apply(self, change: Plan, task: Task) -> None:
        self._write()
        task.mark_changed()

    def known(self) -> dict[str, t.Any]:
        return {"path": self.path}

    def values(self, change: Plan) -> dict[str, t.Any]:
        return self.known()


def _options(params: t.Mapping[str, t.Any]) -> dict[str, str]:
    """The options to write as variables. Raises ConfigError for an empty secret, and for options without a variable."""
    given: dict[str, t.Any] = {name: params.get(name) for name in SHARED_OPTIONS}
    empty = [name for name in sorted(SECRET_OPTIONS) if isinstance(given[name], str) and is_emptied(given[name])]
    if empty:
        raise ConfigError(
            f"{empty[0]} is {described(given[empty[0]])}",
            option=empty[0],
            remedy="check the variable that it comes from, or leave the option out",
        )
    options = {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in given.items()
        if value not in (None, "") and (name, value) != ("auth_method", "auto") and lines.has_variable(name)
    }
    if not options:
        raise ConfigError(
            "there is nothing to write", option="client_id", remedy="give the options of the identity, or state: absent"
        )
    return options


def _block(options: t.Mapping[str, str], style: str) -> list[str]:
    block = []
    for name in sorted(options):
        value = options[name]
        if name != "certificate_data":
            value = value.strip()  # a block scalar or a mounted file ends with a line break
            if "\n" in value:
                raise _unwritable(name)
        try:
            block.append(lines.line(name, value, style))
        except ValueError:
            raise _unwritable(name) from None
    return block


def _unwritable(name: str) -> ConfigError:
    return ConfigError(
        f"{name} has a character in it that ends a line (a line break, CR, U+2028, ...), which an environment file can't hold",
        option=name,
        remedy="check where the value comes from",
    )


def _refuse_open_value(task: Task, style: str, path: str, before: str) -> None:
    """Raises ConfigError for a value before the block that has no end, and so would include it, in formats with quotes."""
    begins = lines.open_line(before)
    if begins and style == "systemd":
        raise ConfigError(
            f"line {begins} of {path} begins a value that has no end, so the variables of this task would become a part of it",
            option="path",
            why="A quote is not closed, or a line ends with a backslash",
            remedy=f"close the quote or remove the backslash in line {begins} or below, and run the task again",
        )
    begins = begins or lines.open_line(before, as_shell=True)
    if begins:
        reader = "systemd and a shell" if style == "plain" else "a shell, other than systemd,"
        task.warn(
            f"Line {begins} of {path} has a quote that is not closed, or ends with a backslash. What reads the file as {reader} "
            "would take the variables of this task as a part of that value. Close the quote if the file is read so"
        )


def _warn_of_foreign(task: Task, name: str, path: str, current: Block) -> None:
    if current.foreign:
        numbers = ", ".join(str(entry.number) for entry in current.foreign)
        task.warn(
            f"The block of profile {name} in {path} has lines that this module does not write "
            f"(line {numbers}). They are kept, outside of the block. Write lines of your own outside of it"
        )


def _warn_of_others(task: Task, name: str, path: str, text: str, block: t.Sequence[str]) -> None:
    variables = {line.partition("=")[0] for line in block}
    numbers = others(text, name, variables)
    if numbers:
        task.warn(
            f"{path} sets variables of profile {name} outside of its block, too, in line "
            f"{', '.join(str(number) for number in numbers)}. The last line of a variable counts. Remove those that are not meant"
        )


def _plan(
    name: str, path: str, current: Block, new: list[str] | None, file: PrivateFile, owner: Owner, gone: bool
) -> Plan:
    old = current.own
    before: dict[str, t.Any] | None = None if old is None else {**_shown(old, old), **file.state(owner)}
    after: dict[str, t.Any] | None = None
    if before is not None and current.foreign:
        before["other lines in the block"] = len(current.foreign)
    if new is not None:
        after = {**_shown(new, old or []), "mode": f"{MODE:04o}"}
        after.update({key: number for key, number in (("owner", owner.uid), ("group", owner.gid)) if number != -1})
    whole = " (the whole file)" if gone else ""
    return plan_whole(after, before, label=f"variables of profile {name} in {path}{whole}")


def _shown(block: t.Sequence[str], current: t.Sequence[str]) -> dict[str, str]:
    """The variables, with placeholders for all secret values."""
    secret = {lines.line(option, "", "plain").rstrip("=\n") for option in SECRET_OPTIONS if lines.has_variable(option)}
    old = dict(line.rstrip("\n").partition("=")[::2] for line in current)
    shown = {}
    for line in block:
        variable, value = line.rstrip("\n").partition("=")[::2]
        same = old.get(variable) in (None, value)
        shown[variable] = ("(a secret)" if same else "(another secret)") if variable in secret else value
    return shown


def _decoded(file: PrivateFile) -> str:
    try:
        return (file.data or b"").decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError(f"{file.path} is not UTF-8 text", option="path", remedy="save it as UTF-8") from None
