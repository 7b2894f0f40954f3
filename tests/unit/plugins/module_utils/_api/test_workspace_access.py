# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Members as they are to be: who is added, changed, removed, and who never is."""

from __future__ import annotations

import base64
import json
import typing as t

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.community.powerbi.plugins.module_utils._api.workspace_access import (
    ROLES,
    Caller,
    Member,
    WorkspaceAccess,
    caller_of,
)
from ansible_collections.community.powerbi.plugins.module_utils._api.workspace_access_state import (
    ManagedAccess,
    apply_access,
    desired_members,
    plan_access,
)
from ansible_collections.community.powerbi.plugins.module_utils._api.workspaces import Workspace
from ansible_collections.community.powerbi.plugins.module_utils._auth.tokens import AccessToken
from ansible_collections.community.powerbi.plugins.module_utils._errors import ApiError, ConfigError
from ansible_collections.community.powerbi.plugins.module_utils._plan import MembersPlan
from ansible_collections.community.powerbi.plugins.module_utils._secret import Secret
from fakes.task import RecordedTask
from fakes.wire import reply, wire

ME = "0b1ec700-0000-4000-8000-000000000001"
GROUP = "69000000-0000-4000-8000-000000000001"
MEGAN = "megan@contoso.example"
BASE = "https://api.powerbi.test/v1.0/myorg/groups/w/users"


class Tokens:
    def __init__(self, token: str) -> None:
        self._token = token

    def token(self, *, scope: str | None = None, fresh: bool = False) -> AccessToken:
        return AccessToken(Secret(self._token), 0, 0, "")


def jwt(**claims: t.Any) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{body}.e30"


@pytest.mark.parametrize(
    ("token", "caller"),
    [
        (jwt(oid=ME.upper(), appid="A"), Caller((ME.upper(),), ME, "a")),
        (jwt(oid=ME, azp="a", scp=""), Caller((ME,), ME, "a")),
        (jwt(oid=ME, upn=MEGAN, appid="a", scp="Workspace.Read.All"), Caller((ME, MEGAN), ME, "")),
        ("opaque", Caller()),
    ],
)
def test_who_calls(token: str, caller: Caller) -> None:
    """A user's token names the app that it was got with: the app is not who calls."""
    assert caller_of(Tokens(token)) == caller


def entry(**given: t.Any) -> dict[str, t.Any]:
    return {"principal": None, "client_id": None, "type": None, "role": None, **given}


def test_the_own_app_is_not_looked_up() -> None:
    net = wire([])
    me = Caller((ME,), ME, "a9900000-0000-4000-8000-000000000001")
    desired = desired_members(net.client, [entry(client_id=me.app_id.upper(), role="admin")], me, present=True)
    assert desired == [Member(ME, "service_principal", "admin")]
    assert net.urls == []


def test_another_app_is_looked_up() -> None:
    net = wire([reply(200, {"value": [{"id": ME.upper()}]})])
    desired = desired_members(net.client, [entry(client_id="{B}", role="admin")], Caller(), present=True)
    assert desired == [Member(ME, "service_principal", "admin")]
    assert net.urls == ["https://graph.test/v1.0/servicePrincipals?$filter=appId%20eq%20'b'&$select=id,appId"]


def test_absent_needs_neither_role_nor_type() -> None:
    entries = [entry(principal=GROUP), entry(principal=MEGAN)]
    desired = desired_members(wire([]).client, entries, Caller(), present=False)
    assert [member.principal for member in desired] == [GROUP, MEGAN]


def test_each_is_sent_as_the_service_wants_it() -> None:
    net = wire(lambda _sent: reply(200))
    access = WorkspaceAccess(net.client, "w")
    for member in (
        Member(MEGAN, "user", "viewer"),
        Member(GROUP, "group", "admin"),
        Member(ME, "service_principal", "member"),
    ):
        access.add(member)
    assert [sent.json for sent in net.transport.sent] == [
        {"groupUserAccessRight": "Viewer", "principalType": "User", "emailAddress": MEGAN},
        {"groupUserAccessRight": "Admin", "principalType": "Group", "identifier": GROUP},
        {"groupUserAccessRight": "Member", "principalType": "App", "identifier": ME},
    ]
    access.remove("a/b@c")
    assert net.urls[-1] == f"{BASE}/a%2Fb%40c"


def test_one_who_is_there_already_is_changed() -> None:
    conflict = reply(400, {"error": {"code": "AddingAlreadyExistsGroupUserNotSupportedError"}})
    net = wire([conflict, reply(200)])
    WorkspaceAccess(net.client, "w").add(Member(MEGAN, "user", "viewer"))
    assert [sent.method for sent in net.transport.sent] == ["POST", "PUT"]


def test_roles_are_given_before_others_are_taken() -> None:
    """So that there is always an admin."""
    net = wire(lambda _sent: reply(200))
    before = [Member(MEGAN, "user", "admin"), Member(ME, "service_principal", "viewer")]
    desired = [Member(GROUP, "group", "admin"), Member(ME, "service_principal", "member")]
    todo = plan_access(before, desired, present=True, prune=True, caller=[ME])
    written: list[str] = []
    apply_access(WorkspaceAccess(net.client, "w"), todo, written.append)
    assert [sent.method for sent in net.transport.sent] == ["POST", "PUT", "DELETE"]
    assert written == [GROUP, ME, MEGAN]


def test_a_failure_lists_the_roles_that_were_written_before_it() -> None:
    listed = {"value": [{"identifier": ME, "principalType": "App", "groupUserAccessRight": "Admin"}]}
    net = wire([reply(200, listed), reply(200, {"value": []}), reply(200), reply(400, {"error": {"code": "Unknown"}})])
    access = ManagedAccess(
        net.client,
        Workspace("w", "Sales", "", "", "Workspace"),
        [Member(GROUP, "group", "viewer"), Member(MEGAN, "user", "viewer")],
        Caller((ME,)),
        present=True,
        prune=False,
        allow_lockout=False,
    )
    task = RecordedTask()
    change = access.plan(task)
    with pytest.raises(ApiError, match=MEGAN):
        access.apply(change, task)
    assert task.writes == 1
    values = access.values_of_failure(change)
    assert (values["workspace_id"], values["added"], values["removed"]) == ("w", [GROUP], [])
    assert [member["principal"] for member in values["members"]] == sorted([ME, GROUP])


MEGAN_ADMIN = Member(MEGAN, "user", "admin")


def _plan(before: list[Member], desired: list[Member], *, present: bool = True, **more: t.Any) -> MembersPlan:
    return plan_access(before, desired, present=present, **{"prune": False, "caller": [ME], **more})


@pytest.mark.parametrize(
    ("before", "desired", "options"),
    [
        ([Member(ME, "service_principal", "admin")], [Member(ME, "service_principal", "member")], {}),
        ([Member(ME, "service_principal", "admin")], [Member(ME, "service_principal", "")], {"present": False}),
        ([Member(GROUP, "group", "admin")], [Member(GROUP, "group", "viewer")], {}),
        ([Member(GROUP, "group", "member")], [Member(GROUP, "group", "")], {"present": False}),
        ([Member(GROUP, "group", "member")], [MEGAN_ADMIN], {"prune": True}),
        (
            [Member(GROUP, "group", "admin"), Member(ME, "service_principal", "contributor")],
            [Member(GROUP, "group", "")],
            {"present": False},
        ),
        ([Member(GROUP, "group", "admin")], [MEGAN_ADMIN, Member(ME, "service_principal", "viewer")], {"prune": True}),
    ],
)
def test_what_may_lock_the_caller_out_is_refused_on_every_path(
    before: list[Member], desired: list[Member], options: dict[str, t.Any]
) -> None:
    with pytest.raises(ConfigError, match="may lock this caller out") as caught:
        _plan([*before, MEGAN_ADMIN], desired, **options)
    assert "allow_lockout" in caught.value.remedy
    assert _plan([*before, MEGAN_ADMIN], desired, caller=[], **options).changed


def test_a_group_may_go_where_the_caller_has_a_role_of_its_own() -> None:
    before = [Member(GROUP, "group", "admin"), Member(ME, "service_principal", "admin")]
    assert _plan(before, [Member(GROUP, "group", "")], present=False).members("delete") == [GROUP]
    desired = [Member(ME, "service_principal", "admin")]
    assert _plan(before[:1], desired, prune=True).members("delete") == [GROUP], "it gets one now"


def test_a_group_that_only_reads_is_not_what_lets_the_caller_manage_access() -> None:
    before = [Member(GROUP, "group", "viewer"), MEGAN_ADMIN]
    assert _plan(before, [Member(GROUP, "group", "")], present=False).members("delete") == [GROUP]


@pytest.mark.parametrize("options", [{"prune": True}, {"present": False}])
def test_an_empty_list_never_takes_roles_away(options: dict[str, t.Any]) -> None:
    with pytest.raises(ConfigError, match="principals is empty"):
        _plan([MEGAN_ADMIN], [], **options)


PRINCIPALS = (MEGAN, "alex@contoso.example", GROUP, ME)
KINDS = st.sampled_from([(kind, role) for kind in ("user", "group", "service_principal") for role in ROLES])
members = st.dictionaries(st.sampled_from(PRINCIPALS), KINDS).map(
    lambda found: [Member(name, *kind_and_role) for name, kind_and_role in found.items()]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # of a busy machine
@given(members, members, st.booleans(), st.booleans())
def test_any_desired_members(before: list[Member], desired: list[Member], present: bool, prune: bool) -> None:
    """The caller keeps its role or gets a higher one, an admin stays, and a second plan does nothing."""
    prune = prune and present
    try:
        todo = plan_access(before, desired, present=present, prune=prune, caller=[ME])
    except ConfigError:
        return
    mine = next((member for member in before if member.principal == ME), None)
    if mine is not None:
        assert ROLES.index(todo.after[ME]["role"]) <= ROLES.index(mine.role)
    if todo.changed:
        assert any(state["role"] == "admin" for state in todo.after.values())
    after = [Member(name, state["type"], state["role"]) for name, state in todo.after.items()]
    again = plan_access(after, desired, present=present, prune=prune, caller=[ME])
    assert not again.changed
    assert again.before == again.after == todo.after
    if prune:
        assert set(todo.after) <= {member.principal for member in desired} | {ME}


@pytest.mark.parametrize("role", ["Viewer", "VIEWER", "viewer", " Viewer "])
@pytest.mark.parametrize(
    ("kind", "canonical"),
    [("Group", "group"), ("App", "service_principal"), ("ServicePrincipal", "service_principal"), ("user", "user")],
)
def test_roles_and_types_are_known_as_the_portal_and_the_apis_spell_them(role: str, kind: str, canonical: str) -> None:
    entry = {"principal": GROUP, "client_id": None, "type": kind, "role": role}
    [member] = desired_members(wire([]).client, [entry], Caller(), present=True)
    assert (member.type, member.role) == (canonical, "viewer")


@pytest.mark.parametrize(("option", "value"), [("role", "Owner"), ("role", ""), ("type", "people"), ("role", "none")])
def test_any_other_is_an_error_that_names_them(option: str, value: str) -> None:
    entry = {"principal": GROUP, "client_id": None, "type": "group", "role": "viewer", option: value}
    with pytest.raises(ConfigError, match=f"{option} is {value!r}.*use one of (admin|user), "):
        desired_members(wire([]).client, [entry], Caller(), present=True)


class TestMessages:
    """Of many principals, a message names the one that is meant, the option and what to do."""

    @pytest.mark.parametrize(
        ("entry", "option", "message", "remedy"),
        [
            ({"principal": "megan@contoso.com", "role": "contributer"}, "role",
             "entry 2 of principals (megan@contoso.com): role is 'contributer'", "did you mean contributor?"),
            ({"principal": "megan@contoso.com", "role": "viewer", "type": "grupo"}, "type",
             "entry 2 of principals (megan@contoso.com): type is 'grupo'", "did you mean group?"),
            ({"principal": "megan@contoso.com"}, "role", "entry 2 of principals (megan@contoso.com) has no role", "viewer"),
            ({"principal": GROUP, "role": "viewer"}, "type", f"entry 2 of principals ({GROUP}) has no type", "group"),
            ({"principal": "Analysts", "type": "group", "role": "viewer"}, "principal",
             "entry 2 of principals (Analysts): principal is 'Analysts', which is no object id", "object id"),
            ({"principal": "", "role": "viewer"}, "principal", "entry 2 of principals: principal is ''", "object id"),
            ({"principal": "None", "role": "viewer"}, "principal", "entry 2 of principals: principal is 'None'", "variable"),
            ({"client_id": " ", "role": "viewer"}, "client_id", "entry 2 of principals: client_id is ' '", "client) ID"),
        ],
    )  # fmt: skip
    def test_they_name_entry_option_and_remedy(
        self, entry: dict[str, str], option: str, message: str, remedy: str
    ) -> None:
        empty = {"principal": None, "client_id": None, "type": None, "role": None}
        first = {**empty, "principal": "alex@contoso.com", "role": "admin"}
        with pytest.raises(ConfigError) as caught:
            desired_members(wire([]).client, [first, {**empty, **entry}], Caller(), present=True)
        assert caught.value.what.startswith(message)
        assert caught.value.option == option
        assert remedy in caught.value.remedy
