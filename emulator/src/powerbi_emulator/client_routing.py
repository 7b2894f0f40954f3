# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""``preferClientRouting=true``: the client is redirected to a regional host with a 307."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.emulator_state import emulated_of


def redirection(request: Request) -> Response | None:
    """The 307, if the client requested it and the switch ``client_routing_url`` is set; else None."""
    base = emulated_of(request).switches.client_routing_url
    if base is None or request.query_params.get("preferClientRouting", "").lower() != "true":
        return None
    url = request.url.remove_query_params("preferClientRouting")
    query = f"?{url.query}" if url.query else ""
    return Response(status_code=307, headers={"Location": f"{base}{url.path}{query}"})
