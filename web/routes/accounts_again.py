# SPDX-License-Identifier: EUPL-1.2
"""Accounts and organisations: their pages, and the same shown again after a refusal."""

from collections.abc import Mapping

from fastapi import Request
from starlette.responses import Response

from web.finding import account_of, organisation_of
from web.forms import Failure
from web.pages import page, rank_asked
from web.presenters.accounts import STATES, account_page, accounts_view, roles_offered
from web.presenters.organisations import addition, organisation_view
from web.routes.again import Again, refilled
from web.visit import application_of, present_visit
from workflow.contracts import territory_of
from workflow.queries_accounts import AccountFilters


def show_accounts(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The accounts of the contract, one page of them."""
    application, visit, asked = application_of(request), present_visit(request), request.query_params
    state, role = asked.get("etat", ""), asked.get("role", "")
    state, role = state if state in STATES else "", role if role in dict(roles_offered()) else ""
    active = {"": True, "desactives": False}.get(state)
    filters = AccountFilters(asked.get("q", "")[:200].replace("\x00", ""), role, active)
    with application.read() as db:
        contract, now, today = visit.contract(db), application.now(), application.today()
        view = accounts_view(db, contract, filters, state, rank_asked(request), now, today)
        return page(request, "accounts.html", status=status, **refilled(view, failure))


def show_account(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """One account."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        person = account_of(db, int(request.path_params["person_id"]), visit, application.today())
        view = account_page(db, visit.contract(db), person, visit.who, application.now(), application.today())
        return page(request, "account_of.html", status=status, **refilled(view, failure))


def show_organisation(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """One organisation."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        found = organisation_of(db, int(request.path_params["organisation_id"]), visit)
        view = organisation_view(db, visit.contract(db), found, visit.who, application.today())
        return page(request, "organisation.html", status=status, **refilled(view, failure))


def show_new_organisation(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The form of a new organisation."""
    with application_of(request).read() as db:
        geography = territory_of(present_visit(request).contract(db)).geography
    return page(
        request, "organisation_new.html", status=status, **refilled({"form": addition(geography)}, failure)
    )


ACCOUNTS_REDISPLAY: Mapping[str, Again] = {
    "/administration/comptes": show_accounts,
    "/administration/comptes/{person_id}/etat": show_account,
    "/administration/comptes/{person_id}/sessions": show_account,
    "/administration/comptes/{person_id}/mandats": show_account,
    "/administration/comptes/{person_id}/mandats/{mandate_id}/fin": show_account,
    "/organisations": show_new_organisation,
    "/organisations/{organisation_id}": show_organisation,
}
