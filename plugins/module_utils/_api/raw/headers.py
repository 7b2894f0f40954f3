# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Headers that a user adds to a request, such as X-PowerBI-Profile-Id for service principal profiles."""

from __future__ import annotations

import re
import typing as t

from ..._errors import ConfigError

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z")
_VALUE = re.compile(r"[!-~](?:[\t -~]*[!-~])?\Z")
_OWN = {
    "authorization": "log in with the options of this task, such as `access_token`",
    "proxy-authorization": "put it into `proxy`",
    **dict.fromkeys(
        ("host", "connection", "content-length", "content-type", "transfer-encoding", "accept", "user-agent", "cookie"),
        "leave it out",
    ),
}


def checked(headers: t.Mapping[str, t.Any]) -> dict[str, str]:
    """The headers as texts. Raises ConfigError for a header that the client sets, or that is invalid in HTTP."""
    found: dict[str, str] = {}
    for name, value in headers.items():
        remedy = _OWN.get(str(name).lower())
        if remedy:
            raise ConfigError(f"headers has {name}, which the client sets itself", option="headers", remedy=remedy)
        if not _NAME.match(str(name)):
            raise ConfigError(
                f"headers has {name!r}, which is no name of a header", option="headers", remedy="correct it"
            )
        text = value if isinstance(value, str) else str(value)
        if value is None or isinstance(value, (dict, list, bool)) or not _VALUE.match(text):
            raise ConfigError(
                f"the value of the header {name} is empty, or not one line of ASCII text",
                option="headers",
                remedy="correct it",
            )
        found[str(name)] = text
    return found
