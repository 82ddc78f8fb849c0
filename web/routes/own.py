# SPDX-License-Identifier: EUPL-1.2
"""The letters of one dossier that have left, for its porteur: read in the page, their pieces downloaded."""

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.mailbox import parse_mail
from reports.papers.as_pdf import paper_payload
from web.downloads import attachment, plain_name
from web.finding import LARGEST_ID, dossier_seen
from web.pages import page
from web.presenters.own import letter_paper
from web.visit import App, Visited
from workflow.queries_own import own_letter

router = APIRouter()


@router.get("/dossiers/{dossier_id}/courriers/{message_id}")
def letter(dossier_id: int, message_id: int, application: App, visit: Visited, request: Request) -> Response:
    """One letter."""
    with application.read() as db:
        dossier = dossier_seen(db, dossier_id, visit)
        message = own_letter(db, dossier, min(message_id, LARGEST_ID))
        mail = parse_mail(str(message.id), message.created_at, message.body)
        return page(request, "own_letter.html", dossier=dossier, message=message, mail=mail)


@router.get("/dossiers/{dossier_id}/courriers/{message_id}/pdf")
def letter_pdf(
    dossier_id: int, message_id: int, application: App, visit: Visited, request: Request
) -> Response:
    """The letter as a PDF, with the words that were sent."""
    with application.read() as db:
        dossier = dossier_seen(db, dossier_id, visit)
        message = own_letter(db, dossier, min(message_id, LARGEST_ID))
        paper = letter_paper(dossier, message)
    content = request.app.state.pdfs.compile_paper(paper_payload(paper))
    return attachment(content, f"courrier-{message_id}.pdf", "application/pdf")


@router.get("/dossiers/{dossier_id}/courriers/{message_id}/pieces/{rank}")
def piece(dossier_id: int, message_id: int, rank: int, application: App, visit: Visited) -> Response:
    """The letter itself as a text file (0), or one of its pieces, always as a download."""
    with application.read() as db:
        message = own_letter(db, dossier_seen(db, dossier_id, visit), min(message_id, LARGEST_ID))
        mail = parse_mail(str(message.id), message.created_at, message.body)
    if not 0 <= rank <= len(mail.attachments):
        raise HTTPException(404)
    name, content = f"courrier-{message.id}.txt", mail.text.encode()
    if rank:
        chosen = mail.attachments[rank - 1]
        name, content = plain_name(chosen.name), chosen.content
    return attachment(content, name, "application/octet-stream")
