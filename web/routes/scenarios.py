# SPDX-License-Identifier: EUPL-1.2
"""The scenarios of a séance: the list, one of them, several side by side, and what is done with them."""

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.arbitration import ask, ask_least_change
from reports.table_file import FORMS
from web.downloads import table
from web.finding import change_seen, scenario_seen, seance_seen
from web.pages import counted, page, see
from web.presenters.reader import Reader
from web.presenters.scenario import change_view, read_amounts, read_locks
from web.presenters.scenario_comparison import (
    comparison_sheets,
    comparison_view,
    read_asked,
    read_comparison,
)
from web.presenters.scenarios import EMPTY, PROPOSALS, address_of, derived_sentence
from web.routes.scenarios_again import amounts_address, show_scenario, show_scenarios
from web.visit import App, Form, Visited
from workflow.scenario_adoption import adopt, cancel_adoption
from workflow.scenario_comparison import get_scenarios
from workflow.scenarios import create_scenario, delete, derive, from_proposals, rename, save_amounts

router = APIRouter()
LIST = "/seances/{seance_id}/scenarios"
ONE = "/seances/{seance_id}/scenarios/{scenario_id}"


@router.get(LIST)
def scenarios_page(seance_id: int, request: Request) -> Response:
    """Every scenario of the séance."""
    return show_scenarios(request)


@router.post(LIST)
def create(seance_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """A new one, from the proposals, from another one, or empty."""
    name, note, start = typed.text("name"), typed.text("note"), typed.text("start") or PROPOSALS
    with application.write() as db:
        seance, who, now = seance_seen(db, seance_id, visit), visit.who, application.now()
        if start == PROPOSALS:
            made = from_proposals(db, seance, name, who, now, note=note)
        elif start == EMPTY:
            made = create_scenario(db, seance, name, who, now, amounts={}, note=note)
        else:
            number = typed.integer("start", "Partir de") or 0
            made = derive(db, get_scenarios(db, seance, [number])[0], name, who, now, note=note)
        address = address_of(made)
    return see(request, address, "Scénario créé. Rien n’est proposé tant qu’il n’est pas adopté.")


@router.post("/seances/{seance_id}/scenarios/proposition")
def propose(seance_id: int, application: App, visit: Visited, typed: Form, request: Request) -> Response:
    """Asks the solver for a scenario: a task computes it."""
    with application.write() as db:
        seance, number = seance_seen(db, seance_id, visit), typed.integer("parent", "Lignes verrouillées")
        parent = get_scenarios(db, seance, [number])[0] if number else None
        ask(db, seance, typed.text("name"), visit.who, application.now(), parent)
    said = "Scénario demandé\u00a0: il se calcule, vous pouvez quitter cette page et y revenir."
    return see(request, f"/seances/{seance_id}/scenarios#calculs", said)


@router.get("/seances/{seance_id}/scenarios/comparaison")
def comparison(seance_id: int, application: App, visit: Visited, request: Request) -> Response:
    """Scenarios side by side, with the present proposals."""
    asked = read_asked(seance_id, request.query_params)
    with application.read() as db:
        seance = seance_seen(db, seance_id, visit)
        found = read_comparison(db, seance, asked, Reader(visit.who, application.now()))
        return page(request, "scenario_comparison.html", **comparison_view(db, seance, found))


@router.get("/seances/{seance_id}/scenarios/comparaison.{form}")
def export(seance_id: int, form: str, application: App, visit: Visited, request: Request) -> Response:
    """The same as a file."""
    if form not in FORMS:
        raise HTTPException(404)
    asked = read_asked(seance_id, request.query_params)
    with application.read() as db:
        seance = seance_seen(db, seance_id, visit)
        found = read_comparison(db, seance, asked, Reader(visit.who, application.now()))
        title, sheets = comparison_sheets(seance, found)
    return table(request, form, sheets, title, f"scenarios-seance-{seance_id}")


@router.get(ONE)
def scenario_page(seance_id: int, scenario_id: int, request: Request) -> Response:
    """One scenario."""
    return show_scenario(request)


@router.post(f"{ONE}/montants")
def write(
    seance_id: int, scenario_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """The amounts and the locks of one page of dossiers, all or none."""
    amounts, locked = read_amounts(typed), read_locks(typed)
    with application.write() as db:
        scenario = scenario_seen(db, seance_id, scenario_id, visit)
        now, version = application.now(), typed.version()
        changed = save_amounts(db, scenario, amounts, locked, visit.who, now, expected_version=version)
        address = amounts_address(scenario, typed)
    said = f"{counted(changed, 'changement enregistré')}." if changed else "Rien n’a changé."
    return see(request, address, said)


@router.post(f"{ONE}/nom")
def name(
    seance_id: int, scenario_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """Another name, another note."""
    with application.write() as db:
        scenario = scenario_seen(db, seance_id, scenario_id, visit)
        called, note, version = typed.text("name"), typed.text("note"), typed.version()
        rename(db, scenario, called, visit.who, application.now(), note=note, expected_version=version)
    return see(request, f"/seances/{seance_id}/scenarios/{scenario_id}", "Scénario enregistré.")


@router.post(f"{ONE}/derivation")
def derivation(
    seance_id: int, scenario_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """Another one that starts from this one."""
    with application.write() as db:
        parent = scenario_seen(db, seance_id, scenario_id, visit)
        called, note, now = typed.text("name"), typed.text("note"), application.now()
        made = derive(db, parent, called, visit.who, now, note=note)
        address, said = address_of(made), derived_sentence(parent, made)
    return see(request, address, said)


@router.post(f"{ONE}/suppression")
def remove(
    seance_id: int, scenario_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """Removes it."""
    with application.write() as db:
        scenario = scenario_seen(db, seance_id, scenario_id, visit)
        said = f"Scénario «\u00a0{scenario.name}\u00a0» supprimé."
        delete(db, scenario, visit.who, application.now(), expected_version=typed.version())
    return see(request, f"/seances/{seance_id}/scenarios", said)


@router.post(f"{ONE}/adoption")
def adoption(
    seance_id: int, scenario_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """Its amounts become the proposals."""
    with application.write() as db:
        scenario = scenario_seen(db, seance_id, scenario_id, visit)
        skips, version = bool(typed.text("leave_out")), typed.version()
        now = application.now()
        changed = adopt(db, scenario, visit.who, now, leave_out=skips, expected_version=version)
    said = f"Scénario adopté\u00a0: {counted(changed, 'proposition changée')}."
    return see(request, f"/seances/{seance_id}/scenarios/{scenario_id}", said)


@router.post(f"{ONE}/adoption/annulation")
def cancellation(
    seance_id: int, scenario_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """Puts back the proposals that were there."""
    with application.write() as db:
        scenario = scenario_seen(db, seance_id, scenario_id, visit)
        version, now = typed.version(), application.now()
        put_back = cancel_adoption(db, scenario, visit.who, now, expected_version=version)
    said = f"Adoption annulée\u00a0: {counted(put_back, 'proposition remise')} comme avant."
    return see(request, f"/seances/{seance_id}/scenarios/{scenario_id}", said)


@router.post(f"{ONE}/changements")
def search_change(
    seance_id: int, scenario_id: int, application: App, visit: Visited, typed: Form, request: Request
) -> Response:
    """Asks what the least change would be that serves this dossier: a task looks for it."""
    with application.write() as db:
        scenario = scenario_seen(db, seance_id, scenario_id, visit)
        dossier = typed.integer("dossier", "Dossier") or 0
        task = ask_least_change(db, scenario, dossier, visit.who, application.now())
        address = f"{address_of(scenario)}/changements/{task.id}"
    return see(request, address)


@router.get(f"{ONE}/changements/{{task_id}}")
def change(
    seance_id: int, scenario_id: int, task_id: int, application: App, visit: Visited, request: Request
) -> Response:
    """The least change, once it is found."""
    with application.read() as db:
        scenario = scenario_seen(db, seance_id, scenario_id, visit)
        task = change_seen(db, scenario, task_id)
        return page(request, "scenario_change.html", **change_view(scenario, task))
