# SPDX-License-Identifier: EUPL-1.2
"""The demonstration's mailbox: every message really sent, as its reader would see it."""

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.mailbox import get_message, list_messages
from web import downloads
from web.mail_folder import mail_folder
from web.pages import page

router = APIRouter()
FRAME_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'self'"


@router.get("/boite")
def mailbox(request: Request) -> Response:
    """The messages received, newest first."""
    return page(request, "mailbox.html", mails=list_messages(mail_folder(request)))


@router.get("/boite/{message_id}")
def mail(message_id: str, request: Request) -> Response:
    """One message."""
    return page(request, "mail.html", mail=get_message(mail_folder(request), message_id))


@router.get("/boite/{message_id}/html")
def mail_body(message_id: str, request: Request) -> Response:
    """Its HTML part alone, in a frame that can do nothing."""
    html = get_message(mail_folder(request), message_id).html
    return Response(html, media_type="text/html", headers={"Content-Security-Policy": FRAME_POLICY})


@router.get("/boite/{message_id}/pieces/{rank}")
def attachment(message_id: str, rank: int, request: Request) -> Response:
    """One attachment, always as a download."""
    pieces = get_message(mail_folder(request), message_id).attachments
    if not 1 <= rank <= len(pieces):
        raise HTTPException(404)
    piece = pieces[rank - 1]
    return downloads.attachment(piece.content, downloads.plain_name(piece.name), "application/octet-stream")
