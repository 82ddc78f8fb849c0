# SPDX-License-Identifier: EUPL-1.2
"""The constraints and the outcome in French sentences, from figures and codes: for pages, command line and task results."""

from collections.abc import Callable, Iterable, Mapping

from rules.wording import credit as credit_worded
from rules.wording import euros, listing
from workflow.arbitration.constraints import (
    ENVELOPE,
    EXCLUDED,
    FLOOR,
    LEAST,
    LOCKED,
    POCHES,
    QPV,
    REMAINDER,
    REQUEST,
    REQUESTS,
    SERVED,
    UNFINISHED,
    Constraint,
)
from workflow.arbitration.problem import STEP, Exclusion

Names = Mapping[str, str]  # what people call each code: organisations and neighbourhoods

SERVED_LABELS = {
    "full": "servi en entier",
    "partial": "servi en partie",
    "none": "non servi",
    "covered": "rien à financer",
}
STATUS_LABELS = {
    "optimal": "meilleure répartition possible, démontrée",
    "gap": "répartition proche de la meilleure, à l’écart indiqué près",
    "nodes": "recherche arrêtée à sa limite de calcul\u00a0: une meilleure répartition peut exister",
    "time": "recherche arrêtée par le temps\u00a0: une meilleure répartition peut exister, et une autre exécution peut différer",
    "infeasible": "impossible",
    "stopped": "recherche interrompue",
}
EXCLUSIONS: Mapping[str, str] = {
    Exclusion.SYNTHESIS: "la synthèse du dossier est défavorable",
    Exclusion.COST_MISSING: "le coût de l’action n’est pas connu, donc le reste à financer non plus",
    Exclusion.UNFAVOURABLE: "l’avis du financeur est défavorable",
    Exclusion.INELIGIBLE: "une condition de ce crédit n’est pas remplie",
    Exclusion.CLOSED: "le financeur a répondu sans montant, ou la ligne est close",
    Exclusion.OWN_SHARE: "le porteur est lui-même ce financeur",
    Exclusion.NO_REQUEST: "aucun montant n’est demandé",
}


def status_sentence(status: str) -> str:
    """How the search ended."""
    return STATUS_LABELS[status]


def sentence(stop: Constraint, names: Names) -> str:
    """Why a dossier is not served further: the constraint said from its side."""
    return _STOPS.get(stop.kind, row_name)(stop, names)


def row_name(row: Constraint, names: Names) -> str:
    """The constraint as the name of a row, for those that conflict."""
    return _ROWS[row.kind](row, names)


def conflict_sentence(rows: Iterable[Constraint], names: Names) -> str:
    """The constraints that cannot hold together."""
    return f"Ces contraintes ne tiennent pas ensemble\u00a0: {listing(row_name(row, names) for row in rows)}."


def _credit(one: Constraint, names: Names) -> str:
    return credit_worded(one.credit or "", names)


def _qpv(one: Constraint, names: Names) -> str:
    code = one.qpv or ""
    return names.get(code, code)


def _excluded(one: Constraint, names: Names) -> str:
    why = EXCLUSIONS[one.why or ""]
    return f"{_credit(one, names)}\u00a0: {why}" if one.credit else why


def _locked(one: Constraint, names: Names) -> str:
    if one.reference is None:
        return f"les montants verrouillés ({euros(one.amount)} en tout)"
    return f"le montant verrouillé à {euros(one.amount)} sur {one.reference}, {_credit(one, names)}"


def _left(one: Constraint, names: Names) -> str:
    if not one.amount:
        return f"l’enveloppe {_credit(one, names)} est épuisée"
    return f"il ne reste que {euros(one.amount)} sur l’enveloppe {_credit(one, names)}"


Wording = Callable[[Constraint, Names], str]
_STOPS: Mapping[str, Wording] = {
    ENVELOPE: _left,
    FLOOR: lambda one, names: f"l’action ne peut pas se faire à moins de {euros(one.amount)}",
    REQUEST: lambda one, names: (
        f"{_credit(one, names)}\u00a0: moins de {euros(STEP)} demandés ({euros(one.amount)})"
    ),
    LEAST: lambda one, names: f"{_credit(one, names)} ne donne pas moins de {euros(one.amount)}",
    POCHES: lambda one, names: f"le plafond des poches de pauvreté n’a plus que {euros(one.amount)}",
    LOCKED: lambda one, names: f"{_credit(one, names)} est verrouillé à {euros(one.amount)}",
    EXCLUDED: _excluded,
    UNFINISHED: lambda one, names: (
        "le calcul s’est arrêté avant de le servir\u00a0: de l’argent reste, à répartir à la main"
    ),
}
_ROWS: Mapping[str, Wording] = {
    ENVELOPE: lambda one, names: f"l’enveloppe {_credit(one, names)} ({euros(one.amount)} disponibles)",
    REQUEST: lambda one, names: f"la demande de {one.reference}, {_credit(one, names)} ({euros(one.amount)})",
    REQUESTS: lambda one, names: "ce que les dossiers demandent",
    REMAINDER: lambda one, names: f"le reste à financer de {one.reference} ({euros(one.amount)})",
    FLOOR: lambda one, names: f"le plancher de {one.reference} ({euros(one.amount)})",
    LEAST: lambda one, names: (
        f"le minimum par ligne de {one.reference}, {_credit(one, names)} ({euros(one.amount)})"
    ),
    LOCKED: _locked,
    EXCLUDED: lambda one, names: f"l’exclusion de {one.reference} ({_excluded(one, names)})",
    POCHES: lambda one, names: f"le plafond des poches de pauvreté ({euros(one.amount)})",
    QPV: lambda one, names: f"le minimum du quartier {_qpv(one, names)} ({euros(one.amount)})",
    SERVED: lambda one, names: f"servir {one.reference} à {euros(one.amount)}",
}
