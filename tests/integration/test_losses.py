# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a deployment would take from live items without a word in the files: roles, models under files, descriptions."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from harness.emulator import Emulator
from harness.files import pbix, xlsx
from harness.modules import Modules
from harness.portal import Portal
from test_ownership import MODEL_ID, deploy, model, notebook, write

MEGAN: t.Final = "megan.bowen@contoso.onmicrosoft.com"
ROLE: t.Final = "role {}\n\tmodelPermission: read\n\n\ttablePermission Orders = {}\n"


@pytest.fixture
def portal(fresh_emulator: Emulator) -> Portal:
    return Portal(fresh_emulator)


@pytest.fixture
def modules(fresh_emulator: Emulator) -> Modules:
    return Modules(fresh_emulator)


def refused(modules: Modules, portal: Portal, emulator: Emulator, module: str, **given: t.Any) -> str:
    """Check mode and the run fail alike for allow_data_loss, and neither writes."""
    emulator.clear_requests()
    planned = modules.fail(module, check=True, workspace="Finance", **given)
    result = modules.fail(module, workspace="Finance", **given)
    assert planned["msg"] == result["msg"]
    assert result["error"]["option"] == "allow_data_loss"
    assert portal.writes() == []
    return str(result["msg"])


class TestRoles:
    @pytest.fixture
    def folder(self, fresh_emulator: Emulator, modules: Modules, portal: Portal, tmp_path: Path) -> Path:
        """A deployed model with the role Reader, to which a person was added in the portal."""
        write(model(tmp_path), {"Model.SemanticModel/definition/roles/Reader.tmdl": ROLE.format("Reader", "[A] = 1")})
        deploy(modules, tmp_path)
        path = f"/_emulator/items/{portal.item('Sales.SemanticModel')['id']}/role-members"
        fresh_emulator.call("PUT", path, json={"Reader": [MEGAN]}).raise_for_status()
        return tmp_path

    @staticmethod
    def replace(folder: Path, *roles: tuple[str, str]) -> None:
        place = folder / "Model.SemanticModel" / "definition" / "roles"
        for path in place.glob("*.tmdl"):
            path.unlink()
        for name, text in roles:
            (place / f"{name}.tmdl").write_text(ROLE.format(name, text))

    @staticmethod
    def members(portal: Portal) -> dict[str, bool]:
        parts = portal.parts("Sales.SemanticModel")
        found = {path: data for path, data in parts.items() if path.startswith("definition/roles/")}
        return {Path(path).stem: MEGAN.encode() in data for path, data in found.items()}

    def test_a_renamed_role_keeps_its_members(self, modules: Modules, portal: Portal, folder: Path) -> None:
        self.replace(folder, ("Readers", "[A] = 1"))
        assert deploy(modules, folder)["updated"] == ["Sales.SemanticModel"]
        assert self.members(portal) == {"Readers": True}
        assert not deploy(modules, folder)["changed"]

    @pytest.mark.parametrize(
        ("roles", "options", "lost"),
        [
            ([("Readers", "[A] = 2")], {}, "role Reader: removed with its 1 member"),
            ([("Readers", "[A] = 1")], {"preserve": []}, f"role Reader: loses its member {MEGAN}, as it is renamed"),
            ([], {}, "the model: loses its last role: all users with read permission see all its data"),
            ([("Reader", "TRUE()")], {}, "role Reader: no longer filters table Orders"),
        ],
    )
    def test_a_role_that_is_lost_or_opened_is_refused(
        self,
        fresh_emulator: Emulator,
        modules: Modules,
        portal: Portal,
        folder: Path,
        roles: list[tuple[str, str]],
        options: dict[str, t.Any],
        lost: str,
    ) -> None:
        self.replace(folder, *roles)
        given = {"src": str(folder), **options}
        assert lost in refused(modules, portal, fresh_emulator, "powerbi_deploy", **given)
        assert deploy(modules, folder, **options, allow_data_loss=True)["updated"] == ["Sales.SemanticModel"]
        assert set(self.members(portal)) == {name for name, _text in roles}

    def test_members_are_those_of_the_files_where_that_is_said(
        self, modules: Modules, portal: Portal, folder: Path
    ) -> None:
        assert deploy(modules, folder, preserve=[])["updated"] == ["Sales.SemanticModel"]
        assert self.members(portal) == {"Reader": False}


@pytest.mark.parametrize("kind", ["pbix", "xlsx"])
def test_a_file_does_not_replace_a_deployed_model(
    fresh_emulator: Emulator, modules: Modules, portal: Portal, tmp_path: Path, kind: str
) -> None:
    deploy(modules, model(tmp_path / "project"))
    files = tmp_path / "files"
    files.mkdir()
    file = pbix(files / "Sales.pbix") if kind == "pbix" else xlsx(files / "Sales.xlsx")
    before = portal.parts("Sales.SemanticModel")
    for module, given in (
        ("powerbi_import", {"src": [str(file)]}),
        ("powerbi_import", {"src": [str(file)], "fingerprint": False}),
        ("powerbi_deploy", {"src": str(files), "deployment": "files", "take_ownership": True}),
    ):
        message = refused(modules, portal, fresh_emulator, module, **given)
        assert "Sales" in message
        assert "the model was deployed from a definition" in message
    assert portal.parts("Sales.SemanticModel") == before
    done = modules("powerbi_import", workspace="Finance", src=[str(file)], allow_data_loss=True)
    assert done["imports"][0]["action"] == "update"
    assert not modules("powerbi_import", workspace="Finance", src=[str(file)])["changed"]


def test_a_description_of_the_portal_stays_where_the_folder_states_none(
    modules: Modules, portal: Portal, tmp_path: Path
) -> None:
    deploy(modules, notebook(model(tmp_path)))
    for label in ("Sales.SemanticModel", "Night.Notebook"):
        text = portal.item(label).get("description") or ""
        portal.change(label, description=f"Written in the portal {text}".strip())
    assert not deploy(modules, tmp_path)["changed"]
    deploy(modules, model(tmp_path, measure="2"))
    assert portal.item("Sales.SemanticModel")["description"] == "Written in the portal"
    for text in ("From the folder", ""):
        metadata = {"type": "SemanticModel", "displayName": "Sales", "description": text}
        content = json.dumps({"metadata": metadata, "config": {"version": "2.0", "logicalId": MODEL_ID}})
        write(tmp_path, {"Model.SemanticModel/.platform": content})
        done = deploy(modules, tmp_path)
        assert done["updated"] == ["Sales.SemanticModel"]
        assert portal.item("Sales.SemanticModel")["description"] == text
