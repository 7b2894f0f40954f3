# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Semantic models and the connections that the parameters name for them."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content.parameters.rules import Rules
from ansible_collections.community.powerbi.plugins.module_utils._deploy.model_connections import (
    Change,
    DesiredConnections,
    desired_connections,
    diff_of,
)
from ansible_collections.community.powerbi.plugins.module_utils._deploy.options import DeployOptions
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError, ForbiddenError
from fakes.workspace import Deployed, FakeWorkspace, desired_of, local
from powerbi_emulator.state.datasets import Datasets

SQL, WEB = "c0000000-0000-4000-8000-000000000001", "c0000000-0000-4000-8000-000000000002"
TMDL = b"model Model\n\tculture: en-US\n"
TABLE = b"""table Sales

\tpartition Sales = m
\t\tsource = Sql.Database("Server.example", "Sales")
"""
PARTS = {"definition.pbism": b"{}", "definition/model.tmdl": TMDL, "definition/tables/Sales.tmdl": TABLE}
MEGAN = "megan.bowen@contoso.onmicrosoft.com"
OURS = "[powerbi_deploy]"


@pytest.fixture
def service() -> FakeWorkspace:
    """A model with one data source, and a connection to it and one to somewhere else."""
    service = with_connections()
    service.add("SemanticModel", "Sales", OURS, parts=PARTS)
    return service


def with_connections() -> FakeWorkspace:
    service = FakeWorkspace()
    service.add_connection(SQL, "Warehouse", "SQL", "Server.example;Sales")
    service.add_connection(WEB, "Site", "Web", "https://example.com")
    return service


def deploy(
    service: FakeWorkspace,
    more: bytes = b"",
    *,
    parts: t.Mapping[str, bytes] = PARTS,
    take_over: bool = False,
    **rules: t.Any,
) -> Deployed:
    """``more`` is added to the model's content."""
    model = local("Sales.SemanticModel").with_parts({**parts, "definition/model.tmdl": TMDL + more})
    options = DeployOptions.of(bulk_api="never", take_over=take_over)
    return Deployed(service, desired_of(model, rules=Rules(**rules)), options)


def named(*connections: str) -> dict[str, t.Any]:
    return {"connections": {"Sales": connections}}


def test_the_rules_for_models_apply_to_models_alone() -> None:
    rules = Rules(connections={"Sales": (SQL,)}, default_connections=(WEB,))
    items = [local("Sales.SemanticModel"), local("Other.SemanticModel"), local("Sales.Report")]
    desired = desired_of(*items, rules=rules)
    assert [desired_connections(desired, item) for item in items] == [
        DesiredConnections((SQL,), named=True),
        DesiredConnections((WEB,), named=False),
        DesiredConnections((), named=False),
    ]


def test_it_is_bound_once(service: FakeWorkspace) -> None:
    planned = deploy(service, **named(SQL))
    (plan,) = planned.plans
    assert plan.action == "update"
    assert plan.texts == ["SQL Server.example;Sales bound to the connection Warehouse"]
    (shown,) = planned.deployment.diff()
    assert (shown["before"], shown["after"]) == (
        "SQL Server.example;Sales: (no connection)\n",
        "SQL Server.example;Sales: Warehouse\n",
    )
    assert not planned.run().failed
    assert [write for write in service.writes if write.startswith("bind")] == ["bind Sales.SemanticModel"]
    assert not deploy(service, **named(SQL)).deployment.changed


def test_the_case_of_a_path_is_no_difference(service: FakeWorkspace) -> None:
    service.add_connection(SQL, "Warehouse", "sql", "SERVER.EXAMPLE;SALES")
    assert deploy(service, **named(SQL)).run().done
    assert not deploy(service, **named(SQL)).deployment.changed


def test_a_default_is_for_models_with_such_a_source_only(service: FakeWorkspace) -> None:
    assert not deploy(service, default_connections=(WEB,)).deployment.changed
    assert deploy(service, default_connections=(WEB, SQL)).plans[0].texts == [
        "SQL Server.example;Sales bound to the connection Warehouse"
    ]


def test_a_named_connection_that_leads_to_no_source_is_refused(service: FakeWorkspace) -> None:
    with pytest.raises(ConfigError, match=r"Sales\.SemanticModel has no data source Web https://example.com") as caught:
        deploy(service, **named(WEB))
    assert caught.value.option == "parameters"
    assert "SQL Server.example;Sales" in caught.value.why


def test_a_connection_of_new_content_is_checked_after_the_write(service: FakeWorkspace) -> None:
    """The sources of the model change with its content: until then they are unknown."""
    planned = deploy(service, b"\tdiscourageImplicitMeasures\n", **named(WEB))
    assert planned.actions == {"Sales.SemanticModel": "update"}
    ((_plan, error),) = planned.run().failed
    assert error.what.startswith("Sales.SemanticModel has no data source Web")


def test_a_new_model_gets_what_names_it() -> None:
    fresh = with_connections()
    assert deploy(fresh, **named(SQL)).plans[0].texts == [
        "created",
        "SQL Server.example;Sales bound to the connection Warehouse",
    ]
    assert deploy(fresh, default_connections=(SQL,)).plans[0].texts == ["created"]


def test_a_connection_that_is_not_to_be_seen(service: FakeWorkspace) -> None:
    with pytest.raises(ConfigError, match="the connection nothing, which Sales"):
        deploy(service, **named("nothing"))


def test_only_an_owner_may_bind(service: FakeWorkspace) -> None:
    planned = deploy(service, **named(SQL))
    service.fault(path="/bindConnection$", status=403, code="InsufficientPrivileges")
    ((_plan, error),) = planned.run().failed
    assert isinstance(error, ForbiddenError)
    assert error.what.startswith("Sales.SemanticModel can't be bound to the connection Warehouse")
    assert "owner" in error.remedy
    assert planned.notified == []


@pytest.mark.parametrize("status", [403, 400])
def test_a_model_of_another_owner_is_taken_over_where_that_is_allowed(status: int) -> None:
    service = with_connections()
    service.add("SemanticModel", "Sales", OURS, parts=PARTS, owner=MEGAN)
    if status == 400:  # the emulator's own answer is 403
        body = {"errorCode": "X", "message": "The caller must be the owner of the semantic model."}
        service.fault(path="/bindConnection$", status=400, body=json.dumps(body), times=1)
    planned = deploy(service, take_over=True, **named(SQL))
    assert not planned.run().failed
    assert any(url.endswith("/Default.TakeOver") for url in planned.net.urls)
    assert service.writes[-1] == "bind Sales.SemanticModel"
    assert planned.warned == [
        "Sales.SemanticModel had another owner: it was taken over to bind it to the connection Warehouse"
    ]


def test_taking_over_restores_the_other_connections() -> None:
    service = with_connections()
    both = TABLE + b"""\n\tpartition Rates = m\n\t\tsource = Web.Contents("https://example.com")\n"""
    parts = {**PARTS, "definition/tables/Sales.tmdl": both}
    model_id = service.add("SemanticModel", "Sales", OURS, parts=parts, owner=MEGAN)
    bound = service.store(Datasets).of(service.item("Sales.SemanticModel")).connections
    bound["web", "https://example.com"] = WEB
    planned = deploy(service, parts=parts, take_over=True, **named(SQL))
    assert not planned.run().failed
    references = planned.deployment.live.connections.of_model(planned.deployment.live.workspace.id, model_id)
    assert {str(one.source): one.connection_id for one in references} == {
        "SQL Server.example;Sales": SQL,
        "Web https://example.com": WEB,
    }


def test_another_refusal_takes_nothing_over(service: FakeWorkspace) -> None:
    service.fault(path="/bindConnection$", status=400, code="InvalidRequest", times=1)
    planned = deploy(service, take_over=True, **named(SQL))
    ((_plan, error),) = planned.run().failed
    assert "owner" not in error.remedy
    assert planned.warned == []


def test_the_diff_names_the_connection_before() -> None:
    shown = diff_of(
        [Change("SQL a;b", "Old", "New"), Change("Web c", "", "Site")], "Monthly/Sales.SemanticModel", there=True
    )
    assert shown == {
        "before": "SQL a;b: Old\nWeb c: (no connection)\n",
        "after": "SQL a;b: New\nWeb c: Site\n",
        "before_header": "Monthly/Sales.SemanticModel connections (live)",
        "after_header": "Monthly/Sales.SemanticModel connections",
    }
