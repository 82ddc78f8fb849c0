# SPDX-License-Identifier: EUPL-1.2
"""The catalogue of the rules, and the page of each."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.pages import page
from web.presenters.rules import catalogue, rule_view
from web.visit import App, Visited
from workflow.contracts import territory_of

router = APIRouter()


@router.get("/regles")
def rules(application: App, request: Request) -> Response:
    """Every rule, where it applies, what it stops, where it comes from."""
    return page(request, "rules.html", groups=catalogue(application.today()))


@router.get("/regles/{rule}")
def rule_page(rule: str, application: App, visit: Visited, request: Request) -> Response:
    """One rule explained, with what the present contract chose for itself."""
    chosen = {}
    if visit.sees_contract:
        with application.read() as db:
            local = territory_of(visit.contract(db)).local_parameters
            chosen = {parameter.name: parameter for parameter in local}
    return page(request, "rule.html", **rule_view(rule, application.today(), chosen))
