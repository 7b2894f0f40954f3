# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Imports of .rdl files: the content that is sent, and the API of definitions for a file that the import refuses.

Reports differ on whether an import accepts the namespace `df` of Power BI Report Builder (MustUnderstand="df").
"""

from __future__ import annotations

from ..._api.items import Item
from ..._content import paginated
from ..._content.item import RDL, LocalItem
from ..._errors import OperationFailedError, PowerBIError, ServiceError
from ..item_writing import ItemWriter

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


def write_definition(
    writer: ItemWriter, local: LocalItem, target: Item | None, folder_id: str, refused: PowerBIError
) -> Item:
    """Create the paginated report, or replace the definition of ``target``. Raises ``refused`` where that fails as well."""
    with open(local.source, "rb") as file:
        parts = {f"{local.display_name}.rdl": paginated.plain(file.read())}
    try:
        if target is not None:
            writer.update(target, local, parts)
            return target
        created = writer.create(local, "", folder_id, parts)
    except (OperationFailedError, ServiceError):
        raise refused from None
    if created is None:
        raise refused
    return created
