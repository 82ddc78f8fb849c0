# SPDX-License-Identifier: EUPL-1.2
"""Objectives of the framework: the most invested, the least, and those nobody invests in."""

from collections.abc import Collection, Sequence
from decimal import Decimal

from rules.coverage import ObjectiveFigures
from rules.facts import TerritoryFacts
from rules.findings import INFO, NOT_APPLICABLE, SATISFIED, UNDETERMINED, Finding, Scope
from rules.money import ZERO
from rules.parameters import ParametersOfDay
from rules.programme_year import ProgrammeYear
from rules.rule import Formula, Rule
from rules.source import Source
from rules.texts import CONTRAT

INVESTED = "objectives.invested"
NAMED = 3  # how many are named at each end
EMPTY_NAMED = 8  # how many of those without action a sentence names; the figures hold them all


def check_invested(
    programme: ProgrammeYear, territory: TerritoryFacts, parameters: ParametersOfDay
) -> Finding:
    """Objectifs les plus et les moins investis de l’année, et ceux que personne n’investit."""
    invested = [one for one in programme.objectives if one.amount > 0]
    attached = sum((one.amount for one in invested), ZERO)
    empty = without_money(territory.objectives, {one.code for one in programme.objectives if one.actions})
    half = min(NAMED, (len(invested) + 1) // 2)
    facts: dict[str, object] = {
        "total": programme.granted,
        "attached": attached,
        "unattached": programme.granted - attached,
        "invested": len(invested),
        "most": _amounts(invested[:half]),
        "least": _amounts(invested[half:][-NAMED:][::-1]),
        "without": empty,
        "without_count": len(empty),
        "without_named": empty[:EMPTY_NAMED],
    }
    if programme.granted <= 0:
        return Finding(INVESTED, NOT_APPLICABLE, INFO, facts, "empty")
    if not invested:
        return Finding(INVESTED, UNDETERMINED, INFO, facts, "unattached")
    variant = "one" if len(invested) == 1 else "ranked"
    return Finding(INVESTED, SATISFIED, INFO, facts, f"{variant}_uncovered" if empty else variant)


def without_money(framework: Collection[str], reached: Collection[str]) -> list[str]:
    """Objectives that no action reaches, nor any under them; told by the widest: `1.2` stands for `1.2.1`, `1.2.2`."""
    alive = {parent for code in reached for parent in (code, *_parents(code))}
    empty = {code for code in framework if code not in alive}
    covered = {code for code in framework if any(parent in reached for parent in _parents(code))}
    return sorted(code for code in empty - covered if empty.isdisjoint(_parents(code)))


def _parents(code: str) -> list[str]:
    parts = code.split(".")
    return [".".join(parts[:depth]) for depth in range(1, len(parts))]


def _amounts(figures: Sequence[ObjectiveFigures]) -> dict[str, Decimal]:
    return {one.code: one.amount for one in figures}


EMPTY = "{without_count:objectif|objectifs} sans aucune action : {without_named}."
ATTACHED = "{attached} sur {total} sont rattachés à un objectif."

RULES = (
    Rule(
        id=INVESTED,
        label="Objectifs les plus et les moins investis",
        scope=Scope.PROGRAMME,
        stage="programme",
        severity=INFO,
        sources=(Source("contrat", CONTRAT, "V.1, missions du comité d’engagement"),),
        purpose="Montrer au comité où va l’argent, et ce que le cadre de référence attend encore.",
        formulas=(
            Formula(
                check_invested,
                "Montant de chaque action partagé à parts égales entre ses objectifs, additionné par objectif ; un "
                "objectif est sans action quand rien ne l’atteint, ni lui, ni ce qu’il contient.",
            ),
        ),
        sentences={
            "ranked": f"{ATTACHED} Les plus investis : {{most}}. Les moins investis : {{least}}.",
            "ranked_uncovered": (
                f"{ATTACHED} Les plus investis : {{most}}. Les moins investis : {{least}}. {EMPTY}"
            ),
            "one": f"{ATTACHED} Un seul objectif est investi : {{most}}.",
            "one_uncovered": f"{ATTACHED} Un seul objectif est investi : {{most}}. {EMPTY}",
            "unattached": "Aucune action n’indique l’objectif auquel elle répond, pour {total}.",
            "empty": "Aucun montant n’est encore accordé ou retenu au programme.",
        },
        remedy={"unattached": "Renseigner les objectifs des actions du programme."},
    ),
)
