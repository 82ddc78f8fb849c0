# SPDX-License-Identifier: EUPL-1.2
"""Pages: the templates' environment, what every page shows, and redirections that carry one sentence."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from reports.summary.as_html import ViewEnvironment
from rules import wording
from web.visit import application_of, is_https, present_visit

STATIC = Path(__file__).with_name("static")
FLASH = "annonce"
NAVIGATION = (
    ("/dossiers", "Dossiers"),
    ("/seances", "Séances"),
    ("/calendrier", "Calendrier"),
    ("/programme", "Programme"),
    ("/messages", "Messages"),
    ("/regles", "Règles"),
)
OWN_NAVIGATION = (
    ("/dossiers", "Mes dossiers"),
    ("/demandes/nouvelle", "Déposer une demande"),
    ("/regles", "Règles"),
)


@cache
def environment() -> Environment:
    """The templates, with the French filters; compiled once."""
    made = ViewEnvironment(
        loader=PackageLoader("web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(
        euros=_euros,
        day=lambda on: wording.day(on) if on else "—",
        moment=lambda at: wording.moment(at) if at else "—",
        percent=wording.percent,
        written_day=lambda text: wording.day(date.fromisoformat(text)),
        number=wording.number,
    )
    made.globals.update(asset=asset)
    return made


def _euros(amount: Any) -> str:
    return "—" if amount is None else wording.euros(amount)


def counted(number: int, words: str) -> str:
    """A number and its words, each made plural: « 1 dossier ajouté », « 4 dossiers ajoutés »."""
    agreed = words if number < 2 else " ".join(f"{word}s" for word in words.split())
    return f"{wording.number(number)} {agreed}"


@cache
def asset(name: str) -> str:
    """The address of a static file, with its digest: it can be kept for ever."""
    return f"/static/{name}?{sha256((STATIC / name).read_bytes()).hexdigest()[:10]}"


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """One page. The sentence left by the previous act is shown once."""
    application, visit = application_of(request), present_visit(request)
    announced = _decoded(request.cookies.get(FLASH, ""))
    common = {
        "visit": visit,
        "navigation": () if visit.actor is None else NAVIGATION if visit.sees_contract else OWN_NAVIGATION,
        "here": request.url.path,
        "is_demo": application.config.deployment.environment == "demo",
        "announced": announced,
        "failure": None,
    }
    response = HTMLResponse(environment().get_template(template).render(common | values), status)
    response.headers["Cache-Control"] = "no-store"
    if announced:
        response.delete_cookie(FLASH)
    return response


def see(request: Request, path: str, announcement: str = "") -> Response:
    """Goes to a page after an act (POST, redirect, GET), with a sentence to announce there."""
    response = RedirectResponse(path, 303)
    if announcement:
        value = urlsafe_b64encode(announcement[:400].encode()).decode()
        secure = is_https(application_of(request))
        response.set_cookie(FLASH, value, max_age=60, httponly=True, samesite="lax", secure=secure)
    return response


def _decoded(value: str) -> str:
    try:
        return urlsafe_b64decode(value.encode()).decode()[:400]
    except ValueError:
        return ""
