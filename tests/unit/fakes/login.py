# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A login whose requests get scripted responses, and what it sent."""

from __future__ import annotations

import typing as t

import requests

from ansible_collections.community.powerbi.plugins.module_utils._auth.tokens import Login
from ansible_collections.community.powerbi.plugins.module_utils._errors import TransportError
from fakes.wire import reply

NOW: t.Final = 1_800_000_000
TOKEN: t.Final = {"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": "the-token"}


class Request(t.NamedTuple):
    method: str
    url: str
    headers: dict[str, str]
    params: dict[str, str]
    form: dict[str, t.Any]
    idempotent: bool | None


class FakeSender:
    """Gives the responses one after the other; a dictionary is a JSON body with status 200."""

    def __init__(self, *responses: requests.Response | TransportError | dict[str, t.Any]) -> None:
        self.requests: list[Request] = []
        self._responses = list(responses)

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: t.Mapping[str, str] | None = None,
        params: t.Mapping[str, str] | None = None,
        data: t.Any = None,
        json: t.Any = None,
        timeout: float | None = None,
        idempotent: bool | None = None,
    ) -> requests.Response:
        self.requests.append(
            Request(method, url, dict(headers or {}), dict(params or {}), dict(data or {}), idempotent)
        )
        response = self._responses.pop(0)
        if isinstance(response, TransportError):
            raise response
        return reply(200, response) if isinstance(response, dict) else response


class ScriptedLogin(t.NamedTuple):
    login: Login
    sender: FakeSender
    prompts: list[str]
    slept: list[float]


def scripted_login(
    *responses: requests.Response | TransportError | dict[str, t.Any],
    environ: t.Mapping[str, str] | None = None,
    can_prompt: bool = True,
) -> ScriptedLogin:
    """A log-in at ``NOW``. ``can_prompt`` False: nothing can be shown to a person."""
    sender, prompts, slept = FakeSender(*responses), list[str](), list[float]()
    login = Login(sender, environ or {}, lambda: float(NOW), slept.append, prompts.append if can_prompt else None)
    return ScriptedLogin(login, sender, prompts, slept)


def refusal(code: int, error: str = "invalid_client", status: int = 401, text: str = "No.") -> requests.Response:
    """As Entra ID refuses."""
    ids = {"trace_id": "0f1d6b3c-3f0b-4a43-9d0d-6f2a4e3b1c00", "correlation_id": "7a4f6a0e-8a56-4a4e-8d5c-0a9a0f0c7d11"}
    body = {"error": error, "error_description": f"AADSTS{code}: {text}", "error_codes": [code], **ids}
    return reply(status, body)
