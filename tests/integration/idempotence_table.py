# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table behind test_idempotence_matrix.py: one entry for each module that has a state."""

from __future__ import annotations

import typing as t

from harness import contoso
from harness.ansible_run import REPOSITORY
from harness.idempotence import ModuleCase, Options, Step

CAPACITY: t.Final = "ca900000-0000-4000-8000-00000000000f"
ANALYSTS: t.Final = "69000000-0000-4000-8000-000000000002"
READER_OBJECT: t.Final = "0b1ec700-0000-4000-8000-000000000008"
ALEX: t.Final[str] = contoso.ALEX_WITH_MFA["upn"]


def steps(*named: tuple[str, int, Options]) -> list[Step]:
    """(name, writes, options) each."""
    return [Step(name, options, writes) for name, writes, options in named]


def growing(first: Options, *changes: tuple[str, int, Options]) -> list[Step]:
    """Steps that add to the options of the one before."""
    options, listed = dict(first), []
    for name, writes, change in changes:
        options = {**options, **change}
        listed.append(Step(name, options, writes))
    return listed


_WORKSPACE = ModuleCase(
    "powerbi_workspace",
    [
        *growing(
            {"name": "Matrix"},
            ("create", 1, {}),
            ("description", 1, {"description": "What it is for"}),
            ("capacity by name", 1, {"capacity": "contoso f64"}),
            ("storage_format", 1, {"storage_format": "large"}),
            ("storage_format back", 1, {"storage_format": "small"}),
            ("several at once", 2, {"description": "Another", "storage_format": "large"}),
            ("no description", 1, {"description": ""}),
            ("no capacity", 1, {"capacity": "none", "storage_format": "small"}),
        ),
        *steps(
            ("rename by id", 1, {"id": "f01de400-0000-4000-8000-000000000001".upper(), "name": "Sales Europe"}),
            ("rename, case only", 1, {"id": "f01de400-0000-4000-8000-000000000001", "name": "SALES EUROPE"}),
            (
                "create with everything",
                4,
                {"name": "Matrix 2", "description": "All", "capacity": CAPACITY.upper(), "storage_format": "large"},
            ),
            ("absent, with a capacity", 1, {"name": "matrix 2", "state": "absent"}),
            ("absent", 1, {"name": "MATRIX", "state": "absent"}),
        ),
    ],
    unknown=("workspace.id",),
    exempt=("wait", "wait_timeout"),
)

_ACCESS = ModuleCase(
    "powerbi_workspace_access",
    [
        *growing(
            {"workspace": "Sales"},
            ("add a group", 1, {"principals": [{"principal": ANALYSTS.upper(), "type": "group", "role": "viewer"}]}),
            ("role", 1, {"principals": [{"principal": ANALYSTS, "type": "group", "role": "member"}]}),
            ("user by UPN, any case", 1, {"principals": [{"principal": ALEX.upper(), "role": "contributor"}]}),
            ("client_id", 1, {"principals": [{"client_id": contoso.CERTIFICATE_APP.client_id, "role": "viewer"}]}),
            ("own client_id", 1, {"principals": [{"client_id": contoso.DEPLOY.client_id, "role": "admin"}]}),
            (
                "several at once",
                2,
                {
                    "principals": [
                        {"principal": ANALYSTS, "type": "group", "role": "viewer"},
                        {"principal": ALEX, "type": "user", "role": "viewer"},
                        {"principal": READER_OBJECT, "type": "service_principal", "role": "viewer"},
                    ]
                },
            ),
            (
                "prune",
                6,
                {"prune": True, "principals": [{"principal": ANALYSTS, "type": "group", "role": "admin"}]},
            ),
        ),
        *steps(
            (
                "allow_lockout",
                2,
                {
                    "workspace": "f01de400-0000-4000-8000-000000000001",
                    "prune": True,
                    "allow_lockout": True,
                    "principals": [
                        {"principal": ANALYSTS, "type": "group", "role": "admin"},
                        {"principal": "69000000-0000-4000-8000-000000000001", "type": "group", "role": "admin"},
                    ],
                },
            ),
            (
                "absent",
                1,
                {
                    "workspace": "Sales",
                    "state": "absent",
                    "allow_lockout": True,
                    "principals": [{"principal": ANALYSTS}],
                },
            ),
        ),
    ],
    change_values=("added", "changed_roles", "removed"),
)

_PROFILE_OPTIONS: t.Final = {"path": "profiles.ini", "name": "matrix"}
_PROFILE = ModuleCase(
    "powerbi_auth_profile",
    [
        *growing(
            {**_PROFILE_OPTIONS, "tenant_id": contoso.TENANT, "client_id": contoso.DEPLOY.client_id},
            ("create", 1, {"client_secret_file": "/etc/powerbi/secret"}),
            ("tenant_id", 1, {"tenant_id": contoso.OTHER_TENANT}),
        ),
        *steps(("absent", 1, {**_PROFILE_OPTIONS, "state": "absent"})),
    ],
    watch="{{ lookup('ansible.builtin.file', playbook_dir ~ '/profiles.ini', errors='ignore') }}",
    exempt=("owner", "group", "only_written"),
)

_VARIABLES_OPTIONS: t.Final = {"path": "matrix.env", "name": "matrix"}
_VARIABLES = ModuleCase(
    "powerbi_environment_file",
    [
        *growing(
            {**_VARIABLES_OPTIONS, "tenant_id": contoso.TENANT, "client_id": contoso.DEPLOY.client_id},
            ("create", 1, {"client_secret_file": "/etc/powerbi/secret"}),
            ("format", 1, {"format": "plain"}),
        ),
        *steps(("absent", 1, {**_VARIABLES_OPTIONS, "state": "absent"})),
    ],
    watch="{{ lookup('ansible.builtin.file', playbook_dir ~ '/matrix.env', errors='ignore') }}",
    exempt=("owner", "group"),
)

_SAMPLE: t.Final = REPOSITORY / "playbooks" / "files" / "sample"
_ITEM = ModuleCase(
    "powerbi_item",
    [
        *growing(
            {"workspace": "Finance", "name": "Matrix", "src": str(_SAMPLE / "Sales.SemanticModel")},
            ("create", 1, {}),
            ("environment", 1, {"parameters": str(_SAMPLE / "parameter.yml"), "environment": "PROD"}),
            ("folder", 2, {"folder": "Monthly"}),
            ("no folder", 1, {"folder": "/"}),
        ),
        *steps(("absent", 1, {"workspace": "Finance", "name": "Matrix", "type": "SemanticModel", "state": "absent"})),
    ],
    unknown=("item",),  # documented: in check mode it is the item as it is now
    change_values=("action", "changes"),
    counters=("api_calls",),
    posted_reads=r"/getDefinition$|/bulkExportDefinitions$",
    exempt=(
        "wait_timeout",
        "preserve",
        "allow_data_loss",
        # how a write is done, not what is there; test_item_types.py, test_ownership.py, test_deploy_intent.py, test_progress.py
        "progress",
        "progress_file",
        "allow_unknown_types",
        "hard_delete",
        "ownership_annotation",
        "strict_parameters",
        "take_over",
        "deployment",
        "take_ownership",
    ),
)

_SCHEDULED: t.Final = {"workspace": "Finance", "semantic_model": "Scheduled"}
_WORKING_DAYS: t.Final = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
_REFRESH_SCHEDULE = ModuleCase(
    "powerbi_refresh_schedule",
    [
        *growing(
            _SCHEDULED,
            ("enable", 1, {"enabled": True, "days": ["Friday", "Monday"], "times": ["7:00"]}),
            ("days", 1, {"days": _WORKING_DAYS}),
            ("times", 1, {"times": ["16:30", "07:00"]}),
            ("time_zone", 1, {"time_zone": "w. europe standard time"}),
            ("disable with a change", 2, {"enabled": False, "times": ["16:30"]}),
            ("enable again", 1, {"enabled": True, "notify": "no_notification"}),
        ),
        *steps(("disable", 1, {**_SCHEDULED, "enabled": False})),
    ],
    setup=[
        {
            "name": "A semantic model",
            "community.powerbi.powerbi_item": {
                "workspace": "Finance",
                "name": "Scheduled",
                "src": str(_SAMPLE / "Sales.SemanticModel"),
            },
        }
    ],
)

_FOLDER_BY_ID: t.Final = {"workspace": "Sales", "id": "{{ europe.folder.id }}"}
_FOLDER = ModuleCase(
    "powerbi_folder",
    steps(
        ("create", 1, {"workspace": "Sales", "name": "Monthly"}),
        ("parent", 1, {"workspace": "Sales", "name": "Asia", "parent": "monthly"}),
        ("parent that does not exist", 2, {"workspace": "Sales", "name": "Daily", "parent": "Weekly/"}),
        ("root as parent", 1, {"workspace": "Sales", "name": "Old", "parent": "/"}),
        ("rename by id, case only", 1, {**_FOLDER_BY_ID, "name": "EUROPE"}),
        ("move by id", 1, {**_FOLDER_BY_ID, "parent": "Weekly/Daily"}),
        ("rename and move by id", 2, {**_FOLDER_BY_ID, "name": "Asia", "parent": "/"}),
        ("absent by id", 1, {**_FOLDER_BY_ID, "name": "asia", "state": "absent"}),
        ("absent", 1, {"workspace": "Sales", "name": "DAILY", "parent": "WEEKLY", "state": "absent"}),
    ),
    unknown=("folder.id",),
    setup=[
        {
            "name": "A folder",
            "community.powerbi.powerbi_folder": {"workspace": "Sales", "name": "Europe"},
            "register": "europe",
        }
    ],
)

_OWNED: t.Final = {"workspace": "Finance", "semantic_model": "Owned"}
_SEMANTIC_MODEL = ModuleCase(
    "powerbi_semantic_model",
    [
        *growing(
            _OWNED,
            ("parameters", 1, {"take_over": True, "parameters": {"Server": "warehouse.example"}}),
            ("one of two parameters", 1, {"parameters": {"Server": "warehouse.example", "Database": "sales-eu"}}),
            ("storage_format", 1, {"storage_format": "large"}),
            ("query_scale_out", 1, {"query_scale_out": {"max_replicas": 2}}),
            ("query_scale_out, the other half", 1, {"query_scale_out": {"max_replicas": 2, "auto_sync": False}}),
            ("both back", 2, {"storage_format": "small", "query_scale_out": {"max_replicas": 0}}),
        ),
        *steps(("absent, with a report", 1, {**_OWNED, "state": "absent", "allow_data_loss": True})),
        Step("no such model", {**_OWNED, "semantic_model": "None such", "state": "absent"}, 0, changed=False),
    ],
    change_values=("changes",),
    setup=[
        {
            "name": "A semantic model to own",
            "community.powerbi.powerbi_item": {
                "workspace": "Finance",
                "name": "Owned",
                "src": str(_SAMPLE / "Sales.SemanticModel"),
            },
        }
    ],
)

# Modules whose `state` is not one that a second run finds, and where they are tested.
ELSEWHERE: t.Final = {
    "powerbi_client_secret": "each run makes another secret: test_rotation.py",
    "powerbi_client_certificate": "each run makes another certificate: test_rotation.py",
}

_ALL: t.Final = (
    _WORKSPACE,
    _ACCESS,
    _ITEM,
    _PROFILE,
    _VARIABLES,
    _REFRESH_SCHEDULE,
    _FOLDER,
    _SEMANTIC_MODEL,
    # make resource: rows go above this line
)
CASES: t.Final = {case.module: case for case in _ALL}
