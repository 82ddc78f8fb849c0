# SPDX-License-Identifier: EUPL-1.2
"""The constraints and the outcome in French sentences, from figures and codes: for pages, command line and task results."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from rules.wording import credit as credit_worded
from rules.wording import euros, listing, percent
from workflow.arbitration.constraints import (
    ANSWER,
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
from workflow.arbitration.conversions import CpoOutcome
from workflow.arbitration.highs import GAP, INFEASIBLE, OPTIMAL
from workflow.arbitration.least_change import LeastChange
from workflow.arbitration.problem import STEP, Exclusion
from workflow.arbitration.served import Served
from workflow.arbitration.solution import QpvOutcome
from workflow.arbitration.targets import TargetCost, Targets

CUT = " (recherche interrompue, rien n’est prouvé)"
UNPROVED_CONFLICTS = "La recherche des objectifs incompatibles a été interrompue\u00a0: d’autres peuvent l’être, rien n’est prouvé."
Names = Mapping[str, str]  # what people call each code: organisations and neighbourhoods


class ServedLabel(NamedTuple):
    """What is said of one dossier, and of several counted together."""

    one: str
    many: str


SERVED_LABELS: Mapping[Served, ServedLabel] = {
    Served.FULL: ServedLabel("servi en entier", "Servis en entier"),
    Served.PARTIAL: ServedLabel("servi en partie", "Servis en partie"),
    Served.NOTHING: ServedLabel("non servi", "Non servis"),
    Served.COVERED: ServedLabel("sans besoin", "Sans besoin de crédits spécifiques"),
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
    Exclusion.OTHER_YEAR: "il relève d’un autre exercice que cette répartition",
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


def least_change_sentences(change: LeastChange, names: Names) -> list[str]:
    """What would serve one dossier, in one or two sentences; what forbids it otherwise."""
    if change.wanted == change.now:
        return [f"{change.reference} a déjà tout ce qu’il peut recevoir."]
    goal = f"Pour porter {change.reference} de {euros(change.now)} à {euros(change.wanted)}"
    said = []
    if change.moves:
        moves = listing(
            f"{move.reference}, {credit_worded(move.credit, names)}, de {euros(move.before)} à {euros(move.after)}"
            for move in change.moves
        )
        taken = (
            f"en prenant {euros(change.taken)} aux autres" if change.taken else "sans rien prendre à personne"
        )
        said.append(f"{goal}, {taken}\u00a0: {moves}.{_smaller(change.status)}")
    elif change.status != INFEASIBLE:
        said.append(f"{goal}, ce qu’il faudrait prendre aux autres n’a pas été trouvé{CUT}.")
    else:
        rows = listing(row_name(row, names) for row in change.blocked)
        why = f"\u00a0: {rows} s’y opposent" if rows else ""
        said.append(f"{goal}, prendre aux autres ne suffit pas{why}.")
    if change.extra:
        more = (
            f"{euros(amount)} de plus sur {credit_worded(code, names)}"
            for code, amount in change.extra.items()
        )
        said.append(
            f"{goal} sans rien prendre à personne, il faudrait {listing(more)}.{_smaller(change.extra_status)}"
        )
    elif change.extra is None and change.extra_status == INFEASIBLE:
        said.append("Aucun complément d’enveloppe n’y suffirait.")
    elif change.extra is None:
        said.append(f"Le complément d’enveloppe qui y suffirait n’a pas été trouvé{CUT}.")
    return said


def _smaller(status: str) -> str:
    """What is not proved of a change that was found."""
    return (
        ""
        if status == OPTIMAL
        else " La recherche a été interrompue\u00a0: un changement plus petit peut exister."
    )


def target_sentences(
    qpv: Iterable[QpvOutcome], cpo: CpoOutcome | None, targets: Targets | None, names: Names
) -> list[str]:
    """What is reached, what is missing, what each target costs, and which conflict. `targets` None: not priced yet."""
    said = [
        f"Quartier {names.get(one.qpv, one.qpv)}\u00a0: il manque {euros(one.missing)} sur {euros(one.minimum)}."
        for one in qpv
        if one.missing
    ]
    if cpo is not None:
        said += _cpo_sentences(cpo)
    if targets is not None:
        said += [cost_sentence(cost, names) for cost in targets.costs]
        said += [conflict_sentence(rows, names) for rows in targets.conflicts]
        if not targets.is_proved:
            said.append(UNPROVED_CONFLICTS)
    return said


def _cpo_sentences(cpo: CpoOutcome) -> list[str]:
    """The CPO target: reached, reached by conversions with their cost, or what is missing and why."""
    target = f"Objectif de CPO (plus de {percent(cpo.target)} des actions)"
    if not cpo.missing:
        return [f"{target}\u00a0: atteint, {cpo.covered} sur {cpo.actions}."]
    said = []
    if cpo.conversions:
        names = listing(one.reference for one in cpo.conversions)
        said.append(
            f"{target}\u00a0: proposer de passer en CPO {names}, soit {euros(cpo.cost)} engagés sur les années suivantes, sous réserve du vote des crédits."
        )
    if cpo.gap:
        said.append(
            f"{target}\u00a0: il en manque encore {cpo.gap}{_convertible(cpo)}. Aucune action annuelle n’est écartée pour cela."
        )
    return said


def _convertible(cpo: CpoOutcome) -> str:
    if not cpo.eligible:
        return ", et aucune action servie ne peut passer en CPO"
    some = "une action servie pouvait" if cpo.eligible == 1 else f"{cpo.eligible} actions servies pouvaient"
    dear = f", dont {cpo.too_dear} à un coût jugé trop élevé" if cpo.too_dear else ""
    return f"\u00a0; {some} passer en CPO{dear}"


def cost_sentence(cost: TargetCost, names: Names) -> str:
    """What one target costs, against the best allocation without it."""
    name = row_name(cost.target, names)
    name = f"{name[:1].upper()}{name[1:]}"
    is_cut = cost.status not in (OPTIMAL, GAP)
    if not cost.displaced and is_cut:
        return f"{name}\u00a0: coût non trouvé{CUT}."
    if not cost.displaced:
        return f"{name} ne coûte rien\u00a0: sans cela, la répartition serait aussi bonne{_nearly(cost)}."
    some = f"{euros(cost.displaced)} iraient à d’autres dossiers ({cost.points:.0f} points{_nearly(cost)})"
    return f"{name}\u00a0: sans cela, {some}{CUT if is_cut else ''}."


def _nearly(cost: TargetCost) -> str:
    return ", à l’écart du calcul près" if cost.status == GAP else ""


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
    if one.amount is not None and one.amount < 0:
        return f"l’enveloppe {_credit(one, names)} est déjà dépassée de {euros(-one.amount)}"
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
    ANSWER: lambda one, names: (
        f"{_credit(one, names)} s’arrête à {euros(one.amount)}, d’après la réponse du financeur ou la synthèse"
    ),
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
