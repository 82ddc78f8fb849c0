# SPDX-License-Identifier: EUPL-1.2
"""How pages are shown: light or dark, and what they promise to everybody's eyes, ears and hands."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.pages import THEME, THEMES, inside, page, see
from web.visit import App, Form, is_https

router = APIRouter()
A_YEAR = 365 * 24 * 3600


@router.post("/affichage")
def choose_theme(application: App, typed: Form, request: Request) -> Response:
    """Light, dark, or as the system says; then the same page again."""
    response, theme = see(request, inside(typed.text("suite"))), typed.text("theme")
    if theme in THEMES:
        secure = is_https(application)
        response.set_cookie(THEME, theme, max_age=A_YEAR, httponly=True, samesite="lax", secure=secure)
    else:
        response.delete_cookie(THEME)
    return response


@router.get("/accessibilite")
def accessibility(application: App, request: Request) -> Response:
    """The accessibility statement."""
    config = application.config
    labels = [contract.label for contract in config.contracts]
    contact = config.deployment.accessibility_contact
    return page(request, "accessibility.html", contracts=labels, contact=contact)
