# SPDX-License-Identifier: EUPL-1.2
"""What surrounds every answer: safety headers, forms of other sites refused, bodies of a decent size."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 2_000_000
# The addresses that receive a file, and the largest body each may have.
UPLOADS = (
    (re.compile(r"/dossiers/\d+/localisation"), 20_000_000),
    (re.compile(r"/dossiers/\d+/(pieces|echanges)"), 10_100_000),  # workflow.contents.LARGEST, and its form
    (re.compile(r"/administration/import"), 30_500_000),
)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


Refusal = Callable[[Request, int, str], Response]


class Surroundings:
    """The outermost layer. A route may set its own policy (a message shown in its frame): it is kept.

    What it refuses is answered at once by the page that `refuse` makes; the rest of the body is thrown away as it comes.
    """

    def __init__(self, app: ASGIApp, base_address: str, refuse: Refusal) -> None:
        self.app, self.refuse = app, refuse
        self.is_https = base_address.startswith("https:")
        self.host = urlsplit(base_address).netloc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        largest = largest_body(scope["path"])
        refusal = self._refusal(scope["method"], headers, largest)
        if refusal is not None:
            answer = self.refuse(Request(scope), *refusal)
            await answer(scope, receive, self._dressed(send))
            return
        dressed = self._dressed(send)
        if scope["method"] == "HEAD":  # what GET would answer, without its body
            scope, dressed = {**scope, "method": "GET"}, _headers_only(dressed)
        await self.app(scope, _bounded(receive, largest), dressed)

    def _refusal(self, method: str, headers: Headers, largest: int) -> tuple[int, str] | None:
        if method not in SAFE and self._is_foreign(headers):
            return 403, "Envoi refusé : il ne vient pas de ce site. Rien n’a été enregistré."
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > largest:
            return 413, too_large(largest)
        return None

    def _is_foreign(self, headers: Headers) -> bool:
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site not in ("same-origin", "none")
        origin = headers.get("origin")
        return origin is not None and urlsplit(origin).netloc not in (headers.get("host"), self.host)

    def _dressed(self, send: Send) -> Send:
        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if self.is_https:
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000")
            await send(message)

        return dressed


def _headers_only(send: Send) -> Send:
    async def headers_only(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return headers_only


def largest_body(path: str) -> int:
    """How much this address receives."""
    return next((limit for pattern, limit in UPLOADS if pattern.fullmatch(path)), LARGEST_BODY)


def too_large(largest: int) -> str:
    """What a body beyond this limit is told."""
    return (
        f"Cette adresse reçoit au plus {largest // 1_000_000} Mo par envoi : rien n’a été enregistré. Allégez le fichier, ou "
        "envoyez-le en plusieurs parties."
    )


def _bounded(receive: Receive, largest: int) -> Receive:
    """The body, cut short when it grows past the limit without having said so."""
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        return {"type": "http.disconnect"} if taken > largest else message

    return bounded
