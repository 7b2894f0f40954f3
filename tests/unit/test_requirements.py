# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of requirements: its errors, and that documentation and execution environment agree with it."""

from __future__ import annotations

import importlib
import os
import re
import sys
import types
import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.community.powerbi.plugins.module_utils import _requirements
from ansible_collections.community.powerbi.plugins.module_utils._auth.methods import METHODS, acquire
from ansible_collections.community.powerbi.plugins.module_utils._errors import MissingLibraryError
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_in_process
from ansible_collections.community.powerbi.plugins.module_utils._requirements import (
    FEATURES,
    Feature,
    for_method,
    missing,
    require,
)
from ansible_collections.community.powerbi.plugins.module_utils._session import Session, open_session
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec
from ansible_collections.community.powerbi.plugins.module_utils._settings.sources import ConfigSource

REPOSITORY: t.Final = Path(__file__).resolve().parents[2]
PAGE: t.Final = REPOSITORY / "docs" / "requirements.md"
PLUGINS: t.Final = "ansible_collections.community.powerbi.plugins"
MODULES: t.Final = sorted(path.stem for path in (REPOSITORY / "plugins" / "modules").glob("powerbi_*.py"))
FRAGMENTS: t.Final = sorted(path.stem for path in (REPOSITORY / "plugins" / "doc_fragments").glob("[a-z]*.py"))


def line(feature: Feature, index: int) -> str:
    """A library as DOCUMENTATION lists it."""
    library = feature.libraries[index]
    name = f"{library.package} >= {library.minimum}" if library.minimum else library.package
    return f"{name} ({feature.when})" if feature.when else name


def documented() -> dict[str, list[str]]:
    """``requirements`` of each module and each section of a fragment that has any."""
    found: dict[str, list[str]] = {}
    for name in MODULES:
        text = importlib.import_module(f"{PLUGINS}.modules.{name}").DOCUMENTATION
        found[name] = yaml.safe_load(text).get("requirements", [])
    for name in FRAGMENTS:
        fragment = importlib.import_module(f"{PLUGINS}.doc_fragments.{name}").ModuleDocFragment
        for section, text in vars(fragment).items():
            if section.isupper():
                place = name if section == "DOCUMENTATION" else f"{name}.{section.lower()}"
                found[place] = yaml.safe_load(text).get("requirements", [])
    return {name: lines for name, lines in found.items() if lines}


def page() -> str:
    rows = [
        f"| {feature.purpose}{f' ({plain(feature.when)})' if feature.when else ''} "
        f"| {', '.join(f'`{library.specifier}`' for library in feature.libraries)} |"
        for feature in FEATURES.values()
    ]
    return "\n".join(
        [
            "<!--",
            "Copyright (c) 2026, the community.powerbi authors",
            "SPDX-License-" + "Identifier: GPL-3.0-or-later",
            "-->",
            "# Requirements",
            "",
            "ansible-core 2.16 or newer, and Python 3.9 or newer on the host where a task runs. The Python libraries are needed",
            "there too, for the same Python; lookups and roles run on the controller.",
            "",
            "| to | libraries |",
            "|---|---|",
            *rows,
            "",
            "`pip install requests msal` does for most uses: PyYAML and cryptography come with ansible-core to the controller,",
            "PyJWT with msal to any host. An execution environment that is built with this collection has all of them.",
            "",
            "A task checks what it needs before its first request, in check mode too, and names all that is missing with the",
            "command that installs it.",
            "",
            "<!-- Made from plugins/module_utils/_requirements.py: UPDATE_DOCS=1 pytest tests/unit/test_requirements.py -->",
            "",
        ]
    )


def plain(text: str) -> str:
    return re.sub(r"[OC]\(([^)]*)\)", r"`\1`", text)


class TestDocumentation:
    def test_plugins_list_what_is_in_the_table(self) -> None:
        expected: dict[str, list[str]] = {}
        for feature in FEATURES.values():
            for place in feature.documented:
                expected.setdefault(place, []).extend(line(feature, n) for n in range(len(feature.libraries)))
        assert {name: sorted(lines) for name, lines in documented().items()} == {
            name: sorted(lines) for name, lines in expected.items()
        }

    def test_every_feature_is_documented_somewhere(self) -> None:
        assert [name for name, feature in FEATURES.items() if not feature.documented] == []

    def test_the_page(self) -> None:
        if os.environ.get("UPDATE_DOCS"):
            PAGE.write_text(page(), encoding="utf-8")
        assert PAGE.read_text(encoding="utf-8") == page()

    def test_readme_names_what_every_task_needs(self) -> None:
        readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
        section = readme.partition("## Requirements")[2].partition("\n## ")[0]
        for name in ("requests", "sign_in"):
            for library in FEATURES[name].libraries:
                assert f"`{library.package}`" in section
        assert "docs/requirements.md" in section
        assert "ansible-core 2.16 or newer" in section

    def test_an_execution_environment_has_all(self) -> None:
        lines = (REPOSITORY / "meta" / "ee-requirements.txt").read_text(encoding="utf-8").splitlines()
        found = [text for text in lines if text and not text.startswith("#")]
        expected = {library.specifier for feature in FEATURES.values() for library in feature.libraries}
        assert sorted(found) == sorted(expected)


class TestTheTableIsWhole:
    def test_every_library_that_plugins_import_is_in_it(self) -> None:
        """Whatever is neither Python's nor Ansible's nor ours."""
        import ast

        ours = {"ansible", "ansible_collections"}
        listed = {library.module.split(".")[0] for feature in FEATURES.values() for library in feature.libraries}
        with_requests = {"urllib3"}
        found: set[str] = set()
        for path in (REPOSITORY / "plugins").rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module") and node.args:
                    names += re.findall(r"^'(\w+)", ast.unparse(node.args[0]))
                found.update(name.split(".")[0] for name in names)
        assert found - set(sys.stdlib_module_names) - ours - with_requests - listed - {"collections"} <= {"azure"}

    @pytest.mark.parametrize("method", METHODS)
    def test_each_way_to_log_in_checks_before_it_begins(self, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
        def started(*_args: t.Any) -> t.NoReturn:
            raise AssertionError("it began")

        monkeypatch.setitem(METHODS, method, started)
        monkeypatch.setattr(_requirements, "_is_there", lambda _library: False)
        settings = t.cast("t.Any", types.SimpleNamespace(credential=types.SimpleNamespace(method=method)))
        expected = MissingLibraryError if for_method(method) else AssertionError
        with pytest.raises(expected):
            acquire(settings, "scope", t.cast("t.Any", None))


class TestErrors:
    @pytest.fixture
    def without(self, monkeypatch: pytest.MonkeyPatch) -> t.Callable[..., None]:
        def hide(*packages: str) -> None:
            there = _requirements._is_there
            monkeypatch.setattr(_requirements, "_is_there", lambda lib: lib.package not in packages and there(lib))

        return hide

    def test_nothing_is_said_where_all_is_there(self) -> None:
        require(*FEATURES.keys() - {"socks"})

    def test_all_that_is_missing_is_named_at_once(self, without: t.Callable[..., None]) -> None:
        without("msal", "cryptography")
        with pytest.raises(MissingLibraryError) as caught:
            require(*for_method("certificate"))
        assert str(caught.value) == (
            f"The Python libraries msal and cryptography are missing for {sys.executable}. They are needed to get tokens "
            "from Microsoft Entra ID and sign in with a certificate. "
            f'Remedy: {sys.executable} -m pip install "msal>=1.29" "cryptography>=3.4".'
        )
        assert caught.value.to_dict()["kind"] == "missing_library"

    @pytest.mark.parametrize("name", FEATURES)
    def test_each_feature_has_one_clear_message(self, name: str, without: t.Callable[..., None]) -> None:
        packages = [library.package for library in FEATURES[name].libraries]
        without(*packages)
        with pytest.raises(MissingLibraryError, match=f"needed to {re.escape(FEATURES[name].purpose)}") as caught:
            require(name)
        for package in packages:
            assert package in caught.value.what
            assert package in caught.value.remedy

    def test_one_that_is_too_old(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("importlib.metadata.version", lambda _package: "1.9.0rc1")
        with pytest.raises(MissingLibraryError, match=r"msal 1\.9\.0rc1 is older than 1\.29"):
            require("sign_in")

    def test_all_that_are_too_old_or_missing_are_named_at_once(
        self, without: t.Callable[..., None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        without("cryptography")
        monkeypatch.setattr("importlib.metadata.version", lambda _package: "1.9")
        with pytest.raises(MissingLibraryError) as caught:
            require("requests", *for_method("certificate"))
        assert str(caught.value).startswith(
            f"The Python library cryptography is missing for {sys.executable}, and requests 1.9 is older than 2.28 and msal 1.9 "
            "is older than 1.29. They are needed to send requests, get tokens from Microsoft Entra ID and sign in with a"
        )
        assert caught.value.remedy.endswith('pip install "requests>=2.28" "msal>=1.29" "cryptography>=3.4"')

    @pytest.mark.parametrize(
        ("library", "method", "proxy", "named"),
        [
            ("PyYAML", "client_secret", None, "PyYAML, requests and msal"),
            ("PyJWT", "certificate", None, "cryptography, PyJWT, requests and msal"),
            ("requests", "managed_identity", "socks5h://127.0.0.1:1080", "requests, msal and PySocks"),
            ("PyYAML", "access_token", None, "PyYAML and requests"),
        ],
    )
    def test_a_task_names_what_its_log_in_lacks_as_well(
        self, library: str, method: str, proxy: str | None, named: str, without: t.Callable[..., None]
    ) -> None:
        """One installation has to do, wherever the first library is missed."""
        without("requests", "msal", "PySocks", *(["cryptography"] if method == "certificate" else []), library)
        feature = {"PyYAML": "parameter_file", "PyJWT": "key_pair", "requests": "requests"}[library]

        def run(_context: Context) -> Result:
            raise missing(feature, ImportError("no")) from None

        identity = {
            "client_secret": {"tenant_id": "t", "client_id": "c", "client_secret": "x" * 20},
            "certificate": {"tenant_id": "t", "client_id": "c", "certificate_path": "/c.pem"},
            "managed_identity": {"auth_method": "managed_identity"},
            "access_token": {"access_token": "y" * 20},
        }[method]
        result = run_in_process(
            auth_argument_spec({}),
            run,
            {**identity, "proxy": proxy},
            name="m",
            check_mode=False,
            environ={},
            cache_directory="",
            notify=lambda _text: None,
        )
        assert result["error"]["library"] == named
        assert result["msg"].count("pip install") == 1

    @pytest.mark.parametrize("first", [lambda session: session.transport, lambda session: session.tokens.token()])
    def test_a_session_names_all_before_it_sends_anything(
        self, first: t.Callable[[Session], t.Any], without: t.Callable[..., None]
    ) -> None:
        without("requests", "msal", "cryptography", "PySocks")
        values = {
            "tenant_id": "t",
            "client_id": "c",
            "certificate_data": "-----BEGIN X-----",
            "proxy": "socks5://127.0.0.1:1",
        }
        session = open_session([ConfigSource("option", values, True)], {})
        with pytest.raises(MissingLibraryError) as caught:
            first(session)
        assert caught.value.library == "requests, msal, cryptography and PySocks"

    @pytest.mark.parametrize("version", ["1.29", "1.29.0", "1.30rc1", "2", "10.1.post1"])
    def test_one_that_is_new_enough(self, version: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("importlib.metadata.version", lambda _package: version)
        require("sign_in")

    def test_one_that_is_there_and_broken(self) -> None:
        error = missing("sign_in", ImportError("libssl.so.3: cannot open shared object file"))
        assert "msal is missing" in str(error)
        assert "(libssl.so.3: cannot open shared object file)" in str(error)
