# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The owner of deployed items: a deployment, by its name, and by the source of its content for the default name."""

from __future__ import annotations

import typing as t
from urllib.parse import quote

from ..._api.items import Item
from ..._content.item import LocalItem
from ..._content.ownership_annotation import DEFAULT_DEPLOYMENT, Ownership
from ..._errors import ConfigError
from ..desired import Desired
from ..options import DeployOptions
from .description_annotation import NO_OWNER, Annotation, hashed

_LONGEST = 64  # characters of a name
_LONGEST_QUOTED = 90  # characters of a name in a description, which also holds a fingerprint of up to 160


class Owner(t.NamedTuple):
    """``source`` is the name of the folder's root. It distinguishes deployments of the default name; others have a name.
    ``take``: take over items of other owners. ``whole``: the content is a whole folder, not one item of it.
    """

    deployment: str = DEFAULT_DEPLOYMENT
    source: str = ""
    take: bool = False
    whole: bool = True

    @classmethod
    def of(cls, desired: Desired, options: DeployOptions) -> Owner:
        """The owner of what is deployed. Raises ConfigError for a name that can't be recorded."""
        return cls(_checked(options.deployment), desired.source, options.take_ownership, desired.whole)

    def ownership(self, item: LocalItem, item_id: str = "") -> Ownership:
        """The annotation of an item. ``item_id`` is the live item's id, "" before its creation."""
        source = self.source if self.deployment == DEFAULT_DEPLOYMENT else ""
        return Ownership(self.deployment, item.logical_id, item_id, source)

    def of_file(self, annotation: Annotation, item: LocalItem) -> Annotation:
        """The fingerprint of a file with the owner."""
        return annotation.owned_by(self.ownership(item))

    def owns(self, found: Ownership | None) -> bool:
        """Whether an annotation is this deployment's. One of an earlier version has no source, and names the default."""
        if found is None or found.deployment != self.deployment:
            return False
        return self.deployment != DEFAULT_DEPLOYMENT or found.source in ("", self.source, hashed(self.source))

    def may_prune(self, found: Ownership | None) -> bool:
        """Whether an annotation proves that this deployment may delete the item. One without a source, of an earlier version,
        may be that of another folder."""
        return self.owns(found) and not self.is_without_source(found)

    def is_without_source(self, found: Ownership | None) -> bool:
        """Whether an annotation of the default name lacks the source that this deployment has."""
        is_default = found is not None and found.deployment == self.deployment == DEFAULT_DEPLOYMENT
        return is_default and found is not None and not found.source and bool(self.source)

    def collides_with(self, found: Ownership | None) -> bool:
        """Whether an annotation has the default name, as this deployment, and another source."""
        return found is not None and found.deployment == self.deployment and not self.owns(found)

    def is_foreign(self, found: Ownership | None, item: LocalItem) -> bool:
        """Whether an item with this annotation, which has the name of a local item, is that of another owner.

        An item without a logical id is identified by its source. In a whole folder another logical id from the same source is
        that of an item that was replaced by the local one.
        """
        if found is None:
            return False
        if found.deployment == self.deployment and found.logical_id == item.logical_id:
            return self.whole and not item.logical_id and not self.owns(found)
        return not self.owns(found) or not self.whole

    def replaced(self, found: Ownership | None, item: LocalItem) -> str:
        """Why the annotation of an item that has the name of a local one is replaced, "" if it is not."""
        if found is None:
            return ""
        if self.is_foreign(found, item):
            return f"taken over from {shown(found)}"
        if found.logical_id and item.logical_id and found.logical_id != item.logical_id:
            return f"takes the place of the item with the logical id {found.logical_id}"
        return ""


def shown(found: Ownership) -> str:
    """An owner in words."""
    source = f" from {found.source}" if found.source and not found.source.startswith("~") else ""
    logical_id = f", logical id {found.logical_id}" if found.logical_id else ""
    return f"the deployment {found.deployment!r}{source}{logical_id}"


def _checked(deployment: str) -> str:
    """The option ``deployment``. Raises ConfigError for a name that can't be recorded."""
    name = deployment.strip()
    if name in ("", NO_OWNER) or len(name) > _LONGEST or not name.isprintable():
        raise ConfigError(
            f"deployment is {deployment!r}",
            option="deployment",
            why=f"The name of a deployment has 1 to {_LONGEST} printable characters",
            remedy="give each folder that is deployed to the workspace a name of its own, or leave the option out",
        )
    length = len(quote(name, safe=""))
    if length > _LONGEST_QUOTED:
        raise ConfigError(
            f"deployment is {name!r}, which is too long for the ownership annotation",
            option="deployment",
            why=f"Descriptions contain it percent-encoded: that has {length} characters, and there is room for {_LONGEST_QUOTED}",
            remedy="shorten it, or use unaccented letters, digits and hyphens",
        )
    return name


def described(item: Item) -> str:
    return f"{item.name}.{item.type} ({item.id})"
