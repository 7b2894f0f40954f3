# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workspaces and who may use them: names and ids, what the service refuses, and that check mode reports it, too."""

from __future__ import annotations

import shutil
import time
import typing as t
from pathlib import Path

import pytest
import yaml

import powerbi_emulator
from harness import contoso
from harness.ansible_run import AnsibleRunner
from harness.content import sample
from harness.emulator import Emulator
from harness.in_process import run_module

SALES: t.Final = "f01de400-0000-4000-8000-000000000001"
FINANCE: t.Final = "f01de400-0000-4000-8000-000000000002"
BOARD: t.Final = "f01de400-0000-4000-8000-000000000003"
F64: t.Final = "ca900000-0000-4000-8000-00000000000f"
ANALYSTS: t.Final = "69000000-0000-4000-8000-000000000002"
DEPLOYERS: t.Final = "69000000-0000-4000-8000-000000000001"
DEPLOY_OBJECT: t.Final = "0b1ec700-0000-4000-8000-000000000001"
MEGAN: t.Final[str] = contoso.MEGAN["upn"]
WRITES: t.Final = ("POST", "PUT", "PATCH", "DELETE")


class ModuleRunner:
    """Runs one module in this process; ``writes`` are the requests that changed something."""

    def __init__(self, emulator: Emulator, cache: Path, module: str, **identity: t.Any) -> None:
        self.emulator = emulator
        self._cache = cache
        self._module = module
        self._options = {**contoso.connection(emulator), **(identity or contoso.identity(contoso.DEPLOY))}

    def __call__(self, *, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
        result = run_module(self._module, {**self._options, **options}, self._cache, check=check)
        assert "defect" not in str(result.get("msg")), result["msg"]
        return result

    def done(self, **options: t.Any) -> dict[str, t.Any]:
        result = self(**options)
        assert not result.get("failed"), result.get("msg")
        return result

    def refused(self, **options: t.Any) -> dict[str, t.Any]:
        """Check mode and the real run fail alike, and nothing is written."""
        self.emulator.clear_requests()
        real, check = self(**options), self(check=True, **options)
        assert real.get("failed") and check.get("failed"), (real, check)
        assert real["msg"] == check["msg"]
        assert self.writes == []
        assert "Remedy: " in real["msg"]
        return real

    @property
    def writes(self) -> list[str]:
        entries = self.emulator.requests(r"^/v1")
        return [f"{entry['method']} {entry['path']}" for entry in entries if entry["method"] in WRITES]


@pytest.fixture
def workspace(fresh_emulator: Emulator, tmp_path: Path) -> ModuleRunner:
    return ModuleRunner(fresh_emulator, tmp_path, "powerbi_workspace")


@pytest.fixture
def access(fresh_emulator: Emulator, tmp_path: Path) -> ModuleRunner:
    return ModuleRunner(fresh_emulator, tmp_path, "powerbi_workspace_access")


@pytest.fixture
def info(fresh_emulator: Emulator, tmp_path: Path) -> ModuleRunner:
    return ModuleRunner(fresh_emulator, tmp_path, "powerbi_workspace_info")


def members(info: ModuleRunner, name: str) -> dict[str, str]:
    (found,) = info.done(workspace=name, details=True)["workspaces"]
    return {member["principal"]: member["role"] for member in found["members"]}


# --- names and ids --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sales", "SALES", "Sales"])
def test_a_name_in_any_case_is_the_same_workspace(workspace: ModuleRunner, name: str) -> None:
    result = workspace.done(name=name)
    assert result["changed"] is False
    assert (result["workspace"]["id"], result["workspace"]["name"]) == (SALES, "Sales")


@pytest.mark.parametrize("spelled", [SALES.upper(), f"{{{SALES}}}", f" {SALES} "])
def test_an_id_in_any_spelling(workspace: ModuleRunner, access: ModuleRunner, info: ModuleRunner, spelled: str) -> None:
    assert workspace.done(id=spelled)["workspace"]["id"] == SALES
    assert access.done(workspace=spelled, principals=[])["workspace_id"] == SALES
    assert [found["id"] for found in info.done(workspace=spelled)["workspaces"]] == [SALES]


def test_a_guid_as_name_is_an_id(workspace: ModuleRunner, info: ModuleRunner) -> None:
    assert workspace.done(name=SALES)["workspace"]["name"] == "Sales"
    assert "no workspace with the id" in workspace.refused(name=BOARD.replace("0", "1"))["msg"]
    assert workspace.writes == []


def test_a_deletion_needs_an_id_and_a_name_of_one_workspace(workspace: ModuleRunner) -> None:
    assert "contradict each other" in workspace.refused(id=SALES, name="Finance", state="absent")["msg"]


@pytest.mark.parametrize(("capacity", "message"), [("", "`capacity` is empty"), ("None", "a variable without a value")])
def test_a_variable_without_a_value_does_not_unassign_the_capacity(
    workspace: ModuleRunner, capacity: str, message: str
) -> None:
    assert message in workspace.refused(name="Sales", capacity=capacity)["msg"]


@pytest.mark.parametrize(("name", "message"), [("", "`name` is empty"), (" Sales", "begins or ends with a space")])
def test_a_name_that_the_service_would_change(workspace: ModuleRunner, name: str, message: str) -> None:
    assert message in workspace.refused(name=name)["msg"]


def test_an_id_that_is_none(workspace: ModuleRunner) -> None:
    assert "use `name` for a name" in workspace.refused(id="Sales")["msg"]


def test_an_unknown_id_is_not_created(workspace: ModuleRunner) -> None:
    assert "give a name alone to create one" in workspace.refused(id=BOARD, name="Board")["msg"]
    assert workspace.done(id=BOARD, state="absent")["changed"] is False


@pytest.fixture(scope="module")
def twins(start_emulator: t.Callable[..., Emulator], tmp_path_factory: pytest.TempPathFactory) -> Emulator:
    """A tenant with two workspaces of one name, and two whose names differ by case: the service lets none of it happen
    any more, but it did."""
    deploy = [{"principal": "Ansible Deploy", "role": "Admin"}]
    package = Path(powerbi_emulator.__file__).parent
    seed = yaml.safe_load((package / "default_seed.yaml").read_text(encoding="utf-8"))
    seed["workspaces"] = [
        {"id": f"f01de400-0000-4000-8000-00000000010{number}", "name": name, "members": deploy}
        for number, name in enumerate(("Twin", "Twin", "Case", "CASE"))
    ]
    path = tmp_path_factory.mktemp("twins") / "seed.yaml"
    path.write_text(yaml.safe_dump(seed), encoding="utf-8")
    return start_emulator(seed=path)


@pytest.mark.parametrize(
    ("module", "options"),
    [
        ("powerbi_workspace", {"name": "Twin"}),
        ("powerbi_workspace", {"name": "twin", "state": "absent"}),
        ("powerbi_workspace", {"name": "case"}),
        ("powerbi_workspace_access", {"workspace": "Twin", "principals": []}),
    ],
)
def test_a_name_that_is_not_unique(twins: Emulator, tmp_path: Path, module: str, options: dict[str, t.Any]) -> None:
    outcome = ModuleRunner(twins, tmp_path, module).refused(**options)["msg"]
    pair = ("102", "103") if options.get("name") == "case" else ("100", "101")
    assert all(f"f01de400-0000-4000-8000-000000000{number}" in outcome for number in pair)
    assert "give the id" in outcome


def test_case_distinguishes_two_and_info_shows_all(twins: Emulator, tmp_path: Path) -> None:
    found = ModuleRunner(twins, tmp_path, "powerbi_workspace").done(name="CASE")
    assert found["workspace"]["id"].endswith("103")
    shown = ModuleRunner(twins, tmp_path, "powerbi_workspace_info").done(workspace="twin")
    assert len(shown["workspaces"]) == 2


# --- what the service would refuse ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "Sales", "capacity": "F128"}, r"no capacity 'F128'"),
        ({"name": "New", "capacity": "F128"}, r"no capacity 'F128'"),
        ({"name": "Sales", "storage_format": "large"}, "is on no capacity"),
        ({"name": "New", "storage_format": "large"}, "is on no capacity"),
        ({"name": "Sales", "storage_format": "large", "capacity": "none"}, "is on no capacity"),
        ({"id": SALES, "name": "FINANCE"}, f"the name 'FINANCE' is taken by the workspace {FINANCE}"),
    ],
)
def test_check_mode_refuses_what_the_run_would(
    workspace: ModuleRunner, options: dict[str, t.Any], message: str
) -> None:
    assert message in workspace.refused(**options)["msg"]


def test_a_paused_capacity(workspace: ModuleRunner, tmp_path: Path) -> None:
    """Seen by its admin alone; with the app made one, too."""
    megan = contoso.identity(
        contoso.PUBLIC_APP, username=MEGAN, password=contoso.MEGAN["password"], auth_method="password"
    )
    tasks = ModuleRunner(workspace.emulator, tmp_path, "powerbi_workspace", **megan)
    outcome = tasks.refused(name="Sales", capacity="Contoso F2 (paused)")["msg"]
    assert "does not run: its state is Suspended" in outcome


def test_a_name_taken_by_a_workspace_that_is_not_seen(workspace: ModuleRunner) -> None:
    """Only the service knows: the task fails with the cause, and nothing is half done."""
    outcome = workspace(name="board", description="x", capacity="Contoso F64")
    assert outcome["failed"] and outcome["changed"] is False
    assert "PowerBIEntityAlreadyExists" in outcome["msg"]
    assert "Remedy: " in outcome["msg"]
    assert workspace.writes == ["POST /v1.0/myorg/groups"]


def test_deleting_what_is_another_ones(workspace: ModuleRunner) -> None:
    """Finance: this app is a member of it, and no admin."""
    outcome = workspace(name="Finance", state="absent")
    assert outcome["failed"] and outcome["changed"] is False
    assert outcome["error"]["kind"] == "forbidden"
    assert "Remedy: " in outcome["msg"]


def test_service_principals_may_not_create_workspaces(workspace: ModuleRunner) -> None:
    workspace.emulator.tenant(service_principals_can_create=False)
    outcome = workspace(name="New")
    assert outcome["failed"] and outcome["changed"] is False
    assert "Service principals can create workspaces" in outcome["msg"]
    assert workspace(name="Sales")["changed"] is False


def test_a_failure_half_way_is_reported_as_changed(workspace: ModuleRunner) -> None:
    workspace.emulator.fault(path="AssignToCapacity", status=400)
    outcome = workspace(name="New", capacity="Contoso F64")
    assert outcome["failed"] and outcome["changed"] is True
    workspace.emulator.clear_faults()
    again = workspace.done(name="New", capacity="Contoso F64")
    assert again["changed"] is True
    assert again["workspace"]["capacity_id"] == F64


def test_a_cloud_without_a_known_fabric_host(workspace: ModuleRunner, tmp_path: Path) -> None:
    """Refused before the workspace is created. Nothing is sent: the cloud's own hosts are on the internet."""
    token = "e30.e30.e30"
    tasks = ModuleRunner(workspace.emulator, tmp_path, "powerbi_workspace", access_token=token, cloud="gcc_high")
    options = {"authority": None, "api_url": None, "ca_path": None}
    outcome = tasks.refused(**options, name="New", description="x")["msg"]
    assert "description can't be managed in this cloud" in outcome
    assert "`api_url`" in outcome


# --- what comes by itself -------------------------------------------------------------------------------------------


def test_small_storage_on_shared_capacity_is_what_there_is(workspace: ModuleRunner) -> None:
    assert workspace.done(name="Sales", storage_format="small")["changed"] is False
    assert workspace.done(name="New", storage_format="small")["workspace"]["storage_format"] == ""
    assert workspace.writes == ["POST /v1.0/myorg/groups"]


def test_moving_takes_time(workspace: ModuleRunner, info: ModuleRunner) -> None:
    workspace.emulator.tenant(capacity_assignment_time=0.8)
    moved = workspace.done(name="Sales", capacity="Contoso F64", storage_format="large")
    assert moved["workspace"] == {**moved["workspace"], "capacity_id": F64, "storage_format": "large"}
    (seen,) = info.done(workspace="Sales")["workspaces"]
    assert (seen["capacity_id"], seen["storage_format"]) == (F64, "large")
    workspace.done(name="Sales", capacity="none")
    (seen,) = info.done(workspace="Sales")["workspaces"]
    assert seen["capacity_id"] == ""


def test_without_wait_it_returns_at_once_unless_more_is_to_come(workspace: ModuleRunner) -> None:
    workspace.emulator.tenant(capacity_assignment_time=60)
    start = time.monotonic()
    workspace.done(name="Sales", capacity="Contoso F64", wait=False)
    assert time.monotonic() - start < 30
    workspace.emulator.tenant(capacity_assignment_time=1)
    made = workspace.done(name="New", capacity="Contoso F64", storage_format="large", wait=False)
    assert made["workspace"]["storage_format"] == "large"


def test_a_move_that_does_not_end(workspace: ModuleRunner) -> None:
    workspace.emulator.tenant(capacity_assignment_time=60)
    outcome = workspace(name="Sales", capacity="Contoso F64", wait_timeout=1)
    assert outcome["failed"] and outcome["changed"] is True
    assert outcome["error"]["kind"] == "operation_timeout"


@pytest.mark.parametrize("switches", [{"replication_time": 1.5}, {"replication_reads": 3}])
def test_the_next_task_finds_a_new_workspace(
    fresh_emulator: Emulator, ansible: AnsibleRunner, switches: dict[str, t.Any]
) -> None:
    fresh_emulator.tenant(**switches)
    run = ansible.playbook(
        f"""
        - name: make
          community.powerbi.powerbi_workspace: {{name: New, description: What for, capacity: Contoso F64}}
        - name: give
          community.powerbi.powerbi_workspace_access:
            workspace: New
            principals: [{{principal: {MEGAN}, role: admin}}]
        - name: again
          community.powerbi.powerbi_workspace: {{name: New, description: What for, capacity: Contoso F64}}
        """,
        env=fresh_emulator.env,
    ).ok()
    assert [run.result(task).changed for task in ("make", "give", "again")] == [True, True, False]


def test_two_hosts_that_create_the_same(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    """The name was free when both checked it; the second uses the workspace that is there."""
    fresh_emulator.tenant(api_latency=0.3)
    run = ansible.playbook(
        """
        - hosts: all
          gather_facts: false
          tasks:
            - name: make
              community.powerbi.powerbi_workspace: {name: Common}
        """,
        inventory=4,
        env=fresh_emulator.env,
    ).ok()
    ids = {run.result("make", f"h{number:03}")["workspace"]["id"] for number in range(1, 5)}
    assert len(ids) == 1


# --- access ---------------------------------------------------------------------------------------------------------


def test_the_own_client_id_needs_no_graph(access: ModuleRunner) -> None:
    result = access.done(
        workspace="Sales", principals=[{"client_id": contoso.DEPLOY.client_id.upper(), "role": "admin"}]
    )
    assert result["added"] == [DEPLOY_OBJECT]
    assert access.emulator.requests("servicePrincipals") == []


def test_another_client_id_needs_graph(access: ModuleRunner, tmp_path: Path) -> None:
    principals = [{"client_id": contoso.CERTIFICATE_APP.client_id, "role": "viewer"}]
    reader = ModuleRunner(access.emulator, tmp_path, "powerbi_workspace_access", **contoso.identity(contoso.READER))
    outcome = reader.refused(workspace="Sales", principals=principals)["msg"]
    assert "Microsoft Graph refused it" in outcome
    assert "give the object id of the enterprise application" in outcome
    assert access.done(workspace="Sales", principals=principals)["added"] == ["0b1ec700-0000-4000-8000-000000000002"]


def test_an_app_without_a_service_principal(access: ModuleRunner) -> None:
    principals = [{"client_id": contoso.NO_PRINCIPAL_APP.client_id, "role": "viewer"}]
    assert "has no service principal" in access.refused(workspace="Sales", principals=principals)["msg"]


@pytest.mark.parametrize(
    ("principals", "message"),
    [
        ([{"principal": MEGAN}], "has no role"),
        ([{"principal": ANALYSTS, "role": "viewer"}], "has no type"),
        ([{"principal": "Sales Analysts", "type": "group", "role": "viewer"}], "no object id"),
        ([{"principal": "Megan", "type": "user", "role": "viewer"}], "no user principal name"),
        ([{"principal": contoso.MEGAN["object_id"], "type": "user", "role": "viewer"}], "is given by object id"),
        (
            [
                {"principal": MEGAN, "role": "viewer"},
                {"principal": MEGAN.upper(), "role": "admin"},
            ],
            "more than once",
        ),
    ],
)
def test_principals_that_are_invalid(access: ModuleRunner, principals: list[dict[str, str]], message: str) -> None:
    assert message in access.refused(workspace="Sales", principals=principals)["msg"]


def test_a_duplicate_principal_is_one_entry(access: ModuleRunner) -> None:
    duplicates = [
        {"principal": MEGAN, "role": "viewer"},
        {"principal": MEGAN.title(), "type": "user", "role": "viewer"},
    ]
    assert access.done(workspace="Sales", principals=duplicates)["changed_roles"] == [MEGAN]
    assert access.writes == ["PUT /v1.0/myorg/groups/" + SALES + "/users"]


def test_a_principal_that_the_tenant_does_not_know(access: ModuleRunner) -> None:
    outcome = access(
        workspace="Sales",
        principals=[{"principal": contoso.DEPLOY.client_id, "type": "service_principal", "role": "admin"}],
    )
    assert outcome["failed"]
    assert "object id of the enterprise application (not the client_id)" in outcome["msg"]


def test_an_empty_list_removes_no_roles(access: ModuleRunner) -> None:
    assert "principals is empty" in access.refused(workspace="Sales", prune=True)["msg"]
    assert "principals is empty" in access.refused(workspace="Sales", state="absent")["msg"]


def test_the_group_that_lets_the_caller_in_keeps_its_role(access: ModuleRunner, info: ModuleRunner) -> None:
    group = {"principal": DEPLOYERS, "type": "group"}
    megan = {"principal": MEGAN, "role": "admin"}
    for options in (
        {"prune": True, "principals": [megan]},
        {"state": "absent", "principals": [group]},
        {"principals": [megan, {**group, "role": "viewer"}]},
    ):
        msg = access.refused(workspace="Sales", **options)["msg"]
        assert f"the access of {DEPLOYERS} would change" in msg
        assert "allow_lockout" in msg
    own = {"client_id": contoso.DEPLOY.client_id, "role": "admin"}
    access.done(workspace="Sales", principals=[own])
    result = access.done(workspace="Sales", prune=True, principals=[own])
    assert [member["principal"] for member in result["members"]] == [DEPLOY_OBJECT]
    assert members(info, "Sales") == {DEPLOY_OBJECT: "admin"}


def test_no_admin_would_be_left(access: ModuleRunner) -> None:
    own = [{"client_id": contoso.DEPLOY.client_id, "role": "viewer"}]
    access.done(workspace="Sales", principals=[{**own[0], "role": "admin"}])
    refused = access.refused(workspace="Sales", prune=True, allow_lockout=True, principals=own)
    assert "no admin would be left" in refused["msg"]


def test_the_caller_s_own_role_goes_only_with_purge_self(access: ModuleRunner) -> None:
    own = {"client_id": contoso.DEPLOY.client_id}
    access.done(workspace="Sales", principals=[{**own, "role": "admin"}])
    assert (
        "it is the identity that runs this task"
        in access.refused(workspace="Sales", state="absent", principals=[own])["msg"]
    )
    assert "from admin to member" in access.refused(workspace="Sales", principals=[{**own, "role": "member"}])["msg"]
    removed = access.done(workspace="Sales", state="absent", principals=[own], allow_lockout=True)["removed"]
    assert removed == [DEPLOY_OBJECT]


def test_purge_goes_with_present_only(access: ModuleRunner) -> None:
    assert "prune is given with state absent" in access.refused(workspace="Sales", state="absent", prune=True)["msg"]


def test_purge_sees_every_page(access: ModuleRunner, info: ModuleRunner) -> None:
    """The service may return fewer in a page than requested."""
    access.emulator.tenant(page_size=1)
    keep = [{"principal": DEPLOYERS, "type": "group", "role": "admin"}]
    result = access.done(workspace="Sales", prune=True, principals=keep)
    assert len(result["removed"]) == 2
    assert members(info, "Sales") == {DEPLOYERS: "admin"}
    assert len(info.done()["workspaces"]) == 2


def test_an_error_names_the_principal(access: ModuleRunner) -> None:
    unknown = [{"principal": MEGAN, "role": "admin"}, {"principal": "nobody@contoso.com", "role": "viewer"}]
    outcome = access(workspace="Sales", principals=unknown)
    assert outcome["failed"] and outcome["error"]["code"] == "PrincipalNotFound"
    assert outcome["msg"].startswith("nobody@contoso.com: POST /groups/")


# --- a workspace that an earlier task of a check would have made ------------------------------------------------------


def _shape(result: dict[str, t.Any]) -> dict[str, t.Any]:
    """What a real run must have in common with its check: all but ids, times and counts."""
    plan = [{key: line[key] for key in ("action", "type", "name", "folder")} for line in result.get("plan", ())]
    same = {key: result[key] for key in ("changed", "members", "added", "removed", "created") if key in result}
    return {**same, "plan": plan}


def test_check_mode_goes_on_in_a_workspace_that_would_have_been_made(
    workspace: ModuleRunner, access: ModuleRunner, tmp_path: Path
) -> None:
    deploy = ModuleRunner(workspace.emulator, tmp_path, "powerbi_deploy")
    by_rdl = ModuleRunner(workspace.emulator, tmp_path, "powerbi_import")
    src = sample(tmp_path / "content")
    other = shutil.copy(src / "Invoice.PaginatedReport" / "Invoice.rdl", tmp_path / "Other.rdl")
    principals = [{"principal": MEGAN, "role": "viewer"}]

    def whole(check: bool) -> list[dict[str, t.Any]]:
        made = workspace.done(check=check, name="New", capacity="Contoso F64")
        return [
            _shape(access.done(check=check, workspace="new", principals=principals)),
            _shape(deploy.done(check=check, workspace="New", src=str(src))),
            _shape(by_rdl.done(check=check, workspace=made["workspace"]["id"], src=str(other))),
        ]

    checked = whole(True)
    assert workspace.writes == []
    info = ModuleRunner(workspace.emulator, tmp_path, "powerbi_item_info")
    assert info.done(check=True, workspace="New")["workspace_items"] == []
    assert whole(False) == checked
    assert len(checked[0]["members"]) == 2 and checked[1]["created"]


def test_check_mode_misses_what_nothing_would_have_made(workspace: ModuleRunner, access: ModuleRunner) -> None:
    workspace.done(check=True, name="New")
    outcome = access(check=True, workspace="Newer", principals=[{"principal": MEGAN, "role": "viewer"}])
    assert outcome["failed"] and "there is no workspace 'Newer'" in outcome["msg"]
    real = access(workspace="New", principals=[{"principal": MEGAN, "role": "viewer"}])
    assert real["failed"] and "there is no workspace 'New'" in real["msg"]


# --- info -----------------------------------------------------------------------------------------------------------


def test_info_finds_none_and_all(info: ModuleRunner) -> None:
    assert info.done(workspace="None such")["workspaces"] == []
    assert info.done(workspace=BOARD)["workspaces"] == []
    shown = info.done(details=True)["workspaces"]
    assert [workspace["name"] for workspace in shown] == ["Finance", "Sales"]
    assert set(shown[0]) == {"id", "name", "capacity_id", "storage_format", "type", "description", "members"}
    assert [member["principal"] for member in shown[1]["members"]] == sorted(
        (DEPLOYERS, MEGAN, "0b1ec700-0000-4000-8000-000000000008")
    )


@pytest.mark.parametrize(
    ("module", "option", "key", "name"),
    [
        ("powerbi_capacity_info", "capacity", "capacities", "Contoso F64"),
        ("powerbi_gateway_info", "gateway", "gateways", "Contoso On-Premises"),
    ],
)
def test_other_things_by_name_and_id(
    fresh_emulator: Emulator, tmp_path: Path, module: str, option: str, key: str, name: str
) -> None:
    tasks = ModuleRunner(fresh_emulator, tmp_path, module)
    (found,) = tasks.done(**{option: name.upper()})[key]
    assert found["name"] == name
    assert tasks.done(**{option: found["id"].upper()})[key] == [found]
    assert tasks.done(**{option: "None such"})[key] == []


def test_apps_are_for_people(fresh_emulator: Emulator, tmp_path: Path) -> None:
    outcome = ModuleRunner(fresh_emulator, tmp_path, "powerbi_app_info")()
    assert outcome["failed"]
    assert "This operation is for users" in outcome["msg"]
    assert "auth_method: device_code" in outcome["msg"]
