# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a start writes to the directory of ``--dir``: how to reach the emulator, and credentials to try each way in."""

from __future__ import annotations

from pathlib import Path

from powerbi_emulator.app import environment
from powerbi_emulator.private_files import write_private
from powerbi_emulator.state.directory import App, Directory, Secret
from powerbi_emulator.world import World


def prepare(directory: Path) -> Path:
    """Make ``directory`` (0700) where it is missing, and the folder for private keys in it; return the latter."""
    keys = directory / "keys"
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    return keys


def write_files(directory: Path, world: World) -> None:
    """Write ``env``."""
    write_private(directory / "env", _lines(_environment(directory, world)))


def _environment(directory: Path, world: World) -> dict[str, str]:
    """The variables of ``env``: the first app that has a secret which still works."""
    variables = {
        "POWERBI_TENANT_ID": world.store(Directory).tenant.id,
        "POWERBI_AUTHORITY": world.url,
        "POWERBI_API_URL": world.url,
        "POWERBI_CA_PATH": str(directory.absolute() / "ca.pem"),
    }
    found = _first_with_secret(world)
    if found is not None:
        app, secret = found
        variables |= {"POWERBI_CLIENT_ID": app.client_id, "POWERBI_CLIENT_SECRET": secret.value}
    return variables | environment(world)


def _first_with_secret(world: World) -> tuple[App, Secret] | None:
    now = world.now()
    for app in world.store(Directory).apps.values():
        for secret in app.secrets:
            if secret.starts <= now < secret.ends:
                return app, secret
    return None


def _lines(variables: dict[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in variables.items())
