# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files with credentials, well-formed and not: what is read, and that no error repeats what stands there."""

from __future__ import annotations

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from ansible_collections.community.powerbi.plugins.module_utils._secret_stores import credential_yaml
from ansible_collections.community.powerbi.plugins.module_utils._secret_stores.credential_file import parse, shown_keys
from ansible_collections.community.powerbi.plugins.module_utils._secret_stores.credential_yaml import FileError

NEEDLE = "NeEdLe8Q~kfj3Kdk93jd"


def read(file_format: str, text: str, section: str = "") -> dict[str, str]:
    return parse(text.encode(), "f", file_format, section, "POWERBI_", lambda data: b"opened:" + data[-4:]).fields


@pytest.mark.parametrize(
    ("file_format", "text", "section", "fields"),
    [
        ("yaml", "client_secret: a\ntenant_id: null\n", "", {"client_secret": "a", "tenant_id": ""}),
        ("yaml", "client_secret: 0123456789\nx: yes\n", "", {"client_secret": "0123456789", "x": "yes"}),
        ("yaml", "client_secret: '{{ not evaluated }}'\n", "", {"client_secret": "{{ not evaluated }}"}),
        ("yaml", "base: &b {tenant_id: t}\nprod: {<<: *b, client_id: c}\n", "prod", {"tenant_id": "t", "client_id": "c"}),
        ("yaml", "client_secret: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3132\n", "", {"client_secret": "opened:3132"}),
        ("yaml", "client_secret: !unsafe 'a{{b'\nlist: [1]\n", "", {"client_secret": "a{{b"}),
        ("yaml", "", "", {}),
        ("yaml", "other: 1\n", "prod", {}),
        ("json", '{"client_secret": "a", "n": 1e3, "t": true, "l": [1]}', "", {"client_secret": "a", "n": "1e3", "t": "true"}),
        ("json", '{"p": {"client_id": "c"}}', "p", {"client_id": "c"}),
        ("json", '{"a": {"__ansible_vault": "$ANSIBLE_VAULT;1.1;AES256\\n3132"}}', "", {"a": "opened:3132"}),
        ("ini", "[default]\nclient_secret = 50%%~a.b\n", "", {"client_secret": "50%%~a.b"}),
        ("ini", "[a]\nx = 1\n[b]\nClient_ID: c\n", "b", {"client_id": "c", "Client_ID": "c"}),
        ("properties", "client_id=c\n# note\nclient_secret=a=b\n", "", {"client_id": "c", "client_secret": "a=b"}),
        ("env", 'A=1\nexport POWERBI_CLIENT_ID="c"\n', "", {"A": "1", "POWERBI_CLIENT_ID": "c"}),
        ("env", 'KEY="-----BEGIN\nAAAA\n-----END"\r\nB=2\n', "", {"KEY": "-----BEGIN\nAAAA\n-----END", "B": "2"}),
        ("env", 'A=one\\\ntwo\nB="x\\\ny"\n', "", {"A": "onetwo", "B": "xy"}),
        ("json", '{"client_secret": "a\\ud83d\\ude00b"}', "", {"client_secret": "a\U0001f600b"}),
        ("yaml", 'client_secret: "a\\ud83d\\ude00b"\n', "", {"client_secret": "a\U0001f600b"}),
    ],
)  # fmt: skip
def test_fields_as_they_are_written(file_format: str, text: str, section: str, fields: dict[str, str]) -> None:
    assert read(file_format, text, section) == fields


@pytest.mark.parametrize("file_format", ["env", "properties"])
def test_an_environment_file_has_options(file_format: str) -> None:
    text = 'OTHER=1\nPOWERBI_CLIENT_ID="c"\nPOWERBI_CLIENT_SECRET="a\\$b"\nPOWERBI_CA_PATH=/ca.pem\n'
    found = parse(text.encode(), "f", file_format, "", "POWERBI_", lambda data: data)
    assert found.options == {"client_id": "c", "client_secret": "a$b", "ca_path": "/ca.pem"}
    other = parse(text.replace("POWERBI_", "PROD_").encode(), "f", file_format, "", "PROD_", lambda data: data)
    assert other.options == found.options


MALFORMED = {
    "yaml, a repeated key": ("yaml", f"client_secret: {NEEDLE}\nclient_secret: {NEEDLE}2\n", "line 2, column 1"),
    "yaml, no colon": ("yaml", f"client_secret {NEEDLE}\n", "line 1"),
    "yaml, a list": ("yaml", f"- {NEEDLE}\n", "line 1"),
    "yaml, a tab": ("yaml", f"a: 1\n\tclient_secret: {NEEDLE}\n", "line 2"),
    "yaml, a quote": ("yaml", f"client_secret: \"{NEEDLE}\n", "line"),
    "yaml, an alias": ("yaml", f"client_secret: *{NEEDLE}\n", "line 1"),
    "yaml, a tag": ("yaml", f"client_secret: !{NEEDLE} x\n", "line 1"),
    "yaml, a directive": ("yaml", f"%{NEEDLE} x\n---\na: 1\n", "line"),
    "yaml, not encrypted": ("yaml", f"client_secret: !vault {NEEDLE}\n", "line 1"),
    "yaml, not encrypted, a block": ("yaml", f"client_secret: !vault |\n  {NEEDLE}\n", "line 1"),
    "yaml, an at sign": ("yaml", f"client_secret: @{NEEDLE}\n", "line 1"),
    "yaml, a percent sign": ("yaml", f"client_secret: %{NEEDLE}\n", "line 1"),
    "yaml, a control character": ("yaml", f"client_secret: {NEEDLE}\x01\n", "can't have"),
    "yaml, two documents": ("yaml", f"a: {NEEDLE}\n---\nb: 1\n", "line"),
    "yaml, a mapping as a key": ("yaml", f"? {{{NEEDLE}: 1}}\n: 2\n", "line 1"),
    "yaml, nested without end": ("yaml", "[" * 3000 + NEEDLE, ""),
    "yaml, a merge of nothing": ("yaml", f"<<: {NEEDLE}\n", "line"),
    "yaml, a timestamp": ("yaml", f"{NEEDLE}: 2024-02-30\n- x\n", "line"),
    "json, no quote": ("json", f'{{"client_secret": {NEEDLE}}}', "line 1, column"),
    "json, cut": ("json", f'{{"client_secret": "{NEEDLE}', "line 1, column"),
    "json, a repeated key": ("json", f'{{"a": "{NEEDLE}", "a": 1}}', "repeated in one object"),
    "json, a list": ("json", f'["{NEEDLE}"]', "no object"),
    "json, a text": ("json", f'"{NEEDLE}"', "no object"),
    "json, deep": ("json", "[" * 200000 + NEEDLE, ""),
    "ini, no section": ("ini", f"client_secret = {NEEDLE}\n", "line 1"),
    "ini, no sign": ("ini", f"[default]\ntenant_id = x\nclient_secret {NEEDLE}\n", "line 3"),
    "ini, a repeated key": ("ini", f"[default]\na = {NEEDLE}\na = {NEEDLE}\n", "line 3"),
    "ini, a repeated section": ("ini", f"[default]\na = {NEEDLE}\n[default]\n", "line 3"),
    "ini, other section": ("ini", f"[{NEEDLE * 3}]\na = 1\n", "no section [default]"),
    "ini, a key of the secret": ("ini", f"[default]\n{NEEDLE}\n", "line 2"),
    "properties, no sign": ("properties", f"a=1\nclient_secret {NEEDLE}\n", "line 2"),
    "properties, a repeated key": ("properties", f"a={NEEDLE}\na={NEEDLE}\n", "line 2"),
    "properties, a section": ("properties", f"a=1\n[b]\nc={NEEDLE}\n", "the format ini"),
    "properties, an open quote": ("properties", f'A=1\nPOWERBI_CLIENT_SECRET="{NEEDLE}\n', "line 2"),
    "properties, text behind": ("properties", f'POWERBI_CLIENT_SECRET="a"{NEEDLE}\n', "behind the closing quote"),
    "json, half a character": ("json", f'{{"a": "\\ud83d\\ude00",\n"b": "{NEEDLE}\\ud800"}}', "line 2 can't be read as json"),
    "json, the other half": ("json", f'{{"a": "{NEEDLE}\\udc00 x"}}', "write the character itself"),
    "json, half a character in a key": ("json", f'{{"{NEEDLE}\\uD800": "x"}}', "half of a surrogate pair"),
    "yaml, half a character": ("yaml", f'a: 1\nb: "{NEEDLE}\\ud800"\n', "line 2 can't be read as yaml"),
    "env, an open quote, below": ("env", f'A=1\nNOTE="{NEEDLE}\nB=2\n', "line 2 can't be read as env: a quoted value has no end"),
    "env, no sign": ("env", f"A=1\n{NEEDLE}\n", "line 2"),
    "env, an open quote": ("env", f'POWERBI_CLIENT_SECRET="{NEEDLE}\n', "line 1"),
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED)
def test_an_error_names_the_place_and_never_the_text(name: str) -> None:
    file_format, text, place = MALFORMED[name]
    with pytest.raises(ConfigError) as caught:
        read(file_format, text)
    assert NEEDLE not in str(caught.value) + str(caught.value.to_dict())
    assert place in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_duplicate_key_in_the_section() -> None:
    with pytest.raises(ConfigError, match="line 3, column 3") as caught:
        read("yaml", f"p:\n  {NEEDLE}: 1\n  {NEEDLE}: 2\n", "p")
    assert NEEDLE not in str(caught.value)


@pytest.mark.parametrize("file_format", ["yaml", "json", "ini", "properties", "env"])
@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_another_encoding(file_format: str, encoding: str) -> None:
    with pytest.raises(ConfigError, match="not UTF-8 text"):
        parse(f"client_secret: ä{NEEDLE}".encode(encoding), "f", file_format, "", "POWERBI_", lambda data: data)


def test_only_valid_names_are_listed() -> None:
    assert shown_keys(["client_id", "a~b", "x" * 50, "1a"]) == ["client_id"]
    with pytest.raises(ConfigError, match=r"no section \[default\]; its sections: dev-1, prod\."):
        read("ini", f"[prod]\na=1\n[dev-1]\na=1\n[{NEEDLE.replace('~', '')}]\na=1\n")


class TestChange:
    TEXT = "# ours\nnote: kept # why\npowerbi:\n  client_secret: old  # rotated\n\n  tenant_id: |\n    t\n# end\n"

    def test_only_those_lines(self) -> None:
        changed = credential_yaml.changed(self.TEXT, "powerbi", {"client_secret": 'ne"w', "key_id": "k"})
        assert changed == self.TEXT.replace("old  #", '"ne\\"w"  #').replace("    t\n", '    t\n  key_id: "k"\n')

    def test_at_the_top_and_without_a_last_line_feed(self) -> None:
        assert credential_yaml.changed("a: 1\nb: 'x'", "", {"b": "y", "c": "z"}) == 'a: 1\nb: "y"\nc: "z"\n'

    @pytest.mark.parametrize("value", ["\U0001f600", "ä\u2028\x7f\t", "a\\ud83d", '"'])
    def test_any_character_is_read_back(self, value: str) -> None:
        text = credential_yaml.changed("a: 1\n", "", {"client_secret": value})
        assert text.isascii()
        assert read("yaml", text) == {"a": "1", "client_secret": value}

    def test_a_field_goes(self) -> None:
        assert credential_yaml.changed("a: 1\nb: |\n  x\n  y\nc: 2\n", "", {"b": None, "d": None}) == "a: 1\nc: 2\n"

    @pytest.mark.parametrize("text", ["{a: 1}", "a: [1]\n", "", "- a\n"])
    def test_what_can_t_be_changed_by_lines(self, text: str) -> None:
        with pytest.raises(FileError):
            credential_yaml.changed(text, "", {"a": "x"})
