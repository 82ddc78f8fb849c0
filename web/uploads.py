# SPDX-License-Identifier: EUPL-1.2
"""Receiving a file and giving one back: read up to its limit, judged by its content, served so that it cannot act."""

from urllib.parse import quote

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from web.visit import FILE
from workflow.contents import LARGEST, Received, check_content
from workflow.errors import InvalidInputError
from workflow.models import Document

# Shown in the browser when asked; anything else is only downloaded.
SHOWABLE = frozenset({"application/pdf", "image/png", "image/jpeg"})
SEALED = "default-src 'none'; img-src 'self'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"


def received_file(request: Request) -> Received:
    """The file of the form. Raises InvalidInputError, UnsupportedContentError or TooLargeError."""
    found = received_if_any(request)
    if found is None:
        raise InvalidInputError("Fichier\u00a0: à choisir.", FILE)
    return found


def received_if_any(request: Request) -> Received | None:
    """The same, None when no file was chosen."""
    sent = getattr(request.state, "files", {}).get(FILE)
    if not isinstance(sent, UploadFile):
        return None
    return check_content(sent.filename or "", sent.file.read(LARGEST + 1))


def given_back(document: Document, *, shown: bool = False) -> Response:
    """The stored file, with its own media type: downloaded, or shown in a sealed page when it can be."""
    shown = shown and document.media_type in SHOWABLE
    headers = {
        "Content-Disposition": f"{'inline' if shown else 'attachment'}; {_named(document.name)}",
        "Content-Security-Policy": SEALED,
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    return Response(document.content, media_type=document.media_type, headers=headers)


def _named(name: str) -> str:
    """The name for every browser: accentless for old ones, entire for the others (RFC 6266)."""
    plain = "".join(sign if sign.isascii() and sign not in '"\\' else "_" for sign in name)
    return f"filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
