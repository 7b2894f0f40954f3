# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One playbook of bad content: each message names the file, and none speaks of a defect."""

from __future__ import annotations

import shutil
import typing as t
import zipfile
from pathlib import Path

import pytest

from harness.ansible_run import REPOSITORY, AnsibleRunner
from harness.emulator import Emulator

SAMPLE: t.Final = REPOSITORY / "playbooks" / "files" / "sample"
RULE: t.Final = "find_replace:\n  - find_value: x\n    replace_value:\n      PROD: {}\n"
RDL: t.Final = '<?xml version="1.0" encoding="{}"?><Report xmlns="http://schemas.microsoft.com/x/reporting/x"/>'
PARAMETERS: t.Final = {
    "date.yml": RULE.format("2024-02-30").encode(),
    "digits.yml": RULE.format("9" * 5000).encode(),
    "int.yml": RULE.format("!!int abc").encode(),
    "control.yml": RULE.format('"\u0001"').encode(),
    "utf16.yml": RULE.format("x").encode("utf-16"),
    "endless.yml": b"find_replace: &a\n  - find_value: x\n    replace_value: {PROD: *a}\n",
}
ENCODINGS: t.Final = ("gb2312", "shift_jis", "euc-kr", "big5", "klingon")


def damaged(path: Path, part: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", "Version", "Connections"):
            archive.writestr(name, b'{"Connections": []}' * 20)
    data = bytearray(path.read_bytes())
    start = data.index(part) + len(part)
    data[start : start + 8] = b"\xff" * 8
    path.write_bytes(data)
    return path


@pytest.mark.everycore
def test_bad_content_is_named(fresh_emulator: Emulator, ansible: AnsibleRunner, tmp_path: Path) -> None:
    content = shutil.copytree(SAMPLE, tmp_path / "content")
    tasks: dict[str, str] = {}
    for name, data in PARAMETERS.items():
        (tmp_path / name).write_bytes(data)
        tasks[name] = (
            f"community.powerbi.powerbi_deploy: {{workspace: Finance, src: '{content}', environment: PROD, "
            f"parameters: '{tmp_path / name}'}}"
        )
    for encoding in ENCODINGS:
        folder = tmp_path / encoding
        folder.mkdir()
        (folder / f"{encoding}.rdl").write_text(RDL.format(encoding))
        tasks[f"{encoding}.rdl"] = f"community.powerbi.powerbi_deploy: {{workspace: Finance, src: '{folder}'}}"
    for number, part in enumerate((b"Version", b"Connections")):
        path = damaged(tmp_path / f"damaged{number}.pbix", part)
        tasks[path.name] = f"community.powerbi.powerbi_import: {{workspace: Finance, src: ['{path}']}}"
    playbook = "".join(
        f"- name: {name} {check}\n  {task}\n  check_mode: {check}\n  ignore_errors: true\n"
        for check in ("true", "false")
        for name, task in tasks.items()
    )
    run = ansible.playbook(playbook, env=fresh_emulator.env)
    assert "defect" not in run.output
    for name in tasks:
        for check in ("true", "false"):
            result = run.result(f"{name} {check}")
            assert result.status == "failed"
            assert name in result["msg"]
