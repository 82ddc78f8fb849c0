# SPDX-License-Identifier: EUPL-1.2
"""Answers that are files: a table in the form asked, and a long page compressed."""

import zlib
from collections.abc import Sequence

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reports.sheet import Sheet
from reports.table_file import FORMS
from web.visit import application_of

LEVEL = 3  # a table of 2,000 rows in some milliseconds; more would save little


def table(request: Request, form: str, sheets: Sequence[Sheet], title: str, name: str) -> Response:
    """The sheets as a file to keep. Raises HTTPException 404 on an unknown form."""
    if form not in FORMS:
        raise HTTPException(404)
    write, media_type = FORMS[form]
    content = write(sheets, title, application_of(request).now())
    return attachment(content, f"{name}.{form}", media_type)


def attachment(content: bytes, name: str, media_type: str) -> Response:
    """A file that the browser keeps and never shows."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)


def plain_name(name: str) -> str:
    """The name of a message's piece, which others chose, as a header takes it."""
    return "".join(c for c in name if c.isascii() and (c.isalnum() or c in "-_.")) or "piece"


def compressed(request: Request, response: Response) -> Response:
    """The same page, gzipped for whoever takes it. For pages that repeat nothing of what was asked."""
    if "gzip" in request.headers.get("accept-encoding", ""):
        packer = zlib.compressobj(LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
        response.body = packer.compress(response.body) + packer.flush()
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Content-Length"] = str(len(response.body))
    response.headers["Vary"] = "Accept-Encoding"
    return response
