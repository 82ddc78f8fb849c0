# SPDX-License-Identifier: EUPL-1.2
"""A real OpenID provider on a port, which answers userinfo as ProConnect does (a signed token) and can misbehave."""

import secrets
import socket
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "coinstruction", "un-secret"


@dataclass(slots=True)
class SignedProvider:
    """What it says of the person, and how it misbehaves: each switch is one fault."""

    issuer: str
    moment: datetime
    person: dict[str, Any]
    acr: str | None = "eidas1"
    nonce: str | None = None  # another one than was asked
    audience: str = CLIENT
    userinfo_subject: str | None = None
    forges: str = ""  # « id_token » or « userinfo »: signed by a key it does not publish
    token_age: int = 0  # seconds
    answers: dict[str, Response] = field(default_factory=dict)  # by path, instead of the right one
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "un", "use": "sig"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)

    def routes(self) -> list[Route]:
        return [
            Route("/.well-known/openid-configuration", self.discovery),
            Route("/authorize", self.authorize),
            Route("/token", self.token, methods=["POST"]),
            Route("/userinfo", self.userinfo),
            Route("/jwks", self.jwks),
        ]

    async def discovery(self, request: Request) -> Response:
        names = {
            "authorization": "authorize",
            "token": "token",
            "userinfo": "userinfo",
            "end_session": "logout",
        }
        found: dict[str, Any] = {f"{name}_endpoint": f"{self.issuer}/{path}" for name, path in names.items()}
        found |= {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks"}
        found["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
        return self.answers.get("discovery") or JSONResponse(found)

    async def authorize(self, request: Request) -> Response:
        self.asked = dict(request.query_params)
        code = secrets.token_urlsafe(8)
        self.codes[code] = self.asked
        answer = urlencode({"code": code, "state": self.asked["state"], "iss": self.issuer})
        return RedirectResponse(f"{self.asked['redirect_uri']}?{answer}", 302)

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        asked = self.codes.pop(form["code"], None)
        if asked is None or (form["client_id"], form["client_secret"]) != (CLIENT, SECRET):
            return JSONResponse({"error": "invalid_grant"}, 400)
        challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if challenge != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        claims = {"sub": self.person["sub"], "nonce": self.nonce or asked["nonce"], "acr": self.acr}
        return JSONResponse({"access_token": "acces", "id_token": self.signed(claims, "id_token")})

    async def userinfo(self, request: Request) -> Response:
        if request.headers["authorization"] != "Bearer acces":
            return PlainTextResponse("", 401)
        said = self.person | {"sub": self.userinfo_subject or self.person["sub"]}
        return self.answers.get("userinfo") or Response(
            self.signed(said, "userinfo"), media_type="application/jwt"
        )

    async def jwks(self, request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    def signed(self, claims: dict[str, Any], what: str) -> str:
        key = ECKey.generate_key("P-256", {"kid": "un"}) if self.forges == what else self.key
        now = int(self.moment.timestamp()) - self.token_age
        dated = {"iss": self.issuer, "aud": self.audience, "iat": now, "exp": now + 300}
        return jwt.encode({"alg": "ES256", "kid": "un"}, dated | claims, key, algorithms=["ES256"])


@contextmanager
def running_provider(moment: datetime, person: dict[str, Any]) -> Iterator[SignedProvider]:
    """The provider on a free port, in a thread; its socket listens before anybody asks."""
    listening = socket.create_server(("127.0.0.1", 0))
    provider = SignedProvider(f"http://127.0.0.1:{listening.getsockname()[1]}", moment, person)
    application = Starlette(routes=provider.routes())
    server = uvicorn.Server(uvicorn.Config(application, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield provider
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
