# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Is the artefact what a user should get? Builds it, checks it for junk, installs it and reads all documentation from it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

REPOSITORY = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
IMPORTER = REPOSITORY / ".venv-importer" / "bin" / "python"
TOP_LEVEL = {
    *("CHANGELOG.md", "CHANGELOG.rst", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "COPYING", "LICENSES", "README.md"),
    *("FILES.json", "MANIFEST.json"),
    *("changelogs", "docs", "extensions", "meta", "playbooks", "plugins", "roles"),
}
REQUIRED = {"README.md", "COPYING", "CONTRIBUTING.md", "meta/runtime.yml", "meta/execution-environment.yml"}
JUNK = {"__pycache__", ".git", ".venv", ".ansible", ".cache", "node_modules", "tests"}
MAX_SIZE = 2_000_000  # bytes; the limit for inclusion in Ansible is 20 MB
DOCUMENTED = ("become", "callback", "connection", "filter", "inventory", "lookup", "test")


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="powerbi-build-") as name:
        work = Path(name)
        run = Ansible(work)
        run("ansible-galaxy", "collection", "build", "--output-path", str(work), cwd=REPOSITORY)
        artefact = next(work.glob("community-powerbi-*.tar.gz"))
        with tarfile.open(artefact) as archive:
            files = [member.name for member in archive.getmembers() if member.isfile()]
        complaints = junk(files, artefact.stat().st_size)
        run("ansible-galaxy", "collection", "install", "--offline", "-p", str(work / "installed"), str(artefact))
        complaints += (
            import_into_galaxy(artefact) if IMPORTER.exists() else ["galaxy-importer is missing: make build-check"]
        )
        documented = 0
        for kind, names in plugins(files).items():
            documented += len(names)
            complaints += undocumented(run, kind, names)
    for complaint in complaints:
        print(f"  {complaint}")
    size = artefact.name, f"{len(files)} files", f"{documented} plugins and roles documented"
    print(f"{', '.join(size)}: {'NOT as it should be' if complaints else 'ok'}")
    return 1 if complaints else 0


class Ansible:
    """Runs Ansible's programs with nothing of the user's, and with the installed artefact as the only collection."""

    def __init__(self, work: Path) -> None:
        (work / "ansible.cfg").touch()
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
            "HOME": str(work),
            "ANSIBLE_HOME": str(work / ".ansible"),
            "ANSIBLE_CONFIG": str(work / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(work / "installed"),
        }

    def __call__(self, program: str, *arguments: str, cwd: Path | None = None) -> str:
        done = subprocess.run(
            [str(BIN / program), *arguments],
            cwd=cwd,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(f"{program} {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout


def junk(files: list[str], size: int) -> list[str]:
    """What is in the artefact and should not be, or the other way round."""
    paths = [PurePosixPath(name) for name in files]
    tracked = set(_git_files())
    found = [f"unexpected at the top: {path.parts[0]}" for path in paths if path.parts[0] not in TOP_LEVEL]
    found += [f"junk: {path}" for path in paths if JUNK & set(path.parts)]
    found += [
        f"not in git: {path}"
        for path in paths
        if str(path) not in tracked and path.name not in ("FILES.json", "MANIFEST.json")
    ]
    found += [f"missing: {name}" for name in sorted(REQUIRED - set(files))]
    shipped = ("plugins/", "roles/", "playbooks/", "meta/")
    found += [f"missing: {name}" for name in sorted(tracked - set(files)) if name.startswith(shipped)]
    if size > MAX_SIZE:
        found.append(f"{size} bytes; at most {MAX_SIZE} are expected")
    return sorted(set(found))


def _git_files() -> list[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    return [name for name in listing.split("\0") if (REPOSITORY / name).is_file()]


def import_into_galaxy(artefact: Path) -> list[str]:
    """What galaxy-importer, which Galaxy runs on what it is sent, has against the artefact."""
    work = artefact.parent
    configuration = work / "importer.cfg"
    configuration.write_text(
        "[galaxy-importer]\nRUN_ANSIBLE_LINT = False\nCHECK_REQUIRED_TAGS = True\n", encoding="utf-8"
    )
    done = subprocess.run(
        [str(IMPORTER), "-m", "galaxy_importer.main", artefact.name],
        cwd=work,
        env={
            "HOME": str(work),
            "PATH": f"{IMPORTER.parent}:{os.defpath}",
            "GALAXY_IMPORTER_CONFIG": str(configuration),
            "LC_ALL": "C.UTF-8",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    lines = f"{done.stdout}{done.stderr}".splitlines()
    found = [f"galaxy-importer: {line}" for line in lines if line.startswith(("ERROR", "WARNING"))]
    return found or [f"galaxy-importer: exit code {done.returncode}"] * (done.returncode != 0)


def plugins(files: list[str]) -> dict[str, list[str]]:
    """The plugins that need documentation, by type: full names."""
    found: dict[str, list[str]] = {}
    for path in sorted(PurePosixPath(name) for name in files):
        folder, stem = path.parent.as_posix(), path.stem
        if folder == "plugins/modules":
            found.setdefault("module", []).append(f"community.powerbi.{stem}")
        elif folder.startswith("plugins/") and path.parts[1] in DOCUMENTED and path.suffix in (".py", ".yml"):
            found.setdefault(path.parts[1], []).append(f"community.powerbi.{stem}")
        elif path.match("roles/*/meta/argument_specs.yml"):
            found.setdefault("role", []).append(f"community.powerbi.{path.parts[1]}")
    return {kind: sorted(set(names)) for kind, names in found.items()}


def undocumented(run: Ansible, kind: str, names: list[str]) -> list[str]:
    """Those of which ansible-doc knows nothing."""
    known = json.loads(run("ansible-doc", "--type", kind, "--json", *names))
    return [f"no documentation: {kind} {name}" for name in names if not known.get(name)]


if __name__ == "__main__":
    sys.exit(main())
