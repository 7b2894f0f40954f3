# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation agrees with the code: options as ansible-doc renders them, and docs/authentication.md."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible import constants as C

from ansible_collections.community.powerbi.plugins.module_utils._settings.clouds import CLOUDS
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import (
    ENVIRONMENT,
    FEDERATED_PROVIDERS,
    SHARED_OPTIONS,
    config_definitions,
)
from ansible_collections.community.powerbi.plugins.module_utils._settings.resolve import Settings
from fakes.config_sources import CLIENT, app, environment, settings

REPOSITORY: t.Final = Path(__file__).resolve().parents[2]
PAGE: t.Final = (REPOSITORY / "docs" / "authentication.md").read_text(encoding="utf-8")
MODULES: t.Final = sorted(path.stem for path in (REPOSITORY / "plugins" / "modules").glob("powerbi_*.py"))
LOOKUPS: t.Final = sorted(path.stem for path in (REPOSITORY / "plugins" / "lookup").glob("powerbi_*.py"))
NAMESPACE: t.Final = "ansible_collections.community.powerbi.plugins"

Options = dict[str, dict[str, t.Any]]


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> t.Callable[[str, str], Options]:
    """rendered(kind, name): the options of a plugin as ansible-doc shows them, fragments merged."""
    home = tmp_path_factory.mktemp("home")
    cache: dict[str, t.Any] = {}

    def read(kind: str, name: str) -> Options:
        if kind not in cache:
            names = [f"community.powerbi.{name}" for name in {"module": MODULES, "lookup": LOOKUPS}[kind]]
            run = subprocess.run(
                [str(Path(sys.executable).with_name("ansible-doc")), "-t", kind, "--json", *names],
                env={
                    "PATH": os.environ["PATH"],
                    "HOME": str(home),
                    "ANSIBLE_HOME": str(home / "ansible"),
                    "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / ".collections"),
                    "LC_ALL": "C.UTF-8",
                },
                capture_output=True,
                text=True,
                timeout=120,
                check=True,
            )
            cache[kind] = json.loads(run.stdout)
        return t.cast("Options", cache[kind][f"community.powerbi.{name}"]["doc"]["options"])

    return read


def comparable(spec: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """An option of an argument spec, or of a documentation, in the words that both have."""
    same = {
        "type": spec.get("type", "str"),
        "required": bool(spec.get("required", False)),
        "aliases": sorted(spec.get("aliases") or ()),
        "choices": list(spec.get("choices") or ()),
        "default": spec.get("default"),
    }
    if spec.get("elements"):
        same["elements"] = spec["elements"]
    nested = spec.get("options") or spec.get("suboptions")
    if nested:
        same["options"] = {name: comparable(option) for name, option in nested.items()}
    return same


class TestModules:
    @pytest.mark.parametrize("name", MODULES)
    def test_options_are_the_argument_spec(self, name: str, rendered: t.Callable[[str, str], Options]) -> None:
        documented, spec = (
            rendered("module", name),
            importlib.import_module(f"{NAMESPACE}.modules.{name}").ARGUMENT_SPEC,
        )
        assert documented.keys() == spec.keys()
        for option in spec:
            assert comparable(documented[option]) == comparable(spec[option]), option

    def test_every_environment_variable_is_named_at_its_option(self, rendered: t.Callable[[str, str], Options]) -> None:
        documented = rendered("module", "powerbi_token")
        for family, variables in ENVIRONMENT.items():
            for option, names in variables.items():
                text = " ".join(documented[option]["description"])
                for name in names:
                    assert f"E({name})" in text, f"{option}: {name} of {family}"

    def test_no_other_variable_is_promised(self, rendered: t.Callable[[str, str], Options]) -> None:
        elsewhere = {"POWERBI_PROFILES_FILE", "AZURE_PROFILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"}
        elsewhere |= {"HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}
        for option, documented in rendered("module", "powerbi_token").items():
            named = set(re.findall(r"E\((\w+)\)", " ".join(documented["description"])))
            ours = {name for variables in ENVIRONMENT.values() for name in variables.get(option, ())}
            assert named - elsewhere == ours, option

    @pytest.mark.parametrize("name", MODULES)
    def test_no_secret_is_without_no_log(self, name: str) -> None:
        spec = importlib.import_module(f"{NAMESPACE}.modules.{name}").ARGUMENT_SPEC
        for option, definition in spec.items():
            if re.search(r"pass(?!ive)|secret|token|_data$", option) and definition.get("type") == "str":
                assert "no_log" in definition, option


class TestLookups:
    @pytest.mark.parametrize("name", LOOKUPS)
    def test_the_shared_options_are_those_that_are_registered(
        self, name: str, rendered: t.Callable[[str, str], Options]
    ) -> None:
        """Lookups register their options without parsing the documentation: both must be equal."""
        documented = rendered("lookup", name)
        for option, definition in config_definitions().items():
            spec, shown = SHARED_OPTIONS[option], documented[option]
            assert comparable(shown) == comparable(spec), option
            assert shown["vars"] == definition["vars"], option
            assert shown["ini"] == definition["ini"], option
            assert sorted(shown.get("aliases") or ()) == sorted(definition["aliases"]), option
            assert shown.get("default") == definition["default"], option
            assert "env" not in shown, f"{option}: the environment is read by family, not by Ansible"

    @pytest.mark.parametrize("name", LOOKUPS)
    def test_so_are_its_own(self, name: str, rendered: t.Callable[[str, str], Options]) -> None:
        module = importlib.import_module(f"{NAMESPACE}.lookup.{name}")
        own = module.LookupModule.OWN_OPTIONS
        documented = {key: value for key, value in rendered("lookup", name).items() if key not in SHARED_OPTIONS}
        assert documented.keys() == own.keys()
        for option, definition in own.items():
            assert documented[option].get("default") == definition.get("default"), option
        registered = C.config.get_configuration_definitions("lookup", module.__name__)
        assert registered.keys() >= own.keys() | SHARED_OPTIONS.keys()


def table(after: str, columns: int) -> list[list[str]]:
    """The rows of the first table after a text, without its head; back quotes removed."""
    rows: list[list[str]] = []
    for line in PAGE[PAGE.index(after) :].splitlines():
        if line.startswith("|"):
            rows.append([cell.strip().replace("`", "") for cell in line.strip("|").split("|")])
        elif rows:
            break
    assert len(rows) > 2
    assert {len(row) for row in rows} == {columns}
    return rows[2:]


class TestPrecedence:
    """Each level of the table is set to an app of its own; the result's auth_source names the one in effect."""

    LEVELS: t.ClassVar = [(row[0], row[2]) for row in table("## Where values come from", 3)]

    def test_the_table_is_whole(self) -> None:
        numbers = [int(level.partition(".")[0]) for level, _source in self.LEVELS]
        assert numbers == list(range(1, 11))
        families = [level.partition(" ")[2] for level, _source in self.LEVELS if level.endswith("_*")]
        assert families == [f"{family}_*" for family in ENVIRONMENT]

    @staticmethod
    def resolved(levels: t.Collection[str]) -> Settings:
        """With these levels set, each by the name that the table gives it."""
        names = {level.partition(" ")[2] for level in levels}
        given: dict[str, dict[str, t.Any]] = {}
        environ: dict[str, str] = {}
        profiles: dict[str, dict[str, t.Any]] = {}
        for digit, name in enumerate(("option", "vars", "ini")):
            if name in names:
                given[name] = app(str(digit))
        if "named profile" in names:
            given.setdefault("ini", {})["auth_profile"] = "NAME"  # the lowest level that can name it
            profiles["NAME"] = app("3")
        for family in ENVIRONMENT:
            if f"{family}_*" in names:
                environ.update(environment(family, str(4 + list(ENVIRONMENT).index(family))))
        if "default profile" in names:
            profiles["default"] = app("8")
        if "workload identity" in names:
            environ.update({"ACTIONS_ID_TOKEN_REQUEST_URL": "https://o.test", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "b"})
            if len(names) == 1:  # a client_id without a credential, at no level of its own
                environ.update({"ARM_TENANT_ID": "t.example", "ARM_CLIENT_ID": CLIENT + "9"})
        return settings(
            given.get("option"),
            variables=given.get("vars"),
            ini=given.get("ini"),
            environ=environ,
            profiles=profiles,
        )

    @pytest.mark.parametrize("number", range(10))
    def test_alone(self, number: int) -> None:
        level, source = self.LEVELS[number]
        credential = self.resolved([level]).credential
        assert (credential.source, credential.client_id) == (source, f"{CLIENT}{number}")

    @pytest.mark.parametrize("number", range(10))
    def test_with_all_those_below_it(self, number: int) -> None:
        levels = [level for level, _source in self.LEVELS[number:]]
        credential = self.resolved(levels).credential
        assert (credential.source, credential.client_id) == (self.LEVELS[number][1], f"{CLIENT}{number}")

    @pytest.mark.parametrize("higher", range(9))
    def test_each_pair(self, higher: int) -> None:
        for lower in range(higher + 1, 10):
            credential = self.resolved([self.LEVELS[higher][0], self.LEVELS[lower][0]]).credential
            assert credential.source == self.LEVELS[higher][1], self.LEVELS[lower]


class TestTables:
    def test_variables(self) -> None:
        rows = table("The variables of each family", 1 + len(ENVIRONMENT))
        documented = {
            family: {row[0]: tuple(row[column].split(", ")) for row in rows if row[column]}
            for column, family in enumerate(ENVIRONMENT, 1)
        }
        assert documented == ENVIRONMENT

    def test_clouds(self) -> None:
        assert table("## Clouds and private endpoints", 4) == [
            [cloud.name, cloud.authority, cloud.powerbi_url, cloud.scope] for cloud in CLOUDS.values()
        ]

    def test_pipelines(self) -> None:
        rows = table("In a pipeline or a pod", 3)
        assert {row[0] for row in rows} == set(FEDERATED_PROVIDERS) - {"auto", "file", "token"}


def blocks(language: str) -> list[tuple[str, str]]:
    """(the heading above, the text) of each block of code."""
    found = []
    for match in re.finditer(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        headings = re.findall(r"^#{2,3} (.*)$", PAGE[: match.start()], re.MULTILINE)
        found.append((headings[-1].strip("`"), match[1]))
    return found


class TestPlaybooks:
    TASKS: t.ClassVar = [
        (heading, task["community.powerbi.powerbi_token"] or {})
        for heading, text in blocks("yaml")
        for task in yaml.safe_load(text)
        if "community.powerbi.powerbi_token" in task
    ]

    def test_there_is_one_for_each_way_to_log_in(self) -> None:
        ways = {heading for heading, _options in self.TASKS}
        assert ways >= set(SHARED_OPTIONS["auth_method"]["choices"]) - {"auto"}

    @pytest.mark.parametrize(("heading", "options"), TASKS, ids=[heading for heading, _options in TASKS])
    def test_it_logs_in_as_in_its_heading(self, heading: str, options: dict[str, t.Any]) -> None:
        assert options.keys() <= SHARED_OPTIONS.keys()
        if heading in SHARED_OPTIONS["auth_method"]["choices"]:
            variables = {"{{ tenant_id }}": "contoso.example", "{{ client_id }}": CLIENT + "1"}
            given = {name: variables.get(value, value) for name, value in options.items()}
            assert settings(given).credential.method == heading

    def test_the_profiles_can_be_read(self, tmp_path: Path) -> None:
        from ansible_collections.community.powerbi.plugins.module_utils._settings.profiles import read_profile

        path = tmp_path / "profiles.ini"
        path.touch(mode=0o600)
        ((_heading, text),) = blocks("ini")
        path.write_text(text)
        profiles = {name: read_profile(str(path), name) or {} for name in ("default", "prod")}
        assert settings(profiles=profiles).credential.method == "client_secret"
        prod = settings({"auth_profile": "prod"}, profiles=profiles)
        assert (prod.credential.method, prod.cloud.name, prod.retry_timeout) == ("certificate", "gcc_high", 300.0)


FILTERS_AND_TESTS: t.Final = sorted(
    path.stem for kind in ("filter", "test") for path in (REPOSITORY / "plugins" / kind).glob("powerbi_*.py")
)
ROLES: t.Final = sorted(path.name for path in (REPOSITORY / "roles").iterdir())
PLAYBOOKS: t.Final = sorted(path.stem for path in (REPOSITORY / "playbooks").glob("*.yml"))


class TestNothingIsLeftOut:
    README: t.ClassVar = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    MODULES_PAGE: t.ClassVar = (REPOSITORY / "docs" / "modules.md").read_text(encoding="utf-8")

    @pytest.mark.parametrize("name", [*MODULES, *LOOKUPS, *FILTERS_AND_TESTS, *ROLES, *PLAYBOOKS])
    def test_it_is_in_the_table_of_the_readme(self, name: str) -> None:
        section = self.README.partition("## What is in it")[2].partition("\n## ")[0]
        assert f"`{name}`" in section

    @pytest.mark.parametrize("name", [*MODULES, *FILTERS_AND_TESTS])
    def test_it_is_on_the_page_of_modules(self, name: str) -> None:
        assert re.search(rf"`{name}`", self.MODULES_PAGE)

    def test_the_page_of_modules_names_nothing_that_is_not_there(self) -> None:
        names = set(re.findall(r"`(powerbi_\w+)`", self.MODULES_PAGE))
        assert names <= {*MODULES, *LOOKUPS, *FILTERS_AND_TESTS, *ROLES}

    def test_no_host_is_written_into_the_first_playbook(self) -> None:
        """It runs on the emulator as on a tenant, and shows what it has found."""
        block = self.README.partition("```yaml\n")[2].partition("```")[0]
        assert "https://" not in block
        assert "no_log" not in block
        assert any("ansible.builtin.debug" in task for task in yaml.safe_load(block)[0]["tasks"])

    def test_local_links_of_the_readme_lead_somewhere(self) -> None:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", self.README):
            assert "://" in target or (REPOSITORY / target).exists(), target


def test_links_lead_somewhere() -> None:
    anchors = {
        re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^#+ (.*)$", PAGE, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)]+)\)", PAGE):
        if target.startswith("#"):
            assert target[1:] in anchors, target
        else:
            assert (REPOSITORY / "docs" / target).exists(), target


def test_what_the_page_of_the_architecture_names_exists() -> None:
    page = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
    plugins = [path.name for path in (REPOSITORY / "plugins").rglob("_*.py")]
    for name in set(re.findall(r"(?<![\w/])(_\w+\*?\.py)", page)):
        assert any(re.fullmatch(name.replace(".", r"\.").replace("*", r"\w*"), known) for known in plugins), name
    for path in re.findall(r"`(_\w+/\w+\.py)`", page):
        assert (REPOSITORY / "plugins" / "module_utils" / path).exists(), path


def test_the_make_targets_of_the_guides_exist() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    for page in ("CONTRIBUTING.md", "docs/architecture.md", "emulator/README.md"):
        text = (REPOSITORY / page).read_text(encoding="utf-8")
        for target in set(re.findall(r"(?:\$ |`|\()make ([a-z-]+)", text)):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{page}: make {target}"
