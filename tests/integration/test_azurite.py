# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Large files through the temporary upload location, which here is in Azurite: a blob service by others.

Azurite takes as much CPU as the client, so what is large is a quarter of what the service means by it
(``large_file_size``); test_import_large.py has files beyond the real limit, in the emulator's own blobs.
"""

from __future__ import annotations

import hashlib
import typing as t
from pathlib import Path

import pytest

from harness.ansible_run import AnsibleRunner
from harness.azurite import Azurite
from harness.emulator import Emulator
from harness.files import pbix, sparse_pbix
from harness.modules import Modules
from harness.portal import FINANCE, Portal

pytestmark = pytest.mark.slow

SIZE: t.Final = 1 << 28  # bytes
BLOCK: t.Final = 4 << 20  # bytes in one Put Block
WRONG_KEY: t.Final = "bm90IHRoZSBrZXkgb2YgdGhhdCBhY2NvdW50"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Azurite]:
    try:
        azurite = Azurite(tmp_path_factory.mktemp("azurite"))
    except RuntimeError as error:
        pytest.skip(str(error))
    yield azurite
    azurite.stop()


@pytest.fixture
def azurite(running: Azurite, fresh_emulator: Emulator) -> Azurite:
    """Empty, and where the emulator sends large files."""
    running.clear()
    fresh_emulator.tenant(upload_storage=running.connection_string(), upload_storage_ca=str(running.ca_path))
    return running


@pytest.fixture
def ca_path(running: Azurite, emulator: Emulator, tmp_path: Path) -> Path:
    """The CAs of both."""
    path = tmp_path / "cas.pem"
    path.write_bytes(emulator.ca_path.read_bytes() + running.ca_path.read_bytes())
    return path


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def test_a_large_file_arrives_whole(
    azurite: Azurite, fresh_emulator: Emulator, ca_path: Path, ansible: AnsibleRunner, tmp_path: Path
) -> None:
    """By a playbook, in blocks; and it is imported from there."""
    path = sparse_pbix(tmp_path / "Huge.pbix", SIZE)
    task = {"workspace": "Finance", "src": [str(path)], "large_file_size": SIZE}
    env = {**fresh_emulator.env, "POWERBI_CA_PATH": str(ca_path)}
    tasks = [{"name": "import", "community.powerbi.powerbi_import": task}]
    run = ansible.playbook(tasks, env=env).ok()
    assert run.result("import").changed
    (blob,) = azurite.blobs()
    assert blob.sha256 == sha256(path)
    assert blob.size == path.stat().st_size > SIZE
    assert len(blob.blocks) == -(-blob.size // BLOCK)
    assert set(blob.blocks[:-1]) == {BLOCK}
    assert Portal(fresh_emulator).names() == ["Huge.Report", "Huge.SemanticModel"]
    assert "sig=" not in run.output


def test_small_blocks_and_a_changed_file(
    azurite: Azurite, fresh_emulator: Emulator, ca_path: Path, tmp_path: Path
) -> None:
    """One block of less than its size; the second run sends nothing, a changed file goes to a place of its own."""
    modules = Modules(fresh_emulator, ca_path=str(ca_path), workspace="Finance", large_file_size=1)
    path = pbix(tmp_path / "Board.pbix")
    assert modules("powerbi_import", src=[str(path)])["changed"]
    first = sha256(path)
    assert not modules("powerbi_import", src=[str(path)])["changed"]
    assert [blob.sha256 for blob in azurite.blobs()] == [first]
    pbix(path, "Another page")
    assert modules("powerbi_import", src=[str(path)])["changed"]
    assert sorted(blob.sha256 for blob in azurite.blobs()) == sorted([first, sha256(path)])


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param("expired", id="expired"),
        pytest.param("signature", id="wrong signature"),
    ],
)
def test_a_refused_url_has_a_remedy(
    azurite: Azurite, fresh_emulator: Emulator, ca_path: Path, tmp_path: Path, wrong: str
) -> None:
    if wrong == "expired":
        fresh_emulator.tenant(upload_location_lifetime=-60)
    else:
        fresh_emulator.tenant(upload_storage=azurite.connection_string(key=WRONG_KEY))
    modules = Modules(fresh_emulator, ca_path=str(ca_path), workspace="Finance", large_file_size=1)
    result = modules.fail("powerbi_import", src=[str(pbix(tmp_path / "Board.pbix"))])
    assert "failed with 403 AuthorizationFailure" in result["msg"]
    assert "The temporary upload location is no longer valid. Remedy: run the task again" in result["msg"]
    assert "sig=" not in str(result)
    assert azurite.blobs() == []
    assert Portal(fresh_emulator).names() == []


def test_an_import_before_the_upload_is_refused(azurite: Azurite, fresh_emulator: Emulator, ca_path: Path) -> None:
    """The emulator reads from Azurite: a location that was created, but never written to."""
    modules = Modules(fresh_emulator, ca_path=str(ca_path))
    imports = f"groups/{FINANCE}/imports"
    made = modules("powerbi_api", method="POST", path=f"{imports}/createTemporaryUploadLocation")
    url = made["json"]["Url"]
    assert url.startswith(f"{azurite.url}/")
    query = {"datasetDisplayName": "Board.pbix"}
    refused = modules.fail("powerbi_api", method="POST", path=imports, query=query, body={"fileUrl": url})
    assert "expected a temporary upload location with a file in it" in refused["msg"]


def test_a_ca_that_is_not_trusted_is_named(azurite: Azurite, fresh_emulator: Emulator, tmp_path: Path) -> None:
    """Storage has another certificate than the API: with the CA of the API alone the upload stops."""
    modules = Modules(fresh_emulator, workspace="Finance", large_file_size=1)
    result = modules.fail("powerbi_import", src=[str(pbix(tmp_path / "Board.pbix"))])
    assert f"The TLS certificate of {azurite.url.removeprefix('https://')} is refused" in result["msg"]
    assert "set `ca_path`" in result["msg"]
