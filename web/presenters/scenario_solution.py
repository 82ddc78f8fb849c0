# SPDX-License-Identifier: EUPL-1.2
"""What the solver said of a scenario, in French: how sure it is, what binds, what each target costs, who is not served and why."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from reports.summary.words import Words
from rules.wording import euros, percent
from web.presenters.scenario_figures import served_badge
from workflow.arbitration.constraints import Constraint
from workflow.arbitration.conversions import CpoOutcome
from workflow.arbitration.served import Served
from workflow.arbitration.solution import QpvOutcome
from workflow.arbitration.targets import Targets
from workflow.arbitration.wording import sentence, status_sentence, target_sentences
from workflow.models import Scenario, Task

BADGES = {
    "optimal": ("optimal", "good"),
    "gap": ("presque optimal", "plain"),
    "nodes": ("recherche arrêtée", "wait"),
    "time": ("recherche arrêtée", "wait"),
    "stopped": ("recherche interrompue", "wait"),
}


def solution_view(db: Session, scenario: Scenario, words: Words) -> dict[str, Any] | None:
    """Everything that its page explains; None for a scenario typed by hand."""
    said = scenario.solution
    if said is None:
        return None
    names = words.names | words.organisations | words.qpv
    return {
        "badge": BADGES[said["status"]],
        "status": status_sentence(said["status"]),
        "gap": percent(Decimal(said["gap"]), 2) if Decimal(said["gap"]) else "",
        "total": Decimal(said["total"]),
        "against": _against_order(said),
        "binding": [_envelope(one, words) for one in said["envelopes"] if one["binds"]],
        "targets": _targets(said, names),
        "is_priced": said["targets"] is not None,
        "is_awaited": said["targets"] is None and _is_awaited(db, said["task"]),
        "unserved": [_dossier(one, names) for one in said["dossiers"] if one["stops"]],
    }


def _is_awaited(db: Session, task_id: int | None) -> bool:
    """True while the task may still say what the targets cost."""
    task = None if task_id is None else db.get(Task, task_id)
    return task is not None and not task.is_over


def _against_order(said: Mapping[str, Any]) -> str:
    """Its merit beside that of serving the best opinions first until nothing is left."""
    points, greedy = Decimal(said["points"]), Decimal(said["greedy_points"])
    if points == greedy:
        return "Servir les dossiers dans l’ordre des avis aurait donné autant."
    if greedy <= 0:
        return "Servir les dossiers dans l’ordre des avis n’aurait rien donné de valable."
    return f"Mieux de {percent(points / greedy - 1, 1)} que servir les dossiers dans l’ordre des avis."


def _envelope(one: Mapping[str, Any], words: Words) -> str:
    left = Decimal(one["remaining"] or 0)
    said = f"{words.line(one['credit'])}\u00a0: {euros(Decimal(one['allocated']))} répartis"
    if left < 0:
        return f"{said}, car elle est déjà dépassée de {euros(-left)}"
    return f"{said}, {euros(left)} non employés" if left else said


def _targets(said: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """What is reached or missing, what each target costs, which conflict."""
    return target_sentences(
        [QpvOutcome.from_json(one) for one in said["qpv"]],
        None if said["cpo"] is None else CpoOutcome.from_json(said["cpo"]),
        None if said["targets"] is None else Targets.from_json(said["targets"]),
        names,
    )


def _dossier(one: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A dossier that is not fully served: what stopped it."""
    return {
        "id": one["dossier"],
        "reference": one["reference"],
        "served": served_badge(Served(one["served"])),
        "requested": Decimal(one["requested"]),
        "allocated": Decimal(one["allocated"]),
        "stops": [sentence(Constraint.from_json(stop), names) for stop in one["stops"]],
    }
