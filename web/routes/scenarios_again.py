# SPDX-License-Identifier: EUPL-1.2
"""The pages of scenarios, shown first or again after a refusal."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import Response

from web.finding import scenario_seen, seance_alone
from web.forms import Failure, Typed
from web.pages import page
from web.presenters.reader import Reader
from web.presenters.scenario import scenario_view
from web.presenters.scenarios import address_of, scenarios_view
from web.routes.again import refilled, shown
from web.visit import application_of, present_visit
from workflow.models import Scenario


def show_scenarios(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The list."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        seance = seance_alone(db, int(request.path_params["seance_id"]), visit)
        view = scenarios_view(db, seance, Reader(visit.who, application.now()))
        return page(request, "scenarios.html", status=status, **refilled(view, failure))


def show_scenario(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """One scenario; after a refusal, on the dossiers that were shown."""
    application, visit = application_of(request), present_visit(request)
    path = request.path_params
    words = failure.typed.text if failure else lambda name: request.query_params.get(name, "")
    with application.read() as db:
        scenario = scenario_seen(db, int(path["seance_id"]), int(path["scenario_id"]), visit)
        reader = Reader(visit.who, application.now())
        view = scenario_view(db, scenario, reader, asked=words("q")[:200], page=words("page"))
        return shown(request, "scenario.html", view, failure, status)


def amounts_address(scenario: Scenario, typed: Typed) -> str:
    """Back to the dossiers that were shown."""
    query = {name: text for name in ("q", "page") if (text := typed.text(name)[:200])}
    return (
        f"{address_of(scenario)}?{urlencode(query)}#montants" if query else f"{address_of(scenario)}#montants"
    )


SCENARIOS_REDISPLAY: Mapping[str, Callable[[Request, Any, int], Response]] = {
    "/seances/{seance_id}/scenarios": show_scenarios,
    "/seances/{seance_id}/scenarios/proposition": show_scenarios,
    **{
        f"/seances/{{seance_id}}/scenarios/{{scenario_id}}/{act}": show_scenario
        for act in (
            "changements",
            "montants",
            "nom",
            "derivation",
            "suppression",
            "adoption",
            "adoption/annulation",
        )
    },
}
