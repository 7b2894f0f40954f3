# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Kubernetes API server as far as OpenBao's kubernetes log-in asks it: TokenReview. Our own fake: it proves what OpenBao and we
ask, and nothing about a cluster."""

from __future__ import annotations

import time
import typing as t
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from harness.fake_server import FakeServer, JsonHandler

NAMESPACE: t.Final = "automation"
_PATH: t.Final = "/apis/authentication.k8s.io/v1/tokenreviews"


class FakeKubernetes(FakeServer):
    """``service_account_token()`` signs what a pod of ``NAMESPACE`` has; ``reviewed`` counts the reviews that were requested."""

    def __init__(self, directory: Path) -> None:
        self.reviewed = 0
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        outer = self

        class Handler(JsonHandler):
            def do_POST(self) -> None:  # noqa: N802
                body = self.body()
                if self.path != _PATH or not outer._claims(self.headers["Authorization"].removeprefix("Bearer ")):
                    self.send_error(403)
                    return
                outer.reviewed += 1
                claims = outer._claims(body["spec"]["token"])
                status: dict[str, t.Any] = {"authenticated": False, "error": "invalid bearer token"}
                if claims:
                    user = {"username": claims["sub"], "uid": claims["kubernetes.io"]["serviceaccount"]["uid"]}
                    requested = body["spec"].get("audiences") or claims["aud"]
                    audiences = [audience for audience in requested if audience in claims["aud"]]
                    status = {"authenticated": bool(audiences), "audiences": audiences, "user": user}
                self.answer(201, {"kind": "TokenReview", "apiVersion": "authentication.k8s.io/v1", "status": status})

        super().__init__(directory, "kubernetes", Handler)

    def service_account_token(self, account: str, lifetime: int = 600) -> str:
        now = int(time.time())
        claims = {
            "iss": "https://kubernetes.default.svc.cluster.local",
            "aud": ["https://kubernetes.default.svc.cluster.local"],
            "sub": f"system:serviceaccount:{NAMESPACE}:{account}",
            "iat": now,
            "nbf": now,
            "exp": now + lifetime,
            "kubernetes.io": {
                "namespace": NAMESPACE,
                "serviceaccount": {"name": account, "uid": f"uid-of-{account}"},
            },
        }
        return jwt.encode(claims, self._key, algorithm="RS256")

    def _claims(self, token: str) -> dict[str, t.Any]:
        """The claims of a token that this cluster signed and that is still valid, else nothing."""
        options = {"verify_aud": False}
        try:
            return t.cast("dict[str, t.Any]", jwt.decode(token, self._key.public_key(), ["RS256"], options=options))
        except jwt.InvalidTokenError:
            return {}
