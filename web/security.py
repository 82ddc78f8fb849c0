# SPDX-License-Identifier: EUPL-1.2
"""What surrounds every answer: safety headers, forms of other sites refused, bodies of a decent size."""

import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 2_000_000
# The addresses that receive a file, and the largest body each may have.
UPLOADS = (
    (re.compile(r"/dossiers/\d+/localisation"), 20_000_000),
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


class Surroundings:
    """The outermost layer. A route may set its own policy (a message shown in its frame): it is kept."""

    def __init__(self, app: ASGIApp, base_address: str) -> None:
        self.app = app
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
            await refusal(scope, receive, self._dressed(send))
            return
        await self.app(scope, _bounded(receive, largest), self._dressed(send))

    def _refusal(self, method: str, headers: Headers, largest: int) -> PlainTextResponse | None:
        if method not in SAFE and self._is_foreign(headers):
            return PlainTextResponse("Envoi refusé : il ne vient pas de ce site.", 403)
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > largest:
            return PlainTextResponse("Envoi refusé : trop volumineux.", 413)
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


def largest_body(path: str) -> int:
    """How much this address receives."""
    return next((limit for pattern, limit in UPLOADS if pattern.fullmatch(path)), LARGEST_BODY)


def _bounded(receive: Receive, largest: int) -> Receive:
    """The body, cut short when it grows past the limit without having said so."""
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        return {"type": "http.disconnect"} if taken > largest else message

    return bounded
