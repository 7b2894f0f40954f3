# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Imports of .rdl files: the content that is sent, and the API of definitions for a file that the import refuses.

Reports differ on whether an import accepts the namespace `df` of Power BI Report Builder (MustUnderstand="df").
"""

from __future__ import annotations

from .._api.items import Item, item_of
from .._content import paginated
from .._content.item import RDL, LocalItem
from .._content.item_types import definition_format
from .._errors import OperationFailedError, PowerBIError, ServiceError
from .remote import RemoteWorkspace

_REFUSED = frozenset(("RequestedFileIsEncryptedOrCorrupted",))


def content_of(local: LocalItem) -> bytes | None:
    """The content to send in place of the file's, without a byte order mark; None if it is the file's. Raises OSError."""
    with open(local.source, "rb") as file:
        data = file.read()
    content = paginated.plain(data)
    return None if content == data else content


def may_be_a_definition(local: LocalItem, error: PowerBIError) -> bool:
    """Whether the import refused the file's content, which the API of definitions may accept."""
    return local.kind == RDL and isinstance(error, ServiceError) and error.code in _REFUSED


def write_definition(live: RemoteWorkspace, local: LocalItem, target: Item | None, refused: PowerBIError) -> Item:
    """Create the paginated report, or replace the definition of ``target``. Raises ``refused`` where that fails as well."""
    with open(local.source, "rb") as file:
        parts = {f"{local.display_name}.rdl": paginated.plain(file.read())}
    content = definition_format(local.type, parts)
    try:
        if target is not None:
            live.items.update(target, parts, content).wait()
            return target
        result = live.items.create(local.type, local.display_name, "", "", parts, content, {}).wait()
    except (OperationFailedError, ServiceError):
        raise refused from None
    item = item_of(result) if result else next(one for one in live.items.all(local.type) if one.key == local.key)
    folder_id = live.folder_ids[local.folder]
    if item.folder_id != folder_id:
        live.items.move(item, folder_id)
        item = item._replace(folder_id=folder_id)
    return item
