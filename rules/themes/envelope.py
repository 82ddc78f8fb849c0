# SPDX-License-Identifier: EUPL-1.2
"""Envelopes: what is committed stays within them. Only a notified envelope blocks."""

from dataclasses import dataclass
from decimal import Decimal

from rules.facts import EnvelopeFacts, TerritoryFacts
from rules.findings import BLOCKING, SATISFIED, UNDETERMINED, VIOLATED, WARNING, Finding, LineOutcome, Scope
from rules.parameters import ParametersOfDay
from rules.programme_year import ProgrammeYear
from rules.rule import Formula, Rule, aggregate
from rules.source import Source
from rules.texts import CONTRAT

LIMIT, FORECAST = "envelope.limit", "envelope.forecast"
DEPARTEMENT = "departement"


@dataclass(frozen=True, slots=True)
class EnvelopeFigures:
    """One envelope with what is committed on it (granted else retained) and what is left.

    None when unknown.
    """

    credit: str
    label: str
    year: int
    status: str
    amount: Decimal | None
    proposed: Decimal
    retained: Decimal
    granted: Decimal
    committed: Decimal
    remaining: Decimal | None
    exceeded: bool | None
    held_by: str = "contract"
    forecast: Decimal = Decimal(0)  # held by the CPO under way
    overcommitted: bool | None = None  # with what is held, more than the amount


def envelope_figures(envelope: EnvelopeFacts) -> EnvelopeFigures:
    """The balance of one envelope. What is left of a département's is not known: its other contracts draw on it too."""
    committed = envelope.committed
    if committed is None:
        committed = max(envelope.retained, envelope.granted)
    amount = None if envelope.status == "none" else envelope.amount
    own = None if envelope.held_by == DEPARTEMENT else amount
    return EnvelopeFigures(
        credit=envelope.credit,
        label=envelope.label,
        year=envelope.year,
        status=envelope.status,
        amount=amount,
        proposed=envelope.proposed,
        retained=envelope.retained,
        granted=envelope.granted,
        committed=committed,
        remaining=None if own is None else own - committed,
        exceeded=None if own is None else committed > own,
        held_by=envelope.held_by,
        forecast=envelope.forecast,
        overcommitted=None if own is None else committed + envelope.forecast > own,
    )


def check_limit(programme: ProgrammeYear, territory: TerritoryFacts, parameters: ParametersOfDay) -> Finding:
    """Les montants retenus ou accordés sur un crédit ne dépassent pas son enveloppe notifiée."""
    own = [one for one in programme.facts.envelopes if one.held_by != DEPARTEMENT]
    lines = [_answer(envelope) for envelope in own if envelope.status != "none"]
    blocked = any(line.variant == "exceeded" for line in lines)
    finding = aggregate(LIMIT, lines, {}, severity=BLOCKING if blocked else WARNING)
    if blocked:
        finding.variant = "exceeded"
    return finding


def _answer(envelope: EnvelopeFacts) -> LineOutcome:
    figures = envelope_figures(envelope)
    facts: dict[str, object] = {
        "year": str(figures.year),
        "status": figures.status,
        "amount": figures.amount,
        "committed": figures.committed,
        "remaining": figures.remaining,
    }
    if figures.remaining is None:
        return LineOutcome(envelope.credit, UNDETERMINED, "missing", facts)
    if figures.remaining >= 0:
        return LineOutcome(envelope.credit, SATISFIED, "within", facts)
    facts["excess"] = -figures.remaining
    variant = "exceeded" if envelope.status == "notified" else "exceeded_provisional"
    return LineOutcome(envelope.credit, VIOLATED, variant, facts)


def check_forecast(
    programme: ProgrammeYear, territory: TerritoryFacts, parameters: ParametersOfDay
) -> Finding:
    """Ce que les conventions pluriannuelles prévoient pour une année tient, avec ce qui est engagé, dans l’enveloppe du crédit."""
    own = [one for one in programme.facts.envelopes if one.held_by != DEPARTEMENT and one.forecast > 0]
    return aggregate(FORECAST, [_holds(envelope) for envelope in own], {}, severity=WARNING)


def _holds(envelope: EnvelopeFacts) -> LineOutcome:
    figures = envelope_figures(envelope)
    facts: dict[str, object] = {
        "year": str(figures.year),
        "status": figures.status,
        "amount": figures.amount,
        "committed": figures.committed,
        "forecast": figures.forecast,
    }
    if figures.amount is None:
        return LineOutcome(envelope.credit, UNDETERMINED, "unknown", facts)
    left = figures.amount - figures.committed - figures.forecast
    if left >= 0:
        return LineOutcome(envelope.credit, SATISFIED, "within", facts | {"remaining": left})
    variant = "over" if envelope.status == "notified" else "over_provisional"
    return LineOutcome(envelope.credit, VIOLATED, variant, facts | {"excess": -left})


RULES = (
    Rule(
        id=LIMIT,
        label="Respect des enveloppes",
        scope=Scope.PROGRAMME,
        stage="commitment",
        severity=BLOCKING,
        sources=(
            Source("reglement_local", "Notification de son enveloppe par chaque financeur"),
            Source("contrat", CONTRAT, "V.1, point 4"),
        ),
        purpose=(
            "Ne pas retenir plus que ce que chaque financeur a notifié ; une enveloppe provisoire avertit "
            "seulement."
        ),
        formulas=(
            Formula(
                check_limit,
                "Montants accordés, à défaut retenus, ligne par ligne, plus les attributions publiées ≤ enveloppe du crédit ; une enveloppe départementale, partagée, n’est pas celle du contrat.",
            ),
        ),
        sentences={
            "no_line": "Aucune enveloppe n’est enregistrée pour cette année.",
            "within": "{concerned} : {committed} engagés sur {amount}, reste {remaining}.",
            "exceeded": (
                "{concerned} : {committed} engagés, l’enveloppe notifiée de {amount} est dépassée de "
                "{excess}."
            ),
            "exceeded_provisional": (
                "{concerned} : {committed} engagés, l’enveloppe provisoire de {amount} est dépassée de "
                "{excess}."
            ),
            "missing": "{concerned} : le montant de l’enveloppe n’est pas renseigné ({committed} engagés).",
        },
        remedy={
            "exceeded": "Réduire les montants retenus, ou obtenir un complément d’enveloppe.",
            "exceeded_provisional": "Attendre la notification de l’enveloppe, ou réduire les montants.",
            "missing": "Enregistrer le montant de l’enveloppe.",
        },
    ),
    Rule(
        id=FORECAST,
        label="Prévisions des conventions pluriannuelles",
        scope=Scope.PROGRAMME,
        stage="commitment",
        severity=WARNING,
        sources=(
            Source("contrat", CONTRAT, "IV.3 (la pluriannualité comme outil de suivi)"),
            Source("reglement_local", "Notification de son enveloppe par chaque financeur"),
        ),
        purpose=(
            "Ne pas promettre pour une année suivante plus que ce que le financeur pourra voter ; une prévision reste "
            "sous réserve du vote des crédits."
        ),
        formulas=(
            Formula(
                check_forecast,
                "Montants accordés, à défaut retenus, plus prévisions des CPO sans dossier cette année-là ≤ enveloppe du crédit.",
            ),
        ),
        sentences={
            "no_line": "Aucune convention pluriannuelle ne prévoit de montant pour cette année.",
            "within": "{concerned} : {forecast} prévus par des CPO et {committed} engagés sur {amount}, reste {remaining}.",
            "over": (
                "{concerned} : {forecast} prévus par des CPO et {committed} engagés, l’enveloppe notifiée de {amount} est "
                "dépassée de {excess}."
            ),
            "over_provisional": (
                "{concerned} : {forecast} prévus par des CPO et {committed} engagés, l’enveloppe provisoire de {amount} est "
                "dépassée de {excess}."
            ),
            "unknown": "{concerned} : {forecast} prévus par des CPO ; le montant de l’enveloppe n’est pas connu.",
        },
        remedy={
            "over": "Corriger les prévisions avec leurs financeurs, ou obtenir un complément d’enveloppe.",
            "over_provisional": "Attendre la notification de l’enveloppe, ou corriger les prévisions.",
            "unknown": "Enregistrer le montant de l’enveloppe dès qu’il est connu.",
        },
    ),
)
