# SPDX-License-Identifier: EUPL-1.2
"""The arbitration summary of a séance: read in the page, or downloaded."""

from collections.abc import Callable, Mapping

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.closings import frozen_file, read_summary
from app.pdfs import Pdfs
from reports.summary.as_html import render_fragment, render_page, stylesheet
from reports.summary.as_json import render_json
from reports.summary.as_ods import render_ods
from reports.summary.as_pdf import pdf_payload
from reports.summary.as_xlsx import render_xlsx
from reports.summary.structure import Summary
from web.downloads import attachment
from web.finding import seance_seen
from web.pages import page
from web.presenters.seance import seance_heading
from web.visit import App, Visited

router = APIRouter()
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Of each form: how to write it, its media type.
# The site's address goes before the links to the rules: a file is read anywhere.
WRITERS: Mapping[str, tuple[Callable[[Summary, Pdfs, str], bytes], str]] = {
    "html": (lambda summary, pdfs, base: render_page(summary, base).encode(), "text/html; charset=utf-8"),
    "json": (lambda summary, pdfs, base: render_json(summary), "application/json"),
    "xlsx": (lambda summary, pdfs, base: render_xlsx(summary), SHEET),
    "ods": (
        lambda summary, pdfs, base: render_ods(summary),
        "application/vnd.oasis.opendocument.spreadsheet",
    ),
    "pdf": (lambda summary, pdfs, base: pdfs.compile_summary(pdf_payload(summary, base)), "application/pdf"),
}


@router.get("/seances/{seance_id}/synthese")
def summary_page(seance_id: int, application: App, visit: Visited, request: Request) -> Response:
    """The summary inside the product's page."""
    with application.read() as db:
        seance = seance_seen(db, seance_id, visit)
        fragment = render_fragment(read_summary(db, seance, application.now()))
        return page(request, "summary.html", fragment=fragment, forms=list(WRITERS), **seance_heading(seance))


@router.get("/seances/{seance_id}/synthese.{form}")
def summary_file(seance_id: int, form: str, application: App, visit: Visited, request: Request) -> Response:
    """The summary as a file."""
    if form not in WRITERS:
        raise HTTPException(404)
    write, media_type = WRITERS[form]
    with application.read() as db:
        seance = seance_seen(db, seance_id, visit)
        kept = frozen_file(db, seance, media_type)
        if kept is not None:
            return attachment(kept.content, kept.name, kept.media_type)
        prepared = read_summary(db, seance, application.now())
    name = f"synthese-seance-{seance_id}.{form}"
    content = write(prepared, request.app.state.pdfs, application.config.deployment.base_address)
    return attachment(content, name, media_type)


@router.get("/synthese.css")
def summary_stylesheet() -> Response:
    """The summary's own stylesheet."""
    return Response(stylesheet(), media_type="text/css", headers={"Cache-Control": "public, max-age=3600"})
