# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Python library that is missing: one message with the remedy, before the first request, in check mode too."""

from __future__ import annotations

import dataclasses
import sys
import typing as t
from pathlib import Path

import pytest

from harness import contoso
from harness.emulator import Emulator
from harness.files import pbix
from harness.in_process import run_module

KEY_RULE: t.Final = {"key_value_replace": [{"find_key": "$.x", "replace_value": {"PROD": "y"}}]}


@dataclasses.dataclass(frozen=True)
class Case:
    """``hidden``: what can't be imported. ``options`` are completed by an app that logs in with a secret."""

    module: str
    package: str
    hidden: tuple[str, ...]
    options: t.Callable[[Path], dict[str, t.Any]]


def content(folder: Path, **more: t.Any) -> dict[str, t.Any]:
    """A folder with one notebook, and what to make of it."""
    item = folder / "content" / "Clean.Notebook"
    item.mkdir(parents=True)
    (item / ".platform").write_text('{"metadata": {"type": "Notebook", "displayName": "Clean"}, "config": {}}')
    (item / "notebook-content.py").write_text("# Fabric notebook source\n")
    return {"workspace": "Sales", "src": str(folder / "content"), "environment": "PROD", **more}


def with_parameter_file(folder: Path) -> dict[str, t.Any]:
    file = folder / "parameter.yml"
    file.write_text("find_replace:\n  - {find_value: a, replace_value: {PROD: b}}\n")
    return content(folder, parameters=str(file))


def with_certificate(folder: Path) -> dict[str, t.Any]:
    file = folder / "app.pem"
    file.write_text("not read")
    return {"client_id": contoso.CERTIFICATE_APP.client_id, "client_secret": None, "certificate_path": str(file)}


def a_rotation(_folder: Path) -> dict[str, t.Any]:
    return {"display_name": "pipeline", "state": "rotated"}


CASES: t.Final = {
    "msal": Case("powerbi_workspace_info", "msal", ("msal",), lambda _folder: {}),
    "cryptography, to sign in": Case("powerbi_workspace_info", "cryptography", ("cryptography",), with_certificate),
    "cryptography, for a new certificate": Case(
        "powerbi_client_certificate", "cryptography", ("cryptography",), a_rotation
    ),
    "PyJWT": Case("powerbi_client_certificate", "PyJWT", ("jwt",), a_rotation),
    "PySocks": Case(
        "powerbi_workspace_info", "PySocks", ("socks",), lambda _folder: {"proxy": "socks5h://127.0.0.1:1080"}
    ),
    "PyYAML": Case("powerbi_deploy", "PyYAML", ("yaml",), with_parameter_file),
    "jsonpath-ng": Case(
        "powerbi_deploy",
        "jsonpath-ng",
        ("jsonpath_ng", "jsonpath_ng.ext"),
        lambda folder: content(folder, parameters=KEY_RULE),
    ),
}


@pytest.mark.parametrize("check", [False, True], ids=["run", "check mode"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_it_is_named_before_the_first_request(
    case: Case, check: bool, fresh_emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = {**contoso.connection(fresh_emulator), **contoso.identity(contoso.DEPLOY)}
    options = {name: value for name, value in {**identity, **case.options(tmp_path)}.items() if value is not None}
    for name in [
        name for name in sys.modules if name.split(".")[0] in {hidden.split(".")[0] for hidden in case.hidden}
    ]:
        monkeypatch.delitem(sys.modules, name)
    for name in case.hidden:
        monkeypatch.setitem(sys.modules, name, None)
    result = run_module(case.module, options, tmp_path / "cache", check=check)
    monkeypatch.undo()
    assert result.get("failed"), result
    assert result["error"]["kind"] == "missing_library", result["msg"]
    assert result["error"]["library"] == case.package
    assert result["msg"].count(f"{case.package} is missing") == 1
    assert f"Remedy: {sys.executable} -m pip install" in result["msg"]
    assert fresh_emulator.requests() == []


def test_an_import_needs_requests_and_msal_only(
    fresh_emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("requests_toolbelt", "cryptography.x509", "jsonpath_ng", "yaml", "azure", "hvac"):
        monkeypatch.setitem(sys.modules, name, None)
    options = {**contoso.connection(fresh_emulator), **contoso.identity(contoso.DEPLOY)}
    file = pbix(tmp_path / "Figures.pbix")
    result = run_module("powerbi_import", {**options, "workspace": "Sales", "src": [str(file)]}, tmp_path / "cache")
    monkeypatch.undo()
    assert not result.get("failed"), result
    assert result["changed"]
