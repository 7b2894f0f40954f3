# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the files of a new resource with `state`: module, API, emulated route, tests, and its rows in the tables.

    python tools/make_resource.py refresh_schedule [--api fabric] [--route refreshes] [--root DIRECTORY]

What it writes is a resource with a name and a description. Each place to fill in has a line `TODO(refresh_schedule)`;
`tests/unit/test_resource_tool.py` fails as long as there is one, and lists them. CONTRIBUTING.md shows the steps.
"""

from __future__ import annotations

import argparse
import re
import string
import subprocess
import sys
import typing as t
from pathlib import Path

TEMPLATES: t.Final = Path(__file__).resolve().parent / "resource"
ROOT: t.Final = Path(__file__).resolve().parents[1]
NAME: t.Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
ROW: t.Final = "# make resource: rows go above this line"
ROUTES: t.Final = "emulator/src/powerbi_emulator/routes"
MODULE_ERROR: t.Final = "plugins/modules/powerbi_workspace.py"  # its documentation of `error` is that of all modules

# template -> the file that it becomes
FILES: t.Final = {
    "module.py.txt": "plugins/modules/powerbi_{noun}.py",
    "api.py.txt": "plugins/module_utils/_api/{noun}s.py",
    "route.py.txt": ROUTES + "/{noun}s.py",
    "test_unit.py.txt": "tests/unit/plugins/module_utils/_api/test_{noun}s.py",
    "test_integration.py.txt": "tests/integration/test_{noun}s.py",
}

# file -> (the line above which the row goes, the row)
ROWS: t.Final = {
    "tests/integration/idempotence_table.py": [
        (
            "# Modules whose `state` is not one",
            """_${NOUN} = ModuleCase(
    "powerbi_${noun}",
    [
        # TODO(${noun}): a step for each option, with the number of its writes
        *growing(
            {"workspace": "Sales", "name": "Daily"},
            ("create", 1, {}),
            ("description", 1, {"description": "Every day"}),
        ),
        *steps(("absent", 1, {"workspace": "Sales", "name": "Daily", "state": "absent"})),
    ],
)

""",
        ),
        (f"    {ROW}", "    _${NOUN},\n"),
    ],
    "tests/integration/module_tasks.py": [
        (
            f"    {ROW}",
            """    # TODO(${noun}): the kind: "repeatable" if the task succeeds although the response of its first write is lost
    "${words}": ModuleTask("powerbi_${noun}", "repeatable", {"workspace": "Sales", "name": "Daily"}),
""",
        )
    ],
    "tests/integration/test_two_paths_modules.py": [
        (
            f"    {ROW}",
            """    # TODO(${noun}): a change, no change, check mode and a failure
    "${words} made": ("${noun}", {"workspace": "Sales", "name": "Daily"}, {}),
    "${words} unchanged": ("${noun}", {"workspace": "Sales", "name": "daily"}, {}),
    "no such workspace of a ${words}": ("${noun}", {"workspace": "None such", "name": "Daily"}, {}),
""",
        )
    ],
    "tests/unit/test_failure_results.py": [
        (
            f"    {ROW}",
            """    # TODO(${noun}): the required options
    "powerbi_${noun}": {"workspace": "Sales", "name": "Daily"},
""",
        )
    ],
    "docs/modules.md": [
        ("- `powerbi_item_info` lists", "- `powerbi_${noun}` TODO(${noun}) what it is for, in a sentence.\n")
    ],
    "README.md": [("| `powerbi_deploy`, `powerbi_drift_info` |", "| `powerbi_${noun}` | TODO(${noun}) |\n")],
}

BEHAVIOUR: t.Final = """
  - id: ${kebab}
    area: ${area}
    behaviour: TODO(${noun}) what the service does, in one sentence. One row for each behaviour.
    source: TODO(${noun}) the title of the document, or "reports" with their content
    kind: guess
"""


# What differs between the APIs: paths, names of keys, and the emulator's functions.
APIS: t.Final[dict[str, dict[str, str]]] = {
    "powerbi": {
        "area": "Power BI",
        "api": "",
        "workspaces": "groups",
        "workspace": "group",
        "name": "name",
        "body": "dict(properties)",
        "helper": "",
        "error_class": "PowerBIError",
        "route_imports": """from powerbi_emulator.powerbi_api import PREFIX, PowerBIError
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.workspace_access import workspace_of
""",
    },
    "fabric": {
        "area": "Fabric",
        "api": ', api="fabric"',
        "workspaces": "workspaces",
        "workspace": "workspace",
        "name": "displayName",
        "body": "_body(properties)",
        "helper": """def _body(properties: State) -> dict[str, t.Any]:
    return {"displayName" if key == "name" else key: value for key, value in properties.items()}


""",
        "error_class": "FabricError",
        "route_imports": """from powerbi_emulator.fabric_api import PREFIX, FabricError, workspace_of
from powerbi_emulator.routing import RouteGroup, route
""",
    },
}


class ResourceError(Exception):
    """The resource can't be made: why, and what to do."""


def check_name(noun: str, root: Path) -> None:
    """Raises ResourceError for a name that no module can have, or that is taken."""
    if noun.startswith("powerbi_"):
        raise ResourceError(f"NAME is {noun}: leave out powerbi_, which is added")
    if noun.endswith("_info"):
        raise ResourceError(
            f"NAME is {noun}: a module that only reads has no state; copy powerbi_capacity_info instead"
        )
    if not NAME.fullmatch(noun):
        raise ResourceError(
            f"NAME is {noun!r}: use a noun in lower case with underscores, such as NAME=refresh_schedule"
        )
    taken = [path for path in FILES.values() if (root / path.format(noun=noun)).exists()]
    if taken:
        raise ResourceError(f"{taken[0].format(noun=noun)} exists already: use another NAME, or edit that file")


def words_of(noun: str) -> dict[str, str]:
    """What the templates call the resource."""
    parts = noun.split("_")
    name = "".join(part.capitalize() for part in parts)
    return {
        "noun": noun,
        "NOUN": noun.upper(),
        "Class": name,
        "camel": name[0].lower() + name[1:],
        "words": " ".join(parts),
        "kebab": "-".join(parts),
    }


def make(noun: str, root: Path = ROOT, route: str = "", api: str = "powerbi") -> list[str]:
    """Write the files and rows; returns the paths of all that it wrote.

    ``api`` serves the resource: powerbi or fabric. ``route`` names an existing file of the emulator that serves it; none is
    made then.
    """
    check_name(noun, root)
    if route and not (root / ROUTES / f"{route}.py").is_file():
        raise ResourceError(f"ROUTE is {route}, but there is no {ROUTES}/{route}.py: leave ROUTE out to have one made")
    if api not in APIS:
        raise ResourceError(f"API is {api}: use one of {', '.join(APIS)}")
    words = {**words_of(noun), **APIS[api], "error": _error_documentation(root)}
    files = {
        path.format(noun=noun): _filled((TEMPLATES / template).read_text(encoding="utf-8"), words)
        for template, path in FILES.items()
        if not (route and template == "route.py.txt")
    }
    for path, rows in ROWS.items():
        text = (root / path).read_text(encoding="utf-8")
        for line, row in rows:
            text = _above(text, line, _filled(row, words), path)
        files[path] = text
    files["meta/runtime.yml"] = _in_runtime((root / "meta/runtime.yml").read_text(encoding="utf-8"), f"powerbi_{noun}")
    if not route:
        files.update(_emulated(root, words))
    for path, text in files.items():
        (root / path).write_text(text, encoding="utf-8")
    python = [path for path in files if path.endswith(".py")]
    # The length of the name decides where lines break.
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", *python], cwd=root, check=True)
    return list(files)


def _filled(template: str, words: t.Mapping[str, str]) -> str:
    return string.Template(template).substitute(words)


def _above(text: str, line: str, row: str, path: str) -> str:
    """The text with a row above the line that begins so."""
    place = re.search(rf"^{re.escape(line)}", text, re.MULTILINE)
    if place is None:
        raise ResourceError(f"{path} has no line {line!r}: put it back where new rows go")
    return text[: place.start()] + row + text[place.start() :]


def _error_documentation(root: Path) -> str:
    text = (root / MODULE_ERROR).read_text(encoding="utf-8")
    return text[text.index("\nerror:\n") + 1 : text.index('"""\n\nimport typing')]


def _in_runtime(text: str, module: str) -> str:
    """meta/runtime.yml with the module in the action group and in the routing, both in their order."""
    entries = re.compile(r"^    - (powerbi_\w+)\n", re.MULTILINE)
    text = _sorted_in(text, entries, module, f"    - {module}\n")
    routes = re.compile(r"^    (powerbi_\w+):\n      action_plugin: .*\n", re.MULTILINE)
    return _sorted_in(text, routes, module, f"    {module}:\n      action_plugin: community.powerbi.powerbi_api\n")


def _sorted_in(text: str, entries: re.Pattern[str], name: str, entry: str) -> str:
    found = list(entries.finditer(text))
    following = next((match.start() for match in found if match[1] > name), found[-1].end())
    return text[:following] + entry + text[following:]


def _emulated(root: Path, words: t.Mapping[str, str]) -> dict[str, str]:
    """The emulator's app with the route, and a row of its behaviours to fill in."""
    app, behaviours = "emulator/src/powerbi_emulator/app.py", "emulator/src/powerbi_emulator/behaviours.yaml"
    text = (root / app).read_text(encoding="utf-8")
    imports = re.compile(r"^    (\w+),\n", re.MULTILINE)
    route = f"{words['noun']}s"
    text = _sorted_in(text, imports, route, f"    {route},\n")
    text = _above(text, "    capacities.GROUP,", f"    {route}.GROUP,\n", app)
    rows = (root / behaviours).read_text(encoding="utf-8").rstrip("\n") + "\n"
    return {app: text, behaviours: rows + _filled(BEHAVIOUR, words)}


def main(arguments: t.Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("noun", help="the noun, without powerbi_: refresh_schedule")
    parser.add_argument("--route", default="", help="a file of the emulator's routes/ that serves the API already")
    parser.add_argument("--api", default="powerbi", help="the API that serves the resource: powerbi or fabric")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    try:
        written = make(given.noun, given.root, given.route, given.api)
    except ResourceError as error:
        print(f"make resource: {error}", file=sys.stderr)
        return 2
    print("\n".join(f"wrote {path}" for path in written))
    print(f"Now fill in each TODO({given.noun}): .venv/bin/pytest tests/unit/test_resource_tool.py lists them.")
    print('CONTRIBUTING.md, "A new resource", has the steps.')
    return 0


if __name__ == "__main__":
    sys.exit(main())
