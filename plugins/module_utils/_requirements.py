# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Which Python libraries the features need: the one table that checks, error texts and documentation come from.

`require` is called before the first request of a task, in check mode too. Where a library is imported, `missing` makes the
error of it: the check sees that a library is there, the import whether it works.
docs/requirements.md, meta/ee-requirements.txt and the DOCUMENTATION of the plugins are compared with this table by
tests/unit/test_requirements.py.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import sys
import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._errors import MissingLibraryError


@dataclasses.dataclass(frozen=True)
class Library:
    """``package`` is what pip installs, ``module`` what is imported, ``minimum`` its oldest version that will do."""

    package: str
    module: str
    minimum: str = ""

    @property
    def specifier(self) -> str:
        return f"{self.package}>={self.minimum}" if self.minimum else self.package


@dataclasses.dataclass(frozen=True)
class Feature:
    """What needs libraries.

    ``purpose`` ends the sentence "is needed to ...". ``documented`` names the fragments and modules whose DOCUMENTATION lists
    them, ``when`` is the condition there, empty for always.
    """

    purpose: str
    libraries: tuple[Library, ...]
    documented: tuple[str, ...] = ()
    when: str = ""


_REQUESTS = Library("requests", "requests", "2.28")
_CRYPTOGRAPHY = Library("cryptography", "cryptography", "3.4")

FEATURES: t.Final[dict[str, Feature]] = {
    "requests": Feature("send requests", (_REQUESTS,), ("auth", "connection", "powerbi_hashi_vault")),
    "sign_in": Feature(
        "get tokens from Microsoft Entra ID",
        (Library("msal", "msal", "1.29"),),
        ("auth",),
        "not for O(auth_method=azure_cli) and O(auth_method=access_token)",
    ),
    "certificate": Feature("sign in with a certificate", (_CRYPTOGRAPHY,), ("auth",), "for O(auth_method=certificate)"),
    "socks": Feature(
        "use a SOCKS proxy", (Library("PySocks", "socks"),), ("connection",), "for a SOCKS URL in O(proxy)"
    ),
    "key_pair": Feature(
        "make a key and a certificate",
        (_CRYPTOGRAPHY, Library("PyJWT", "jwt", "2.0")),
        ("powerbi_client_certificate",),
    ),
    "parameter_file": Feature(
        "read YAML", (Library("PyYAML", "yaml"),), ("content.rules",), "where O(parameters) names a file"
    ),
    "key_value_replace": Feature(
        "find the keys of key_value_replace",
        (Library("jsonpath-ng", "jsonpath_ng", "1.5"),),
        ("content.rules",),
        "for C(key_value_replace) in O(parameters)",
    ),
}

# What each way to log in needs; it is checked before whatever request it makes first.
_BY_METHOD: t.Final[dict[str, tuple[str, ...]]] = {
    "access_token": (),
    "azure_cli": (),
    "certificate": ("requests", "sign_in", "certificate"),
}


def for_method(method: str) -> tuple[str, ...]:
    """The features that a way to log in uses."""
    return _BY_METHOD.get(method, ("requests", "sign_in"))


def require(*names: str) -> None:
    """Check that the libraries of these features are there and new enough. Raises MissingLibraryError that names all."""
    lacking = [(name, library) for name in names for library in FEATURES[name].libraries if not _is_there(library)]
    if lacking:
        raise _error(lacking)
    for name in names:
        for library in FEATURES[name].libraries:
            found = _version(library.package) if library.minimum else ""
            if found and _numbers(found) < _numbers(library.minimum):
                raise _error([(name, library)], found=found)


def missing(name: str, cause: BaseException | None = None) -> MissingLibraryError:
    """The error of a feature whose libraries can't be imported."""
    lacking = [(name, library) for library in FEATURES[name].libraries if not _is_there(library)]
    return _error(lacking or [(name, library) for library in FEATURES[name].libraries], cause=cause)


def _error(
    lacking: list[tuple[str, Library]], *, found: str = "", cause: BaseException | None = None
) -> MissingLibraryError:
    libraries = list({library.package: library for _name, library in lacking}.values())
    names = " and ".join(library.package for library in libraries)
    purposes = " and ".join(dict.fromkeys(FEATURES[name].purpose for name, _library in lacking))
    plural = len(libraries) > 1
    what = (
        f"The Python librar{'ies' if plural else 'y'} {names} {'are' if plural else 'is'} missing for {sys.executable}"
        if not found
        else f"The Python library {names} {found} of {sys.executable} is older than {libraries[0].minimum}"
    )
    why = f"{'They are' if plural else 'It is'} needed to {purposes}{f' ({cause})' if cause else ''}"
    install = " ".join(f'"{library.specifier}"' if library.minimum else library.package for library in libraries)
    return MissingLibraryError(names, what, why=why, remedy=f"{sys.executable} -m pip install {install}")


def _is_there(library: Library) -> bool:
    try:
        return importlib.util.find_spec(library.module) is not None
    except (ImportError, ValueError):  # a parent is missing, or was put into sys.modules by hand
        return False


def _version(package: str) -> str:
    from importlib import metadata

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:  # installed without its metadata
        return ""


def _numbers(version: str) -> list[int]:
    numbers: list[int] = []
    for part in version.split("."):
        digits = "".join(character for character in part if character.isdigit())
        if not part[:1].isdigit():
            break
        numbers.append(int(digits))
    return numbers
