# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans: equal items are unchanged, differences are reported, and a plan sends no write."""

from __future__ import annotations

import re
import typing as t

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.community.powerbi.plugins.module_utils._api.workspaces import Workspace
from ansible_collections.community.powerbi.plugins.module_utils._content.item import PAGINATED_REPORT
from ansible_collections.community.powerbi.plugins.module_utils._content.parameters.file import from_option
from ansible_collections.community.powerbi.plugins.module_utils._deploy.identity import description_annotation
from ansible_collections.community.powerbi.plugins.module_utils._deploy.options import DeployOptions
from ansible_collections.community.powerbi.plugins.module_utils._errors import ApiError, ConfigError, ForbiddenError
from fakes.wire import Sent
from fakes.workspace import Deployed, FakeWorkspace, desired_of, local
from powerbi_emulator.provisioned_properties import provision
from powerbi_emulator.state.items import Items

MODEL = {"definition_pbism": "{}"}
LOGICAL = "10000000-0000-4000-8000-000000000001"
NAMES = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=6)
TEXTS = st.sampled_from(["one", "two", "three"])


def notebook(name: str, text: str = "one", **more: t.Any) -> t.Any:
    return local(f"{name}.Notebook", **more, content_py=text)


@given(there=NAMES, here=NAMES, texts=st.lists(TEXTS, min_size=8, max_size=8))
@settings(deadline=None, max_examples=40)
def test_the_plan_is_what_differs_and_once_carried_out_nothing_is_left(
    there: list[str], here: list[str], texts: list[str]
) -> None:
    service = FakeWorkspace()
    for name in there:
        service.add("Notebook", name, parts={"content.py": b"one"})
    items = [notebook(name, texts["abcdefgh".index(name)]) for name in here]
    planned = Deployed(service, desired_of(*items))
    assert service.writes == []
    expected = {
        str(item): "create" if item.display_name not in there else "unchanged" if text == "one" else "update"
        for item, text in ((item, item.parts["content.py"].decode()) for item in items)
    }
    assert planned.actions == expected
    outcome = planned.run()
    assert not outcome.failed and not outcome.skipped
    assert sorted(service.writes) == sorted(
        f"{action} {label}" for label, action in expected.items() for action in _writes(action)
    )
    again = Deployed(service, desired_of(*items))
    assert set(again.actions.values()) <= {"unchanged"}
    assert not again.deployment.changed and again.deployment.diff() == []


def _writes(action: str) -> tuple[str, ...]:
    """An update also writes the ownership annotation that an item of another origin does not have."""
    return {"create": ("create",), "update": ("update", "describe"), "unchanged": ()}[action]


def test_a_rename_a_description_and_a_folder_are_one_change() -> None:
    service = FakeWorkspace()
    Deployed(service, desired_of(notebook("Old", logical_id=LOGICAL))).run()
    item = local("New.Notebook", folder="Monthly", logical_id=LOGICAL, content_py="one", _platform="{}")
    planned = Deployed(service, desired_of(item))
    (plan,) = planned.plans
    assert plan.action == "update"
    assert plan.texts == ["renamed from Old", "moved from the root to Monthly"]
    assert [(shown["before"], shown["after"]) for shown in planned.deployment.diff()] == [
        ("name: Old\n", "name: New\n"),
        ("folder: \n", "folder: Monthly\n"),
    ]
    planned.run()
    assert service.names() == ["New.Notebook"]
    assert not Deployed(service, desired_of(item)).deployment.changed


def test_a_folder_does_not_count_where_nothing_is_moved() -> None:
    service = FakeWorkspace()
    Deployed(service, desired_of(notebook("A"))).run()
    options = DeployOptions.of(bulk_api="never", move=False)
    assert Deployed(service, desired_of(notebook("A", folder="Monthly")), options).actions == {
        "A.Notebook": "unchanged"
    }


def test_a_missing_annotation_alone_is_no_change() -> None:
    service = FakeWorkspace()
    service.add("Notebook", "A", "Text", parts={"content.py": b"one"})
    item = local("A.Notebook", content_py="one")
    assert not Deployed(service, desired_of(item)).deployment.changed
    Deployed(service, desired_of(notebook("A", "two"))).run()
    described = description_annotation.read(service.item("A.Notebook").description)
    assert described == ("Text", description_annotation.Annotation())


def test_two_live_items_of_a_name_are_refused_with_their_ids() -> None:
    service = FakeWorkspace()
    ids = [service.add("Notebook", name) for name in ("A", "a")]
    with pytest.raises(ConfigError, match="2 items of the type Notebook") as caught:
        Deployed(service, desired_of(notebook("A")))
    assert all(identity in caught.value.why for identity in ids)


def test_an_error_of_reading_names_the_item() -> None:
    service = FakeWorkspace()
    service.add("Notebook", "A")
    service.fault(path="/getDefinition$", status=403, code="InsufficientPrivileges", times=1)
    with pytest.raises(ForbiddenError, match=r"A\.Notebook can't be compared with the service") as caught:
        Deployed(service, desired_of(notebook("A")))
    assert caught.value.details["item"] == "A.Notebook"


def test_a_definition_that_is_not_to_be_had_in_the_format_of_the_folder_is_read_in_its_own() -> None:
    service = FakeWorkspace()
    service.add(PAGINATED_REPORT, "A", parts={"A.rdl": b"<Report/>"})
    service.fault(path="/getDefinition$", status=400, code="OperationNotSupportedForItem", times=1)
    planned = Deployed(service, desired_of(local("A.PaginatedReport", A_rdl="<Report/>")))
    assert planned.actions == {"A.PaginatedReport": "unchanged"}
    requested = [url for url in planned.net.urls if "getDefinition" in url]
    assert [bool(re.search("format=", url)) for url in requested] == [True, False]


def test_a_definition_that_is_nowhere_to_be_had_is_an_error() -> None:
    service = FakeWorkspace()
    service.add(PAGINATED_REPORT, "A", parts={"A.rdl": b"<Report/>"})
    service.fault(path="/getDefinition$", status=400, code="X", times=2)
    with pytest.raises(ApiError):
        Deployed(service, desired_of(local("A.PaginatedReport", A_rdl="<Report/>")))


class Provisioning(FakeWorkspace):
    """New items get their endpoints while they are read for the ``polls``-th time."""

    def __init__(self, polls: int) -> None:
        super().__init__()
        self.emulated.switches.update({"endpoint_time": 1000.0})
        self._left = polls

    def __call__(self, sent: Sent) -> requests.Response:
        found = re.search(r"(?:lakehouses|warehouses|sqlDatabases|eventhouses)/([^/?]+)$", sent.url)
        if found and sent.method == "GET":
            self._left -= 1
            if not self._left:
                item = self.store(Items).anywhere(found[1])
                assert item is not None
                self.emulated.switches.update({"endpoint_time": 0.0})
                provision(self.emulated, item)
        return super().__call__(sent)


class TestReferences:
    """What an item needs of others has to be there or to come with it; else the plan refuses it."""

    @staticmethod
    def rules(value: str) -> t.Any:
        return from_option([{"find": "ID", "replace": value}], "", {})[0]

    def plan(self, service: FakeWorkspace, value: str, *items: t.Any, **more: t.Any) -> Deployed:
        user = notebook("User", "the ID")
        needs = {user: list(items)}
        return Deployed(service, desired_of(user, *items, needs=needs, rules=self.rules(value)), **more)

    def test_of_an_item_that_is_there_or_comes_along(self) -> None:
        service = FakeWorkspace()
        identity = service.add("Notebook", "Used", parts={"content.py": b"one"})
        self.plan(service, "$items.Notebook.Used.$id").run()
        assert service.parts("User.Notebook")["content.py"] == f"the {identity}".encode()
        fresh = FakeWorkspace()
        self.plan(fresh, "$items.Notebook.Used.$id", notebook("Used")).run()
        assert fresh.writes == ["create Used.Notebook", "create User.Notebook"]
        used = fresh.identity("Used.Notebook")
        assert fresh.parts("User.Notebook")["content.py"] == f"the {used}".encode()

    @pytest.mark.parametrize("value", ["$items.Notebook.Nothing.$id", "$items.Report.Used.$id"])
    def test_of_an_item_that_nothing_provides(self, value: str) -> None:
        service = FakeWorkspace()
        with pytest.raises(ConfigError, match="neither in the workspace nor among what is deployed") as caught:
            self.plan(service, value, notebook("Used"))
        assert caught.value.option == "parameters" and service.writes == []

    @pytest.mark.parametrize(
        ("item_type", "attribute", "path"),
        [
            ("Lakehouse", "sqlendpoint", ("sqlEndpointProperties", "connectionString")),
            ("Lakehouse", "sqlEndpointId", ("sqlEndpointProperties", "id")),
            ("Warehouse", "sqlendpoint", ("connectionString",)),
            ("SQLDatabase", "sqlendpoint", ("serverFqdn",)),
            ("Eventhouse", "queryserviceuri", ("queryServiceUri",)),
        ],
    )
    def test_of_an_endpoint_that_is_provisioned_after_the_creation(
        self, item_type: str, attribute: str, path: tuple[str, ...]
    ) -> None:
        service = Provisioning(polls=3)
        value = f"$items.{item_type}.Used.${attribute}"
        assert not self.plan(service, value, local(f"Used.{item_type}")).run().failed
        found: t.Any = service.item(f"Used.{item_type}").properties
        for name in path:
            found = found[name]
        assert service.parts("User.Notebook")["content.py"] == f"the {found}".encode()
        again = self.plan(service, value, local(f"Used.{item_type}"))
        assert set(again.actions.values()) == {"unchanged"}

    def test_of_an_endpoint_that_can_not_be_provisioned(self) -> None:
        service = FakeWorkspace()
        service.emulated.switches.update({"failing_endpoints": ["Used"]})
        outcome = self.plan(service, "$items.Lakehouse.Used.$sqlendpoint", local("Used.Lakehouse")).run()
        ((entry, error),) = outcome.failed
        assert entry.label == "User.Notebook"
        assert "could not provision the SQL endpoint of Used.Lakehouse" in str(error)

    def test_of_a_spark_pool(self) -> None:
        service = FakeWorkspace()
        service.emulated.switches.update({"spark_pools": ["Large"]})
        old = "aaaaaaaa-0000-4000-8000-000000000001"
        pools = {"PROD": {"type": "Workspace", "name": "Large"}, "DEV": {"type": "Capacity", "name": "None"}}
        section = {"spark_pool": [{"instance_pool_id": old, "replace_value": pools}]}
        item = local("Run.Environment").with_parts(
            {
                "Setting/Sparkcompute.yml": f"# NO\ninstance_pool_id: {old.upper()}  # of dev\nruntime_version: 1.10\n".encode()
            }
        )
        rules = from_option(section, "PROD", {}).rules
        assert not Deployed(service, desired_of(item, rules=rules)).run().failed
        text = service.parts("Run.Environment")["Setting/Sparkcompute.yml"].decode()
        assert re.fullmatch(r"# NO\ninstance_pool_id: [0-9a-f-]{36}  # of dev\nruntime_version: 1\.10\n", text)
        assert old not in text.lower()
        with pytest.raises(
            ConfigError, match="Capacity Spark pool 'None' of spark_pool is not in the workspace"
        ) as caught:
            Deployed(service, desired_of(item, rules=from_option(section, "DEV", {}).rules))
        assert "Large (Workspace), Starter Pool (Workspace)" in caught.value.why

    def test_of_an_item_or_a_workspace_that_earlier_tasks_of_a_check_would_make(self) -> None:
        made = {("Sales", "Notebook", "Used"), ("Other", "", ""), ("Other", "Notebook", "Used")}
        yet_to_be_made = Workspace("", "Sales", "", "", "Workspace")
        for value in (
            "$items.Notebook.Used.$id",
            "$workspace.$id",
            "$workspace.Other.$id",
            "$workspace.Other.$items.Notebook.Used.$id",
        ):
            planned = self.plan(FakeWorkspace(), value, workspace=yet_to_be_made, planned=lambda *names: names in made)
            assert planned.actions == {"User.Notebook": "create"}
            assert planned.deployment.new_items() == [("Notebook", "User")]


def test_what_would_lose_data_is_refused_unless_it_is_allowed() -> None:
    service = FakeWorkspace()
    table = "table A\n\n\tcolumn B\n\t\tdataType: int64\n\t\tsourceColumn: B\n\n\tpartition A = m\n\t\tsource = 1\n"
    before = {"definition.pbism": "{}", "definition/model.tmdl": "model Model\n", "definition/tables/A.tmdl": table}
    after = {**before, "definition/tables/A.tmdl": table.replace("int64", "string")}

    def model(parts: dict[str, str]) -> t.Any:
        return local("Sales.SemanticModel").with_parts({path: text.encode() for path, text in parts.items()})

    assert not Deployed(service, desired_of(model(before))).run().failed
    service.writes.clear()
    with pytest.raises(ConfigError, match="would lose data") as caught:
        Deployed(service, desired_of(model(after)))
    assert (caught.value.option, service.writes) == ("allow_data_loss", [])
    allowed = Deployed(service, desired_of(model(after)), DeployOptions.of(bulk_api="never", allow_data_loss=True))
    assert allowed.actions == {"Sales.SemanticModel": "update"}
