# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The fingerprint of an import identifies the imported file, so that the same file is not sent again.

It is in the description (see `description_annotation`) of the semantic model, or of the report where there is no
model: the digest of the file, and digests of the definitions in the service right after the import. If all digests
are equal, an import would change nothing. Changes that the service or API calls make by design (partitions,
parameters, data sources, members of roles, the format of a report) are not part of the digests, so that they cause no
import. A missing, malformed or outdated fingerprint costs an upload; it never hides an edit.
A paginated report's definition is its file: it needs no fingerprint where the service does not change it.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import typing as t
import uuid

from ..._api.items import Item, parts_of
from ..._content import normalise, platform, rebind
from ..._content.digest import definition_digest, model_digest, outline_digest
from ..._content.item import PAGINATED_REPORT, RDL, REPORT, SEMANTIC_MODEL, LocalItem
from ..._content.report.report_outline import LEGACY_PART
from ..._errors import (
    ApiError,
    NotFoundError,
    OperationFailedError,
    OperationTimeoutError,
    PowerBIError,
    ThrottledError,
)
from ..identity.description_annotation import Annotation, is_damaged, read, short, shorter
from ..remote import RemoteWorkspace

_UNTIL_SEEN = (0.5, 1.0, 2.0, 4.0, 8.0)  # seconds: a new item can be read by its id with a delay

_NAME = 6  # characters of the digest of a name, and
_ID = 8  # of an id: 36 and 48 bits, for items of one workspace

_UNKNOWN = "it is not known which file was imported before"
_NO_FINGERPRINT = (
    "its description has no fingerprint, as the description was replaced in the service, or the item was not imported by "
    "this collection"
)


class Content:
    """The definition of an item in the service: its parts, and its description, for which ``stated`` may be newer."""

    def __init__(
        self, item_type: str, parts: t.Mapping[str, bytes], description: str, stated: bytes | None = None
    ) -> None:
        self.parts = parts
        self._type = item_type
        self._listed = description
        self._stated = stated

    @functools.cached_property
    def description(self) -> str:
        described = platform.read(self._stated, platform.PART)[0] if self._stated is not None else None
        return described.description or "" if described else self._listed

    @functools.cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of the parts in canonical form: milliseconds for a report, more for a large model."""
        return definition_digest(self.parts, self._type)

    @property
    def is_model(self) -> bool:
        return self._type == SEMANTIC_MODEL

    @functools.cached_property
    def model(self) -> str:
        """The digest of a semantic model without the changes of the service and of API calls."""
        return shorter(model_digest(self.parts))

    @functools.cached_property
    def report(self) -> str:
        return shorter(self.digest)

    @property
    def is_legacy(self) -> bool:
        """Whether this is a report in the format that the service converts to PBIR when the report is edited."""
        return self._type == REPORT and LEGACY_PART in self.parts

    @functools.cached_property
    def outline(self) -> str:
        """The digest of a report's outline, which is the same for both formats; "" where it can't be parsed."""
        found = outline_digest(self.parts)
        return shorter(found) if found else ""


def content(live: RemoteWorkspace, item: Item) -> Content:
    """Read a live item with getDefinition. Raises PowerBIError; see `is_unreadable`."""
    return content_of(item, parts(live, item))


def parts(live: RemoteWorkspace, item: Item) -> dict[str, bytes]:
    """The parts of a live item, from getDefinition. Raises as `content`."""
    for pause in (*_UNTIL_SEEN, None):
        try:
            return parts_of(live.items.definition(item).wait())
        except NotFoundError:
            if pause is None:
                raise
        live.clock.sleep(pause)
    raise AssertionError("unreachable")


def content_of(item: Item, parts: t.Mapping[str, bytes]) -> Content:
    """The parts without the binding of a report: an import of an existing report does not change it."""
    counted = {path: data for path, data in parts.items() if path not in (platform.PART, rebind.PART)}
    return Content(item.type, counted, item.description, parts.get(platform.PART))


def is_unreadable(error: PowerBIError) -> bool:
    """Whether the service permanently returns no definition for this item, although it does for others."""
    if isinstance(error, (ThrottledError, NotFoundError, OperationTimeoutError)):
        return False
    return isinstance(error, OperationFailedError) or (isinstance(error, ApiError) and error.status < 500)


def annotation_of(digest: str, contents: t.Sequence[Content | None]) -> Annotation:
    """The fingerprint of a file with this SHA-256, and of the items of its import, semantic model first.

    If the definition of one of them is missing, no digests of definitions are included: edits can't be detected.
    """
    found = Annotation(file=short(digest))
    for content in contents:
        if content is None:
            return Annotation(file=short(digest))
        if content.is_model:
            found = found._replace(model=content.model)
        else:
            found = found._replace(report=content.report, outline=content.outline if content.is_legacy else "")
    return found


def imported_as(item: LocalItem, annotation: Annotation, report: Item | None = None) -> Annotation:
    """The annotation with the file's import name, and the id of the report that was created with a model."""
    return annotation._replace(name=name_digest(item.display_name), report_id=short_id(report.id) if report else "")


def name_digest(name: str) -> str:
    """The digest of a name, in any case, under which a file was imported."""
    return short(hashlib.sha256(name.casefold().encode()).hexdigest())[:_NAME]


def short_id(identity: str) -> str:
    """The beginning of an item's id, as the fingerprint contains it."""
    return base64.urlsafe_b64encode(uuid.UUID(identity).bytes).decode()[:_ID]


def is_known(targets: t.Sequence[Item]) -> bool:
    """Whether reading the definitions can prove that nothing changed: a fingerprint exists, or none is needed."""
    if targets and targets[0].type == PAGINATED_REPORT:
        return True
    known = read(targets[0].description).annotation if targets else None
    return known is not None and bool(known.file and (known.model or known.report or known.definition))


def is_the_file(found: Content | None, path: str, digest: str) -> bool:
    """Whether a definition equals the file at ``path``, whose SHA-256 (hex) is given, so that it needs no fingerprint.

    True for paginated reports, which the service does not change, except in ways that are equal in XML. Raises OSError.
    """
    part = next((name for name in found.parts if name.lower().endswith(f".{RDL}")), "") if found else ""
    if found is None or not part:
        return False
    if hashlib.sha256(found.parts[part]).hexdigest() == digest:
        return True
    with open(path, "rb") as handle:
        return normalise.compare({part: handle.read()}, {part: found.parts[part]}, PAGINATED_REPORT).equal


def findings(targets: t.Sequence[Item], digest: str, contents: t.Sequence[Content | None] | None) -> list[str]:
    """The reasons why an import of the file with this SHA-256 would change items, as texts; empty if it would not.

    ``targets`` with the semantic model first; ``contents`` are theirs, None for those that can't be read, or None as a
    whole for the reasons that need no contents.
    """
    known = read(targets[0].description).annotation
    if is_damaged(targets[0].description):
        return [f"{_UNKNOWN}: the fingerprint in its description is damaged"]
    if known is None:
        return [f"{_UNKNOWN}: {_NO_FINGERPRINT}"]
    if not known.file:
        return [_UNKNOWN]
    if known.file != short(digest):
        return ["another file than the one imported before"]
    if any(found.bound for found in (read(item.description).annotation for item in targets) if found):
        return ["the last import was not finished"]
    if contents is None:
        return []
    if None in contents or not is_known(targets):
        return ["the service does not return the definition, so edits since the import can't be detected"]
    same = _is_same(known, [content for content in contents if content is not None])
    return [] if same else ["it was edited in the service since its import"]


def _is_same(known: Annotation, contents: t.Sequence[Content]) -> bool:
    if not (known.model or known.report):
        digests = [content.digest for content in contents]
        together = digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
        return known.definition == short(together)  # written by an earlier version
    return all(
        content.model == known.model if content.is_model else _is_same_report(known, content) for content in contents
    )


def _is_same_report(known: Annotation, content: Content) -> bool:
    """A report that was converted from the legacy format since the import is compared by its outline."""
    if content.report == known.report:
        return True
    return bool(known.outline) and not content.is_legacy and content.outline == known.outline
