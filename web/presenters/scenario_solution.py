# SPDX-License-Identifier: EUPL-1.2
"""What the solver said of a scenario, in French: how sure it is, what binds, what each target costs, who is not served and why."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from reports.summary.words import Words
from rules.wording import euros, percent
from web.presenters.scenario_figures import SERVED_BADGES
from workflow.arbitration.constraints import Constraint
from workflow.arbitration.conversions import Conversion, CpoOutcome
from workflow.arbitration.targets import TargetCost
from workflow.arbitration.wording import (
    conflict_sentence,
    cost_sentence,
    cpo_sentences,
    sentence,
    status_sentence,
)
from workflow.models import Scenario
from workflow.scenario_figures import Served

BADGES = {
    "optimal": ("optimal", "good"),
    "gap": ("presque optimal", "plain"),
    "nodes": ("recherche arrêtée", "wait"),
    "time": ("recherche arrêtée", "wait"),
}


def solution_view(scenario: Scenario, words: Words) -> dict[str, Any] | None:
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
        "unserved": [_dossier(one, names) for one in said["dossiers"] if one["stops"]],
    }


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
    said = f"{words.line(one['credit'])} : {euros(Decimal(one['allocated']))} répartis"
    if left < 0:
        return f"{said}, car elle est déjà dépassée de {euros(-left)}"
    return f"{said}, {euros(left)} non employés" if left else said


def _targets(said: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """What is reached or missing, what each target costs, which conflict."""
    found = [
        f"Quartier {names.get(one['qpv'], one['qpv'])} : il manque {euros(Decimal(one['missing']))} sur {euros(Decimal(one['minimum']))}."
        for one in said["qpv"]
        if Decimal(one["missing"])
    ]
    if said["cpo"] is not None:
        found += cpo_sentences(_cpo(said["cpo"]))
    if said["targets"] is not None:
        found += [cost_sentence(TargetCost.from_json(one), names) for one in said["targets"]["costs"]]
        found += [
            conflict_sentence([Constraint.from_json(one) for one in rows], names)
            for rows in said["targets"]["conflicts"]
        ]
    return found


def _cpo(said: Mapping[str, Any]) -> CpoOutcome:
    conversions = tuple(
        Conversion(one["dossier"], one["reference"], Decimal(one["commitment"]))
        for one in said["conversions"]
    )
    figures = {"target": Decimal(said["target"]), "cost": Decimal(said["cost"]), "conversions": conversions}
    return CpoOutcome(**{**said, **figures})


def _dossier(one: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A dossier that is not fully served: what stopped it."""
    return {
        "id": one["dossier"],
        "reference": one["reference"],
        "served": SERVED_BADGES[Served(one["served"])],
        "requested": Decimal(one["requested"]),
        "allocated": Decimal(one["allocated"]),
        "stops": [sentence(Constraint.from_json(stop), names) for stop in one["stops"]],
    }
