# SPDX-License-Identifier: EUPL-1.2
"""The calendar by month, and the secret addresses that calendars subscribe to."""

from hashlib import sha256

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reports.calendar_feed import export_calendar
from web.pages import counted, page, see
from web.presenters.calendar import calendar_view, code_of, month_asked, shown_proposal, year_planned
from web.visit import App, Form, Visited
from workflow.calendar_feeds import entries_of_feed, find_feed, issue_feed, revoke_feed
from workflow.contracts import territory_of
from workflow.yearly_plan import plan_proposals, proposals_for

router = APIRouter()
MINE = "moi"


@router.get("/calendrier")
def calendar_page(application: App, visit: Visited, request: Request) -> Response:
    """One month, the present one by default."""
    return _shown(request, application, visit)


def _shown(request: Request, application: App, visit: Visited, address: str = "") -> Response:
    asked = month_asked(request.query_params.get("mois", ""), application.today())
    body = request.query_params.get("instance", "")
    with application.read() as db:
        view = calendar_view(db, visit.contract(db), visit.who, asked, body, application.now())
    return page(request, "calendar.html", address=address, **view)


@router.get("/calendrier/propositions")
def proposals_page(application: App, visit: Visited, request: Request) -> Response:
    """The séances that the rhythm of each body asks for and that the calendar lacks, each with its reasons."""
    now = application.now()
    year = year_planned(request.query_params.get("annee", ""), application.today())
    with application.read() as db:
        found = proposals_for(db, visit.contract(db), year, visit.who, now)
    return page(request, "proposals.html", year=year, proposals=[shown_proposal(each) for each in found])


@router.post("/calendrier/propositions")
def plan_proposed(application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Plans the ticked ones, as they were shown: the same act as `seance plan`."""
    now, ticked = application.now(), set(typed.texts("keep"))
    year = year_planned(typed.text("year"), application.today())
    with application.write() as db:
        contract = visit.contract(db)
        found = proposals_for(db, contract, year, visit.who, now)
        kept = [each for each in found if code_of(each) in ticked]
        added = len(plan_proposals(db, contract, kept, visit.who, now))
    said = f"{counted(added, 'séance prévue')} en {year}." if added else "Aucune séance n’a été ajoutée."
    return see(request, f"/calendrier?mois={year}-01", said)


@router.post("/calendrier/abonnements")
def subscribe(application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """A new secret address, shown this once; the former one of the same calendar stops working."""
    owner = typed.required("owner", "Calendrier")
    with application.write() as db:
        contract = visit.contract(db)
        body, newest = None if owner == MINE else owner, typed.integer("newest", "Dernière adresse")
        _, token = issue_feed(db, contract, visit.who, application.now(), body=body, newest=newest)
    base = application.config.deployment.base_address.rstrip("/")
    return _shown(request, application, visit, f"{base}/agenda/{token}.ics")


@router.post("/calendrier/abonnements/{feed_id}/revocation")
def revoke(feed_id: int, application: App, visit: Visited, request: Request) -> Response:
    """The address stops working at once."""
    with application.write() as db:
        revoke_feed(db, visit.contract(db), min(feed_id, 2**31 - 1), visit.who, application.now())
    return see(
        request,
        "/calendrier#abonnements",
        "Adresse révoquée : les agendas qui la suivent ne se mettent plus à jour.",
    )


@router.get("/agenda/{token}.ics")
def feed(token: str, application: App, request: Request) -> Response:
    """The calendar of a secret address; 304 when nothing changed since the last reading."""
    with application.read() as db:
        found = find_feed(db, token) if len(token) <= 100 else None
        entries = None if found is None else entries_of_feed(db, found, application.now())
        if found is None or entries is None:
            raise HTTPException(404)
        body = territory_of(found.contract).body_by_code.get(found.body or "")
        name = f"{body.label} – {found.contract.label}" if body else found.contract.label
        base = None if found.body else application.config.deployment.base_address
        content = export_calendar(entries, name=name, base_address=base)
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex"}
    if tag in [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = 'inline; filename="seances.ics"'
    return Response(content, media_type="text/calendar; charset=utf-8", headers=headers)
