# SPDX-License-Identifier: EUPL-1.2
"""De minimis aid: what a porteur with an economic activity has received and would receive, against the ceilings.

The period changed in 2024: three fiscal years before, any three years since. Each has its function.
"""

from datetime import date
from decimal import Decimal

from rules.days import months_after
from rules.facts import DossierFacts, LineFacts, TerritoryFacts
from rules.findings import INFO, NOT_APPLICABLE, SATISFIED, UNDETERMINED, VIOLATED, WARNING, Finding, Scope
from rules.lines import is_live
from rules.money import ZERO
from rules.parameters import ParametersOfDay
from rules.rule import Formula, Rule
from rules.source import Source

CUMULATED = "de_minimis.cumulated"
IN_KIND, INELIGIBLE = "in_kind", "ineligible"


def check_rolling(dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay) -> Finding:
    """Les aides de minimis reçues sur trois ans glissants et celles demandées restent sous le plafond."""
    months = parameters.values["de_minimis.months"]
    if months is None:
        return Finding(CUMULATED, NOT_APPLICABLE, WARNING, {}, "not_in_force")
    return _check(dossier, parameters, months_after(parameters.on, -months))


def check_fiscal_years(
    dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay
) -> Finding:
    """Jusqu’en 2023, les aides de l’exercice en cours et des deux précédents, avec celles demandées, sous le plafond."""
    years = parameters.values["de_minimis.fiscal_years"]
    if years is None:
        return Finding(CUMULATED, NOT_APPLICABLE, WARNING, {}, "not_in_force")
    return _check(dossier, parameters, date(max(parameters.on.year - int(years) + 1, 1), 1, 1))


def _check(dossier: DossierFacts, parameters: ParametersOfDay, since: date) -> Finding:
    """Aids granted from `since` to the day itself, both included: in doubt about a day, it counts."""
    ceiling = parameters.values["de_minimis.ceiling"]
    if ceiling is None:
        return Finding(CUMULATED, NOT_APPLICABLE, WARNING, {}, "not_in_force")
    if dossier.economic_activity is False:
        return Finding(CUMULATED, NOT_APPLICABLE, WARNING, {}, "no_economic_activity")
    if dossier.economic_activity is None:
        return Finding(CUMULATED, UNDETERMINED, INFO, {}, "activity_unknown")
    here = sum(
        (_expected(line) for line in dossier.lines if is_live(line) and line.state != INELIGIBLE), ZERO
    )
    facts: dict[str, object] = {"here": here, "ceiling": ceiling, "since": since}
    if dossier.de_minimis is None:
        variant = "exceeded_alone" if here > ceiling else "aids_unknown"
        outcome = VIOLATED if here > ceiling else UNDETERMINED
        return Finding(CUMULATED, outcome, WARNING, facts, variant)
    counted = [aid for aid in dossier.de_minimis if since <= aid.granted_on <= parameters.on]
    general = sum((aid.amount for aid in counted if not aid.is_sieg), ZERO)
    every = sum((aid.amount for aid in counted), ZERO)
    facts |= {"received": general, "total": general + here}
    if general + here > ceiling:
        return Finding(CUMULATED, VIOLATED, WARNING, facts, "exceeded")
    sieg = parameters.values["de_minimis.sieg_ceiling"]
    if every > general and sieg is not None and every + here > sieg:
        facts |= {"received": every, "total": every + here, "ceiling": sieg}
        return Finding(CUMULATED, VIOLATED, WARNING, facts, "exceeded_sieg")
    return Finding(CUMULATED, SATISFIED, WARNING, facts, "within")


def _expected(line: LineFacts) -> Decimal:
    """What the line would give today: in kind, valued; else granted, retained, proposed, promised, requested."""
    if line.state == IN_KIND:
        return line.in_kind_value or ZERO
    for amount in (line.granted, line.retained, line.proposed, line.promised, line.requested):
        if amount is not None:
            return amount
    return ZERO


RULES = (
    Rule(
        id=CUMULATED,
        label="Cumul des aides de minimis",
        scope=Scope.DOSSIER,
        stage="conference",
        severity=WARNING,
        sources=(
            Source(
                "reglement_europeen",
                "Règlement (UE) 2023/2831 du 13 décembre 2023",
                "article 3, paragraphe 2",
                "secondaire",
            ),
            Source(
                "reglement_europeen",
                "Règlement (UE) 2023/2832 du 13 décembre 2023",
                "article 3, paragraphe 2 (services d’intérêt économique général)",
                "secondaire",
            ),
            Source(
                "reglement_europeen",
                "Règlement (UE) 2023/2832 du 13 décembre 2023",
                "article 5 (cumul des aides des deux règlements sous le plafond le plus haut)",
                "a_verifier",
            ),
            Source(
                "reglement_europeen",
                "Règlement (UE) n° 1407/2013 du 18 décembre 2013",
                "article 3 (jusqu’au 31 décembre 2023)",
                "a_verifier",
            ),
        ),
        purpose=(
            "Alerter quand un porteur qui a une activité économique dépasserait le plafond ; une autre base juridique "
            "reste possible."
        ),
        parameters=(
            "de_minimis.ceiling",
            "de_minimis.sieg_ceiling",
            "de_minimis.months",
            "de_minimis.fiscal_years",
        ),
        formulas=(
            Formula(
                check_fiscal_years,
                "Jusqu’au 31 décembre 2023 : aides de minimis de l’exercice en cours et des deux précédents (années civiles) "
                "+ montants de ce dossier ≤ plafond.",
                date(2014, 1, 1),
            ),
            Formula(
                check_rolling,
                "Depuis le 1er janvier 2024 : aides de minimis des trois dernières années, de date à date, premier jour "
                "compris, + montants de ce dossier ≤ plafond.",
                date(2024, 1, 1),
            ),
        ),
        sentences={
            "within": (
                "Aides de minimis depuis le {since} : {received} déjà reçus et {here} pour ce dossier, soit {total}, dans la "
                "limite de {ceiling}."
            ),
            "exceeded": (
                "Aides de minimis depuis le {since} : {received} déjà reçus et {here} pour ce dossier, soit {total}, au-delà "
                "du plafond de {ceiling}."
            ),
            "exceeded_sieg": (
                "Aides de minimis depuis le {since}, services d’intérêt économique général compris : {received} déjà reçus "
                "et {here} pour ce dossier, soit {total}, au-delà du plafond de {ceiling}."
            ),
            "exceeded_alone": "Ce dossier dépasse à lui seul le plafond des aides de minimis : {here} pour {ceiling} au plus.",
            "aids_unknown": (
                "Le porteur a une activité économique ; ses aides de minimis depuis le {since} ne sont pas renseignées (ce "
                "dossier : {here} ; plafond : {ceiling})."
            ),
            "activity_unknown": "On ne sait pas si le porteur exerce une activité économique dans cette action.",
            "no_economic_activity": (
                "Le porteur n’exerce pas d’activité économique dans cette action : les règles sur les aides d’État ne "
                "s’appliquent pas."
            ),
        },
        remedy={
            "exceeded": "Réduire les montants, ou fonder l’aide sur un autre régime, avec le service juridique.",
            "exceeded_sieg": "Réduire les montants, ou fonder l’aide sur un autre régime, avec le service juridique.",
            "exceeded_alone": "Fonder l’aide sur un autre régime, avec le service juridique.",
            "aids_unknown": "Demander au porteur sa déclaration d’aides de minimis.",
            "activity_unknown": "Renseigner si le porteur vend, dans cette action, des biens ou des services sur un marché.",
        },
    ),
)
