# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI: gateways, published apps and features."""

from __future__ import annotations

import base64
import json

from conftest import MEGAN, MEGANS_PASSWORD, PUBLIC, READER, READER_SECRET, Emulator

GATEWAY = "9a7e0000-0000-4000-8000-000000000001"
OFFLINE = "9a7e0000-0000-4000-8000-000000000002"


def test_gateways_of_their_admin(emulator: Emulator) -> None:
    shown = emulator.api("GET", "/gateways").json()["value"]
    assert [one["id"] for one in shown] == [GATEWAY, OFFLINE]
    assert shown[0]["type"] == "Resource"
    assert len(base64.b64decode(shown[0]["publicKey"]["modulus"])) == 256
    assert json.loads(shown[0]["gatewayAnnotation"])["gatewayVersion"]
    assert emulator.api("GET", f"/gateways/{GATEWAY.upper()}").json()["name"] == "Contoso On-Premises"
    reader = emulator.token(client_id=READER, client_secret=READER_SECRET)
    assert emulator.api("GET", "/gateways", reader).json()["value"] == []
    assert emulator.api("GET", f"/gateways/{GATEWAY}", reader).status_code == 404


def test_data_sources_of_a_gateway(emulator: Emulator) -> None:
    [source] = emulator.api("GET", f"/gateways/{GATEWAY}/datasources").json()["value"]
    assert json.loads(source["connectionDetails"]) == {"server": "sql01.contoso.example", "database": "Sales"}
    assert source["credentialType"] == "Windows"
    one = f"/gateways/{GATEWAY}/datasources/{source['id']}"
    assert emulator.api("GET", one).json()["datasourceName"] == "Sales SQL"
    assert (emulator.api("GET", f"{one}/status").status_code, emulator.api("GET", f"{one}/status").content) == (
        200,
        b"",
    )
    [user] = emulator.api("GET", f"{one}/users").json()["value"]
    assert (user["principalType"], user["identifier"]) == ("App", "0b1ec700-0000-4000-8000-000000000001")


def test_status_of_a_gateway_that_is_off(emulator: Emulator) -> None:
    [source] = emulator.api("GET", f"/gateways/{OFFLINE}/datasources").json()["value"]
    status = emulator.api("GET", f"/gateways/{OFFLINE}/datasources/{source['id']}/status")
    assert (status.status_code, status.json()["error"]["code"]) == (400, "DM_GWPipeline_Client_GatewayUnreachable")


def test_apps_are_for_users(emulator: Emulator) -> None:
    refused = emulator.api("GET", "/apps")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "PowerBINotAuthorizedException")
    token = emulator.token(
        client_id=PUBLIC, client_secret=None, grant_type="password", username=MEGAN, password=MEGANS_PASSWORD
    )
    [app] = emulator.api("GET", "/apps", token).json()["value"]
    assert emulator.api("GET", f"/apps/{app['id']}", token).json()["name"] == app["name"] == "Sales Overview"


def test_available_features(emulator: Emulator) -> None:
    [feature] = emulator.api("GET", "/availableFeatures").json()["features"]
    one = emulator.api("GET", "/availableFeatures(featureName='embedTrial')").json()
    assert one["extendedState"] == feature["extendedState"] == "Enabled"
    assert emulator.api("GET", "/availableFeatures(featureName='x')").status_code == 404
