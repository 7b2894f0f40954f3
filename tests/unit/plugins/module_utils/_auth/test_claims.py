# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.community.powerbi.plugins.module_utils._auth import claims
from ansible_collections.community.powerbi.plugins.module_utils._auth.claims import decode, describe, safe_claims
from ansible_collections.community.powerbi.plugins.module_utils._auth.tokens import AccessToken
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from ansible_collections.community.powerbi.plugins.module_utils._secret import Secret
from ansible_collections.community.powerbi.plugins.modules import powerbi_token
from fakes.config_sources import CLIENT, TENANT, app, settings
from fakes.jwts import access_token

# What Entra ID puts into an app's token for Power BI (version 1.0 of the format, from the v2 endpoint).
APP_CLAIMS = {
    "aud": "https://analysis.windows.net/powerbi/api",
    "iss": "https://sts.windows.net/11111111-1111-1111-1111-111111111111/",
    "iat": 1764000000,
    "nbf": 1764000000,
    "exp": 1764003900,
    "aio": "k2RgYHBnPvP/",
    "app_displayname": "deploy-\u00fcbung",
    "appid": "22222222-2222-2222-2222-222222222222",
    "appidacr": "1",
    "idtyp": "app",
    "oid": "33333333-3333-3333-3333-333333333333",
    "rh": "1.AAA",
    "roles": ["Tenant.Read.All"],
    "tid": "11111111-1111-1111-1111-111111111111",
    "uti": "abc",
    "ver": "1.0",
}


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def jwt(said: object) -> str:
    return f"{part({'typ': 'JWT', 'alg': 'RS256'})}.{part(said)}.{part(b'not-a-signature')}"


def test_claims_are_read_whatever_padding_they_need():
    for length in range(8):
        said = {**APP_CLAIMS, "uti": "x" * length}
        assert decode(jwt(said)) == said


def test_base64url_alphabet_and_white_space_around_the_token():
    said = {"sub": "\u00ff\u00fe~?>" * 5}
    token = jwt(said)
    assert set("-_") & set(token.split(".")[1])
    assert decode(f"  {token}\n") == said


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("", "access_token is empty"),
        (" \n", "access_token is empty"),
        (f"Bearer {jwt(APP_CLAIMS)}", "begins with the word Bearer"),
        (f"{part({'alg': 'RSA-OAEP', 'enc': 'A256GCM'})}.a.b.c.d", "is an encrypted token"),
        ("s8Q~opaque-Secret-Value", "a JWT has three parts with dots between them, this has 1"),
        ("PAQABAAEAAAD.opaque", "this has 2"),
        (f"{part({})}.{part(b'not json')}.x", "not base64url of a JSON object"),
        (f"{part({})}.{part(['a', 'list'])}.x", "not base64url of a JSON object"),
        (f"{part({})}.{part(b'[' * 100_000)}.x", "not base64url of a JSON object"),
        (f"{part({})}.{part(bytes(range(128, 160)))}.x", "not base64url of a JSON object"),
        ("header.pay$load.signature", "not base64url of a JSON object"),
        ("header.\u00e4\u00f6\u00fc.signature", "not base64url of a JSON object"),
        ("header.********.signature", "masked on its way"),
    ],
)
def test_each_kind_of_unreadable_jwt_is_described_without_quoting_it(token, said):
    with pytest.raises(ConfigError) as caught:
        decode(token)
    error = caught.value
    assert said in str(error)
    assert error.option == "access_token"
    assert error.remedy
    assert error.__cause__ is None and error.__context__ is None  # a traceback would quote bytes of the token
    for piece in token.replace("Bearer", "").split("."):
        assert len(piece.strip()) < 8 or piece not in str(error)


def test_errors_name_the_option_that_the_token_came_from():
    with pytest.raises(ConfigError, match="federated_token_file is not a JSON Web Token") as caught:
        decode("opaque", option="federated_token_file")
    assert caught.value.option == "federated_token_file"


def test_safe_claims_of_an_app_token():
    assert safe_claims(APP_CLAIMS) == {
        "aud": "https://analysis.windows.net/powerbi/api",
        "iss": "https://sts.windows.net/11111111-1111-1111-1111-111111111111/",
        "appid": "22222222-2222-2222-2222-222222222222",
        "oid": "33333333-3333-3333-3333-333333333333",
        "tid": "11111111-1111-1111-1111-111111111111",
        "roles": ["Tenant.Read.All"],
        "idtyp": "app",
        "exp": 1764003900,
        "ver": "1.0",
        "has_scp": False,
    }


def test_safe_claims_of_version_2_and_of_a_user():
    shown = safe_claims(
        {"azp": "22222222-2222-2222-2222-222222222222", "ver": "2.0", "scp": "Report.Read.All", "upn": "a@b"}
    )
    assert shown == {"appid": "22222222-2222-2222-2222-222222222222", "ver": "2.0", "has_scp": True}


def test_reading_claims_imports_no_library():
    script = (
        "import sys\n"
        "from ansible_collections.community.powerbi.plugins.module_utils._auth.claims import decode\n"
        f"decode({jwt(APP_CLAIMS)!r})\n"
        "print([n for n in ('jwt', 'msal', 'requests', 'cryptography', 'dataclasses', 'ansible') if n in sys.modules])\n"
    )
    collections_root = Path(claims.__file__).parents[6]
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(collections_root)},
    )
    assert done.stdout.strip() == "[]"


def described(value: str, options: dict[str, t.Any], *, left: int = 1000, source: str = "cache") -> dict[str, t.Any]:
    now = int(time.time())
    return describe(AccessToken(Secret(value), now + left, now, "a/.default", source), settings(options))


def test_what_the_module_documents_and_no_more() -> None:
    documented = yaml.safe_load(powerbi_token.RETURN)
    found = described(access_token(), app("1"))
    assert found.keys() == documented.keys() - {"validation", "error"}
    assert found["source"] in documented["source"]["choices"]


def test_values() -> None:
    token = access_token(roles=["Tenant.Read.All"], upn="never@shown.test")
    found = described(token, app("1"))
    assert found["access_token"] == token
    assert found["token_type"] == "Bearer"
    assert 998 <= found["expires_in"] <= 1000
    assert time.strptime(found["expires_on"], "%Y-%m-%dT%H:%M:%SZ")
    assert (found["tenant_id"], found["client_id"]) == (TENANT + "1", CLIENT + "1")
    assert (found["auth_method"], found["auth_source"], found["source"]) == ("client_secret", "option", "cache")
    assert found["claims"]["roles"] == ["Tenant.Read.All"]
    assert "upn" not in found["claims"]


def test_an_expired_one_has_no_seconds_left() -> None:
    assert described("opaque", app("1"), left=-5)["expires_in"] == 0


def test_a_token_of_another_provider_may_be_opaque() -> None:
    found = described("opaque", app("1"))
    assert (found["claims"], found["tenant_id"]) == ({}, TENANT + "1")


def test_a_passed_token_contains_its_identity() -> None:
    token = access_token(appid="token's", tid="token's tenant")
    found = described(token, {"access_token": token, **app("1", client_secret=None)})
    assert (found["client_id"], found["tenant_id"]) == ("token's", "token's tenant")


def test_also_for_a_signed_in_az() -> None:
    token = access_token(appid="az's", tid="az's tenant")
    found = described(token, {"auth_method": "azure_cli", "client_id": "c"})
    assert (found["client_id"], found["tenant_id"], found["auth_method"]) == ("az's", "az's tenant", "azure_cli")
