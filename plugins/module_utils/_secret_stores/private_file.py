# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Files with secrets: mode 0600 from their creation on, replaced atomically."""

from __future__ import annotations

import contextlib
import fcntl
import grp
import os
import pwd
import stat
import tempfile
import typing as t

from .._errors import ConfigError

MODE = 0o600
DIRECTORY_MODE = 0o700


class Owner(t.NamedTuple):
    """User and group ids; -1 keeps the current one (or, for a new file, the process's default)."""

    uid: int = -1
    gid: int = -1

    @classmethod
    def named(cls, owner: str | None, group: str | None) -> Owner:
        """From names or numbers. Raises ConfigError for a name that does not exist on this host."""
        return cls(
            _number("owner", owner, lambda name: pwd.getpwnam(name).pw_uid),
            _number("group", group, lambda name: grp.getgrnam(name).gr_gid),
        )


class PrivateFile(t.NamedTuple):
    """The file at a path. ``data`` is None where there is no file."""

    path: str
    data: bytes | None
    mode: int = MODE
    owner: Owner = Owner()

    @classmethod
    def read(cls, path: str) -> PrivateFile:
        """Read the file. Raises ConfigError for a file that can't be read, or a path that is no file."""
        try:
            with open(path, "rb") as file:
                status = os.fstat(file.fileno())
                return cls(path, file.read(), stat.S_IMODE(status.st_mode), Owner(status.st_uid, status.st_gid))
        except FileNotFoundError:
            return cls(path, None)
        except OSError as error:
            raise _problem(path, "read", error) from error

    def state(self, desired: Owner) -> dict[str, t.Any]:
        """Its metadata for a diff; the owner only where one is requested."""
        if self.data is None:
            return {}
        state: dict[str, t.Any] = {"mode": f"{self.mode:04o}"}
        if desired.uid != -1:
            state["owner"] = self.owner.uid
        if desired.gid != -1:
            state["group"] = self.owner.gid
        return state

    def write(self, data: bytes, desired: Owner, mode: int = MODE) -> None:
        """Replace it atomically: readers get the old content or the new one. An owner that is not set is not changed.

        Another ``mode`` is for encrypted content, which is no secret.
        """
        uid = self.owner.uid if desired.uid == -1 else desired.uid
        gid = self.owner.gid if desired.gid == -1 else desired.gid
        directory = os.path.dirname(self.path)
        try:
            make_directory(directory, desired)
            descriptor, temporary = tempfile.mkstemp(prefix=".powerbi-", dir=directory)  # 0600, O_EXCL
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(data)
                    file.flush()
                    _chown(descriptor, uid, gid)
                    if mode != MODE:
                        os.fchmod(descriptor, mode)
                    os.fsync(descriptor)
                os.replace(temporary, self.path)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)
                raise
        except OSError as error:
            raise _problem(self.path, "written", error) from error

    def remove(self) -> None:
        """Delete the file. Raises ConfigError."""
        try:
            os.unlink(self.path)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise _problem(self.path, "removed", error) from error


def make_directory(path: str, owner: Owner) -> None:
    """Create the folder and its parents with mode 0700; existing folders are not changed."""
    if os.path.isdir(path):
        return
    make_directory(os.path.dirname(path), owner)
    with contextlib.suppress(FileExistsError):
        os.mkdir(path, DIRECTORY_MODE)
        os.chown(path, *owner)


@contextlib.contextmanager
def locked(path: str) -> t.Iterator[None]:
    """Exclusive lock of the folder of ``path`` among the processes of this collection; leaves no lock file behind.

    No lock without that folder.
    """
    try:
        descriptor = os.open(os.path.dirname(path), os.O_RDONLY)
    except OSError:
        yield
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError as error:
            raise ConfigError(
                f"{path} can't be locked: {error.strerror or error}",
                option="path",
                why="Without locks, as on some network file systems, two tasks at once could lose what one has written",
                remedy="keep the file on a local file system, or mount this one with locks; nothing was written",
            ) from error
        yield
    finally:
        os.close(descriptor)


def _chown(descriptor: int, uid: int, gid: int) -> None:
    status = os.fstat(descriptor)
    if (uid not in (-1, status.st_uid)) or (gid not in (-1, status.st_gid)):
        os.fchown(descriptor, uid, gid)


def _number(option: str, name: str | None, look_up: t.Callable[[str], int]) -> int:
    if name is None or name == "":
        return -1
    if name.isdigit():
        return int(name)
    try:
        return look_up(name)
    except KeyError:
        raise ConfigError(
            f"{option} is {name!r}, which this host does not know",
            option=option,
            remedy="create it, or give its number",
        ) from None


def _problem(path: str, done: str, error: OSError) -> ConfigError:
    return ConfigError(
        f"{path} can't be {done}: {error.strerror}",
        option="path",
        remedy="check the path and its permissions on the host where the task runs, or use become",
    )
