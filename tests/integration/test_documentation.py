# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation is whole, and what it shows works as it stands there."""

from __future__ import annotations

import functools
import json
import re
import subprocess
import typing as t

import pytest
import yaml

from harness import contoso
from harness.ansible_run import REPOSITORY, AnsibleRunner, Run
from harness.emulator import Emulator
from harness.network import ConnectProxy, TlsFront

PLUGINS = REPOSITORY / "plugins"
KINDS = {"module": "modules", "lookup": "lookup", "filter": "filter", "test": "test", "inventory": "inventory"}
DOCUMENTED = [
    (kind, path.stem)
    for kind, folder in KINDS.items()
    for path in sorted((PLUGINS / folder).glob("*.py"))
    if path.stem != "__init__"
]


def full(name: str) -> str:
    return f"community.powerbi.{name}"


# ansible-doc


@pytest.fixture(scope="module")
def manuals(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], dict[str, t.Any]]:
    """The output of `ansible-doc --json` for each plugin, by kind and name."""
    runner = AnsibleRunner(tmp_path_factory.mktemp("manuals"))
    found = {}
    for kind in KINDS:
        names = [name for kind_of, name in DOCUMENTED if kind_of == kind]
        if names:
            run = runner.doc(*map(full, names), type=kind, json=True).ok()
            assert run.stderr.strip() == ""
            pages = json.loads(run.stdout)
            found.update({(kind, name): pages[full(name)] for name in names})
    return found


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """What `ansible-doc` prints for people, by kind."""
    runner = AnsibleRunner(tmp_path_factory.mktemp("texts"))
    names = {kind: [name for kind_of, name in DOCUMENTED if kind_of == kind] for kind in KINDS}
    return {kind: runner.doc(*map(full, own), type=kind) for kind, own in names.items() if own}


@pytest.mark.parametrize(("kind", "name"), DOCUMENTED)
def test_ansible_doc_shows_each_plugin_whole(
    kind: str, name: str, manuals: dict[tuple[str, str], dict[str, t.Any]], texts: dict[str, Run]
) -> None:
    manual = manuals[kind, name]
    doc = manual["doc"]
    assert doc["short_description"] and doc["description"]
    assert manual["examples"].strip() and manual["return"]
    undescribed = [option for option, spec in options_of(doc) if not spec.get("description")]
    assert undescribed == []
    text = texts[kind].ok().stdout
    for option, _spec in options_of(doc):
        assert re.search(rf"\b{re.escape(option.rpartition('.')[2])}\b", text), option
    for macro in ("O(", "V(", "E(", "M(", "C(", "RV("):  # rendered, not printed
        assert macro not in text, macro
    assert texts[kind].stderr.strip() == ""


def options_of(doc: t.Mapping[str, t.Any]) -> t.Iterator[tuple[str, dict[str, t.Any]]]:
    for name, spec in (doc.get("options") or {}).items():
        yield name, spec
        for inner, inner_spec in options_of({"options": spec.get("suboptions")}):
            yield f"{name}.{inner}", inner_spec


# Examples


class Example(t.NamedTuple):
    """``content``: a list of tasks or plays, as YAML gives it; ``where`` it stands."""

    where: str
    content: list[dict[str, t.Any]]

    @property
    def is_play(self) -> bool:
        return "hosts" in self.content[0] or any("import_playbook" in key for key in self.content[0])


def examples_of_pages() -> list[Example]:
    pages = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
    found = []
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for match in re.finditer(r"^```ya?ml\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            content = yaml.safe_load(match[1])
            line = text[: match.start()].count("\n") + 1
            if isinstance(content, list) and content and isinstance(content[0], dict):
                found.append(Example(f"{page.relative_to(REPOSITORY)}:{line}", content))
    return found


@functools.cache
def examples_of_plugins() -> list[Example]:
    found = []
    for kind, name in DOCUMENTED:
        source = PLUGINS / KINDS[kind] / f"{name}.py"
        text = re.search(r'^EXAMPLES = r?"""(.*?)^"""', source.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        assert text, source
        content = yaml.safe_load(text[1])
        if isinstance(content, list):  # an inventory's example is a file of another kind
            found.append(Example(f"{kind} {name}", content))
    return found


def tasks_in(content: t.Any) -> t.Iterator[dict[str, t.Any]]:
    """All tasks, also in plays and blocks."""
    for entry in content or ():
        inner = [
            entry[key]
            for key in ("tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always")
            if key in entry
        ]
        for tasks in inner:
            yield from tasks_in(tasks)
        if not inner and "hosts" not in entry:
            yield entry


EXAMPLES = [pytest.param(example, id=example.where) for example in (*examples_of_pages(), *examples_of_plugins())]


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_use_options_that_exist(example: Example, manuals: dict[tuple[str, str], dict[str, t.Any]]) -> None:
    for task in tasks_in(example.content):
        for key, arguments in task.items():
            name = key.removeprefix("community.powerbi.")
            if key == name or ("module", name) not in manuals or not isinstance(arguments, dict):
                continue
            options = manuals["module", name]["doc"]["options"]
            names = {alias for option, spec in options.items() for alias in (option, *spec.get("aliases", []))}
            assert set(arguments) <= names, key
            for option, value in arguments.items():
                choices = options.get(option, {}).get("choices")
                values = value if isinstance(value, list) else [value]
                assert not choices or "{{" in str(value) or set(values) <= set(choices), f"{key}: {option}"


def of_another_collection(task: t.Mapping[str, t.Any]) -> bool:
    return any(re.match(r"(?!ansible\.builtin\.|community\.powerbi\.)\w+\.\w+\.\w+$", key) for key in task)


def test_examples_are_playbooks_that_ansible_can_read(ansible: AnsibleRunner) -> None:
    """But for tasks and groups of collections that need not be here."""
    plays: list[dict[str, t.Any]] = []
    for example in (*examples_of_pages(), *examples_of_plugins()):
        if example.is_play:
            for play in (play for play in example.content if "hosts" in play):
                defaults = play.get("module_defaults", {})
                here = {name: options for name, options in defaults.items() if not name.startswith("group/azure.")}
                plays.append({**play, "module_defaults": here})
        else:
            tasks = [task for task in example.content if not of_another_collection(task)]
            plays.append({"name": example.where, "hosts": "localhost", "gather_facts": False, "tasks": tasks})
    run = ansible.playbook(plays, args=["--syntax-check"]).ok()
    assert "WARNING" not in run.stderr and "ERROR" not in run.stderr, run.stderr


# As written: the hosts of the public cloud lead to the emulator, by a proxy, as in a company's network


@pytest.fixture(scope="module")
def public_cloud(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[dict[str, str]]:
    """An environment in which login.microsoftonline.com and api.powerbi.com are the emulator."""
    files = tmp_path_factory.mktemp("public-cloud")
    target = ("127.0.0.1", int(emulator.url.rpartition(":")[2]))
    hosts = ["login.microsoftonline.com", "api.powerbi.com", "api.fabric.microsoft.com"]
    tls_front = TlsFront(files, hosts, target, emulator.ca_path)
    proxy = ConnectProxy(target=("127.0.0.1", tls_front.port))
    yield {
        "HTTPS_PROXY": proxy.url,
        "https_proxy": proxy.url,
        "SSL_CERT_FILE": str(tls_front.ca_path),
        "POWERBI_CA_PATH": str(tls_front.ca_path),
        "POWERBI_TENANT_ID": contoso.TENANT,
        "POWERBI_CLIENT_ID": contoso.DEPLOY.client_id,
        "POWERBI_CLIENT_SECRET": contoso.DEPLOY.secret,
    }
    proxy.stop()
    tls_front.stop()


PLAYBOOKS_OF_THE_README = [
    pytest.param(example, id=example.where)
    for example in examples_of_pages()
    if example.where.startswith("README") and example.is_play and "roles" not in example.content[0]
]


@pytest.mark.parametrize("example", PLAYBOOKS_OF_THE_README)
def test_playbooks_of_the_readme_run_as_written(
    example: Example, public_cloud: dict[str, str], emulator: Emulator, ansible: AnsibleRunner
) -> None:
    emulator.clean()
    run = ansible.playbook(example.content, env=public_cloud).ok()
    assert {result.status for result in run.results} == {"ok"}
    hosts = {entry["host"] for entry in emulator.requests()}
    assert hosts == {"login.microsoftonline.com", "api.powerbi.com", "api.fabric.microsoft.com"}
    assert len(emulator.requests(contoso.TOKEN_PATH)) == 1


@pytest.mark.parametrize("example", PLAYBOOKS_OF_THE_README)
def test_playbooks_of_the_readme_run_on_its_emulator(
    example: Example, fresh_emulator: Emulator, ansible: AnsibleRunner
) -> None:
    """With the variables that `make emulator` prints and nothing else; the answer is in the output."""
    run = ansible.playbook(example.content, env=fresh_emulator.env).ok()
    assert {result.status for result in run.results} == {"ok"}
    shown = run.result("Show their names")["msg"]
    assert "Sales" in shown


def tasks_after_deploying(page: str) -> list[dict[str, t.Any]]:
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    section = re.split(r"^## After (?:deploying|the deployment)$", text, flags=re.MULTILINE)[1]
    tasks: list[dict[str, t.Any]] = yaml.safe_load(section.partition("```yaml\n")[2].partition("```")[0])
    return tasks


@pytest.mark.parametrize("page", ["README.md", "docs/deploying.md"])
def test_what_to_do_after_deploying_stops_at_a_model_that_is_not_there(
    page: str, fresh_emulator: Emulator, ansible: AnsibleRunner
) -> None:
    """The seed's workspace Sales has no semantic model of that name: the task reports it, and starts no refresh."""
    run = ansible.playbook(tasks_after_deploying(page), env=fresh_emulator.env).failed()
    assert "there is no semantic model 'Sales' that this caller can see" in run.output
    assert fresh_emulator.requests("/refreshes$") == []


@pytest.mark.parametrize("page", ["README.md", "docs/deploying.md"])
def test_what_to_do_after_deploying_refreshes_what_was_deployed(
    page: str, fresh_emulator: Emulator, ansible: AnsibleRunner
) -> None:
    """The tasks of the section, after a deployment of the sample."""
    after = tasks_after_deploying(page)
    src = str(REPOSITORY / "playbooks" / "files" / "sample")
    deploy = {
        "name": "Deploy",
        full("powerbi_deploy"): {"workspace": "Sales", "src": src, "exclude": ["*.PaginatedReport"]},
    }
    run = ansible.playbook([deploy, *after], env=fresh_emulator.env).ok()
    assert run.result("Refresh it, and wait")["refresh"]["status"] == "completed"
    (started,) = fresh_emulator.requests("/refreshes$", method="POST")
    assert started["status"] == 202


def test_the_vault_playbook_of_the_readme_is_the_one_that_test_openbao_runs() -> None:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    blocks = [block.partition("```")[0] for block in text.split("```yaml\n")[1:]]
    (block,) = [block for block in blocks if "powerbi_credentials_source" in block]
    playbook = (REPOSITORY / "playbooks" / "vault.yml").read_text(encoding="utf-8")
    assert block == playbook[playbook.index("- name:") :]


def test_the_readme_opens_with_a_playbook_of_fifteen_lines() -> None:
    first = next(example for example in examples_of_pages() if example.where.startswith("README"))
    assert first.is_play
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    block = text.partition("```yaml\n")[2].partition("```")[0]
    assert len([line for line in block.splitlines() if line.strip()]) <= 15


def test_the_quickstart_playbook_runs(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    run = ansible.playbook(REPOSITORY / "playbooks" / "quickstart.yml", env=fresh_emulator.env).ok()
    assert len(fresh_emulator.requests(contoso.TOKEN_PATH)) == 1
    assert "1 token request" in run.output
    assert not re.search(r"eyJ[\w-]{15}", run.output)


def test_make_emulator_keeps_the_other_collections_of_the_user() -> None:
    """What it prints is for a terminal of the user's, and is evaluated there."""
    command = [str(REPOSITORY / "tools" / "with-emulator.sh")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as script:
        assert script.stdout
        line = next(text.strip() for text in script.stdout if "export ANSIBLE_COLLECTIONS_PATH=" in text)
        script.terminate()

    def evaluated(**environment: str) -> list[str]:
        shell = ["bash", "-c", f'{line}; echo -n "$ANSIBLE_COLLECTIONS_PATH"']
        run = subprocess.run(shell, env=environment, capture_output=True, text=True, check=True)
        return run.stdout.split(":")

    ours = str(REPOSITORY / ".collections")
    assert evaluated(HOME="/h", ANSIBLE_COLLECTIONS_PATH="/my own:/b") == [ours, "/my own", "/b"]
    assert evaluated(HOME="/h h") == [ours, "/h h/.ansible/collections", "/usr/share/ansible/collections"]
    assert evaluated(HOME="/h", ANSIBLE_HOME="/a")[1] == "/a/collections"


def test_commands_of_the_readme_exist() -> None:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    for target in sorted(set(re.findall(r"`?\bmake ([a-z-]+)", text))):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"make {target}"
