# SPDX-License-Identifier: EUPL-1.2
"""Organisations of the contract: who they are, what they asked and received."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.finding import organisation_of
from web.pages import page, rank_asked, see
from web.presenters.organisations import KIND_LABELS, organisations_view
from web.routes.accounts_again import show_new_organisation, show_organisation
from web.visit import App, Form, Visited
from workflow.organisations import FIELDS, add_organisation, correct_organisation, may_correct
from workflow.queries_organisations import OrganisationFilters

router = APIRouter()


@router.get("/organisations")
def organisations(application: App, visit: Visited, request: Request) -> Response:
    """The list, by name, SIRET or kind."""
    asked = request.query_params
    kind = asked.get("type", "")
    search = asked.get("q", "")[:200].replace("\x00", "")
    filters = OrganisationFilters(search, kind if kind in KIND_LABELS else "")
    with application.read() as db:
        view = organisations_view(db, visit.contract(db), filters, rank_asked(request))
    may_add = may_correct(visit.who, visit.contract_id)
    return page(request, "organisations.html", may_add=may_add, **view)


@router.get("/organisations/nouvelle")
def new(request: Request) -> Response:
    """The form of a new organisation."""
    return show_new_organisation(request)


@router.post("/organisations")
def add(application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Adds an organisation that will ask for funding."""
    texts = {name: typed.text(name) for name in FIELDS}
    with application.write() as db:
        added = add_organisation(db, visit.contract(db), texts, visit.who, application.now())
        address = f"/organisations/{added.id}"
    return see(request, address, "Organisation ajoutée.")


@router.get("/organisations/{organisation_id}")
def organisation(organisation_id: int, request: Request) -> Response:
    """One organisation."""
    return show_organisation(request)


@router.post("/organisations/{organisation_id}")
def correct(
    organisation_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """Corrects what identifies it."""
    texts = {name: typed.text(name) for name in FIELDS if name in typed.values}
    with application.write() as db:
        contract, found = visit.contract(db), organisation_of(db, organisation_id, visit)
        changed = correct_organisation(
            db, contract, found, texts, visit.who, application.now(), expected_version=typed.version()
        )
    said = "Organisation corrigée." if changed else "Rien n’a changé."
    return see(request, f"/organisations/{organisation_id}", said)
