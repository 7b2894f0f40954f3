# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The Python libraries that the features need: one table for checks, error texts and documentation.

`require` is called before the first request of a task, in check mode too. Where an import fails, `missing` makes the
error: the check finds libraries that are not installed, the import those that don't work.
docs/requirements.md, meta/ee-requirements.txt and the DOCUMENTATION of the plugins are compared with this table by
tests/unit/test_requirements.py.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import sys
import typing as t

from ._errors import MissingLibraryError


@dataclasses.dataclass(frozen=True)
class Library:
    """``package`` is what pip installs, ``module`` what is imported, ``minimum`` its oldest supported version."""

    package: str
    module: str
    minimum: str = ""

    @property
    def specifier(self) -> str:
        return f"{self.package}>={self.minimum}" if self.minimum else self.package


@dataclasses.dataclass(frozen=True)
class Feature:
    """A feature that needs libraries.

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
        "read YAML", (Library("PyYAML", "yaml"),), ("content.parameters",), "where O(parameters) names a file"
    ),
    "key_value_replace": Feature(
        "find the keys of key_value_replace",
        (Library("jsonpath-ng", "jsonpath_ng", "1.5"),),
        ("content.parameters",),
        "for C(key_value_replace) in O(parameters)",
    ),
}

# The features of each login method; their libraries are checked before the first request.
_BY_METHOD: t.Final[dict[str, tuple[str, ...]]] = {
    "access_token": (),
    "azure_cli": (),
    "certificate": ("requests", "sign_in", "certificate"),
}


def for_method(method: str) -> tuple[str, ...]:
    """The features that a login method uses."""
    return _BY_METHOD.get(method, ("requests", "sign_in"))


class _Fault(t.NamedTuple):
    """A library of a feature that is missing, or installed in the version ``found``, which is too old."""

    feature: str
    library: Library
    found: str = ""


def require(*names: str) -> None:
    """Check that the libraries of these features are installed and recent enough. Raises MissingLibraryError that names all."""
    faults = _faults(names)
    if faults:
        raise _error(faults)


def missing(name: str, cause: BaseException | None = None) -> MissingLibraryError:
    """The error of a feature whose libraries can't be imported."""
    lacking = [_Fault(name, library) for library in FEATURES[name].libraries if not _is_there(library)]
    return _error(lacking or [_Fault(name, library) for library in FEATURES[name].libraries], cause)


def extended(error: MissingLibraryError, *names: str) -> MissingLibraryError:
    """The error, extended by the missing libraries of these features, so that a user can install all at once."""
    if not error.faults:  # from another fork by the cache, which keeps the text only
        return error
    whole = _error([*error.faults, *(fault for fault in _faults(names) if fault not in error.faults)], error.cause)
    whole.results = error.results
    return whole


def _faults(names: t.Iterable[str]) -> list[_Fault]:
    faults = []
    for name in names:
        for library in FEATURES[name].libraries:
            version = _version(library.package) if library.minimum else ""
            if not _is_there(library):
                faults.append(_Fault(name, library))
            elif version and _numbers(version) < _numbers(library.minimum):
                faults.append(_Fault(name, library, version))
    return faults


def _error(faults: t.Sequence[_Fault], cause: BaseException | None = None) -> MissingLibraryError:
    by_package = {fault.library.package: fault for fault in faults}
    absent = [package for package, fault in by_package.items() if not fault.found]
    old = [
        f"{package} {fault.found} is older than {fault.library.minimum}"
        for package, fault in by_package.items()
        if fault.found
    ]
    what = (
        f"The Python librar{'ies' if len(absent) > 1 else 'y'} {_joined(absent)} {'are' if len(absent) > 1 else 'is'} "
        f"missing for {sys.executable}"
    )
    if old:
        what = (
            f"{what}, and {_joined(old)}" if absent else f"Of the Python libraries of {sys.executable}, {_joined(old)}"
        )
    plural = len(by_package) > 1
    purposes = _joined(dict.fromkeys(FEATURES[fault.feature].purpose for fault in faults))
    why = f"{'They are' if plural else 'It is'} needed to {purposes}{f' ({cause})' if cause else ''}"
    libraries = [fault.library for fault in by_package.values()]
    install = " ".join(f'"{library.specifier}"' if library.minimum else library.package for library in libraries)
    error = MissingLibraryError(_joined(by_package), what, why=why, remedy=f"{sys.executable} -m pip install {install}")
    error.faults, error.cause = tuple(faults), cause
    return error


def _joined(texts: t.Iterable[str]) -> str:
    *first, last = [*texts] or [""]
    return f"{', '.join(first)} and {last}" if first else last


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
