# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What docs/architecture.md promises of the code's rooms, checked in the syntax trees of all files of plugins/.

Each test lists all offenders at once.
"""

from __future__ import annotations

import ast
import functools
import typing as t
from pathlib import Path

PLUGINS: t.Final = Path(__file__).resolve().parents[2] / "plugins"
FILES: t.Final = sorted(path for path in PLUGINS.rglob("*.py") if "__pycache__" not in path.parts)
OURS: t.Final = "ansible_collections.community.powerbi.plugins."

# From the bottom up. A room imports from rooms in lines above its own, and from itself; what only the type checker
# imports is free.
LAYERS: t.Final = (
    ("_errors", "_guid", "_urls", "_secret"),
    ("_clock", "_requirements", "_empty_values", "_failed_items"),
    ("_jobs", "_poll_intervals", "_progress", "_vault"),
    ("_settings",),
    ("_run_files",),
    ("_auth",),
    ("_http",),
    ("_plan", "_content", "_operation"),
    ("_polling", "_resource"),
    ("_api",),
    ("_deploy",),
    ("_session", "_mapping_secrets"),
    ("_module",),
    ("_planned_workspace", "_ensure"),
    ("_deployment_task", "_refresh_task", "_query_task", "_content_check", "_app_credentials", "_secret_stores"),
    ("plugin_utils",),
    ("modules", "action", "lookup", "filter", "test", "inventory", "doc_fragments"),
)
RANK: t.Final = {room: rank for rank, rooms in enumerate(LAYERS) for room in rooms}


class Import(t.NamedTuple):
    """``name`` as far as the statement has it; ``typing``: only for the type checker; ``lazy``: inside a function."""

    name: str
    typing: bool
    lazy: bool


@functools.cache
def tree(path: Path) -> ast.Module:
    # The oldest Python of ansible-core's targets that the libraries support has to read it.
    return ast.parse(path.read_text(encoding="utf-8"), str(path), feature_version=(3, 9))


@functools.cache
def imports(path: Path) -> list[Import]:
    found: list[Import] = []

    def visit(node: ast.AST, typing: bool, lazy: bool) -> None:
        if isinstance(node, ast.Import):
            found.extend(Import(alias.name, typing, lazy) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = (
                [*(OURS + package(path)).split(".")[: -node.level + 1 or None], node.module]
                if node.level
                else [node.module]
            )
            source = ".".join(part for part in base if part)
            found.extend(Import(f"{source}.{alias.name}", typing, lazy) for alias in node.names)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for statement in node.body:
                visit(statement, True, lazy)
            for statement in node.orelse:
                visit(statement, typing, lazy)
        else:
            inside = lazy or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            for child in ast.iter_child_nodes(node):
                visit(child, typing, inside)

    visit(tree(path), False, False)
    return found


def package(path: Path) -> str:
    """Where a file's relative imports begin, below ``plugins``."""
    return ".".join(path.relative_to(PLUGINS).parent.parts)


def room(name: str) -> str:
    """Of a dotted name below ``plugins``: its kind of plugin, or its room of module_utils."""
    parts = name.split(".")
    return parts[1] if parts[0] == "module_utils" else parts[0]


def rank(name: str) -> int:
    return RANK[name]


def dotted(path: Path) -> str:
    parts = path.relative_to(PLUGINS).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def shown(path: Path) -> str:
    return str(path.relative_to(PLUGINS))


def third_party(path: Path, library: str) -> bool:
    return any(item.name.split(".")[0] == library and not item.typing for item in imports(path))


def test_there_is_something_to_check() -> None:
    assert len(FILES) > 50
    assert sum(len(imports(path)) for path in FILES) > 500


def test_every_room_has_its_place() -> None:
    assert {room(dotted(path)) for path in FILES if dotted(path) not in ("", "module_utils")} - set(RANK) == set()


def test_dependencies_point_one_way() -> None:
    """No file imports what stands above its room or beside it."""
    offenders = []
    for path in FILES:
        own = room(dotted(path))
        for item in imports(path):
            if item.typing or not item.name.startswith(OURS):
                continue
            other = room(item.name[len(OURS) :])
            if other != own and rank(other) >= rank(own):
                offenders.append(f"{shown(path)} ({own}) imports {item.name} ({other})")
    assert offenders == []


def test_no_cycles() -> None:
    """At import time; imports inside functions and for the type checker don't count."""
    modules = {OURS + dotted(path): path for path in FILES}

    def needs(path: Path) -> t.Iterator[str]:
        for item in imports(path):
            if not item.typing and not item.lazy:
                name = item.name if item.name in modules else item.name.rpartition(".")[0]
                if name in modules:
                    yield name

    done: set[str] = set()

    def walk(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join(step[len(OURS) :] for step in (*trail[trail.index(name) :], name))
        if name not in done:
            for other in needs(modules[name]):
                walk(other, (*trail, name))
            done.add(name)

    for name in modules:
        walk(name, ())


def test_module_utils_run_where_the_task_runs() -> None:
    """On a target there is ansible.module_utils and nothing else of Ansible; and only _module.py knows it."""
    of_ansible = [
        (shown(path), item.name)
        for path in FILES
        if "module_utils" in path.parts
        for item in imports(path)
        if item.name.split(".")[0] == "ansible"
    ]
    assert of_ansible, "_module.py imports AnsibleModule"
    assert [found for found in of_ansible if not found[1].startswith("ansible.module_utils.")] == []
    assert [found for found in of_ansible if found[0] != "module_utils/_module.py"] == []


# Only these files may import the library; what is not named here, no file may.
DOORS: t.Final = {
    "msal": {"module_utils/_auth/msal_adapter.py"},
    "requests": {"module_utils/_http/transport.py"},
    "requests_toolbelt": set[str](),
    "cryptography": {"module_utils/_auth/certificate_file.py", "module_utils/_app_credentials/key_pair.py"},
    "urllib3": {"module_utils/_http/transport.py"},
    "jwt": {"module_utils/_app_credentials/key_pair.py"},
}


def test_each_library_has_its_door() -> None:
    found = {library: {shown(path) for path in FILES if third_party(path, library)} for library in DOORS}
    assert {library: paths - DOORS[library] for library, paths in found.items() if paths - DOORS[library]} == {}
    assert found["msal"] and found["requests"], "the libraries are found at all"


def test_modules_leave_the_wire_to_the_resources() -> None:
    """And they are shipped without plugin_utils."""
    closed = (f"{OURS}module_utils._http.transport", f"{OURS}plugin_utils")
    modules = [path for path in FILES if "modules" in path.parts]
    assert modules
    assert [
        (shown(path), item.name) for path in modules for item in imports(path) if item.name.startswith(closed)
    ] == []


def test_no_drawer_for_everything() -> None:
    drawers = {"common", "utils", "util", "helpers", "helper", "misc"}
    assert [shown(path) for path in FILES if path.stem.strip("_") in drawers] == []


def test_the_licence_is_named() -> None:
    owner = "# Copyright (c) 2026, the community.powerbi authors"
    spdx = f"# {'SPDX'}-License-Identifier: GPL-3.0-or-later"  # split, or it would be a licence of this file
    gnu = "# GNU General Public License v3.0+"  # ansible-test wants this line
    offenders = []
    for path in FILES:
        head = path.read_text(encoding="utf-8").splitlines()[:5]
        if owner not in head or spdx not in head or not any(line.startswith(gnu) for line in head):
            offenders.append(shown(path))
    assert offenders == []


def test_annotations_are_not_evaluated() -> None:
    """`X | None` is no expression of Python 3.9."""

    def annotated(path: Path) -> bool:
        return any(isinstance(node, (ast.FunctionDef, ast.AnnAssign)) for node in ast.walk(tree(path)))

    def postponed(path: Path) -> bool:
        return any(item.name == "__future__.annotations" for item in imports(path))

    assert [shown(path) for path in FILES if annotated(path) and not postponed(path)] == []
