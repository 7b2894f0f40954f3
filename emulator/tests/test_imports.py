# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI: imports, directly and through a temporary upload location."""

from __future__ import annotations

import base64
import collections.abc
import hashlib
import io
import re
import typing as t
import urllib.parse
import zipfile
from pathlib import Path

import pytest
import requests

import samples
from conftest import Emulator, running

SALES = "f01de400-0000-4000-8000-000000000001"
IMPORTS = f"/groups/{SALES}/imports"


def post(emulator: Emulator, name: str, data: bytes, conflict: str | None = None, **query: str) -> requests.Response:
    params = {"datasetDisplayName": name, **({"nameConflict": conflict} if conflict else {}), **query}
    return emulator.api("POST", IMPORTS, params=params, files={"file": (name, data)})


def imported(emulator: Emulator, name: str, data: bytes, conflict: str | None = None, **query: str) -> dict[str, t.Any]:
    answer = post(emulator, name, data, conflict, **query)
    assert answer.status_code == 202, answer.text
    shown: dict[str, t.Any] = emulator.api("GET", f"{IMPORTS}/{answer.json()['id']}").json()
    assert shown["importState"] == "Succeeded", shown
    return shown


def names(emulator: Emulator, noun: str) -> list[str]:
    items = emulator.fabric("GET", f"/workspaces/{SALES}/{noun}").json()["value"]
    return [one["displayName"] for one in items]


def code(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.headers.get("X-PowerBI-Error-Info", "")


def test_a_pbix_becomes_a_model_and_a_report(emulator: Emulator) -> None:
    shown = imported(emulator, "Sales.pbix", samples.pbix())
    assert (shown["name"], shown["connectionType"], shown["source"]) == ("Sales", "import", "Upload")
    [dataset], [report] = shown["datasets"], shown["reports"]
    assert dataset["name"] == report["name"] == "Sales"
    assert report["reportType"] == "PowerBIReport"
    items = emulator.fabric("GET", f"/workspaces/{SALES}/items").json()["value"]
    assert {one["type"]: one["id"] for one in items} == {"SemanticModel": dataset["id"], "Report": report["id"]}
    assert [one["id"] for one in emulator.api("GET", IMPORTS).json()["value"]] == [shown["id"]]


def test_publishing_takes_a_while(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"import_time": 600})
    answer = post(emulator, "Sales.pbix", samples.pbix())
    path = f"{IMPORTS}/{answer.json()['id']}"
    shown = emulator.api("GET", path).json()
    assert (shown["importState"], shown["datasets"], shown["reports"]) == ("Publishing", [], [])
    assert names(emulator, "items") == []
    emulator.advance()
    assert emulator.api("GET", path).json()["importState"] == "Succeeded"


def test_an_import_that_fails(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"failing_imports": ["Sales"]})
    shown = emulator.api("GET", f"{IMPORTS}/{post(emulator, 'Sales.pbix', samples.pbix()).json()['id']}").json()
    assert (shown["importState"], shown["error"]["code"], shown["datasets"]) == ("Failed", "ImportFailed", [])


def test_ignore_makes_another_of_the_same_name(emulator: Emulator) -> None:
    first, second = (imported(emulator, "Sales.pbix", samples.pbix()) for _ in range(2))
    assert first["datasets"][0]["id"] != second["datasets"][0]["id"]
    assert names(emulator, "semanticModels") == ["Sales", "Sales"]
    for conflict in ("Overwrite", "CreateOrOverwrite"):
        refused = post(emulator, "Sales.pbix", samples.pbix(), conflict)
        assert code(refused) == (409, "MoreThanOneDuplicatePackageFoundError")


def test_abort_and_overwrite(emulator: Emulator) -> None:
    missing = post(emulator, "Sales.pbix", samples.pbix(), "Overwrite")
    assert code(missing) == (404, "DuplicatePackageNotFoundError")
    first = imported(emulator, "Sales.pbix", samples.pbix(), "Abort")
    exists = post(emulator, "sales.pbix", samples.pbix(), "Abort")
    assert code(exists) == (400, "PbixAlreadyImported")
    assert exists.content == b""
    for conflict in ("Overwrite", "CreateOrOverwrite"):
        again = imported(emulator, "Sales.pbix", samples.pbix(text=conflict), conflict)
        assert again["datasets"][0]["id"] == first["datasets"][0]["id"]
        assert again["reports"][0]["id"] == first["reports"][0]["id"]
    assert names(emulator, "items") == ["Sales", "Sales"]


@pytest.mark.parametrize(
    ("name", "conflict"),
    [
        ("a.pbix", "GenerateUniqueName"),
        ("a.rdl", "Ignore"),
        ("a.rdl", None),
        ("a.rdl", "CreateOrOverwrite"),
        ("a.pbix", "Replace"),
    ],
)
def test_conflicts_that_do_not_go_with_the_file(emulator: Emulator, name: str, conflict: str | None) -> None:
    assert code(post(emulator, name, samples.pbix(), conflict)) == (400, "InvalidRequest")


def test_skip_report_and_live_connection(emulator: Emulator) -> None:
    imported(emulator, "Model.pbix", samples.pbix(), skipReport="true")
    live = imported(emulator, "Live.pbix", samples.pbix(model=False))
    assert live["datasets"] == []
    assert names(emulator, "items") == ["Model", "Live"]


def test_paginated_report(emulator: Emulator) -> None:
    shown = imported(emulator, "Invoices.rdl", samples.RDL.encode(), "Abort")
    assert shown["datasets"] == []
    assert (shown["reports"][0]["name"], shown["reports"][0]["reportType"]) == ("Invoices", "PaginatedReport")
    assert code(post(emulator, "Invoices.rdl", samples.RDL.encode(), "Abort")) == (400, "PbixAlreadyImported")
    again = imported(emulator, "Invoices.rdl", samples.RDL.encode(), "Overwrite")
    assert again["reports"][0]["id"] == shown["reports"][0]["id"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pbix", b"not a zip"),
        ("a.pbix", b""),
        ("a.xlsx", samples.pbix()[:200]),
        ("a.rdl", b"<Report"),
        ("a.rdl", b"\xef\xbb\xbf" + samples.RDL.encode()),
        ("a.rdl", b"<Sheet/>"),
        ("a", samples.RDL.encode()),
    ],
)
def test_files_that_can_not_be_read(emulator: Emulator, name: str, data: bytes) -> None:
    answer = post(emulator, name, data, "Abort")
    assert code(answer) == (400, "RequestedFileIsEncryptedOrCorrupted")


def test_an_rdl_of_report_builder_is_taken_unless_the_switch_refuses_it(emulator: Emulator) -> None:
    data = samples.RDL.replace("<Report ", '<Report MustUnderstand="df" xmlns:df="urn:df" ', 1).encode()
    assert post(emulator, "Builder.rdl", data, "Abort").status_code == 202
    emulator.control("PATCH", "tenant", {"imports_refuse_df": True})
    assert code(post(emulator, "Second.rdl", data, "Abort")) == (400, "RequestedFileIsEncryptedOrCorrupted")


def test_a_part_without_a_name(emulator: Emulator) -> None:
    """As the official .NET SDK writes it."""
    body = b"--b0\r\nContent-Disposition: form-data\r\n\r\n" + samples.pbix() + b"\r\n--b0--\r\n"
    query = {"datasetDisplayName": "Sales.pbix"}
    token = emulator.token()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": 'multipart/form-data; boundary="b0"'}
    answer = emulator.request("POST", f"/v1.0/myorg{IMPORTS}", params=query, headers=headers, data=body)
    assert answer.status_code == 202, answer.text
    headers["Content-Type"] = "application/octet-stream"
    raw = emulator.request("POST", f"/v1.0/myorg{IMPORTS}", params=query, headers=headers, data=samples.pbix())
    assert code(raw) == (400, "RequestedFileIsEncryptedOrCorrupted")


def test_content_is_remembered_by_its_hash(emulator: Emulator) -> None:
    data = samples.pbix()
    imported(emulator, "Sales.pbix", data)
    [entry] = [one for one in emulator.log("imports$") if one["method"] == "POST"]
    assert entry["sha256"] == hashlib.sha256(data).hexdigest()
    assert entry["size"] == len(data)


def test_into_a_folder(emulator: Emulator) -> None:
    folder = emulator.fabric("POST", f"/workspaces/{SALES}/folders", json={"displayName": "F"}).json()["id"]
    imported(emulator, "Sales.pbix", samples.pbix(), subfolderObjectId=folder)
    items = emulator.fabric("GET", f"/workspaces/{SALES}/items").json()["value"]
    assert [one["folderId"] for one in items] == [folder, folder]
    missing = post(emulator, "Sales.pbix", samples.pbix(), subfolderObjectId=SALES)
    assert code(missing) == (404, "FolderNotFound")


def test_dataflows_are_not_for_service_principals(emulator: Emulator) -> None:
    assert post(emulator, "model.json", b"{}", "Abort").status_code == 403


def test_too_large_for_one_request(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"import_limit": 100})
    assert code(post(emulator, "Sales.pbix", samples.pbix())) == (413, "RequestEntityTooLarge")


@pytest.mark.parametrize(
    "path", sorted(Path("/work/shared/data/content").glob("pbix*/*.pbix")), ids=lambda one: one.name
)
def test_real_files(emulator: Emulator, path: Path) -> None:
    shown = imported(emulator, path.name, path.read_bytes())
    assert len(shown["reports"]) == 1
    assert len(shown["datasets"]) == (0 if "report_only" in path.name else 1)


# temporary upload locations


def location(emulator: Emulator) -> str:
    answer = emulator.api("POST", f"{IMPORTS}/createTemporaryUploadLocation")
    url: str = answer.json()["Url"]
    assert url.startswith(emulator.url.replace("localhost", "127.0.0.1"))
    assert answer.json()["ExpirationTime"].endswith("Z")
    return url


def blob(emulator: Emulator, method: str, url: str, **kwargs: t.Any) -> requests.Response:
    return emulator.session.request(method, url, timeout=10, **kwargs)


def block_id(number: int) -> str:
    return base64.b64encode(f"block-{number:06d}".encode()).decode()


def block_list(*ids: str) -> bytes:
    return f"<BlockList>{''.join(f'<Latest>{one}</Latest>' for one in ids)}</BlockList>".encode()


def put_block(emulator: Emulator, url: str, number: int, data: bytes) -> requests.Response:
    return blob(emulator, "PUT", url, params={"comp": "block", "blockid": block_id(number)}, data=data)


def test_blocks_make_a_file(emulator: Emulator) -> None:
    url, data = location(emulator), samples.pbix()
    half = len(data) // 2
    assert put_block(emulator, url, 2, data[half:]).status_code == 201  # any order
    assert put_block(emulator, url, 1, data[:half]).status_code == 201
    lists = f"{url}&comp=blocklist&blocklisttype=all"
    assert re.findall(r"<Name>(.*?)</Name><Size>(\d+)", blob(emulator, "GET", lists).text) == [
        (block_id(2), str(len(data) - half)),
        (block_id(1), str(half)),
    ]
    early = emulator.api("POST", IMPORTS, params={"datasetDisplayName": "S.pbix"}, json={"fileUrl": url})
    assert code(early) == (400, "InvalidRequest")
    done = blob(emulator, "PUT", f"{url}&comp=blocklist", data=block_list(block_id(1), block_id(2)))
    assert (done.status_code, done.content) == (201, b"")
    taken = emulator.api("POST", IMPORTS, params={"datasetDisplayName": "S.pbix"}, json={"fileUrl": url})
    assert taken.status_code == 202, taken.text
    assert emulator.log("imports$")[-1]["sha256"] == hashlib.sha256(data).hexdigest()
    assert "UncommittedBlocks /" in blob(emulator, "GET", lists).text


def test_put_blob_in_one_piece(emulator: Emulator) -> None:
    url = location(emulator)
    assert blob(emulator, "PUT", url, data=samples.pbix()).headers["x-ms-error-code"] == "MissingRequiredHeader"
    put = blob(emulator, "PUT", url, data=samples.pbix(), headers={"x-ms-blob-type": "BlockBlob"})
    assert put.status_code == 201
    query = {"datasetDisplayName": "S.pbix"}
    assert emulator.api("POST", IMPORTS, params=query, json={"fileUrl": url}).status_code == 202


def test_requests_that_storage_refuses(emulator: Emulator) -> None:
    url = location(emulator)
    leaked = blob(emulator, "PUT", f"{url}&comp=block&blockid={block_id(1)}", headers={"Authorization": "Bearer x"})
    assert (leaked.status_code, leaked.headers["x-ms-error-code"]) == (400, "InvalidAuthenticationInfo")
    forged = blob(emulator, "PUT", re.sub(r"sig=[^&]+", "sig=AAAA", url), params={"comp": "block"}, data=b"x")
    assert (forged.status_code, forged.headers["x-ms-error-code"]) == (403, "AuthenticationFailed")
    unknown = blob(emulator, "PUT", f"{url}&comp=blocklist", data=block_list(block_id(9)))
    assert (unknown.status_code, unknown.headers["x-ms-error-code"]) == (400, "InvalidBlockList")
    assert "<Code>InvalidBlockList</Code>" in unknown.text
    reading = blob(emulator, "GET", url)
    assert (reading.status_code, reading.headers["x-ms-error-code"]) == (403, "AuthorizationPermissionMismatch")
    emulator.control("PATCH", "tenant", {"clock_skew": 7200})
    late = put_block(emulator, url, 1, b"x")
    assert (late.status_code, late.headers["x-ms-error-code"]) == (403, "AuthenticationFailed")


def archive_after_zeros() -> bytes:
    """A whole .pbix, to be sent after any number of zeros, as a zip archive allows."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("Version", "[Content_Types].xml", "DataModel"):
            archive.writestr(name, b"")
    return buffer.getvalue()


def peak_memory(pid: int) -> int:
    """The largest resident size of a process, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) * 1024


def test_memory_stays_flat(tmp_path: Path) -> None:
    size = 64 << 20
    with running(tmp_path / "data") as emulator:
        assert post(emulator, "Small.pbix", samples.pbix()).status_code == 202
        before = peak_memory(emulator.pid)
        token = emulator.token()

        def body() -> collections.abc.Iterator[bytes]:
            yield b'--b0\r\nContent-Disposition: form-data; name="file"; filename="Large.pbix"\r\n\r\n'
            yield from (bytes(1 << 16) for _ in range(size >> 16))
            yield archive_after_zeros()
            yield b"\r\n--b0--\r\n"

        answer = emulator.request(
            "POST",
            f"/v1.0/myorg{IMPORTS}",
            params={"datasetDisplayName": "Large.pbix"},
            headers={"Authorization": f"Bearer {token}", "Content-Type": "multipart/form-data; boundary=b0"},
            data=body(),
        )
        assert answer.status_code == 202, answer.text
        url = location(emulator)
        for number in range(16):
            assert put_block(emulator, url, number, bytes(4 << 20)).status_code == 201
        assert put_block(emulator, url, 16, archive_after_zeros()).status_code == 201
        ids = [block_id(number) for number in range(17)]
        assert blob(emulator, "PUT", f"{url}&comp=blocklist", data=block_list(*ids)).status_code == 201
        query = {"datasetDisplayName": "Blocks.pbix"}
        assert emulator.api("POST", IMPORTS, params=query, json={"fileUrl": url}).status_code == 202
        assert names(emulator, "semanticModels") == ["Small", "Large", "Blocks"]
        assert peak_memory(emulator.pid) - before < 56 << 20


def test_a_location_in_another_account(emulator: Emulator) -> None:
    """Only signed here, for writing: the account itself is not asked (tests/integration/test_azurite.py does that)."""
    key = base64.b64encode(b"the key of an account").decode()
    endpoint = "https://127.0.0.1:1/elsewhere"
    connection = f"AccountName=elsewhere;AccountKey={key};BlobEndpoint={endpoint}"
    emulator.control("PATCH", "tenant", {"upload_storage": connection})
    answer = emulator.api("POST", f"{IMPORTS}/createTemporaryUploadLocation").json()
    url = urllib.parse.urlsplit(answer["Url"])
    query = dict(urllib.parse.parse_qsl(url.query))
    assert answer["Url"].startswith(f"{endpoint}/temporary-uploads/")
    assert (query["sr"], query["sp"]) == ("b", "w")
    assert query["se"].removesuffix("Z") == answer["ExpirationTime"].partition(".")[0]
    body = {"fileUrl": "https://127.0.0.1:1/another/temporary-uploads/x"}
    refused = emulator.api("POST", IMPORTS, params={"datasetDisplayName": "x.pbix"}, json=body)
    assert refused.status_code == 400
