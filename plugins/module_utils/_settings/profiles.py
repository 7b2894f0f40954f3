# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The profiles file: one section for each identity, in the style of ~/.azure/credentials.

[default]                     keys are the shared options' names (or their aliases)
tenant_id = ...
client_id = ...
client_secret = 50%~a.b       read without interpolation, so `%` needs no escape
"""

from __future__ import annotations

import configparser
import os
import stat
import typing as t

from .._errors import ConfigError, ProfileNotFoundError, listed
from .._secret import may_be_name
from .options import SHARED_OPTIONS

_NAMES = {alias: name for name, spec in SHARED_OPTIONS.items() for alias in (name, *spec.get("aliases", ()))}


def profiles_path(environ: t.Mapping[str, str]) -> str:
    """POWERBI_PROFILES_FILE, else powerbi/profiles.ini below XDG_CONFIG_HOME or ~/.config."""
    named = environ.get("POWERBI_PROFILES_FILE")
    if named:
        return os.path.expanduser(named)
    base = environ.get("XDG_CONFIG_HOME") or os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".config")
    return os.path.join(base, "powerbi", "profiles.ini")


def read_profile(path: str, name: str | None) -> dict[str, t.Any] | None:
    """The values of a section, by option name; with no name those of ``default``, or None where there is none.

    Returns None where there is no file. Raises ConfigError for a file that others can read or that is no INI file, for a
    section that does not exist, and for an unknown key.
    """
    parser = _parsed(path, required=name is not None)
    if parser is None:
        return None
    section = name or "default"
    if not parser.has_section(section):
        if name is None:
            return None
        have = listed([section for section in parser.sections() if may_be_name(section)]) or "none"
        raise ProfileNotFoundError(
            f"auth_profile is {name!r}, but {path} has no section [{name}]",
            option="auth_profile",
            remedy=f"add the section, or use one of those it has: {have}",
        )
    values = {}
    for key, value in parser.items(section):
        option = option_of_key(key)
        if option is None or option == "auth_profile":
            # The second line of a secret that was written in two lines has the form of a key, too.
            shown = f"the unknown key {key!r}" if may_be_name(key) else "a line that is no option"
            raise _problem(path, f"has {shown} in [{section}]", "use the names of the options, one in a line")
        values[option] = value
    return values


def azure_credentials_path(environ: t.Mapping[str, str]) -> str:
    """The file of azure.azcollection's profiles, ``~/.azure/credentials``."""
    return os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".azure", "credentials")


def read_azure_profile(path: str, name: str) -> dict[str, t.Any] | None:
    """The values of a section of azure.azcollection's file, by option name; None without the file or the section.

    Keys that are no options here are left out: the file is another tool's. Its mode is not checked, as that tool
    doesn't either. Raises ConfigError for a file that can't be read or is no INI file.
    """
    try:
        with open(path, "rb") as file:
            parser = parse_profiles(path, file.read())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _problem(
            path, f"can't be read: {error.strerror}", "make it readable for the user who runs Ansible"
        ) from error
    if not parser.has_section(name):
        return None
    values = {option_of_key(key): value for key, value in parser.items(name)}
    return {option: value for option, value in values.items() if option not in (None, "auth_profile", "auth_source")}


def _parsed(path: str, *, required: bool) -> configparser.ConfigParser | None:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    except OSError as error:
        if not required:
            return None
        raise _problem(
            path, f"can't be read: {error.strerror}", "make it readable for the user who runs Ansible"
        ) from error
    status = os.fstat(descriptor)
    if stat.S_ISDIR(status.st_mode):
        os.close(descriptor)
        raise _problem(path, "is a folder", "name the file in it")
    with os.fdopen(descriptor, "rb") as file:
        _refuse_if_others_can_read(path, status)
        return parse_profiles(path, file.read())


def parse_profiles(path: str, data: bytes) -> configparser.ConfigParser:
    """The sections of a profiles file. Raises ConfigError with the line's number, never its text, for invalid INI."""
    parser = configparser.ConfigParser(interpolation=None, default_section="\0no defaults")
    try:
        parser.read_string(data.decode("utf-8-sig"), source=path)  # Windows editors begin a file with a byte order mark
    except UnicodeDecodeError:
        raise _problem(path, "is not UTF-8 text", "save it as UTF-8") from None
    except configparser.Error as error:
        # configparser's texts quote the line at fault, which may be a secret.
        line = getattr(error, "lineno", None) or next((number for number, _text in getattr(error, "errors", [])), "?")
        raise _problem(path, f"is no INI file: line {line}", "write [section] and key = value lines") from None
    return parser


def option_of_key(key: str) -> str | None:
    """The shared option that a key names (by its name or an alias), None if there is none."""
    return _NAMES.get(key)


def _refuse_if_others_can_read(path: str, status: os.stat_result) -> None:
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        mode = stat.S_IMODE(status.st_mode)
        raise _problem(path, f"can be read or changed by others (mode {mode:04o})", f"run: chmod 600 {path}")
    if hasattr(os, "geteuid") and status.st_uid not in (os.geteuid(), 0):
        raise _problem(path, "belongs to another user", "use a file of your own")


def _problem(path: str, what: str, remedy: str) -> ConfigError:
    return ConfigError(f"the profiles file {path} {what}", option="auth_profile", remedy=remedy)
