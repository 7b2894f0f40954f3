# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Paginated reports: is it one, which models does it read."""

from __future__ import annotations

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content.paginated import (
    is_shallow,
    named_after,
    plain,
    read,
)
from ansible_collections.community.powerbi.plugins.module_utils._content.rebind import Binding

ID = "4febdc09-e283-4a4f-9658-38bab81bab2d"
REPORT = """<?xml version="1.0"?>
<Report xmlns="http://schemas.microsoft.com/sqlserver/reporting/2016/01/reportdefinition" xmlns:rd="urn:rd">
<DataSources>
<DataSource Name="a"><ConnectionProperties><DataProvider>{provider}</DataProvider>
<ConnectString>{connection}</ConnectString></ConnectionProperties>{extra}</DataSource>
</DataSources></Report>"""


@pytest.mark.parametrize(
    ("provider", "connection", "extra", "expected"),
    [
        ("SQL", "Data Source=host;Initial Catalog=sales", "", ()),
        (
            "PBIDATASET",
            f'Data Source=pbiazure://x/;Identity Provider="a, b; c";Initial Catalog=sobe_wowvirtualserver-{ID.upper()}',
            "<rd:PowerBIWorkspaceName>W</rd:PowerBIWorkspaceName><rd:PowerBIDatasetName>Sales</rd:PowerBIDatasetName>",
            (Binding(model_id=ID, workspace="W", model="Sales"),),
        ),
        (
            "AS",
            "Data Source=powerbi://x/v1.0/myorg/Team;Initial Catalog=Sales",
            "",
            (Binding(workspace="Team", model="Sales"),),
        ),
    ],
)
def test_the_models_of_data_sources(provider: str, connection: str, extra: str, expected: tuple[Binding, ...]) -> None:
    text = REPORT.format(provider=provider, connection=connection, extra=extra)

    assert read(text.encode(), "x.rdl") == (expected, ())


@pytest.mark.parametrize(
    ("data", "place", "what"),
    [
        (b'<Report xmlns="http://x/reporting/y">\n<a></b></Report>', (2, 6), "mismatched tag"),
        (b"", (1, 1), "no element found"),
        (b'<Report xmlns="urn:other"/>', (1, 1), "the root element is 'Report', not"),
        (b"<!DOCTYPE Report><Report/>", (1, 17), "document type declaration"),
    ],
)
def test_what_is_no_report(data: bytes, place: tuple[int, int], what: str) -> None:
    (problem,) = read(data, "x.rdl").problems

    assert what in problem.what
    assert (problem.line, problem.column) == place


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-16", b""),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("iso-8859-1", b""),
    ],
)
def test_a_report_is_sent_as_utf_8_without_a_byte_order_mark(encoding: str, mark: bytes) -> None:
    declared = encoding[:6] if encoding.startswith("utf-16") else encoding
    text = REPORT.format(provider="SQL", connection="Größe", extra="")
    text = text.replace('"1.0"', f'"1.0" encoding="{declared}"', 1)
    data = mark + text.encode(encoding)

    assert read(data, "x.rdl").problems == ()
    assert plain(data).decode() == text.replace(declared, "utf-8", 1)
    assert plain(plain(data)) == plain(data)


def test_a_report_that_can_not_be_decoded_is_left_as_it_is() -> None:
    assert plain(b"\xff\xfe<") == b"\xff\xfe<"
    assert plain(b"<Report/>") == b"<Report/>"


@pytest.mark.parametrize(
    ("address", "catalog", "bound"),
    [
        ("powerbi://api.powerbi.com/v1.0/myorg/Finance", "Sales", ("", "Finance", "Sales")),
        ("powerbi://api.powerbi.com/v1.0/myorg/Finance%20EU/", "Sales", ("", "Finance EU", "Sales")),
        (f"powerbi://api.powerbi.com/v1.0/myorg/Finance - {ID.upper()}", "Sales", ("", ID, "Sales")),
        ("powerbi://api.powerbi.com/v1.0/myorg/Finance", f"Sales - {ID}", (ID, "Finance", "")),
    ],
)
def test_names_of_xmla_connections(address: str, catalog: str, bound: tuple[str, str, str]) -> None:
    connection = f"Data Source={address};Initial Catalog={catalog}"
    (found,) = read(REPORT.format(provider="SQL", connection=connection, extra="").encode(), "x.rdl").models

    assert (found.model_id, found.workspace, found.model) == bound


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (["Old.rdl", ".platform", "notes.txt", "old/Copy.rdl"], ["New.rdl", ".platform", "notes.txt", "old/Copy.rdl"]),
        (["OLD.RDL"], ["New.rdl"]),
        (["a.rdl", "b.rdl"], ["a.rdl", "b.rdl"]),
        (["notes.txt"], ["notes.txt"]),
    ],
)
def test_the_only_document_is_named_after_the_item(parts: list[str], expected: list[str]) -> None:
    renamed = named_after({path: path.encode() for path in parts}, "New")
    assert renamed == dict(zip(expected, (path.encode() for path in parts), strict=True))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ["unicode_escape", "raw_unicode_escape", "idna", "rot13", "utf-7", "gb2312", "x" * 40])
def test_an_encoding_that_xml_does_not_have(name: str) -> None:
    text = REPORT.format(provider="SQL", connection="\\q \\N{x}", extra="").replace("?>", f' encoding="{name}"?>')
    (problem,) = read(text.encode(), "x.rdl").problems

    assert problem.what == f"the XML declaration names the encoding {name!r}, which this parser does not support"
    assert not is_shallow(text.encode())


@pytest.mark.parametrize("name", ["utf-8", "UTF8", "iso-8859-15", "windows-1252", "us-ascii", "cp1250"])
def test_encodings_of_xml(name: str) -> None:
    text = REPORT.format(provider="SQL", connection="a", extra="").replace("?>", f' encoding="{name}"?>')

    assert read(text.encode(), "x.rdl").problems == ()
