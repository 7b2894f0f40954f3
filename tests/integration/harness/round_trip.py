# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A folder deployed, exported and deployed to a second workspace, where nothing may refer to the first."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

from harness.emulator import Emulator
from harness.modules import Modules
from harness.portal import Portal

WITHOUT_DEFINITION: t.Final = ("Warehouse", "WarehouseSnapshot", "MLExperiment", "MLModel", "SQLEndpoint")


def snapshot(folder: Path) -> dict[str, bytes]:
    """The exported files, without the manifest: it names the workspace and its items, and belongs to the folder alone."""
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    found.pop(".powerbi_export.json", None)
    return found


def live_parts(portal: Portal) -> dict[str, bytes]:
    """All parts of all items with a definition."""
    found = {}
    for item in portal.items():
        label = f"{item['displayName']}.{item['type']}"
        if item["type"] not in WITHOUT_DEFINITION:
            found.update({f"{label}/{path}": data for path, data in portal.parts(label).items()})
    return found


def ids_of(portal: Portal) -> list[str]:
    return [portal.workspace_id, *(item["id"] for item in portal.items())]


def mentions(files: t.Mapping[str, bytes], ids: t.Iterable[str]) -> list[str]:
    """The files with one of the ids, in any case and coding."""
    texts = [text for one in ids for text in (one.encode(), one.encode("utf-16-le"))]
    searched = re.compile(b"|".join(map(re.escape, texts)), re.IGNORECASE)
    return sorted(path for path, data in files.items() if searched.search(data))


def second_workspace(emulator: Emulator, modules: Modules) -> Portal:
    """An empty workspace, on a capacity."""
    made = modules("powerbi_workspace", name="Second", capacity="Contoso F64")
    return Portal(emulator, made["workspace"]["id"])


def deploy(modules: Modules, portal: Portal, emulator: Emulator, src: Path, **options: t.Any) -> dict[str, t.Any]:
    """Deploy with check mode first, which has to predict the run; then again without a write, and without drift."""
    given = {"workspace": portal.workspace_id, "src": str(src), **options}
    planned = modules("powerbi_deploy", check=True, **given)
    done = modules("powerbi_deploy", **given)
    for key in ("changed", "created", "updated", "unchanged", "deleted", "diff"):
        assert planned.get(key) == done.get(key), key
    assert [line["changes"] for line in planned["plan"]] == [line["changes"] for line in done["plan"]]
    emulator.clear_requests()
    again = modules("powerbi_deploy", **given)
    assert not again["changed"], [line for line in again["plan"] if line["action"] != "unchanged"]
    assert portal.writes() == []
    drift = modules("powerbi_drift_info", prune="all", **given)
    assert drift["drift"] == []
    return done


def round_trip(
    modules: Modules, first: Portal, emulator: Emulator, src: Path, work: Path, pinned: t.Sequence[str] = ()
) -> dict[str, t.Any]:
    """Deploy ``src`` to the first workspace, export it, deploy the export to a second one, and export that.

    ``pinned`` are items that can't be deployed elsewhere, as they need what another tenant has. Returns the result of the
    first export.
    """
    second = second_workspace(emulator, modules)
    deploy(modules, first, emulator, src)
    exported = modules("powerbi_export", workspace=first.workspace_id, dest=str(work / "one"))
    modules("powerbi_export", workspace=first.workspace_id, dest=str(work / "two"))
    files = snapshot(work / "one")
    assert files == snapshot(work / "two")
    assert not modules("powerbi_export", workspace=first.workspace_id, dest=str(work / "one"))["changed"]
    assert mentions(files, ids_of(first)) == []

    deploy(modules, second, emulator, work / "one", exclude=list(pinned))
    assert second.names() == [name for name in first.names() if name not in pinned]
    assert mentions(live_parts(second), ids_of(first)) == []
    modules("powerbi_export", workspace=second.workspace_id, dest=str(work / "three"))
    movable = {path: data for path, data in files.items() if not any(f"{name}/" in path for name in pinned)}
    assert snapshot(work / "three") == movable
    return exported
