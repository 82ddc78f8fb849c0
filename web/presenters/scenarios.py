# SPDX-License-Identifier: EUPL-1.2
"""The scenarios of a séance: the list, the one that is adopted, and the form of a new one."""

from typing import Any

from sqlalchemy.orm import Session

from web.forms import Field, FormView, choices
from web.presenters.people import named
from web.presenters.reader import Reader
from web.presenters.seance import seance_heading
from workflow.models import Scenario, Seance
from workflow.scenario_comparison import Summary, list_scenarios
from workflow.scenario_tasks import computations_of
from workflow.scenarios import may_write_scenarios

PROPOSALS, EMPTY = "propositions", "vide"
OVER = ("done", "failed")
TASK_STATES = {"pending": "en attente", "running": "en cours", "done": "terminé", "failed": "interrompu"}


def scenarios_view(db: Session, seance: Seance, reader: Reader) -> dict[str, Any]:
    """The list, and the forms of whoever may write."""
    summaries = list_scenarios(db, seance)
    people = named(db, (one.scenario.created_by for one in summaries))
    current = current_adoption(summaries)
    return seance_heading(seance) | {
        "may_write": may_write_scenarios(seance, reader.actor),
        "scenarios": [_line(one, people, current) for one in summaries],
        "dossiers": len(seance.items),
        **_computations(db, seance),
        "ask": _ask_form(seance, summaries) if may_write_scenarios(seance, reader.actor) else None,
        "form": _form(seance, summaries) if may_write_scenarios(seance, reader.actor) else None,
    }


def current_adoption(summaries: list[Summary]) -> Scenario | None:
    """The scenario adopted last: those adopted before it were replaced by it."""
    adopted = [one.scenario for one in summaries if one.scenario.adopted_at is not None]
    return max(adopted, key=lambda one: (one.adopted_at, one.id), default=None)


def _line(one: Summary, people: dict[str, str], current: Scenario | None) -> dict[str, Any]:
    scenario = one.scenario
    return {
        "scenario": scenario,
        "address": address_of(scenario),
        "parent": one.parent,
        "by": people.get(scenario.created_by, scenario.created_by),
        "lines": one.lines,
        "locked": one.locked,
        "total": one.total,
        "state": state_of(scenario, current),
        "is_computed": scenario.solution is not None,
    }


def state_of(scenario: Scenario, current: Scenario | None) -> tuple[str, str]:
    """What became of it, and the tone of its badge."""
    if scenario.adopted_at is None:
        return "simulation", "quiet"
    return (
        ("adopté", "good")
        if current is None or scenario.id == current.id
        else ("adopté, puis remplacé", "wait")
    )


def address_of(scenario: Scenario) -> str:
    """Its page."""
    return f"/seances/{scenario.seance_id}/scenarios/{scenario.id}"


def _computations(db: Session, seance: Seance) -> dict[str, Any]:
    """The scenarios asked of the solver lately, and whether one is still to come."""
    rows = [
        {
            "name": task.payload["name"],
            "at": task.created_at,
            "state": TASK_STATES[task.state],
            "is_over": task.state in OVER,
            "progress": task.progress,
            "scenario": (task.result or {}).get("scenario"),
            "refused": (task.result or {}).get("refused") or (task.error if task.state == "failed" else None),
        }
        for task in computations_of(db, seance)
    ]
    return {"computations": rows, "is_computing": any(not row["is_over"] for row in rows)}


def _ask_form(seance: Seance, summaries: list[Summary]) -> FormView:
    """What the solver is asked: a name, and whose locks it keeps."""
    parents = {str(one.scenario.id): f"celles de « {one.scenario.name} » ({one.locked})" for one in summaries}
    return FormView(
        f"/seances/{seance.id}/scenarios/proposition",
        "Proposer un scénario",
        (
            Field("name", "Nom du scénario à calculer", required=True),
            Field("parent", "Lignes verrouillées à garder", "choice", ("",), choices=choices(parents, empty="aucune")),
        ),
    )  # fmt: skip


def _form(seance: Seance, summaries: list[Summary]) -> FormView:
    starts = (
        (PROPOSALS, "les propositions actuelles"),
        *((str(one.scenario.id), f"le scénario « {one.scenario.name} »") for one in summaries),
        (EMPTY, "rien : chaque montant se saisit"),
    )
    return FormView(
        f"/seances/{seance.id}/scenarios",
        "Créer le scénario",
        (
            Field("name", "Nom", required=True, hint="Ce qui le distingue des autres : « Priorité emploi », par exemple."),
            Field("start", "Partir de", "choice", (PROPOSALS,), choices=starts),
            Field("note", "Note", "long", hint="Facultatif : l’idée qu’il défend."),
        ),
    )  # fmt: skip
