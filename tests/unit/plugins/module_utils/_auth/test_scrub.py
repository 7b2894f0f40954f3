# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import html
import json
import random
import string
import urllib.parse

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._auth.scrub import MASK, may_be_secret, scrub

# The alphabet of Entra ID's secrets, with what shells, URLs, JSON and HTML treat specially. The mask's own character
# is left out: a secret of asterisks can't be distinguished from a mask.
ALPHABET = string.ascii_letters + string.digits + "~._-+/=&%\"'<>\\ {}$\n\u00fc"
ENCODINGS = {
    "plain": lambda text: text,
    "url": lambda text: urllib.parse.quote(text, safe=""),
    "form": urllib.parse.quote_plus,
    "json": lambda text: json.dumps(text)[1:-1],
    "html": html.escape,
}

GUID = "0f1d6b3c-3f0b-4a43-9d0d-6f2a4e3b1c00"


def words(rng: random.Random, alphabet: str = ALPHABET, least: int = 4, most: int = 60) -> str:
    return "".join(rng.choice(alphabet) for dummy in range(rng.randint(least, most)))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_known_secret_never_survives_whatever_surrounds_it(encoding):
    rng = random.Random(20260101)
    for dummy in range(500):
        secrets = [words(rng) for dummy in range(rng.randint(1, 3))]
        secrets.append(secrets[0][:-1])  # one that is part of another
        echoed = ENCODINGS[encoding](secrets[0])
        text = words(rng, least=0) + echoed + words(rng, least=0) + secrets[-1]
        shown = scrub(text, secrets)
        for secret in (*secrets, echoed):
            assert secret not in shown
        assert scrub(shown, secrets) == shown


@pytest.mark.parametrize("size", [24, 32, 48, 256, 2048])
def test_random_base64_is_removed_even_if_it_is_not_known(size):
    rng = random.Random(size)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for dummy in range(100):
            secret = encode(rng.randbytes(size)).decode().lstrip("/")  # a slash at the start means a path
            shown = scrub(f"The value '{secret}' of app '{GUID}' is wrong.")
            assert shown == f"The value '{MASK}' of app '{GUID}' is wrong."


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("client_secret=Ab1~short&scope=x", "client_secret=***&scope=x"),
        ('body: {"client_secret": "two words", \'a\': 1}', "body: {\"client_secret\": ***, 'a': 1}"),
        ("client_assertion: abc.def.ghi", "client_assertion: ***"),
        ("Authorization: Bearer abc", "Authorization: ***"),
        ("sent Basic dXNlcjpwYXNzd29yZDEyMzQ= to it", "sent Basic *** to it"),
        ("via http://user:pa55@proxy:3128/", "via http://***@proxy:3128/"),
        ("token eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2ln rejected", "token *** rejected"),
        ("token eyJ0eXAiOiJKV1Qi... rejected", "token *** rejected"),
        ("key -----BEGIN PRIVATE KEY-----\nMIIE\nabc\n-----END PRIVATE KEY----- end", "key *** end"),
        ("key -----BEGIN RSA PRIVATE KEY----- MIIE cut off", "key ***"),
        (
            "at https://a.blob.core.windows.net/c?sv=2023&sig=Ab1%2F%3D&se=2026",
            "at https://a.blob.core.windows.net/c?sv=2023&sig=***&se=2026",
        ),
        ("sig=Ab1", "sig=***"),
        ("'AccountName=a;AccountKey=Ab1/x==;EndpointSuffix=b'", "'AccountName=a;AccountKey=***;EndpointSuffix=b'"),
        ("Endpoint=sb://a/;SharedAccessKey=Ab1=", "Endpoint=sb://a/;SharedAccessKey=***"),
        ("SharedAccessSignature=sv=2023&sig=Ab1", "SharedAccessSignature=***&sig=***"),
        ('"Server=a;pwd=two words, & more;Database=b"', '"Server=a;pwd=***;Database=b"'),
        ("Password=a&b;Server=c", "Password=***;Server=c"),
        ("Pwd=short", "Pwd=***"),
        ('{"primaryKey": "short"}', '{"primaryKey": ***}'),
        ("identifier 'kX98Q~abcdEFGH1234567890.zyxwvutsrqponml'", "identifier '***'"),
    ],
)
def test_what_may_be_a_secret_goes(text, shown):
    assert scrub(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "AADSTS7000218: The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        f"Trace ID: {GUID} Correlation ID: {GUID} Timestamp: 2025-03-07 21:25:44Z",
        "Current time: 2024-10-02T22:05:03.6755165Z, assertion valid from 1970-01-01T00:00:00.0000000Z",
        "https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
        f"https://login.microsoftonline.com/{GUID}/oauth2/v2.0/token",
        "The resource principal named https://high.analysis.usgovcloudapi.net/powerbi/api was not found",
        "subject 'repo:contoso/powerbi-content:environment:production'",
        f"subject '/eid1/c/pub/t/v4j5cvGGr0GRqy180BHbRw/a/9ExAW52n_ky4ZiS_jhpJIQ/sc/{GUID}/{GUID}'",
        "subject 'system:serviceaccount:data-platform-production:powerbi-deployer'",
        "Thumbprint of key used by client: '8A1F0E7D5C3B29180716253443526170F9E8D7C6'",
        "Invalid client secret provided. Ensure the secret being sent is the client secret value",
        "The design=new of the error code=401; no pwd was given",
        "audience api://AzureADTokenExchangeUSGov",
        "System.IdentityModel.Tokens.SecurityTokenInvalidSignatureException",
        "",
    ],
)
def test_what_support_and_the_user_need_stays(text):
    assert scrub(text) == text
    assert scrub(text, ["", "something-else-entirely"]) == text


@pytest.mark.parametrize(
    "text", [GUID, "contoso.onmicrosoft.com", "common", "ansible-client", "", "https://sts.example/"]
)
def test_ids_are_not_taken_for_secrets(text):
    assert not may_be_secret(text)
