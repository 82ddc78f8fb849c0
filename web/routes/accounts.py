# SPDX-License-Identifier: EUPL-1.2
"""Accounts and mandates, for the contract's administrators; `again.py` shows the page again after a refusal."""

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.bootstrap import Application
from web.finding import account_of, seat_of
from web.forms import Typed
from web.pages import see
from web.routes.accounts_again import show_account, show_accounts
from web.visit import App, Form, Visited
from workflow.accounts import (
    MandateRequest,
    close_mandate,
    deactivate,
    give_mandate,
    open_account,
    reactivate,
    sign_out_everywhere,
)
from workflow.queries_accounts import get_mandate

router = APIRouter()


@router.get("/administration/comptes")
def accounts(request: Request) -> Response:
    """The accounts of the contract."""
    return show_accounts(request)


@router.post("/administration/comptes")
def create(application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Opens an account, or adds a mandate to a person already known; a new person is told by message."""
    email, now = typed.required("email", "Adresse électronique"), application.now()
    with application.write() as db:
        mandate = _mandate(db, application, typed)
        contract, name = visit.contract(db), typed.text("name") or None
        person, is_new, is_added = open_account(db, contract, email, name, mandate, visit.who, now)
        person_id = person.id
    said = (
        "Compte ouvert : la personne en est avertie par courriel."
        if is_new
        else "Cette adresse avait déjà un compte."
    )
    if not is_new:
        said += " Le mandat lui est ajouté." if is_added else " Elle avait déjà ce mandat."
    return see(request, f"/administration/comptes/{person_id}", said)


def _mandate(db: Session, application: Application, typed: Typed) -> MandateRequest:
    return MandateRequest(
        role=typed.required("role", "Rôle"),
        organisation=seat_of(db, typed.integer("organisation", "Organisation")),
        from_on=typed.date("from_on", "Du") or application.today(),
        to_on=typed.date("to_on", "Au"),
        body=typed.text("body") or None,
        title=typed.text("title")[:200] or None,
    )


@router.get("/administration/comptes/{person_id}")
def account(person_id: int, request: Request) -> Response:
    """One account."""
    return show_account(request)


@router.post("/administration/comptes/{person_id}/mandats")
def give(person_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Gives a mandate, or declares an interest."""
    with application.write() as db:
        contract, person = visit.contract(db), account_of(db, person_id, visit, application.today())
        mandate = _mandate(db, application, typed)
        is_added = give_mandate(db, contract, person, mandate, visit.who, application.now())
    said = "Mandat donné." if is_added else "La personne avait déjà ce mandat : rien n’a changé."
    return see(request, f"/administration/comptes/{person_id}", said)


@router.post("/administration/comptes/{person_id}/mandats/{mandate_id}/fin")
def close(person_id: int, mandate_id: int, application: App, visit: Visited, request: Request) -> Response:
    """Ends a mandate today."""
    today = application.today()
    with application.write() as db:
        contract, person = visit.contract(db), account_of(db, person_id, visit, today)
        mandate = get_mandate(person, mandate_id)
        close_mandate(db, contract, mandate, visit.who, application.now(), today)
    return see(request, f"/administration/comptes/{person_id}", "Mandat clos.")


@router.post("/administration/comptes/{person_id}/etat")
def change_state(person_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Deactivates the account, or opens it again."""
    act = reactivate if typed.text("active") else deactivate
    today = application.today()
    with application.write() as db:
        person = account_of(db, person_id, visit, today)
        act(db, visit.contract(db), person, visit.who, application.now(), today)
    said = "Compte réactivé." if act is reactivate else "Compte désactivé, ses connexions sont terminées."
    return see(request, f"/administration/comptes/{person_id}", said)


@router.post("/administration/comptes/{person_id}/sessions")
def end(person_id: int, application: App, visit: Visited, request: Request) -> Response:
    """Ends the sessions of this person."""
    with application.write() as db:
        person = account_of(db, person_id, visit, application.today())
        sign_out_everywhere(db, visit.contract(db), person, visit.who, application.now())
    return see(request, f"/administration/comptes/{person_id}", "Connexions terminées.")
