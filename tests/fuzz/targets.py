# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every parser of the collection as a function of bytes, for the corpus (`test_corpus.py`) and for `make fuzz`.

A target may raise the collection's own errors. Anything else, and what takes too long or too much memory, is a defect.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import tempfile
import types
import typing as t
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._api import items
from ansible_collections.community.powerbi.plugins.module_utils._auth import (
    cache,
    certificate_file,
    claims,
    methods,
    obtained_tokens,
    oidc_pipelines,
)
from ansible_collections.community.powerbi.plugins.module_utils._content import (
    export,
    export_manifest,
    file_checks,
    folder,
    item_checks,
    json_text,
    normalise,
    package,
    paginated,
    platform,
    rebind,
)
from ansible_collections.community.powerbi.plugins.module_utils._content.item import LocalItem
from ansible_collections.community.powerbi.plugins.module_utils._content.model import tmdl
from ansible_collections.community.powerbi.plugins.module_utils._content.parameters import file, substitution
from ansible_collections.community.powerbi.plugins.module_utils._errors import PowerBIError
from ansible_collections.community.powerbi.plugins.module_utils._http import api_errors, failure
from ansible_collections.community.powerbi.plugins.module_utils._http import response as answer
from ansible_collections.community.powerbi.plugins.module_utils._polling import state_name
from ansible_collections.community.powerbi.plugins.module_utils._run_files import PlannedResources, RunResponseCache
from ansible_collections.community.powerbi.plugins.module_utils._secret_stores.profiles_edit import (
    with_section,
    without_section,
)
from ansible_collections.community.powerbi.plugins.module_utils._settings.profiles import parse_profiles
from ansible_collections.community.powerbi.plugins.module_utils._settings.resolve import Credential
from fuzz import histories, mutations

HERE: t.Final = Path(__file__).resolve().parent
CORPUS: t.Final = HERE / "corpus"
SAMPLE: t.Final = HERE.parents[1] / "playbooks" / "files" / "sample"
LARGEST_SEED: t.Final = 8 * 1024  # bytes; large ones are replayed, but damaging them is slow

_BOUND: t.Final = b'{"datasetReference": {"byPath": {"path": "../A.SemanticModel"}}}'


@functools.cache
def scratch() -> tempfile.TemporaryDirectory[str]:
    """What the targets write into; it goes with this process, or with its ``cleanup()``."""
    return tempfile.TemporaryDirectory(prefix="powerbi-fuzz-")


def _scratch(name: str) -> Path:
    return Path(scratch().name) / name


def _file(data: bytes, name: str) -> str:
    path = _scratch(name)
    path.write_bytes(data)
    return str(path)


def _checked(kind: str, parts: dict[str, bytes]) -> None:
    item = LocalItem(kind, "A", "definition", scratch().name, f"A.{kind}", parts=parts)
    for problem in item_checks.check_item(item):
        str(problem).encode()
    canonical = normalise.normalise(parts, kind)
    assert normalise.normalise(canonical.parts, kind).parts == canonical.parts
    normalise.compare(parts, {path: data + b" " for path, data in parts.items()}, kind)
    export.layout(kind, "A", parts)


def read_tmdl(data: bytes) -> None:
    tmdl.read(data.decode(errors="replace"), "a.tmdl")
    _checked("SemanticModel", {"definition/model.tmdl": b"model Model\n", "definition/tables/T.tmdl": data})


def read_tmsl(data: bytes) -> None:
    _checked("SemanticModel", {"model.bim": data})


def read_pbir(data: bytes) -> None:
    rebind.read(data, "definition.pbir")
    _checked("Report", {"definition.pbir": data, "definition/report.json": data, "definition/pages/pages.json": data})
    _checked("Report", {"definition.pbir": _BOUND, "report.json": data})


def read_json(data: bytes) -> None:
    text = data.decode(errors="surrogateescape")
    value, problem = json_text.parse(text, "a.json")
    if problem is None:
        json_text.dump(value, indent=2).encode()
        list(json_text.members(json_text.plain(text)))


def read_platform(data: bytes) -> None:
    found, dummy = platform.read(data, ".platform")
    if found is not None:
        list(item_checks.check_name(found.display_name, ".platform", "the name"))
        platform.write(found)
        assert len(os.fsencode(export.folder_name(found.display_name, found.type[:40]))) <= 255


def read_rdl(data: bytes) -> None:
    paginated.read(data, "a.rdl")
    paginated.read(paginated.plain(data), "a.rdl")
    _checked("PaginatedReport", {"A.rdl": data})


def read_parameters(data: bytes) -> None:
    found = file.from_file(_file(data, "parameter"), "PROD", {"SECRET": "s"})
    for problem in found.problems:
        str(problem).encode()
    part = b'{"a": {"b": 1}, "c": ["ab"]}'
    item = LocalItem("Report", "A", "definition", "", "A.Report", parts={"a.json": part, "a.yml": b"a: {b: 1}\n"})
    substitution.substitute(item, found.rules)


def read_yaml_part(data: bytes) -> None:
    rules = file.from_option([{"key": "$.a.b", "value": "x"}], "PROD").rules
    substitution.substitute(LocalItem("Notebook", "A", "definition", "", "A.Notebook", parts={"a.yml": data}), rules)


def read_pbix(data: bytes) -> None:
    _package(data, "pbix")


def read_xlsx(data: bytes) -> None:
    _package(data, "xlsx")


def _package(data: bytes, kind: str) -> None:
    path = _file(data, f"a.{kind}")
    file_checks.checked(LocalItem("Report", "a", kind, path, f"a.{kind}"))
    package.read(path, kind)


def read_profiles(data: bytes) -> None:
    parse_profiles("profiles.ini", data)
    text = data.decode("utf-8-sig")
    with_section(text, "prod", {"client_id": "a"}, "profiles.ini")
    without_section(text, "prod", "profiles.ini")


def read_certificate(data: bytes) -> None:
    for password in (None, "p"):
        options: dict[str, t.Any] = {"certificate_path": _file(data, "certificate")}
        if password:
            options["certificate_password"] = certificate_file.Secret(password)
        certificate_file.load(Credential("certificate", "option", "t", "c", options), 1.8e9)


def read_token(data: bytes) -> None:
    claims.safe_claims(claims.decode(data.decode("ascii", "replace"), option="access_token"))


def read_federated(data: bytes) -> None:
    methods._from_file(_file(data, "token"))


def read_oidc(data: bytes) -> None:
    response = types.SimpleNamespace(text=data.decode(errors="replace"), status_code=200)
    oidc_pipelines._token(response, "value", "GitHub", "check it")


def read_azure_cli(data: bytes) -> None:
    done = subprocess.CompletedProcess([], 0, data.decode(errors="replace"), "")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(obtained_tokens.subprocess, "run", lambda *_args, **_options: done)
        patch.setattr(obtained_tokens.shutil, "which", lambda *_args, **_options: "/bin/az")
        login = types.SimpleNamespace(environ={"PATH": "/bin"}, now=lambda: 1.8e9)
        settings = types.SimpleNamespace(
            credential=Credential("azure_cli", "option", "t", "", {}), timeout=1.0, tenant_id="t"
        )
        obtained_tokens.azure_cli(settings, "s/.default", login)


def read_run_files(data: bytes) -> None:
    run = _scratch("run")
    run.mkdir(mode=0o700, exist_ok=True)
    for name in ("k.json", "k.failed", "last-write.json"):
        path = run / name
        path.write_bytes(data)
        path.chmod(0o600)
    tokens = cache.TokenCache(str(run))
    tokens.get("k", 300)
    try:
        tokens._raise_if_failed_since("k", 0.0, 0.0)
    except PowerBIError as error:
        str(error)
        error.to_dict()
    answers = RunResponseCache(str(run))
    answers.get_or_fetch("a", lambda: 1)
    for path in run.glob("*.response"):
        path.write_bytes(data)
    answers.get_or_fetch("a", lambda: 1)
    PlannedResources(str(run), "x").is_planned("a")


def read_answer(data: bytes) -> None:
    found = failure.read_failure(400, {"X-PowerBI-Error-Details": data.decode("latin-1")}, data)
    str(api_errors.to_error(found, "GET", "/groups")).encode("utf-8", "backslashreplace")
    value = answer.decode(data, "application/json", "GET /groups")
    state_name(value)
    failure.read_error(value, {})


def read_definition(data: bytes) -> None:
    value = json.loads(data) if data[:1] in (b"{", b"[") else None
    items.parts_of(value)
    items.exported_of(value)


def read_manifest(data: bytes) -> None:
    dest = _scratch("dest")
    dest.mkdir(exist_ok=True)
    (dest / export_manifest.FILE).write_bytes(data)
    manifest = export_manifest.Manifest(str(dest), "w")
    manifest.claim({"A.Report": "i"}, write=False)
    manifest.known("A.Report")


def mutate_definition(data: bytes) -> None:
    mutations.check(int.from_bytes(data[:8], "big"))


TARGETS: t.Final[dict[str, t.Callable[[bytes], None]]] = {
    "tmdl": read_tmdl,
    "tmsl": read_tmsl,
    "pbir": read_pbir,
    "json": read_json,
    "platform": read_platform,
    "rdl": read_rdl,
    "parameters": read_parameters,
    "yaml": read_yaml_part,
    "pbix": read_pbix,
    "xlsx": read_xlsx,
    "profiles": read_profiles,
    "certificate": read_certificate,
    "token": read_token,
    "federated": read_federated,
    "oidc": read_oidc,
    "azure_cli": read_azure_cli,
    "run_files": read_run_files,
    "answer": read_answer,
    "definition": read_definition,
    "manifest": read_manifest,
    "mutations": mutate_definition,
    "histories": histories.check,
}

# Errors of Python that a target's own preparation may raise, before the parser has the data.
NOT_FOR_THE_PARSER: t.Final[dict[str, tuple[type[Exception], ...]]] = {"definition": (ValueError, RecursionError)}


def seeds(target: str) -> list[bytes]:
    """The corpus of a target, and parts of the sample that it reads."""
    files = sorted((CORPUS / target).glob("*"))
    found = [path.read_bytes() for path in files if path.stat().st_size <= LARGEST_SEED]
    suffixes = {"tmdl": (".tmdl",), "rdl": (".rdl",), "platform": (".platform",), "pbir": (".json", ".pbir")}
    for item in folder.scan(str(SAMPLE)).items:
        found += [data for path, data in item.parts.items() if path.endswith(suffixes.get(target, ("\0",)))]
    return found or [b""]
