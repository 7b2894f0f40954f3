# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Kubernetes API server as far as OpenBao's kubernetes log-in asks it: TokenReview. Our own fake: it proves what OpenBao and we
ask, and nothing about a cluster."""

from __future__ import annotations

import json
import ssl
import threading
import time
import typing as t
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jwt
import trustme
from cryptography.hazmat.primitives.asymmetric import rsa

NAMESPACE: t.Final = "automation"
_PATH: t.Final = "/apis/authentication.k8s.io/v1/tokenreviews"


class FakeKubernetes:
    """``service_account_token()`` signs what a pod of ``NAMESPACE`` has; ``reviewed`` counts the reviews that were asked for."""

    def __init__(self, directory: Path) -> None:
        self.reviewed = 0
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.path != _PATH or not outer._claims(self.headers["Authorization"].removeprefix("Bearer ")):
                    self.send_error(403)
                    return
                outer.reviewed += 1
                claims = outer._claims(body["spec"]["token"])
                status: dict[str, t.Any] = {"authenticated": False, "error": "invalid bearer token"}
                if claims:
                    user = {"username": claims["sub"], "uid": claims["kubernetes.io"]["serviceaccount"]["uid"]}
                    asked = body["spec"].get("audiences") or claims["aud"]
                    audiences = [audience for audience in asked if audience in claims["aud"]]
                    status = {"authenticated": bool(audiences), "audiences": audiences, "user": user}
                content = json.dumps(
                    {"kind": "TokenReview", "apiVersion": "authentication.k8s.io/v1", "status": status}
                ).encode()
                self.send_response(201)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *arguments: t.Any) -> None:
                pass

        ca = trustme.CA()
        self.ca_path = directory / "kubernetes-ca.pem"
        ca.cert_pem.write_to_path(self.ca_path)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert("127.0.0.1").configure_cert(context)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

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

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _claims(self, token: str) -> dict[str, t.Any]:
        """What a token says if this cluster signed it and it is still good, else nothing."""
        options = {"verify_aud": False}
        try:
            return t.cast("dict[str, t.Any]", jwt.decode(token, self._key.public_key(), ["RS256"], options=options))
        except jwt.InvalidTokenError:
            return {}
