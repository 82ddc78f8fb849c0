# SPDX-License-Identifier: EUPL-1.2
"""The catalogue of the rules, with their sources."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.pages import page
from web.presenters.rules import catalogue
from web.visit import App

router = APIRouter()


@router.get("/regles")
def rules(application: App, request: Request) -> Response:
    """Every rule, where it applies, what it stops, where it comes from."""
    return page(request, "rules.html", groups=catalogue(application.today()))
