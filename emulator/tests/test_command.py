# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command: what it writes, how it ends, and its message when it can't start."""

from __future__ import annotations

import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from conftest import Emulator, read_env, running

COMMAND = [sys.executable, "-m", "powerbi_emulator"]


def fail(*arguments: str) -> str:
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.stderr


def test_env_names_all_that_a_playbook_needs(emulator: Emulator) -> None:
    assert list(read_env(emulator.directory / "env")) == [
        "POWERBI_TENANT_ID",
        "POWERBI_CLIENT_ID",
        "POWERBI_CLIENT_SECRET",
        "POWERBI_AUTHORITY",
        "POWERBI_API_URL",
        "POWERBI_CA_PATH",
        "POWERBI_KEY_VAULT_URL",
    ]
    assert emulator.url.startswith("https://localhost:")


def test_files_are_private(emulator: Emulator) -> None:
    assert emulator.directory.stat().st_mode & 0o777 == 0o700
    files = [path for path in emulator.directory.rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert {"ca.pem", "env", "identity.env", "client.pem", "client.pfx", "federated_token"} <= {p.name for p in files}


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_certificate_stands_strict_verification(emulator: Emulator, name: str) -> None:
    context = ssl.create_default_context(cafile=emulator.env["POWERBI_CA_PATH"])
    context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN  # the default since Python 3.13
    port = int(emulator.url.rpartition(":")[2])
    with (
        socket.create_connection(("127.0.0.1", port)) as plain,
        context.wrap_socket(plain, server_hostname=name) as tls,
    ):
        assert tls.version() == "TLSv1.3"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    process = subprocess.Popen(
        [*COMMAND, "--dir", str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("powerbi-emulator ready at https://localhost:")
    process.send_signal(number)
    output, errors = process.communicate(timeout=15)
    assert (process.returncode, output, errors) == (0, "", "")


def test_ends_cleanly_while_a_request_hangs(tmp_path: Path) -> None:
    command = [*COMMAND, "--dir", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    emulator = Emulator(tmp_path)
    emulator.control("POST", "faults", {"path": "/groups", "delay": 60})
    with pytest.raises(requests.exceptions.ReadTimeout):
        emulator.session.get(f"{emulator.url}/v1.0/myorg/groups", timeout=0.5)
    # a connection that stays open, its request unanswered
    context = ssl.create_default_context(cafile=emulator.env["POWERBI_CA_PATH"])
    port = int(emulator.url.rpartition(":")[2])
    with (
        socket.create_connection(("127.0.0.1", port)) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as tls,
    ):
        tls.sendall(b"GET /v1.0/myorg/groups HTTP/1.1\r\nHost: x\r\n\r\n")
        while len(emulator.log("groups")) < 2:
            time.sleep(0.05)
        process.terminate()
        _, errors = process.communicate(timeout=15)
    assert process.returncode == 0
    assert errors == ""


def test_restart_keeps_ca_and_keys(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        names = ("ca.pem", "client.pem", "client.pfx")
        before = {name: (tmp_path / name).read_bytes() for name in names}
        key = first.request("GET", f"/{first.tenant_id}/discovery/v2.0/keys").json()["keys"][0]["kid"]
    with running(tmp_path) as second:
        assert {name: (tmp_path / name).read_bytes() for name in names} == before
        assert second.request("GET", f"/{second.tenant_id}/discovery/v2.0/keys").json()["keys"][0]["kid"] == key
        assert second.token()


def test_damaged_keys_are_made_anew(tmp_path: Path) -> None:
    with running(tmp_path):
        pass
    (tmp_path / "ca.pem").write_text("no certificate")
    (tmp_path / "keys" / "entra-signing.pem").write_text("")
    with running(tmp_path) as emulator:
        assert emulator.token()


def test_taken_port(emulator: Emulator, tmp_path: Path) -> None:
    port = emulator.url.rpartition(":")[2]
    assert f"--port {port}: another program listens there" in fail("--port", port, "--dir", str(tmp_path))


def test_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "choose a directory you own" in fail("--dir", str(tmp_path / "file" / "data"))


@pytest.mark.parametrize("port", ["70000", "-1", "https"])
def test_port_that_is_none(tmp_path: Path, port: str) -> None:
    assert "expected a number from 0 to 65535" in fail(f"--port={port}", "--dir", str(tmp_path))


def test_missing_seed(tmp_path: Path) -> None:
    assert "none.yaml: cannot be read: No such file" in fail(
        "--dir", str(tmp_path), "--seed", str(tmp_path / "none.yaml")
    )
