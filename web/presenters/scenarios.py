# SPDX-License-Identifier: EUPL-1.2
"""The scenarios of a séance: the list, the one that is adopted, and the form of a new one."""

from typing import Any

from sqlalchemy.orm import Session

from web.forms import Field, FormView, choices
from web.pages import counted
from web.presenters.people import named
from web.presenters.reader import Reader
from web.presenters.seance import seance_heading
from workflow.models import Dossier, Scenario, Seance
from workflow.names import key
from workflow.queries_comparison import adopted_scenario
from workflow.queries_session import agenda_size
from workflow.scenario_comparison import Summary, list_scenarios
from workflow.scenario_tasks import computations_of
from workflow.scenarios import may_write_scenarios

PROPOSALS, EMPTY = "propositions", "vide"
TASK_STATES = {"pending": "en attente", "running": "en cours", "done": "terminé", "failed": "interrompu"}


def scenarios_view(db: Session, seance: Seance, reader: Reader) -> dict[str, Any]:
    """The list, and the forms of whoever may write."""
    summaries = list_scenarios(db, seance)
    people = named(db, (one.scenario.created_by for one in summaries))
    current = adopted_scenario(db, seance)
    return seance_heading(seance) | {
        "may_write": may_write_scenarios(seance, reader.actor),
        "scenarios": [_line(one, people, current) for one in summaries],
        "dossiers": agenda_size(db, seance),
        **_computations(db, seance),
        "ask": _ask_form(seance, summaries) if may_write_scenarios(seance, reader.actor) else None,
        "form": _form(seance, summaries) if may_write_scenarios(seance, reader.actor) else None,
    }


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
        "is_computed": one.is_computed,
    }


def state_of(scenario: Scenario, current: Scenario | None) -> tuple[str, str]:
    """What became of it, and the tone of its badge."""
    if scenario.adopted_at is None:
        return "simulation", "quiet"
    return (
        ("adopté", "good")
        if current is not None and scenario.id == current.id
        else ("adopté, puis remplacé", "wait")
    )


def is_about(dossier: Dossier, words: str) -> bool:
    """True when the dossier, its title or its porteur hold all these words."""
    text = key(f"{dossier.reference} {dossier.title} {dossier.porteur.name}")
    return all(word in text for word in key(words).split())


def derived_sentence(parent: Scenario, made: Scenario) -> str:
    """What was derived, and what could not follow."""
    lost = len(parent.amounts) - len(made.amounts)
    less = f" {counted(lost, 'montant')} de moins\u00a0: leur ligne ne peut plus les porter." if lost else ""
    return f"Scénario dérivé de «\u00a0{parent.name}\u00a0».{less}"


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
            "is_over": task.is_over,
            "progress": task.progress,
            "scenario": (task.result or {}).get("scenario"),
            "refused": (task.result or {}).get("refused") or (task.error if task.state == "failed" else None),
        }
        for task in computations_of(db, seance)
    ]
    return {"computations": rows, "is_computing": any(not row["is_over"] for row in rows)}


def _ask_form(seance: Seance, summaries: list[Summary]) -> FormView:
    """What the solver is asked: a name, and whose locks it keeps."""
    parents = {
        str(one.scenario.id): f"celles de «\u00a0{one.scenario.name}\u00a0» ({one.locked})"
        for one in summaries
    }
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
        *((str(one.scenario.id), f"le scénario «\u00a0{one.scenario.name}\u00a0»") for one in summaries),
        (EMPTY, "rien\u00a0: chaque montant se saisit"),
    )
    return FormView(
        f"/seances/{seance.id}/scenarios",
        "Créer le scénario",
        (
            Field("name", "Nom", required=True, hint="Ce qui le distingue des autres\u00a0: «\u00a0Priorité emploi\u00a0», par exemple."),
            Field("start", "Partir de", "choice", (PROPOSALS,), choices=starts),
            Field("note", "Note", "long", hint="Facultatif\u00a0: l’idée qu’il défend."),
        ),
    )  # fmt: skip
