# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module powerbi_token by each way to log in, with the credential from each place that can hold one."""

from __future__ import annotations

import base64
import json
import re
import time
import typing as t
from pathlib import Path

import pytest

from harness import contoso
from harness.ansible_run import AnsibleRunner, Run
from harness.credential_files import KEY_PASSWORD, PFX_PASSWORD, write_credentials
from harness.emulator import Emulator

Options = dict[str, t.Any]
SHOW = "{{ token | combine({'claims': token.access_token | community.powerbi.powerbi_claims(all=true)}) }}"


class Way(t.NamedTuple):
    """A way to log in: options and environment of the task, and what must come of it."""

    options: Options
    environment: dict[str, str]
    method: str
    source: str
    app: str


def ways_to_log_in(emulator: Emulator, files: Path) -> dict[str, Way]:
    there = contoso.connection(emulator)
    around = contoso.connection_environment(emulator)
    identities = emulator.identity_env
    certificate, federated = contoso.CERTIFICATE_APP.client_id, contoso.FEDERATED_APP.client_id
    pem = (files / "client.pem").read_text()
    minted = str(emulator.call("POST", "/_emulator/oidc/workload", json={}).json()["value"])
    for_powerbi = {"audience": "https://analysis.windows.net/powerbi/api", "claims": {"appid": "another-user"}}
    token = str(emulator.call("POST", "/_emulator/oidc/workload", json=for_powerbi).json()["value"])
    for name, content in {
        "secret": contoso.DEPLOY.secrets[1] + "\n",
        "assertion": minted + "\n",
        "token": token,
    }.items():
        (files / name).write_text(content)

    def deploy(**more: t.Any) -> Options:
        return {**there, **contoso.identity(contoso.DEPLOY, client_secret=None), **more}

    def cert(**more: t.Any) -> Options:
        return {**there, **contoso.identity(contoso.CERTIFICATE_APP), **more}

    def fed(**more: t.Any) -> Options:
        return {**there, **contoso.identity(contoso.FEDERATED_APP), **more}

    def option(options: Options, method: str, app: str) -> Way:
        return Way(options, {}, method, "option", app)

    def variables(prefix: str, client_id: str, **more: str) -> dict[str, str]:
        own = {f"{prefix}_TENANT_ID": contoso.TENANT, f"{prefix}_CLIENT_ID": client_id}
        return {**around, **own, **more}

    deployer = contoso.DEPLOY.client_id
    github = {name: value for name, value in identities.items() if name.startswith("ACTIONS_")}
    devops = {name: value for name, value in identities.items() if name.startswith(("SYSTEM_", "AZURESUBSCRIPTION_"))}
    app_service = {name: identities[name] for name in ("IDENTITY_ENDPOINT", "IDENTITY_HEADER")}
    imds = {"AZURE_POD_IDENTITY_AUTHORITY_HOST": identities["AZURE_POD_IDENTITY_AUTHORITY_HOST"]}
    machine, assigned = contoso.SYSTEM_IDENTITY, contoso.USER_IDENTITY

    def managed(environment: dict[str, str], app: str, **more: str) -> Way:
        return Way({**there, "auth_method": "managed_identity", **more}, environment, "managed_identity", "option", app)

    return {
        "secret": option(deploy(client_secret=contoso.DEPLOY.secret), "client_secret", deployer),
        "secret with a percent sign": option(
            deploy(client_secret=contoso.DEPLOY.secrets[1], tenant_id=contoso.DOMAIN), "client_secret", deployer
        ),
        "secret in a file": option(deploy(client_secret_file=str(files / "secret")), "client_secret", deployer),
        "secret, method named": option(
            deploy(client_secret=contoso.DEPLOY.secret, auth_method="client_secret"), "client_secret", deployer
        ),
        "PEM": option(cert(certificate_path=str(files / "client.pem")), "certificate", certificate),
        "encrypted PEM": option(
            cert(certificate_path=str(files / "encrypted.pem"), certificate_password=KEY_PASSWORD),
            "certificate",
            certificate,
        ),
        "PFX": option(
            cert(certificate_path=str(files / "client.pfx"), certificate_password=PFX_PASSWORD),
            "certificate",
            certificate,
        ),
        "PEM as data": option(cert(certificate_data=pem), "certificate", certificate),
        "PEM on one line": Way(
            {},
            variables("POWERBI", certificate, POWERBI_CLIENT_CERTIFICATE_DATA=pem.strip().replace("\n", "\\n")),
            "certificate",
            "env:POWERBI_*",
            certificate,
        ),
        "PFX as data": option(
            cert(
                certificate_data=base64.b64encode((files / "client.pfx").read_bytes()).decode(),
                certificate_password=PFX_PASSWORD,
            ),
            "certificate",
            certificate,
        ),
        "chain sent along": option(
            cert(certificate_path=str(files / "client.pem"), send_certificate_chain=True), "certificate", certificate
        ),
        "key and thumbprint": option(
            cert(certificate_path=str(files / "key-only.pem"), certificate_thumbprint=thumbprint(pem)),
            "certificate",
            certificate,
        ),
        "federated token": option(fed(federated_token=minted), "federated", federated),
        "federated token in a file": option(fed(federated_token_file=str(files / "assertion")), "federated", federated),
        "GitHub Actions": Way(fed(federated_provider="github"), github, "federated", "option", federated),
        "Azure DevOps": Way(
            fed(
                federated_provider="azure_devops",
                service_connection_id=devops["AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"],
            ),
            {name: value for name, value in devops.items() if name.startswith("SYSTEM_")},
            "federated",
            "option",
            federated,
        ),
        "GitLab": Way(
            fed(federated_provider="gitlab"),
            {"GITLAB_CI": "true", "POWERBI_ID_TOKEN": minted},
            "federated",
            "option",
            federated,
        ),
        "GitHub Actions, found": Way(
            {}, variables("POWERBI", federated, **github), "federated", "workload_identity:github", federated
        ),
        "Azure DevOps, found": Way(
            {}, variables("AZURE", federated, **devops), "federated", "workload_identity:azure_devops", federated
        ),
        "pod with workload identity": Way(
            {},
            variables("AZURE", federated, AZURE_FEDERATED_TOKEN_FILE=str(files / "assertion")),
            "federated",
            "env:AZURE_*",
            federated,
        ),
        "App Service": managed(app_service, machine["client_id"]),
        "App Service, identity by client id": managed(
            app_service, assigned["client_id"], client_id=assigned["client_id"]
        ),
        "IMDS": managed(imds, machine["client_id"]),
        "IMDS, identity by client id": managed(imds, assigned["client_id"], client_id=assigned["client_id"]),
        "IMDS, identity by object id": managed(
            imds, assigned["client_id"], managed_identity_object_id=assigned["object_id"]
        ),
        "IMDS, identity by resource id": managed(
            imds, assigned["client_id"], managed_identity_resource_id=assigned["resource_id"]
        ),
        "password": option(
            {
                **there,
                **contoso.identity(contoso.PUBLIC_APP),
                "auth_method": "password",
                "username": contoso.MEGAN["upn"],
                "password": contoso.MEGAN["password"],
            },
            "password",
            contoso.PUBLIC_APP.client_id,
        ),
        "another user's token": option({**there, "access_token": f"Bearer {token}"}, "access_token", "another-user"),
        "another user's token in a file": option(
            {**there, "access_token_file": str(files / "token")}, "access_token", "another-user"
        ),
        "Azure CLI": Way(
            {**there, "auth_method": "azure_cli", "tenant_id": contoso.TENANT},
            {"PATH": f"{fake_az(files, token)}:/usr/bin:/bin"},
            "azure_cli",
            "option",
            "another-user",
        ),
        "FABRIC_*": Way(
            {},
            variables("FABRIC", deployer, FABRIC_CLIENT_SECRET=contoso.DEPLOY.secret),
            "client_secret",
            "env:FABRIC_*",
            deployer,
        ),
        "AZURE_*": Way(
            {},
            variables("AZURE", deployer, AZURE_CLIENT_SECRET=contoso.DEPLOY.secret),
            "client_secret",
            "env:AZURE_*",
            deployer,
        ),
        "AZURE_SECRET of azcollection": Way(
            {},
            {
                **around,
                "AZURE_TENANT": contoso.TENANT,
                "AZURE_CLIENT_ID": deployer,
                "AZURE_SECRET": contoso.DEPLOY.secret,
            },
            "client_secret",
            "env:AZURE_*",
            deployer,
        ),
        "ARM_*": Way(
            {},
            variables("ARM", deployer, ARM_CLIENT_SECRET=contoso.DEPLOY.secret),
            "client_secret",
            "env:ARM_*",
            deployer,
        ),
        "the highest family wins as a whole": Way(
            {},
            {
                **variables("AZURE", deployer, AZURE_CLIENT_SECRET=contoso.DEPLOY.secret),
                "ARM_TENANT_ID": contoso.OTHER_TENANT,
                "ARM_CLIENT_ID": contoso.READER.client_id,
                "ARM_CLIENT_SECRET": contoso.READER.secret,
                "POWERBI_CLIENT_SECRET": "",
            },
            "client_secret",
            "env:AZURE_*",
            deployer,
        ),
        "profile": Way(
            {"auth_profile": "reader"},
            {"POWERBI_PROFILES_FILE": str(files / "profiles.ini")},
            "client_secret",
            "profile:reader",
            contoso.READER.client_id,
        ),
        "default profile": Way(
            {}, {"POWERBI_PROFILES_FILE": str(files / "profiles.ini")}, "client_secret", "profile:default", deployer
        ),
        "options complete a profile": Way(
            {"auth_profile": "reader", "client_secret": contoso.READER.secret},
            {"POWERBI_PROFILES_FILE": str(files / "without-secret.ini")},
            "client_secret",
            "option",
            contoso.READER.client_id,
        ),
    }


def thumbprint(pem: str) -> str:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    digest = x509.load_pem_x509_certificates(pem.encode())[0].fingerprint(hashes.SHA1())
    return digest.hex(":").upper()  # as openssl prints it


def fake_az(files: Path, token: str) -> Path:
    """A folder with an `az` that answers as the real one, and notes how it was called."""
    folder = files / "az"
    folder.mkdir(exist_ok=True)
    answer = {"accessToken": token, "expires_on": int(time.time()) + 3000, "tokenType": "Bearer"}
    (folder / "answer.json").write_text(json.dumps(answer))
    script = folder / "az"
    script.write_text(f'#!/bin/sh\necho "$@" >> {folder}/calls\ncat {folder}/answer.json\n')
    script.chmod(0o755)
    return folder


def write_profiles(files: Path, emulator: Emulator) -> None:
    there = "".join(f"{name} = {value}\n" for name, value in contoso.connection(emulator).items())

    def section(name: str, app: contoso.App, secret: str) -> str:
        lines = f"[{name}]\ntenant = {contoso.TENANT}\nclient_id = {app.client_id}\n"
        return lines + (f"client_secret = {secret}\n" if secret else "") + there

    both = section("default", contoso.DEPLOY, contoso.DEPLOY.secrets[1])
    for name, text in {
        "profiles.ini": both + section("reader", contoso.READER, contoso.READER.secret),
        "without-secret.ini": section("reader", contoso.READER, ""),
    }.items():
        (files / name).write_text(text)
        (files / name).chmod(0o600)


@pytest.fixture(scope="module")
def files(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = tmp_path_factory.mktemp("files")
    write_credentials(files, emulator)
    write_profiles(files, emulator)
    return files


@pytest.fixture(scope="module")
def ways(emulator: Emulator, files: Path) -> dict[str, Way]:
    return ways_to_log_in(emulator, files)


@pytest.fixture(scope="module")
def logged_in(emulator: Emulator, ways: dict[str, Way], tmp_path_factory: pytest.TempPathFactory) -> Run:
    emulator.clean()
    tasks: list[dict[str, t.Any]] = []
    for name, way in ways.items():
        task = {"name": name, "community.powerbi.powerbi_token": {**way.options, "cache": "none"}, "register": "token"}
        tasks.append({**task, "environment": way.environment, "ignore_errors": True})
        shown = {"name": f"token: {name}", "ansible.builtin.debug": {"msg": SHOW}, "when": "token is success"}
        tasks.append(shown)
    return AnsibleRunner(tmp_path_factory.mktemp("ways")).playbook(tasks, timeout=200)


NAMES = (
    *(
        "secret",
        "secret with a percent sign",
        "secret in a file",
        "secret, method named",
        "PEM",
        "encrypted PEM",
        "PFX",
    ),
    *("PEM as data", "PEM on one line", "PFX as data", "chain sent along", "key and thumbprint", "federated token"),
    *("federated token in a file", "GitHub Actions", "Azure DevOps", "GitLab", "GitHub Actions, found"),
    *("Azure DevOps, found", "pod with workload identity", "App Service", "App Service, identity by client id", "IMDS"),
    *("IMDS, identity by client id", "IMDS, identity by object id", "IMDS, identity by resource id", "password"),
    *("another user's token", "another user's token in a file", "Azure CLI", "FABRIC_*", "AZURE_*", "ARM_*"),
    *("AZURE_SECRET of azcollection", "the highest family wins as a whole", "profile", "default profile"),
    "options complete a profile",
)


@pytest.mark.parametrize("name", NAMES)
def test_each_way_to_log_in(name: str, logged_in: Run, ways: dict[str, Way]) -> None:
    way = ways[name]
    result = logged_in.result(name)
    assert result.status == "ok", result.get("msg")
    token = logged_in.result(f"token: {name}")["msg"]
    assert token["auth_method"] == way.method
    assert token["auth_source"] == way.source
    assert token["claims"]["appid"] == way.app
    assert token["claims"]["aud"] == "https://analysis.windows.net/powerbi/api"
    assert token["source"] == ("passthrough" if way.method == "access_token" else "identity_provider")
    assert token["changed"] is False
    assert token["token_type"] == "Bearer"
    assert token["scope"] == "https://analysis.windows.net/powerbi/api/.default"
    assert 0 < token["expires_in"] <= 86400
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", token["expires_on"])


def test_every_way_is_tested(ways: dict[str, Way]) -> None:
    assert set(ways) == set(NAMES)


def test_az_gets_what_it_needs_and_no_secret(logged_in: Run, files: Path) -> None:
    assert logged_in.result("Azure CLI").status == "ok"
    (call,) = (files / "az" / "calls").read_text().splitlines()
    scope = "https://analysis.windows.net/powerbi/api/.default"
    assert call == f"account get-access-token --output json --scope {scope} --tenant {contoso.TENANT}"
