# SPDX-License-Identifier: EUPL-1.2
"""Yearly sums per private-law body and financer, against the amount above which the law requires a convention."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from rules.facts import TerritoryFacts
from rules.findings import (
    NOT_APPLICABLE,
    SATISFIED,
    UNDETERMINED,
    VIOLATED,
    WARNING,
    Finding,
    LineOutcome,
    Outcome,
    Scope,
)
from rules.money import ZERO
from rules.parameters import ParametersOfDay
from rules.programme_year import ProgrammeYear
from rules.rule import Formula, Rule
from rules.source import Source
from rules.yearly_sums import BodySum

YEARLY_SUMS = "convention.yearly_sums"
NAMED = 8  # how many bodies a sentence names, the largest sums first; the figures hold them all


@dataclass(frozen=True, slots=True)
class SumsBalance:
    """The sums strictly above the threshold, private-law bodies and those whose form is unknown apart."""

    threshold: Decimal | None
    private: tuple[BodySum, ...]  # every sum of a private-law body, above the threshold or not
    covered: tuple[BodySum, ...]  # above, with a recorded convention
    without: tuple[BodySum, ...]  # above, with none
    form_unknown: tuple[BodySum, ...]  # above, legal form unknown


def sums_balance(programme: ProgrammeYear, parameters: ParametersOfDay) -> SumsBalance:
    """The year's sums against the threshold of the day; nothing is above when it is not in force."""
    threshold = parameters.values["convention.threshold"]
    above = [one for one in programme.sums if threshold is not None and one.total > threshold]
    private = [one for one in above if one.is_private]
    return SumsBalance(
        threshold,
        tuple(one for one in programme.sums if one.is_private),
        tuple(one for one in private if one.conventions),
        tuple(one for one in private if not one.conventions),
        tuple(one for one in above if one.is_private is None),
    )


def check_yearly_sums(
    programme: ProgrammeYear, territory: TerritoryFacts, parameters: ParametersOfDay
) -> Finding:
    """Au-delà du seuil annuel d’un même financeur, un organisme de droit privé a une convention enregistrée."""
    balance = sums_balance(programme, parameters)
    if balance.threshold is None:
        return Finding(YEARLY_SUMS, NOT_APPLICABLE, WARNING, {}, "not_in_force")
    facts: dict[str, object] = {"threshold": balance.threshold, **_figures(balance)}
    if not balance.private and not balance.form_unknown:
        return Finding(YEARLY_SUMS, NOT_APPLICABLE, WARNING, facts, "no_body")
    concerned = (*balance.covered, *balance.without, *balance.form_unknown)
    lines = [_line(financer, balance) for financer in sorted({one.financer for one in concerned})]
    outcome, variant = _answer(balance)
    facts["concerned"] = [line.line for line in lines]
    return Finding(YEARLY_SUMS, outcome, WARNING, facts, variant, None, lines or None)


def _answer(balance: SumsBalance) -> tuple[Outcome, str]:
    if balance.without:
        return VIOLATED, "missing_unknown" if balance.form_unknown else "missing"
    if balance.form_unknown:
        return UNDETERMINED, "form_unknown"
    return SATISFIED, "recorded" if balance.covered else "below"


def _figures(balance: SumsBalance) -> dict[str, object]:
    covered, without, unknown = map(_by_body, (balance.covered, balance.without, balance.form_unknown))
    return {
        "highest": max((one.total for one in balance.private), default=ZERO),
        "above": len({_identity(one) for one in (*balance.covered, *balance.without)}),
        "covered": covered,
        "uncovered": sum((one.uncovered for one in balance.covered), ZERO),
        "without": without,
        "form_unknown": unknown,
    } | {
        f"{name}_{part}": value
        for name, bodies in (("covered", covered), ("without", without), ("unknown", unknown))
        for part, value in (("count", len(bodies)), ("named", dict(list(bodies.items())[:NAMED])))
    }


def _line(financer: str, balance: SumsBalance) -> LineOutcome:
    """The same answer on the sums of one financer."""

    def mine(sums: tuple[BodySum, ...]) -> tuple[BodySum, ...]:
        return tuple(one for one in sums if one.financer == financer)

    part = SumsBalance(
        balance.threshold,
        mine(balance.private),
        mine(balance.covered),
        mine(balance.without),
        mine(balance.form_unknown),
    )
    outcome, variant = _answer(part)
    return LineOutcome(financer, outcome, variant, _figures(part))


def _identity(one: BodySum) -> str:
    return one.siren or one.body


def _by_body(sums: Iterable[BodySum]) -> dict[str, Decimal]:
    """The highest sum of one financer by body, the largest first; a name that two bodies bear is told with its SIREN."""
    found = sorted(sums, key=_by_total)
    bearers: dict[str, set[str]] = {}
    for one in found:
        bearers.setdefault(one.body, set()).add(_identity(one))
    amounts: dict[str, Decimal] = {}
    for one in found:
        name = one.body if len(bearers[one.body]) == 1 else f"{one.body} {_identity(one)}"
        amounts.setdefault(name, one.total)
    return amounts


def _by_total(one: BodySum) -> tuple[Decimal, str, str]:
    return -one.total, one.body, one.siren or ""


WITHOUT = (
    "Plus de {threshold} d’un même financeur sur l’année, sans convention enregistrée, pour "
    "{without_count:organisme|organismes} de droit privé : {without_named}. Financeurs : {concerned}."
)
UNKNOWN = (
    "Plus de {threshold} d’un même financeur sur l’année pour {unknown_count:organisme|organismes} dont le droit, privé "
    "ou public, n’est pas établi : {unknown_named}."
)

RULES = (
    Rule(
        id=YEARLY_SUMS,
        label="Sommes annuelles par organisme et financeur",
        scope=Scope.PROGRAMME,
        stage="programme",
        severity=WARNING,
        sources=(
            Source("loi", "Loi n° 2000-321 du 12 avril 2000", "article 10", reading="texte"),
            Source("decret", "Décret n° 2001-495 du 6 juin 2001", "article 1er", "secondaire"),
        ),
        purpose=(
            "Voir d’un coup quels organismes de droit privé dépassent le seuil toutes actions réunies, et lesquels "
            "n’ont pas de convention."
        ),
        parameters=("convention.threshold",),
        formulas=(
            Formula(
                check_yearly_sums,
                "Par organisme de droit privé (SIREN) et financeur : somme de l’année, accordée à défaut retenue, en "
                "numéraire et en nature, de toutes ses actions, dans ou hors contrat, attributions sans dossier "
                "comprises ; strictement au-dessus du seuil, une convention est attendue.",
            ),
        ),
        sentences={
            "no_body": "Aucun organisme de droit privé ne reçoit de montant accordé ou retenu cette année.",
            "below": (
                "Aucun organisme de droit privé ne reçoit plus de {threshold} d’un même financeur sur l’année "
                "({highest} au plus)."
            ),
            "recorded": (
                "Plus de {threshold} d’un même financeur sur l’année, avec une convention enregistrée, pour "
                "{covered_count:organisme|organismes} de droit privé : {covered_named}. Montants portés par leurs "
                "actions sans convention : {uncovered}."
            ),
            "missing": WITHOUT,
            "missing_unknown": f"{WITHOUT} {UNKNOWN}",
            "form_unknown": UNKNOWN,
        },
        remedy={
            "missing": "Signer la convention, puis l’enregistrer en conventionnant un de ses dossiers.",
            "missing_unknown": (
                "Signer les conventions manquantes et les enregistrer ; renseigner la forme juridique des autres."
            ),
            "form_unknown": (
                "Renseigner la forme juridique de ces organismes : la convention n’est obligatoire qu’en droit privé."
            ),
        },
    ),
)
