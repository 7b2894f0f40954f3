# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role with a real OpenBao: ways to log in, versions, names of fields, errors, and what it leaves behind."""

from __future__ import annotations

import contextlib
import time
import typing as t
from pathlib import Path

import pytest

from harness import contoso, credentials
from harness.ansible_run import REPOSITORY, AnsibleRunner, Run
from harness.emulator import Emulator
from harness.openbao import DeniedError, OpenBao

pytestmark = pytest.mark.slow

PATH = "powerbi/prod"


@pytest.fixture
def prod(openbao: OpenBao, fresh_emulator: Emulator) -> OpenBao:
    """A vault that holds the identity of the app that works."""
    openbao.write(PATH, **contoso.identity(contoso.DEPLOY))
    return openbao


def role(emulator: Emulator, openbao: OpenBao, **variables: t.Any) -> dict[str, t.Any]:
    """The role's variables for the secret at PATH, read as the AppRole `reader`."""
    return {
        "powerbi_credentials_source": "hashi_vault",
        "powerbi_credentials_path": PATH,
        "powerbi_credentials_hashi_vault": openbao.approle("reader"),
        "powerbi_credentials_expiry": False,
        "powerbi_credentials_extra_options": contoso.connection(emulator),
        **variables,
    }


def run(ansible: AnsibleRunner, variables: dict[str, t.Any], **kwargs: t.Any) -> Run:
    return credentials.run_role(ansible, variables, **kwargs)


@pytest.mark.everycore
def test_kv2_by_approle_reaches_power_bi(prod: OpenBao, fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    before = len(prod.audit("secret/"))
    done = run(ansible, role(fresh_emulator, prod, powerbi_credentials_validate_api=True)).ok()
    assert done.result("Use what the role gives")["msg"] == contoso.DEPLOY.client_id
    assert len(fresh_emulator.requests("/groups")) == 1
    reads = prod.audit("secret/")[before:]
    assert [(entry["request"]["path"], entry["auth"]["metadata"]["role_name"]) for entry in reads] == [
        ("secret/data/powerbi/prod", "reader")
    ]


def test_kv1_with_names_of_its_own_and_an_older_version(
    prod: OpenBao, fresh_emulator: Emulator, ansible: AnsibleRunner
) -> None:
    """Two apps, which both log in; and no other collection is needed."""
    prod.call("POST", "legacy/powerbi/prod", {"value": contoso.READER.secret, "app": contoso.READER.client_id})
    version = prod.version(PATH)
    prod.write(PATH, **contoso.identity(contoso.DEPLOY, client_secret="not-valid-any-more"))
    version_1 = {
        "name": "version 1",
        "hashi_vault_mount": "legacy",
        "hashi_vault_kv_version": 1,
        "fields": {"client_secret": "value", "client_id": "app"},
        "tenant_id": contoso.TENANT,
    }
    profiles = [version_1, {"name": "older", "version": version}]
    done = run(ansible, role(fresh_emulator, prod, powerbi_credentials_profiles=profiles), env={}).ok()
    assert done.result("Use what the role gives")["msg"] == contoso.READER.client_id
    assert len(fresh_emulator.requests(contoso.TOKEN_PATH)) == 2


def login(openbao: OpenBao, kind: str) -> dict[str, t.Any]:
    """Variables of a way to log in."""
    if kind == "token":
        token = openbao.call("POST", "auth/token/create", {"policies": ["powerbi-read"], "ttl": "5m"})
        return {
            "powerbi_credentials_hashi_vault": {
                **openbao.connection,
                "auth_method": "token",
                "token": token["auth"]["client_token"],
            }
        }
    if kind == "wrapped":
        approle = openbao.approle("reader")
        del approle["secret_id"]
        return {
            "powerbi_credentials_hashi_vault": approle,
            "powerbi_credentials_hashi_vault_wrapped_secret_id": openbao.wrapped_secret_id("reader", "60s"),
        }
    if kind == "kubernetes":
        who = {"role_id": "pod", "jwt": openbao.cluster.service_account_token("ansible")}
    else:
        who = {"role_id": "pipeline", "jwt": openbao.jwt()}
    return {"powerbi_credentials_hashi_vault": {**openbao.connection, **who, "auth_method": kind}}


def test_ways_to_log_in(prod: OpenBao, fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    """A profile for each; a token that was given is not revoked. A wrapped secret_id is in the test of several profiles."""
    reviewed = prod.cluster.reviewed
    ways = {kind: login(prod, kind)["powerbi_credentials_hashi_vault"] for kind in ("token", "jwt", "kubernetes")}
    profiles = [{"name": kind, "hashi_vault": options} for kind, options in ways.items()]
    variables = role(fresh_emulator, prod, powerbi_credentials_hashi_vault={}, powerbi_credentials_profiles=profiles)
    before = len(prod.audit("auth/"))
    run(ansible, variables).ok()
    logins = [entry["request"]["path"] for entry in prod.audit("auth/")[before:]]
    assert logins == ["auth/jwt/login", "auth/kubernetes/login", "auth/token/revoke-self", "auth/token/revoke-self"]
    assert prod.cluster.reviewed > reviewed
    assert prod.call("GET", "auth/token/lookup-self", token=ways["token"]["token"])["data"]["policies"]


def test_a_namespace(prod: OpenBao, fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    """Its own secrets, policies and AppRoles: the root namespace knows none of them."""
    prod.call("POST", "sys/namespaces/team-bi", {})

    def inside(method: str, path: str, body: t.Any = None) -> dict[str, t.Any]:
        return prod.call(method, path, body, namespace="team-bi")

    inside("POST", "sys/mounts/kv", {"type": "kv", "options": {"version": "2"}})
    prod.wait(lambda: inside("GET", "kv/config"))
    identity = contoso.identity(contoso.DEPLOY)
    inside("POST", "kv/data/app", {"data": {"pw": identity["client_secret"], "app": identity["client_id"]}})
    inside("PUT", "sys/policies/acl/app", {"policy": 'path "kv/data/app" { capabilities = ["read"] }'})
    inside("POST", "sys/auth/approle", {"type": "approle"})
    inside("POST", "auth/approle/role/app", {"token_policies": ["app"]})
    approle = {
        **prod.connection,
        "auth_method": "approle",
        "role_id": inside("GET", "auth/approle/role/app/role-id")["data"]["role_id"],
        "secret_id": inside("POST", "auth/approle/role/app/secret-id", {})["data"]["secret_id"],
        "namespace": "team-bi",
    }
    requested = role(
        fresh_emulator,
        prod,
        powerbi_credentials_hashi_vault=approle,
        powerbi_credentials_hashi_vault_mount="kv",
        powerbi_credentials_path="app",
        powerbi_credentials_fields={"client_secret": "pw", "client_id": "app"},
        powerbi_credentials_tenant_id=contoso.TENANT,
    )
    run(ansible, requested).ok()
    message = credentials.last_failure(run(ansible, {**requested, "powerbi_credentials_path": "other"}).failed())
    assert f"{prod.url}, namespace team-bi did not give kv/other" in message


def test_one_log_in_serves_a_secret_id_of_one_use(
    prod: OpenBao, fresh_emulator: Emulator, ansible: AnsibleRunner
) -> None:
    """For all profiles of the run; and the token that it gave is revoked at the end."""
    prod.write("powerbi/test", **contoso.identity(contoso.READER))
    before = len(prod.audit("auth/"))
    requested = role(
        fresh_emulator,
        prod,
        powerbi_credentials_hashi_vault=prod.approle("reader-once"),
        powerbi_credentials_profiles=[{"name": "prod"}, {"name": "test", "path": "powerbi/test"}],
    )
    run(ansible, requested).ok()
    done = [
        entry["request"]["path"] for entry in prod.audit("auth/")[before:] if "/role/" not in entry["request"]["path"]
    ]
    assert done == ["auth/approle/login", "auth/token/revoke-self"]
    message = credentials.last_failure(run(ansible, requested).failed())
    assert "refused the AppRole login" in message
    assert "its number of uses: make a new one" in message.partition("Remedy: ")[2]


def test_a_single_use_secret_id_serves_several_profiles(
    prod: OpenBao, fresh_emulator: Emulator, ansible: AnsibleRunner
) -> None:
    """A wrapping token works once; the secret_id in it is kept for the other profiles of the run."""
    prod.write("powerbi/test", **contoso.identity(contoso.READER))
    variables = role(
        fresh_emulator,
        prod,
        **login(prod, "wrapped"),
        powerbi_credentials_profiles=[{"name": "prod"}, {"name": "test", "path": "powerbi/test"}],
    )
    done = run(ansible, variables).ok()
    assert done.result("Use what the role gives")["msg"] == contoso.DEPLOY.client_id


# Errors: what happened, where, the remedy; and nothing written.


class Case(t.NamedTuple):
    prepare: t.Callable[[OpenBao], dict[str, t.Any]]
    expected: str
    remedy: str


def _sealed(openbao: OpenBao) -> dict[str, t.Any]:
    variables = {"powerbi_credentials_hashi_vault": openbao.approle("reader")}
    openbao.seal()
    return variables


def _deleted(openbao: OpenBao) -> dict[str, t.Any]:
    openbao.write("powerbi/gone", client_secret="x" * 12)
    openbao.call("POST", "secret/delete/powerbi/gone", {"versions": [openbao.version("powerbi/gone")]})
    return {"powerbi_credentials_path": "powerbi/gone"}


def _used_wrapping(openbao: OpenBao) -> dict[str, t.Any]:
    variables = login(openbao, "wrapped")
    token = variables["powerbi_credentials_hashi_vault_wrapped_secret_id"]
    openbao.call("POST", "sys/wrapping/unwrap", {"token": token})
    return variables


def _expired_wrapping(openbao: OpenBao) -> dict[str, t.Any]:
    variables = login(openbao, "wrapped")
    wrapped = openbao.wrapped_secret_id("reader", "1s")
    openbao.call("POST", "sys/wrapping/lookup", {"token": wrapped}, token=None)  # it is there
    time.sleep(1.5)
    with pytest.raises(DeniedError):
        openbao.call("POST", "sys/wrapping/lookup", {"token": wrapped}, token=None)
    return {**variables, "powerbi_credentials_hashi_vault_wrapped_secret_id": wrapped}


def _throttled(openbao: OpenBao) -> dict[str, t.Any]:
    variables = {"powerbi_credentials_hashi_vault": openbao.approle("reader")}
    openbao.call("POST", "sys/quotas/rate-limit/tests", {"rate": 1, "interval": "1h", "path": "secret/"})
    with contextlib.suppress(DeniedError):
        openbao.read("powerbi/prod")  # that was the one
    return variables


def _without_secret(openbao: OpenBao) -> dict[str, t.Any]:
    openbao.write("powerbi/empty", tenant_id=contoso.TENANT, client_id=contoso.DEPLOY.client_id)
    return {"powerbi_credentials_path": "powerbi/empty"}


def _v1(openbao: OpenBao) -> dict[str, t.Any]:
    openbao.call("POST", "legacy/powerbi/prod", {"client_secret": "x" * 12})
    return {"powerbi_credentials_hashi_vault_mount": "legacy"}


def _no_ca(openbao: OpenBao) -> dict[str, t.Any]:
    options = openbao.approle("reader")
    del options["ca_cert"]
    return {"powerbi_credentials_hashi_vault": options}


CASES = {
    "sealed": Case(_sealed, "It is sealed", "unseal it"),
    "denied": Case(
        lambda bao: {"powerbi_credentials_hashi_vault": bao.approle("stranger")},
        "policy denies that path",
        "capability read",
    ),
    "wrong path": Case(
        lambda dummy: {"powerbi_credentials_path": "powerbi/nothing"},
        "nothing at that path",
        "check powerbi_credentials_path",
    ),
    "deleted": Case(_deleted, "That version of the secret was deleted", "undelete"),
    "missing field": Case(
        lambda dummy: {"powerbi_credentials_fields": {"client_secret": "password"}},
        "has no field password; it has client_id, client_secret, tenant_id",
        "correct powerbi_credentials_fields",
    ),
    "no credential": Case(
        _without_secret, "has tenant_id, client_id. Remedy", "it must give tenant_id, client_id and one of"
    ),
    "wrapping token used": Case(_used_wrapping, "wrapping token has expired or was used", "wrap a new secret_id"),
    "wrapping token expired": Case(_expired_wrapping, "wrapping token has expired or was used", "wrap a new secret_id"),
    "wrapping token unknown": Case(
        lambda bao: {
            **login(bao, "wrapped"),
            "powerbi_credentials_hashi_vault_wrapped_secret_id": "s.9xV2mQeT7bKcRw4Zp1Ls",
        },
        "wrapping token has expired or was used",
        "revoke the secret_id",
    ),
    "throttled": Case(_throttled, "(429, its rate limit quota)", "run it again later"),
    "another service account": Case(
        lambda bao: {
            "powerbi_credentials_hashi_vault": {
                **bao.connection,
                "auth_method": "kubernetes",
                "role_id": "pod",
                "jwt": bao.cluster.service_account_token("another-user"),
            }
        },
        "refused the login",
        "service account and namespace",
    ),
    "version 2 requested of version 1": Case(
        _v1, "holds KV version 1, but version 2", "powerbi_credentials_hashi_vault_kv_version: 1"
    ),
    "version 1 requested of version 2": Case(
        lambda dummy: {"powerbi_credentials_hashi_vault_kv_version": 1},
        "holds KV version 2, but version 1",
        "powerbi_credentials_hashi_vault_kv_version: 2",
    ),
    "secret_id": Case(
        lambda bao: {"powerbi_credentials_hashi_vault": {**bao.approle("reader"), "secret_id": "no-such-secret-id"}},
        "refused the AppRole login",
        "make a new one",
    ),
    "old JWT": Case(
        lambda bao: {
            "powerbi_credentials_hashi_vault": {
                **bao.connection,
                "auth_method": "jwt",
                "role_id": "pipeline",
                "jwt": bao.jwt(lifetime=-900),
            }
        },
        "refused the JWT login",
        "fresh token",
    ),
    "no CA": Case(_no_ca, "The TLS certificate of", "`ca_cert`"),
    "no listener": Case(
        lambda bao: {"powerbi_credentials_hashi_vault": {**bao.approle("reader"), "url": "https://127.0.0.1:1"}},
        "Cannot reach 127.0.0.1:1",
        "check host and port in `url`",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_an_error_names_source_path_and_remedy(
    name: str, prod: OpenBao, fresh_emulator: Emulator, ansible: AnsibleRunner
) -> None:
    case = CASES[name]
    variables = role(fresh_emulator, prod, powerbi_credentials_write_profile=True)
    variables.update(case.prepare(prod))
    try:
        done = run(ansible, variables, verbosity=1).failed()
    finally:
        if name == "sealed":
            prod.unseal()
        if name == "throttled":
            prod.call("DELETE", "sys/quotas/rate-limit/tests")
    message = credentials.last_failure(done)
    assert "profile default (source hashi_vault, powerbi/" in message
    assert case.expected in message
    assert "Remedy: " in message
    assert case.remedy in message.partition("Remedy: ")[2]
    assert contoso.DEPLOY.secret not in done.output
    assert not (done.home / ".config").exists()
    assert not fresh_emulator.requests(contoso.TOKEN_PATH)


def test_nothing_secret_is_shown_or_left(
    prod: OpenBao, fresh_emulator: Emulator, ansible: AnsibleRunner, tmp_path: Path
) -> None:
    variables = role(
        fresh_emulator,
        prod,
        powerbi_credentials_write_profile=True,
        powerbi_credentials_environment_file=str(tmp_path / "powerbi.env"),
    )
    approle = variables["powerbi_credentials_hashi_vault"]
    watched = credentials.run_watched(ansible, variables, verbosity=4, diff=True)
    for secret in (contoso.DEPLOY.secret, approle["secret_id"]):
        credentials.assert_nowhere(secret, watched, written={tmp_path / "powerbi.env", watched.run.home / ".config"})


def test_the_playbook_of_the_readme_works_as_written(
    prod: OpenBao, fresh_emulator: Emulator, ansible: AnsibleRunner
) -> None:
    playbook = REPOSITORY / "playbooks" / "vault.yml"
    assert len([line for line in playbook.read_text().splitlines() if line.strip("- ") and line[0] != "#"]) <= 20
    approle = prod.approle("reader")
    environment = {
        **credentials.WITH_HASHI_VAULT,
        **contoso.connection_environment(fresh_emulator),
        "VAULT_ADDR": prod.url,
        "VAULT_CACERT": str(prod.ca_path),
        "ANSIBLE_HASHI_VAULT_ROLE_ID": approle["role_id"],
        "ANSIBLE_HASHI_VAULT_SECRET_ID": approle["secret_id"],
    }
    done = ansible.playbook(playbook, env=environment).ok()
    assert done.result("Show the result")["powerbi.validation"]["workspaces_visible"] is True
    assert [entry["status"] for entry in fresh_emulator.requests("/groups")] == [200]
    assert len(fresh_emulator.requests(contoso.TOKEN_PATH)) == 2  # for Power BI, and for Graph: when does it expire?
