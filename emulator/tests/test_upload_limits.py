# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Uploads that expand, nest or are damaged: refused, with memory and time that stay small."""

from __future__ import annotations

import io
import random
import struct
import sys
import time
import zipfile
from pathlib import Path

import pytest
import requests

import samples
from conftest import Emulator, running
from powerbi_emulator.archive_parts import LARGEST_PART, ArchiveLimitError, ArchiveParts
from powerbi_emulator.packages import _queries
from test_imports import code, imported, post

BIG = 300 << 20  # bytes
PLAIN = {"[Content_Types].xml": b"<Types/>", "Version": b"1.28", "DataModel": b"x"}


def archive(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return buffer.getvalue()


def bomb(name: str, unit: bytes, head: bytes = b"", tail: bytes = b"") -> bytes:
    """A part of BIG bytes that takes some hundred kilobytes in the archive, written in pieces."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for one, data in PLAIN.items():
            made.writestr(one, data)
        with made.open(name, "w", force_zip64=True) as part:
            part.write(head)
            piece = unit * ((1 << 20) // len(unit))
            for _ in range(BIG // len(piece)):
                part.write(piece)
            part.write(tail)
    return buffer.getvalue()


def resident(emulator: Emulator) -> int:
    """Bytes, at the highest point of the process."""
    [line] = [one for one in Path(f"/proc/{emulator.pid}/status").read_text().splitlines() if one.startswith("VmHWM")]
    return int(line.split()[1]) << 10


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_stays_flat_whatever_an_archive_expands_to(tmp_path: Path) -> None:
    bombs = {
        "Report/Layout": bomb("Report/Layout", b"{},", b'{"sections":[', b"{}]}"),
        "Connections": bomb("Connections", b" "),
        "DataModelSchema": bomb("DataModelSchema", b"\0" * 64),
        "DataMashup": bomb("DataMashup", b"\0" * 64),
    }
    with running(tmp_path / "data") as emulator:
        imported(emulator, "Before.pbix", samples.pbix())
        before = resident(emulator)
        for name, data in bombs.items():
            assert len(data) < 2 << 20
            answer = post(emulator, "Bomb.pbix", data)
            assert code(answer) == (400, "RequestedFileIsEncryptedOrCorrupted")
            assert f"the part {name} expands to more than" in answer.text
        assert resident(emulator) - before < 64 << 20
        imported(emulator, "After.pbix", samples.pbix())


def test_a_bomb_inside_the_mashup_is_refused(emulator: Emulator) -> None:
    inner = bomb("Formulas/Section1.m", b"shared a = 1;\n")
    mashup = struct.pack("<II", 0, len(inner)) + inner
    answer = post(emulator, "Bomb.pbix", archive({**PLAIN, "DataMashup": mashup}))
    assert code(answer) == (400, "RequestedFileIsEncryptedOrCorrupted")
    assert "DataMashup: the part Formulas/Section1.m expands" in answer.text


def test_many_large_parts_are_limited_together() -> None:
    made = random.Random(1)
    noise = [made.randbytes(LARGEST_PART) for _ in range(3)]
    with ArchiveParts.of_bytes(archive({str(n): one for n, one in enumerate(noise)}, zipfile.ZIP_STORED)) as parts:
        assert parts.read("0") == noise[0]
        assert parts.read("1") == noise[1]
        with pytest.raises(ArchiveLimitError, match="the part 2 expands to more than 0 bytes"):
            parts.read("2")
        assert parts.read("absent") == b""


def test_an_ordinary_large_layout_is_read(emulator: Emulator) -> None:
    made = random.Random(1)
    sections = ",".join(f'{{"name": "p{n}", "displayName": "{made.random()}"}}' for n in range(20_000))
    layout = f'{{"sections": [{sections}]}}'.encode("utf-16-le")
    assert len(layout) > 2 << 20
    shown = imported(emulator, "Large.pbix", archive({**PLAIN, "Report/Layout": layout}))
    report = shown["reports"][0]["id"]
    group = "f01de400-0000-4000-8000-000000000001"
    assert len(emulator.api("GET", f"/groups/{group}/reports/{report}/pages").json()["value"]) == 20_000


def damaged(method: int) -> bytes:
    data = bytearray(archive({**PLAIN, "Connections": b"abc" * 5000}, method))
    start = data.index(b"Connections") + len("Connections") + 4
    data[start : start + 20] = b"\xff" * 20
    return bytes(data)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_damaged_parts_are_refused(emulator: Emulator, method: int) -> None:
    answer = post(emulator, "Damaged.pbix", damaged(method))
    assert code(answer) == (400, "RequestedFileIsEncryptedOrCorrupted")


@pytest.mark.parametrize("unit", ["shared a = ", "shared a = b; ", "shared a =\n" + " " * 50, ";   ", 'shared #"'])
def test_a_section_is_read_in_one_pass(unit: str) -> None:
    began = time.monotonic()
    list(_queries(unit * (2_000_000 // len(unit))))
    assert time.monotonic() - began < 5


def test_the_queries_of_a_section() -> None:
    section = (
        'section Section1;\n\nshared Server = "a;b" meta [X=1];\n\n[A=1]\nshared #"My Table" = let\n  x = 1;y\nin x;\n'
    )
    assert dict(_queries(section)) == {"Server": '"a;b" meta [X=1]', "My Table": "let\n  x = 1;y\nin x"}


def test_many_elements_of_an_rdl_are_not_kept(emulator: Emulator) -> None:
    rdl = samples.RDL.replace("</Report>", "<a/>" * 200_000 + "</Report>").encode()
    answer: requests.Response = post(emulator, "Many.rdl", rdl, "Abort")
    assert answer.status_code == 202, answer.text
    unknown = b'<?xml version="1.0" encoding="x-nothing"?><Report/>'
    for broken in (rdl[:-5], unknown, b""):
        assert code(post(emulator, "Broken.rdl", broken, "Abort")) == (400, "RequestedFileIsEncryptedOrCorrupted")


def test_many_values_below_the_limit_of_bytes_are_refused(emulator: Emulator) -> None:
    layout = b'{"sections":[' + b"{}," * 1_100_000 + b"{}]}"
    answer = post(emulator, "Many.pbix", archive({**PLAIN, "Report/Layout": layout}, zipfile.ZIP_STORED))
    assert code(answer) == (400, "RequestedFileIsEncryptedOrCorrupted")
    assert "more than 1000000 values" in answer.text
