# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role with variables, Ansible Vault, environment, files and Azure Key Vault: what it checks, writes and removes."""

from __future__ import annotations

import importlib.resources
import json
import os
import shutil
import stat
import subprocess
import typing as t
from pathlib import Path

import pytest
import yaml

from harness import contoso, credentials
from harness.ansible_run import AnsibleRunner
from harness.emulator import Emulator
from harness.fake_azure_engine import LEASE, FakeAzureEngine
from harness.run_results import TaskResult

pytestmark = pytest.mark.slow

SECRET = contoso.DEPLOY.secret


def given(emulator: Emulator, **variables: t.Any) -> dict[str, t.Any]:
    """Variables of the role for the app that works; None removes one."""
    identity = {f"powerbi_credentials_{name}": value for name, value in contoso.identity(contoso.DEPLOY).items()}
    common = {"powerbi_credentials_extra_options": contoso.connection(emulator)}
    return {name: value for name, value in {**identity, **common, **variables}.items() if value is not None}


def written(directory: Path) -> dict[str, t.Any]:
    """Variables that make the role write all kinds of files."""
    return {
        "powerbi_credentials_write_profile": True,
        "powerbi_credentials_profiles_path": str(directory / "config" / "profiles.ini"),
        "powerbi_credentials_environment_file": str(directory / "powerbi.env"),
    }


class TestSources:
    def test_a_file_that_ansible_vault_encrypts(
        self, fresh_emulator: Emulator, ansible: AnsibleRunner, tmp_path: Path
    ) -> None:
        password = tmp_path / "password"
        password.write_text("correct horse")
        path = vaulted(ansible, tmp_path / "prod.yml", password, {"powerbi": contoso.identity(contoso.DEPLOY)})
        assert SECRET not in path.read_text()
        run = credentials.run_role(
            ansible,
            {
                "powerbi_credentials_source": "file",
                "powerbi_credentials_path": str(path),
                "powerbi_credentials_file_section": "powerbi",
                "powerbi_credentials_extra_options": contoso.connection(fresh_emulator),
            },
            args=["--vault-password-file", str(password)],
            verbosity=4,
        ).ok()
        assert run.result("Use what the role gives")["msg"] == contoso.DEPLOY.client_id
        assert SECRET not in run.output

    def test_files_of_other_formats(self, fresh_emulator: Emulator, ansible: AnsibleRunner, tmp_path: Path) -> None:
        """A profile for each: all of them log in."""
        identity = contoso.identity(contoso.DEPLOY)
        percent = contoso.DEPLOY.secrets[1]
        assert "%" in percent  # means something to some readers of INI
        texts = {
            "ini": f"[default]\napp = {identity['client_id']}\nclient_secret = {percent}\n",
            "properties": f"client_id={identity['client_id']}\nclient_secret={identity['client_secret']}\n",
            "json": json.dumps({name: identity[name] for name in ("client_id", "client_secret")}),
        }
        profiles = []
        for file_format, text in texts.items():
            path = tmp_path / f"secret.{file_format}"
            path.touch(mode=0o600)
            path.write_text(text)
            fields = {"client_id": "app"} if file_format == "ini" else {}
            profiles.append({"name": file_format, "path": str(path), "file_format": file_format, "fields": fields})
        run = credentials.run_role(
            ansible,
            given(
                fresh_emulator,
                powerbi_credentials_source="file",
                powerbi_credentials_profiles=profiles,
                powerbi_credentials_client_id=None,
                powerbi_credentials_client_secret=None,
            ),
        ).ok()
        assert run.result("Use what the role gives")["msg"] == contoso.DEPLOY.client_id
        logins = [result for result in run.results if result.task == "Log in with the profile"]
        assert [result.status for result in logins] == ["ok"] * len(texts)

    def test_the_environment_of_the_controller(self, fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
        environment = {f"PROD_{name.upper()}": value for name, value in contoso.identity(contoso.DEPLOY).items()}
        variables = {
            "powerbi_credentials_source": "env",
            "powerbi_credentials_env_prefix": "PROD_",
            "powerbi_credentials_extra_options": contoso.connection(fresh_emulator),
        }
        run = credentials.run_role(ansible, variables, env=environment, verbosity=4).ok()
        assert run.result("Use what the role gives")["msg"] == contoso.DEPLOY.client_id
        assert SECRET not in run.output

    def test_several_profiles_in_one_go(self, fresh_emulator: Emulator, ansible: AnsibleRunner, tmp_path: Path) -> None:
        profiles = [
            {"name": "dev", **contoso.identity(contoso.READER)},
            {"name": "prod", **contoso.identity(contoso.DEPLOY), "environment_file": str(tmp_path / "prod.env")},
        ]
        variables = {
            "powerbi_credentials_profiles": profiles,
            "powerbi_credentials_write_profile": True,
            "powerbi_credentials_extra_options": contoso.connection(fresh_emulator),
        }
        run = credentials.run_role(ansible, variables, verbosity=4).ok()
        assert run.result("Use what the role gives")["msg"] == contoso.READER.client_id
        text = (run.home / ".config" / "powerbi" / "profiles.ini").read_text()
        assert "[dev]" in text
        assert "[prod]" in text
        assert SECRET in (tmp_path / "prod.env").read_text()
        assert SECRET not in run.output


class TestProof:
    def test_nothing_is_written_for_any_profile_when_one_does_not_work(
        self, fresh_emulator: Emulator, ansible: AnsibleRunner
    ) -> None:
        profiles = [
            {"name": "good", **contoso.identity(contoso.DEPLOY)},
            {"name": "bad", **contoso.identity(contoso.EXPIRED_APP)},
        ]
        variables = {
            "powerbi_credentials_profiles": profiles,
            "powerbi_credentials_write_profile": True,
            "powerbi_credentials_extra_options": contoso.connection(fresh_emulator),
        }
        run = credentials.run_role(ansible, variables).failed()
        message = credentials.last_failure(run)
        assert message.startswith("profile bad (source vars) does not work: ")
        assert "7000222" in message
        assert "Remedy: " in message
        assert not (run.home / ".config").exists()

    def test_nothing_of_any_kind_is_written_for_what_does_not_work(
        self, fresh_emulator: Emulator, ansible: AnsibleRunner, tmp_path: Path
    ) -> None:
        wrong = "Zq98Q~wrong-wrong-wrong-wrong-wrong-wrong"
        everything = {
            **written(tmp_path),
            "powerbi_credentials_client_secret": wrong,
            "powerbi_credentials_systemd": True,
            "powerbi_credentials_systemd_directory": str(tmp_path / "credstore"),
        }
        before = sorted(tmp_path.rglob("*"))
        run = credentials.run_role(ansible, given(fresh_emulator, **everything), verbosity=4).failed()
        assert "7000215" in credentials.last_failure(run)
        assert wrong not in run.output
        assert sorted(tmp_path.rglob("*")) == before
        assert not [result for result in run.results if result.changed]

    def test_validate_api_calls_power_bi(self, fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
        fresh_emulator.tenant(service_principals_enabled=False)
        run = credentials.run_role(ansible, given(fresh_emulator, powerbi_credentials_validate_api=True)).failed()
        assert "tenant settings" in credentials.last_failure(run)

    def test_on_the_target(self, fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
        run = credentials.run_role(
            ansible,
            given(fresh_emulator, powerbi_credentials_validate_on="target", powerbi_credentials_facts=False),
            hosts="all",
            inventory=1,
        ).ok()
        assert run.result("Log in with the profile", "h001").status == "ok"
        assert fresh_emulator.requests(contoso.TOKEN_PATH)

    def test_none_when_switched_off(self, fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
        credentials.run_role(
            ansible,
            given(
                fresh_emulator,
                powerbi_credentials_validate=False,
                powerbi_credentials_expiry=False,
                powerbi_credentials_facts=False,
            ),
        ).ok()
        assert fresh_emulator.requests() == []


class TestWriting:
    @pytest.mark.everycore
    def test_files_are_private_and_a_second_run_changes_nothing(
        self, fresh_emulator: Emulator, ansible: AnsibleRunner, tmp_path: Path
    ) -> None:
        variables = given(fresh_emulator, **written(tmp_path))
        first = credentials.run_role(ansible, variables, check=True, diff=True, verbosity=4).ok()
        assert {r.task for r in first.results if r.changed} == {
            "Write the profile into the profiles file",
            "Write the environment file",
        }
        assert not (tmp_path / "config").exists()
        assert SECRET not in first.output
        credentials.run_role(ansible, variables).ok()
        for path in (tmp_path / "config" / "profiles.ini", tmp_path / "powerbi.env"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        again = credentials.run_role(ansible, variables).ok()
        assert not [result for result in again.results if result.changed]

    def test_the_environment_file_reads_as_it_was_meant(
        self, fresh_emulator: Emulator, ansible: AnsibleRunner, tmp_path: Path
    ) -> None:
        secrets = {"plain": "Qj98Q~pl.ain-secret_0", "odd": 'a"b\\c$d`e$HOME#f;g h%i'}
        profiles = [
            {"name": name, "client_secret": secret, "environment_file": str(tmp_path / f"{name}.env")}
            for name, secret in secrets.items()
        ]
        credentials.run_role(
            ansible,
            given(
                fresh_emulator,
                powerbi_credentials_profiles=profiles,
                powerbi_credentials_client_secret=None,
                powerbi_credentials_validate=False,
                powerbi_credentials_expiry=False,
                powerbi_credentials_facts=False,
            ),
        ).ok()
        shell = 'set -a; . "$1"; printf %s "$POWERBI_CLIENT_SECRET"'
        for name, secret in secrets.items():
            command = ["/bin/sh", "-c", shell, "sh", str(tmp_path / f"{name}.env")]
            assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == secret

    def test_the_environment_file_is_shared_and_read_back(
        self, fresh_emulator: Emulator, ansible: AnsibleRunner, tmp_path: Path
    ) -> None:
        """Other variables stay, with present and absent; a second run logs in with what the first one wrote."""
        path = tmp_path / "powerbi.env"
        others = "DATABASE_URL=postgres://app:pw@db/app\n# mail\nSMTP_PASSWORD=only-here\n"
        path.touch(mode=0o600)
        path.write_text(others)
        quiet = {"powerbi_credentials_expiry": False, "powerbi_credentials_environment_file": str(path)}
        written = given(fresh_emulator, **quiet)
        credentials.run_role(ansible, written).ok()
        assert path.read_text().startswith(others)
        assert SECRET in path.read_text()
        read = {
            "powerbi_credentials_source": "file",
            "powerbi_credentials_file_format": "env",
            "powerbi_credentials_path": str(path),
            "powerbi_credentials_expiry": False,
        }
        run = credentials.run_role(ansible, read, verbosity=4).ok()
        assert run.result("Use what the role gives")["msg"] == contoso.DEPLOY.client_id
        assert SECRET not in run.output
        credentials.run_role(ansible, {**written, "powerbi_credentials_state": "absent"}).ok()
        assert path.read_text() == others

    def test_a_section_of_another_app_that_a_person_wrote_stays(
        self, fresh_emulator: Emulator, ansible: AnsibleRunner, tmp_path: Path
    ) -> None:
        profiles = tmp_path / "profiles.ini"
        profiles.touch(mode=0o600)
        by_hand = "[default]\ntenant_id = t\nclient_id = another\nclient_secret = by-hand-by-hand\n"
        profiles.write_text(by_hand)
        requested = {"powerbi_credentials_write_profile": True, "powerbi_credentials_profiles_path": str(profiles)}
        run = credentials.run_role(ansible, given(fresh_emulator, **requested, powerbi_credentials_state="absent")).ok()
        assert profiles.read_text() == by_hand
        assert "is left alone: it has another client_id" in " ".join(run.output.split())

    def test_absent_removes_what_was_written_and_nothing_else(
        self, fresh_emulator: Emulator, ansible: AnsibleRunner, tmp_path: Path
    ) -> None:
        variables = given(fresh_emulator, **written(tmp_path))
        profiles = tmp_path / "config" / "profiles.ini"
        profiles.parent.mkdir()
        profiles.touch(mode=0o600)
        profiles.write_text("# mine\n[other]\nclient_id = o\n")
        credentials.run_role(ansible, variables).ok()
        removed = {**variables, "powerbi_credentials_state": "absent"}
        watched = credentials.run_watched(ansible, removed, verbosity=4, diff=True)
        assert profiles.read_text() == "# mine\n[other]\nclient_id = o\n"
        assert not (tmp_path / "powerbi.env").exists()
        credentials.assert_nowhere(SECRET, watched)
        assert not [r for r in credentials.run_role(ansible, removed).ok().results if r.changed]

    def test_a_certificate_has_a_file_of_its_own(
        self, fresh_emulator: Emulator, ansible: AnsibleRunner, tmp_path: Path
    ) -> None:
        pem = Path(fresh_emulator.identity_env["EMULATOR_CERTIFICATE_PATH"]).read_text()
        variables = given(
            fresh_emulator,
            **written(tmp_path),
            powerbi_credentials_client_id=contoso.CERTIFICATE_APP.client_id,
            powerbi_credentials_client_secret=None,
            powerbi_credentials_certificate_data=pem,
        )
        run = credentials.run_role(ansible, variables, verbosity=4, diff=True).ok()
        key = pem.splitlines()[2]
        assert key not in run.output
        assert stat.S_IMODE((tmp_path / "config" / "default.pem").stat().st_mode) == 0o600
        assert key in (tmp_path / "config" / "default.pem").read_text()
        assert not [r for r in credentials.run_role(ansible, variables).ok().results if r.changed]

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
    def test_owner_and_group(self, fresh_emulator: Emulator, ansible: AnsibleRunner, tmp_path: Path) -> None:
        variables = given(
            fresh_emulator, **written(tmp_path), powerbi_credentials_owner="nobody", powerbi_credentials_group="daemon"
        )
        credentials.run_role(ansible, variables).ok()
        for path in (tmp_path / "config" / "profiles.ini", tmp_path / "powerbi.env"):
            assert (path.owner(), path.group(), stat.S_IMODE(path.stat().st_mode)) == ("nobody", "daemon", 0o600)
        assert not [result for result in credentials.run_role(ansible, variables).ok().results if result.changed]

    # With the real systemd-creds of the machine.
    @pytest.mark.skipif(
        shutil.which("systemd-creds") is None or os.geteuid() != 0, reason="needs systemd-creds, and root for its key"
    )
    def test_a_systemd_credential(self, fresh_emulator: Emulator, ansible: AnsibleRunner, tmp_path: Path) -> None:
        had_key = Path("/var/lib/systemd/credential.secret").exists()
        variables = given(
            fresh_emulator,
            powerbi_credentials_systemd=True,
            powerbi_credentials_systemd_directory=str(tmp_path / "credstore"),
        )
        run = credentials.run_watched(ansible, variables, verbosity=4)
        path = tmp_path / "credstore" / "powerbi-default-client-secret"
        assert SECRET.encode() not in path.read_bytes()
        credentials.assert_nowhere(SECRET, run)
        opened = subprocess.run(
            ["systemd-creds", "decrypt", "--name", path.name, str(path), "-"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert opened.stdout == SECRET
        assert not [r for r in credentials.run_role(ansible, variables).ok().results if r.changed]
        credentials.run_role(ansible, {**variables, "powerbi_credentials_state": "absent"}).ok()
        assert not path.exists()
        if not had_key:
            Path("/var/lib/systemd/credential.secret").unlink(missing_ok=True)


class TestExpiry:
    def test_a_warning_that_names_app_day_and_remedy(self, fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
        run = credentials.run_role(ansible, given(fresh_emulator, powerbi_credentials_warn_days=40000)).ok()
        text = " ".join(run.output.split())
        assert f"client secret of app {contoso.DEPLOY.client_id} expires in" in text
        assert "tasks_from rotate" in text

    def test_a_failure_before_anything_is_written(self, fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
        variables = given(fresh_emulator, powerbi_credentials_fail_days=40000, powerbi_credentials_write_profile=True)
        run = credentials.run_role(ansible, variables).failed()
        assert "its client secret expires on 2099-12-31" in credentials.last_failure(run)
        assert not (run.home / ".config").exists()

    def test_without_rights_in_graph_it_goes_without(self, fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
        identity = {f"powerbi_credentials_{k}": v for k, v in contoso.identity(contoso.READER).items()}
        run = credentials.run_role(ansible, given(fresh_emulator, **identity, powerbi_credentials_warn_days=40000)).ok()
        assert "expires in" not in run.output

    @pytest.mark.parametrize("given_as", ["path", "data"])
    def test_the_expiry_of_a_certificate_is_read_from_it(
        self, given_as: str, fresh_emulator: Emulator, ansible: AnsibleRunner
    ) -> None:
        path = fresh_emulator.identity_env["EMULATOR_CERTIFICATE_PATH"]
        variables = given(
            fresh_emulator,
            powerbi_credentials_client_id=contoso.CERTIFICATE_APP.client_id,
            powerbi_credentials_client_secret=None,
            powerbi_credentials_warn_days=40000,
            **{f"powerbi_credentials_certificate_{given_as}": path if given_as == "path" else Path(path).read_text()},
        )
        run = credentials.run_role(ansible, variables).ok()
        assert "The certificate of app" in " ".join(run.output.split())
        assert not fresh_emulator.requests("/applications")


class TestWatch:
    """Controls: the search for secrets finds one that was left in each place."""

    LEAKS: t.ClassVar[dict[str, dict[str, t.Any]]] = {
        "it is in the output": {"ansible.builtin.debug": {"msg": "{{ secret | b64encode }}"}},
        "it is in a command line": {
            "ansible.builtin.command": {"argv": ["/bin/sh", "-c", "sleep 0.5", "{{ secret }}"]},
            "no_log": True,
        },
        "facts/": {"ansible.builtin.set_fact": {"kept": "{{ secret }}", "cacheable": True}, "no_log": True},
        "tmp/left": {
            "ansible.builtin.copy": {
                "dest": "{{ lookup('ansible.builtin.env', 'TMPDIR') }}/left",
                "content": "a: {{ secret }}",
                "mode": "0600",
            },
            "no_log": True,
        },
        "can be read by others": {
            "ansible.builtin.copy": {
                "dest": "{{ lookup('ansible.builtin.env', 'HOME') }}/written",
                "content": "{{ secret }}",
                "mode": "0644",
            },
            "no_log": True,
        },
    }

    @pytest.mark.parametrize("where", LEAKS)
    def test_a_secret_is_found(self, where: str, ansible: AnsibleRunner) -> None:
        given = ansible.workdir / "variables.yml"
        given.touch(mode=0o600)
        given.write_text(yaml.safe_dump({"secret": SECRET}))
        play = {
            "hosts": "localhost",
            "gather_facts": False,
            "vars_files": [str(given)],
            "tasks": [{"name": "Leak", **self.LEAKS[where]}],
        }
        running = ansible.start([play], env=credentials.fact_cache(ansible), verbosity=4, diff=False)
        watched = credentials.watch(running)
        with pytest.raises(AssertionError, match=where):
            credentials.assert_nowhere(SECRET, watched, written={ansible.workdir / "home" / "written"})


class TestKeyVault:
    @staticmethod
    def variables(emulator: Emulator, **more: t.Any) -> dict[str, t.Any]:
        return {
            "powerbi_credentials_source": "azure_keyvault",
            "powerbi_credentials_azure_keyvault_url": emulator.url,
            "powerbi_credentials_azure_keyvault_login": {"auth_method": "managed_identity"},
            "powerbi_credentials_path": "powerbi-client-secret",
            "powerbi_credentials_fields": {"tenant_id": "powerbi-tenant-id"},
            "powerbi_credentials_extra_options": contoso.connection(emulator),
            **more,
        }

    @pytest.mark.everycore
    def test_a_secret_by_managed_identity(self, fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
        run = credentials.run_role(
            ansible, self.variables(fresh_emulator), env=identity(fresh_emulator), verbosity=4
        ).ok()
        assert run.result("Use what the role gives")["msg"] == contoso.DEPLOY.client_id
        assert SECRET not in run.output

    def test_a_certificate_with_its_key(self, fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
        variables = self.variables(
            fresh_emulator,
            powerbi_credentials_path="powerbi-client-certificate",
            powerbi_credentials_client_id=contoso.CERTIFICATE_APP.client_id,
            powerbi_credentials_write_profile=True,
        )
        run = credentials.run_role(ansible, variables, env=identity(fresh_emulator)).ok()
        assert run.result("Use what the role gives")["msg"] == contoso.CERTIFICATE_APP.client_id
        assert (run.home / ".config" / "powerbi" / "default.pfx").exists()

    @pytest.mark.parametrize(
        ("prepare", "expected_message", "remedy"),
        [
            ({"key_vault_firewall": True}, "firewall does not let this address in", "allow the address"),
            ({"key_vault_roles": False}, "no role that allows it", "Key Vault Secrets User"),
        ],
        ids=["firewall", "roles"],
    )
    def test_an_error_names_source_path_and_remedy(
        self,
        prepare: dict[str, t.Any],
        expected_message: str,
        remedy: str,
        fresh_emulator: Emulator,
        ansible: AnsibleRunner,
    ) -> None:
        fresh_emulator.tenant(**prepare)
        requested = self.variables(fresh_emulator, powerbi_credentials_write_profile=True)
        self._check_failure(ansible, requested, fresh_emulator, expected_message, remedy)

    def test_errors_of_what_is_named(self, fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
        """In one run: the message of each, and its remedy."""
        expected: dict[str, tuple[dict[str, t.Any], str, str]] = {
            "wrong path": ({"powerbi_credentials_path": "nothing-here"}, "404", "check vault_url, the name"),
            "disabled": ({"powerbi_credentials_path": "switched-off"}, "That version is disabled", "enable it"),
            "missing field": (
                {"powerbi_credentials_fields": {"tenant_id": "no-such"}},
                "get secret no-such",
                "check vault_url",
            ),
            "no vault": (
                {"powerbi_credentials_azure_keyvault_url": ""},
                "names no key vault",
                "powerbi_credentials_azure_keyvault_url",
            ),
        }
        cases = {
            name: self.variables(fresh_emulator, powerbi_credentials_write_profile=True, **own)
            for name, (own, _message, _remedy) in expected.items()
        }
        run = credentials.run_cases(ansible, cases, env=identity(fresh_emulator))
        for name, (_own, expected_message, remedy) in expected.items():
            message = credentials.failure_of(run, name)
            assert f"profile default (source azure_keyvault, {cases[name]['powerbi_credentials_path']})" in message
            assert expected_message in message, name
            assert remedy in message.partition("Remedy: ")[2], name
        assert not (run.home / ".config").exists()

    def test_throttling(self, fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
        fresh_emulator.fault(path="^/secrets", status=429, headers={"Retry-After": "1"})
        requested = self.variables(fresh_emulator, powerbi_credentials_write_profile=True)
        self._check_failure(ansible, requested, fresh_emulator, "429", "run it again later")

    @staticmethod
    def _check_failure(
        ansible: AnsibleRunner, requested: dict[str, t.Any], emulator: Emulator, expected_message: str, remedy: str
    ) -> None:
        run = credentials.run_role(ansible, requested, env=identity(emulator)).failed()
        message = credentials.last_failure(run)
        assert f"profile default (source azure_keyvault, {requested['powerbi_credentials_path']})" in message
        assert expected_message in message
        assert remedy in message.partition("Remedy: ")[2]
        assert not (run.home / ".config").exists()

    def test_the_secret_is_rotated_in_place(self, fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
        requested = self.variables(
            fresh_emulator, powerbi_credentials_rotate_before=None, powerbi_credentials_rotate_keep=0
        )
        run = credentials.run_role(
            ansible, requested, tasks_from="rotate", env=identity(fresh_emulator), verbosity=4
        ).ok()
        assert SECRET not in run.output
        assert not credentials.log_in(fresh_emulator, contoso.DEPLOY.client_id, SECRET)
        run = credentials.run_role(ansible, requested, env=identity(fresh_emulator)).ok()
        assert run.result("Use what the role gives")["msg"] == contoso.DEPLOY.client_id
        again = credentials.run_role(
            ansible,
            {**requested, "powerbi_credentials_rotate_before": 30},
            tasks_from="rotate",
            env=identity(fresh_emulator),
        ).ok()
        assert not [result for result in again.results if result.changed]


class TestAzureEngine:
    @pytest.fixture
    def engine(self, fresh_emulator: Emulator, tmp_path: Path) -> t.Iterator[FakeAzureEngine]:
        """Gives the app's second secret as if it had just been made."""
        secret = {"client_id": contoso.DEPLOY.client_id, "client_secret": contoso.DEPLOY.secrets[1]}
        running = FakeAzureEngine(tmp_path, lambda: secret)
        yield running
        running.stop()

    def variables(self, emulator: Emulator, engine: FakeAzureEngine, **more: t.Any) -> dict[str, t.Any]:
        login = {"url": engine.url, "ca_cert": str(engine.ca_path), "auth_method": "token", "token": "s.abcdefghij"}
        return {
            "powerbi_credentials_source": "hashi_vault_azure",
            "powerbi_credentials_path": "powerbi",
            "powerbi_credentials_tenant_id": contoso.TENANT,
            "powerbi_credentials_hashi_vault": login,
            "powerbi_credentials_extra_options": contoso.connection(emulator),
            **more,
        }

    @pytest.mark.usefixtures("openbao")  # for community.hashi_vault
    def test_a_lease_is_waited_for_and_revoked(
        self, fresh_emulator: Emulator, engine: FakeAzureEngine, ansible: AnsibleRunner
    ) -> None:
        fresh_emulator.fault(path=contoso.TOKEN_PATH, aadsts=7000215, times=2)
        requested = self.variables(fresh_emulator, engine)
        run = credentials.run_role(ansible, requested, verbosity=4).ok()
        assert run.result("Use what the role gives")["msg"] == contoso.DEPLOY.client_id
        assert contoso.DEPLOY.secrets[1] not in run.output
        gone = {**requested, "powerbi_credentials_state": "absent", "powerbi_credentials_hashi_vault_lease_id": LEASE}
        credentials.run_role(ansible, gone).ok()
        assert engine.revoked == [LEASE]

    @pytest.mark.usefixtures("openbao")
    def test_what_is_never_accepted_is_given_back(
        self, fresh_emulator: Emulator, engine: FakeAzureEngine, ansible: AnsibleRunner
    ) -> None:
        fresh_emulator.fault(path=contoso.TOKEN_PATH, aadsts=7000215)
        requested = self.variables(fresh_emulator, engine, powerbi_credentials_propagation_timeout=1)
        message = credentials.last_failure(credentials.run_role(ansible, requested).failed())
        assert "lease revoked" in message
        assert "not accepted 3 times in a row" in message
        assert engine.revoked == [LEASE]


def test_an_ansible_vault_file_is_rotated_and_stays_encrypted(
    fresh_emulator: Emulator, ansible: AnsibleRunner, tmp_path: Path
) -> None:
    password = tmp_path / "password"
    password.write_text("correct horse")
    path = vaulted(
        ansible, tmp_path / "prod.yml", password, {"note": "kept", "powerbi": contoso.identity(contoso.DEPLOY)}
    )
    requested = {
        "powerbi_credentials_source": "file",
        "powerbi_credentials_path": str(path),
        "powerbi_credentials_file_section": "powerbi",
        "powerbi_credentials_file_vault_password": "correct horse",
        "powerbi_credentials_extra_options": contoso.connection(fresh_emulator),
        "powerbi_credentials_rotate_before": None,
        "powerbi_credentials_rotate_keep": 0,
    }
    args = ["--vault-password-file", str(password)]
    run = credentials.run_role(ansible, requested, tasks_from="rotate", args=args, verbosity=4).ok()
    assert path.read_text().startswith("$ANSIBLE_VAULT;1.1;AES256\n")
    content = opened(ansible, path, password)
    assert content["note"] == "kept"
    assert credentials.log_in(fresh_emulator, contoso.DEPLOY.client_id, content["powerbi"]["client_secret"])
    assert not credentials.log_in(fresh_emulator, contoso.DEPLOY.client_id, SECRET)
    assert content["powerbi"]["client_secret"] not in run.output


def test_a_file_that_can_t_be_written_back_is_left_alone(
    fresh_emulator: Emulator, ansible: AnsibleRunner, tmp_path: Path
) -> None:
    """Encrypted with another password, not encrypted, or of a format that is only read."""
    password = tmp_path / "password"
    password.write_text("correct horse")
    app = contoso.identity(contoso.DEPLOY)
    encrypted = vaulted(ansible, tmp_path / "encrypted.yml", password, app)
    plain = tmp_path / "plain.yml"
    plain.write_text(yaml.safe_dump(app))
    paths = {"encrypted": encrypted, "plain": plain, "ini": vaulted(ansible, tmp_path / "prod.ini", password, app)}
    before = {path: path.read_bytes() for path in paths.values()}
    cases = {
        name: {
            "powerbi_credentials_source": "file",
            "powerbi_credentials_path": str(path),
            "powerbi_credentials_file_format": "ini" if name == "ini" else "yaml",
            "powerbi_credentials_file_vault_password": "correct horse" if name == "ini" else "battery staple",
            "powerbi_credentials_extra_options": contoso.connection(fresh_emulator),
            "powerbi_credentials_rotate_before": None,
        }
        for name, path in paths.items()
    }
    args = ["--vault-password-file", str(password)]
    run = credentials.run_cases(ansible, cases, tasks_from="rotate", args=args)
    said = {name: credentials.failure_of(run, name) for name in cases}
    assert "is not encrypted with powerbi_credentials_file_vault_password" in said["encrypted"]
    assert "is not encrypted with Ansible Vault" in said["plain"]
    assert "or in a YAML or JSON file" in said["ini"].partition("Remedy: ")[2]
    assert {path: path.read_bytes() for path in paths.values()} == before
    assert not fresh_emulator.requests("/addPassword$")


@pytest.mark.parametrize("file_format", ["yaml", pytest.param("json", marks=pytest.mark.full)])
def test_a_rotated_file_keeps_place_link_owner_mode_and_vault_id(
    fresh_emulator: Emulator, ansible: AnsibleRunner, tmp_path: Path, file_format: str
) -> None:
    """Also named by a path relative to the playbook, and by a run that knows no password of Ansible Vault itself."""
    password = tmp_path / "password"
    password.write_text("correct horse")
    stored = tmp_path / f"stored.{file_format}"
    content = {"note": "50% {{ as it is }}", **contoso.identity(contoso.DEPLOY)}
    vaulted(ansible, stored, password, content, vault_id="prod")
    stored.chmod(0o640)
    owner = (65534, 65534) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
    os.chown(stored, *owner)
    link = ansible.workdir / f"link.{file_format}"
    link.symlink_to(stored)
    requested = {
        "powerbi_credentials_source": "file",
        "powerbi_credentials_path": link.name,
        "powerbi_credentials_file_format": file_format,
        "powerbi_credentials_file_vault_password": "correct horse",
        "powerbi_credentials_extra_options": contoso.connection(fresh_emulator),
        "powerbi_credentials_rotate_before": None,
        "powerbi_credentials_rotate_keep": 0,
    }
    inode = stored.stat().st_ino
    with stored.open("rb"):  # so that its inode is not given to one of the files that replace it
        run = credentials.run_role(ansible, requested, tasks_from="rotate", verbosity=4).ok()
    assert link.is_symlink()
    now = stored.stat()
    assert (stat.S_IMODE(now.st_mode), now.st_uid, now.st_gid) == (0o640, *owner)
    assert now.st_ino != inode, "it was written in place, so that a reader could see half of it"
    assert stored.read_text().startswith("$ANSIBLE_VAULT;1.2;AES256;prod\n")
    text = opened_text(ansible, stored, password)
    again = json.loads(text) if file_format == "json" else yaml.safe_load(text)
    assert again["note"] == content["note"]
    assert credentials.log_in(fresh_emulator, contoso.DEPLOY.client_id, again["client_secret"])
    assert again["client_secret"] not in run.output
    assert not [r for r in rotated(ansible, {**requested, "powerbi_credentials_rotate_before": 30}, []) if r.changed]
    used = credentials.run_role(ansible, requested).ok()
    assert used.result("Use what the role gives")["msg"] == contoso.DEPLOY.client_id
    relabelled = {**requested, "powerbi_credentials_file_vault_id": "other"}
    credentials.run_role(ansible, relabelled, tasks_from="rotate").ok()
    assert stored.read_text().startswith("$ANSIBLE_VAULT;1.2;AES256;other\n")


def rotated(ansible: AnsibleRunner, requested: dict[str, t.Any], args: list[str]) -> list[TaskResult]:
    return credentials.run_role(ansible, requested, tasks_from="rotate", args=args).ok().results


def identity(emulator: Emulator) -> dict[str, str]:
    """The environment of a machine that has a managed identity."""
    names = ("IDENTITY_ENDPOINT", "IDENTITY_HEADER")
    return {name: emulator.identity_env[name] for name in names}


def vaulted(ansible: AnsibleRunner, path: Path, password: Path, content: t.Any, vault_id: str = "") -> Path:
    """A YAML (or, by its name, JSON) file encrypted by ansible-vault itself."""
    command = [str(ansible.python.with_name("ansible-vault")), "encrypt"]
    command += ["--vault-id", f"{vault_id}@{password}"] if vault_id else ["--vault-password-file", str(password)]
    text = json.dumps(content) if path.suffix == ".json" else yaml.safe_dump(content)
    subprocess.run([*command, "--output", str(path), "-"], input=text, text=True, check=True, capture_output=True)
    return path


def opened(ansible: AnsibleRunner, path: Path, password: Path) -> t.Any:
    return yaml.safe_load(opened_text(ansible, path, password))


def opened_text(ansible: AnsibleRunner, path: Path, password: Path) -> str:
    command = [
        str(ansible.python.with_name("ansible-vault")),
        "view",
        "--vault-password-file",
        str(password),
        str(path),
    ]
    return subprocess.run(command, text=True, check=True, capture_output=True).stdout


class TestCertificates:
    """The app renews its own certificate, by proof of possession; Graph's list of it is read by another app."""

    KIND = "keyCredentials"

    def test_rotated_in_a_key_vault(self, fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
        fresh_emulator.tenant(secret_replication=2.0)
        requested = TestKeyVault.variables(
            fresh_emulator,
            powerbi_credentials_path="powerbi-client-certificate",
            powerbi_credentials_client_id=contoso.CERTIFICATE_APP.client_id,
            powerbi_credentials_rotate="certificate",
            powerbi_credentials_rotate_before=None,
            powerbi_credentials_rotate_keep=0,
            powerbi_credentials_rotate_login=contoso.identity(contoso.DEPLOY) | contoso.connection(fresh_emulator),
        )
        before = self.key_ids(fresh_emulator)
        rotate = {"tasks_from": "rotate", "env": identity(fresh_emulator)}
        first = credentials.run_role(ansible, requested, verbosity=4, **rotate).ok()
        assert "-----BEGIN PRIVATE" not in first.output
        after = self.key_ids(fresh_emulator)
        assert len(after) == 1 + len(before)  # the old one had another name, and no note said that it was in use
        credentials.run_role(ansible, requested, **rotate).ok()
        assert len(self.key_ids(fresh_emulator)) == len(after)
        done = credentials.run_role(ansible, requested, env=identity(fresh_emulator)).ok()
        assert done.result("Use what the role gives")["msg"] == contoso.CERTIFICATE_APP.client_id
        again = credentials.run_role(ansible, {**requested, "powerbi_credentials_rotate_before": 30}, **rotate).ok()
        assert not [result for result in again.results if result.changed]

    def test_by_proof_of_possession(
        self, start_emulator: t.Callable[..., Emulator], ansible: AnsibleRunner, tmp_path: Path
    ) -> None:
        """The app may read itself in Graph, and nothing more: it renews its certificate all the same."""
        seed = yaml.safe_load(importlib.resources.files("powerbi_emulator").joinpath("default_seed.yaml").read_text())
        next(app for app in seed["apps"] if app["client_id"] == contoso.CERTIFICATE_APP.client_id)["roles"] = [
            "Application.Read.All"
        ]
        path = tmp_path / "seed.yaml"
        path.write_text(yaml.safe_dump(seed))
        emulator = start_emulator(seed=path)
        login = {
            **contoso.connection(emulator),
            **contoso.identity(contoso.CERTIFICATE_APP),
            "certificate_path": emulator.identity_env["EMULATOR_CERTIFICATE_PATH"],
        }
        module = "community.powerbi.powerbi_client_certificate"
        run = ansible.playbook(
            [
                {"name": "Renew", module: {**login, "state": "rotated", "display_name": "own"}, "register": "new"},
                {
                    "name": "Remove the old one with the new one's key",
                    module: {
                        **login,
                        "certificate_path": None,
                        "certificate_data": "{{ new.certificate_data }}",
                        "state": "absent",
                        "key_ids": ["{{ new.former_key_id }}"],
                    },
                },
            ]
        ).ok()
        assert [entry["status"] for entry in emulator.requests("/addKey$")] == [200]
        assert [entry["status"] for entry in emulator.requests("/removeKey$")] == [204]
        assert len(run.result("Remove the old one with the new one's key")["certificates"]) == 1

    def key_ids(self, emulator: Emulator) -> set[str]:
        return credentials.key_ids(emulator, contoso.CERTIFICATE_APP.client_id, self.KIND)
