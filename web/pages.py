# SPDX-License-Identifier: EUPL-1.2
"""Pages: the templates' environment, what every page shows, and redirections that carry one sentence."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.bootstrap import Application
from reports.summary.as_html import ViewEnvironment
from rules import wording
from web.paging import read_rank
from web.visit import Visit, application_of, is_https, may_open, present_visit

STATIC = Path(__file__).with_name("static")
FLASH = "annonce"
VERSION = version("coinstruction")
THEME, THEMES = "theme", ("light", "dark")


@dataclass(frozen=True, slots=True)
class Rubric:
    """One entry of the navigation, for whoever may open its address. `own`: its label for porteurs; no `label`: theirs alone."""

    address: str
    label: str
    own: str = ""


NAVIGATION = (
    Rubric("/journee", "Ma journée"),
    Rubric("/dossiers", "Dossiers", own="Mes dossiers"),
    Rubric("/demandes/nouvelle", "", own="Déposer une demande"),
    Rubric("/avis", "Avis"),
    Rubric("/seances", "Séances"),
    Rubric("/calendrier", "Calendrier"),
    Rubric("/programme", "Programme"),
    Rubric("/enveloppes", "Enveloppes"),
    Rubric("/actes", "Actes"),
    Rubric("/organisations", "Organisations"),
    Rubric("/messages", "Messages"),
    Rubric("/regles", "Règles"),
    Rubric("/administration", "Administration"),
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
        "navigation": navigation_of(visit, application),
        "here": request.url.path,
        "here_again": address_of(request) if request.method == "GET" else "/",
        "theme": theme if (theme := request.cookies.get(THEME, "")) in THEMES else "",
        "version": VERSION,
        "is_demo": application.config.deployment.environment == "demo",
        "announced": announced,
        "failure": None,
    }
    response = HTMLResponse(environment().get_template(template).render(common | values), status)
    response.headers["Cache-Control"] = "no-store"
    if announced:
        response.delete_cookie(FLASH)
    return response


def navigation_of(visit: Visit, application: Application) -> list[tuple[str, str]]:
    """The rubrics this person may open: address and label."""
    if visit.actor is None:
        return []
    labels = ((r.address, r.label if visit.sees_contract else r.own or r.label) for r in NAVIGATION)
    return [(at, label) for at, label in labels if label and may_open(at, visit, application)]


def address_of(request: Request) -> str:
    """The address of this page with its question, as a link of this site."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def inside(path: str) -> str:
    """An address of this site only; anything else leads to the first page."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\", "/connexion")) and "\\" not in path
    return path if is_ours and path.isprintable() else "/"


def rank_asked(request: Request) -> int:
    """Which page of a long list the address asks for; the first when it says nothing readable."""
    return read_rank(request.query_params.get("page", ""))


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
