# SPDX-License-Identifier: EUPL-1.2
"""Ordinary-law credits first: every holder has answered, and specific credits are only the remainder."""

from decimal import Decimal

from rules.facts import DossierFacts, LineFacts, TerritoryFacts
from rules.findings import BLOCKING, SATISFIED, UNDETERMINED, VIOLATED, Finding, LineOutcome, Outcome, Scope
from rules.lines import DEAD
from rules.money import ZERO, obtained
from rules.parameters import ParametersOfDay
from rules.rule import Formula, Rule, aggregate
from rules.source import Source
from rules.texts import CONTRAT, LOI_VILLE

CLOSED = DEAD | {"ineligible"}  # no money on these lines
FIRST = "droit_commun.first"
REMAINDER = "droit_commun.remainder"

AMOUNT_STATES = frozenset({"firm", "indicative", "retained", "granted"})
ANSWERED_STATES = frozenset(
    {"in_kind", "declined", "not_concerned", "no_reply", "ineligible", "refused", "cancelled"}
)


def check_first(dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay) -> Finding:
    """Chaque détenteur de droit commun concerné a répondu avant l’arbitrage des crédits spécifiques."""
    waiting = set(dossier.holders_concerned)
    answers: list[LineOutcome] = []
    for line in dossier.lines:
        if line.nature != "droit_commun" or (line.state == "not_asked" and line.key not in waiting):
            continue
        waiting.discard(line.key)
        answers.append(_answer(line))
    answers.extend(LineOutcome(key, VIOLATED, "unopened", {}) for key in waiting)
    return aggregate(FIRST, answers, {"holders": len(answers)})


def _answer(line: LineFacts) -> LineOutcome:
    state = line.state
    if line.is_own_share:
        return LineOutcome(line.key, SATISFIED, "own_share", {})
    if state in AMOUNT_STATES:
        amount = obtained(line)
        if amount is None:
            return LineOutcome(line.key, UNDETERMINED, "amount_missing", {})
        return LineOutcome(line.key, SATISFIED, state, {"amount": amount})
    if state == "in_kind":
        variant = "in_kind" if line.in_kind_value is None else "in_kind_valued"
        return LineOutcome(line.key, SATISFIED, variant, {"value": line.in_kind_value})
    if state in ANSWERED_STATES:
        facts: dict[str, object] = {} if line.reason is None else {"reason": line.reason}
        if line.reason == "" and state == "declined":
            return LineOutcome(line.key, VIOLATED, "unreasoned", facts)
        return LineOutcome(line.key, SATISFIED, state, facts)
    return LineOutcome(line.key, VIOLATED, "unanswered", {})


def check_remainder(dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay) -> Finding:
    """Les crédits spécifiques ne dépassent pas ce qui reste à financer après toutes les autres ressources."""
    specific = [line for line in dossier.lines if line.nature == "specifique" and line.state not in CLOSED]
    if not specific:
        return aggregate(REMAINDER, [], {})
    known, ceiling = ZERO, ZERO  # what is proposed or retained; the same with pending lines at what they ask
    unbounded, pending = False, False
    for line in specific:
        amount = _proposed(line)
        if amount is not None:
            known += amount
        else:
            pending = True
            unbounded = unbounded or line.requested is None
            ceiling += line.requested or ZERO
    ceiling += known
    remainder, facts = remainder_of(dossier)
    facts["specific"], facts["specific_at_most"] = known, None if unbounded else ceiling
    outcome, variant = _compare(known, None if unbounded else ceiling, remainder, _missing(facts), pending)
    facts["concerned"] = sorted(line.key for line in specific)
    lines = [LineOutcome(line.key, outcome, variant, {"amount": _proposed(line)}) for line in specific]
    return aggregate(REMAINDER, lines, facts)


def _proposed(line: LineFacts) -> Decimal | None:
    if line.state in ("retained", "granted") and line.retained is not None:
        return line.retained
    return line.proposed if line.proposed is not None else line.retained


def remainder_of(dossier: DossierFacts) -> tuple[Decimal | None, dict[str, object]]:
    """What is left to finance, unknown resources counted for nothing (so at most this).

    None without a cost.
    """
    cost = dossier.retained_cost if dossier.retained_cost is not None else dossier.total_cost
    ordinary, missing = ZERO, []
    for line in dossier.lines:
        if line.nature == "droit_commun":
            amount = obtained(line)
            if amount is None:
                missing.append(line.key)
            else:
                ordinary += amount
    own, other = dossier.own_resources, dossier.other_resources
    facts: dict[str, object] = {"cost": cost, "own": own, "other": other, "ordinary": ordinary}
    facts["amounts_missing"] = sorted(missing)
    if cost is None:
        return None, facts
    remainder = cost - (own or ZERO) - (other or ZERO) - ordinary
    facts["remainder"] = remainder
    return remainder, facts


def _missing(facts: dict[str, object]) -> bool:
    return facts["own"] is None or facts["other"] is None or bool(facts["amounts_missing"])


def _compare(
    known: Decimal, ceiling: Decimal | None, remainder: Decimal | None, missing: bool, pending: bool
) -> tuple[Outcome, str]:
    if remainder is None:
        return UNDETERMINED, "cost_missing"
    if known > remainder and known > 0:
        return VIOLATED, "exceeded"
    if missing:
        return UNDETERMINED, "resources_missing"
    if not pending:
        return SATISFIED, "within"
    if ceiling is not None and ceiling <= remainder:
        return SATISFIED, "within_requests"
    return UNDETERMINED, "pending"


RULES = (
    Rule(
        id=FIRST,
        label="Droit commun mobilisé d’abord",
        scope=Scope.LINE,
        stage="commitment",
        severity=BLOCKING,
        sources=(
            LOI_VILLE,
            Source("contrat", CONTRAT, "V.1, point 4"),
        ),
        purpose=(
            "Obtenir la réponse de chaque détenteur de droit commun avant d’arbitrer les crédits spécifiques."
        ),
        formulas=(
            Formula(
                check_first,
                "Chaque détenteur concerné a répondu d’une des cinq façons : montant ferme ou indicatif, contribution en nature, refus motivé, non concerné, absence de réponse constatée à l’échéance.",
            ),
        ),
        sentences={
            "no_line": "Aucun détenteur de crédits de droit commun n’est concerné par cette action.",
            "firm": "Engagement ferme de {amount} : {concerned}.",
            "indicative": "Engagement indicatif de {amount} : {concerned}.",
            "retained": "Montant retenu de {amount} : {concerned}.",
            "granted": "Montant accordé de {amount} : {concerned}.",
            "in_kind": "Contribution en nature, non chiffrée : {concerned}.",
            "in_kind_valued": "Contribution en nature, valorisée à part pour {value} : {concerned}.",
            "declined": "Refus motivé : {concerned}.",
            "not_concerned": "Non concerné par cette action : {concerned}.",
            "no_reply": "Sans réponse à l’échéance, constat noté par le secrétariat : {concerned}.",
            "ineligible": "Action non éligible à ce crédit : {concerned}.",
            "refused": "Refus par décision du financeur : {concerned}.",
            "cancelled": "Demande annulée : {concerned}.",
            "own_share": "Le porteur détient lui-même ce crédit, compté en ressources propres : {concerned}.",
            "amount_missing": "Réponse positive sans montant : {concerned}.",
            "unreasoned": "Refus sans motif : {concerned}.",
            "unanswered": "Réponse attendue : {concerned}.",
            "unopened": "Détenteur concerné qui n’a pas été sollicité : {concerned}.",
        },
        remedy={
            "amount_missing": "Faire préciser le montant, ferme ou indicatif.",
            "unreasoned": "Recueillir le motif du refus.",
            "unanswered": (
                "Recueillir la réponse du détenteur ; l’échéance passée, le secrétariat note l’absence de "
                "réponse."
            ),
            "unopened": "Ouvrir la ligne et solliciter le détenteur, ou noter qu’il n’est pas concerné.",
        },
    ),
    Rule(
        id=REMAINDER,
        label="Crédits spécifiques en complément",
        scope=Scope.LINE,
        stage="commitment",
        severity=BLOCKING,
        sources=(
            LOI_VILLE,
            Source("contrat", CONTRAT, "V.1, point 4"),
        ),
        purpose="Limiter les crédits spécifiques à ce que les autres ressources ne couvrent pas.",
        formulas=(
            Formula(
                check_remainder,
                "Somme des crédits spécifiques proposés ou retenus ≤ coût retenu − ressources propres − autres ressources − droit commun obtenu.",
            ),
        ),
        sentences={
            "no_line": "Aucun crédit spécifique n’est demandé.",
            "within": "Crédits spécifiques : {specific}, dans la limite du reste à financer ({remainder}).",
            "within_requests": (
                "Crédits spécifiques : {specific} proposés à ce jour et {specific_at_most} au plus si les "
                "demandes en "
                "attente sont suivies, dans la limite du reste à financer ({remainder})."
            ),
            "exceeded": (
                "Crédits spécifiques : {specific}, au-delà du reste à financer ({remainder}) : coût retenu "
                "{cost}, "
                "ressources propres {own}, autres ressources {other}, droit commun obtenu {ordinary}."
            ),
            "cost_missing": (
                "Le coût de l’action n’est pas renseigné : le reste à financer ne peut pas être calculé."
            ),
            "resources_missing": (
                "Le reste à financer ne peut pas être calculé : ressources propres {own}, autres ressources "
                "{other}, "
                "droit commun obtenu {ordinary}."
            ),
            "pending": (
                "Des montants spécifiques restent à proposer ; les demandes suivies en entier dépasseraient, "
                "ou pourraient "
                "dépasser, le reste à financer ({remainder})."
            ),
        },
        remedy={
            "exceeded": (
                "Réduire les crédits spécifiques, ou réviser le coût retenu et le plan de financement."
            ),
            "cost_missing": "Demander au porteur le coût total de l’action.",
            "resources_missing": "Compléter le plan de financement et les réponses du droit commun.",
            "pending": "Saisir les montants proposés sur les lignes spécifiques.",
        },
    ),
)
