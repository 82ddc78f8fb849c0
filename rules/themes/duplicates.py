# SPDX-License-Identifier: EUPL-1.2
"""The same action filed twice: by its Dauphin number, or by porteur, year, title and budget."""

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache

from rules.details import SiblingFacts
from rules.facts import DossierFacts, TerritoryFacts
from rules.findings import INFO, NOT_APPLICABLE, SATISFIED, UNDETERMINED, VIOLATED, WARNING, Finding, Scope
from rules.parameters import ParametersOfDay
from rules.rule import Formula, Rule
from rules.source import Source

ACTION = "duplicate.action"
WORD = re.compile(r"[a-z0-9]+")
ACCENT = re.compile(r"[\u0300-\u036f]")
SHORT = frozenset(
    [
        "a",
        "au",
        "aux",
        "avec",
        "d",
        "dans",
        "de",
        "des",
        "du",
        "en",
        "et",
        "l",
        "la",
        "le",
        "les",
        "par",
        "pour",
        "sur",
        "un",
        "une",
    ]
)


def check_action(dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay) -> Finding:
    """Le porteur n’a pas déposé la même action deux fois dans l’année."""
    siblings = dossier.siblings
    if not siblings:
        return Finding(ACTION, SATISFIED, WARNING, {"year": str(dossier.year)}, "alone")
    number = dossier.dauphin_number
    same = sorted(one.reference for one in siblings if number and one.dauphin_number == number)
    if same:
        return Finding(ACTION, VIOLATED, WARNING, {"others": same, "number": number}, "same_number")
    share = parameters.values["duplicate.title_share"]
    if share is None:
        return Finding(ACTION, NOT_APPLICABLE, WARNING, {}, "not_in_force")
    alike = sorted((one for one in siblings if _alike(dossier.title, one.title, share)), key=_reference)
    twins = [
        one.reference for one in alike if one.total_cost is not None and one.total_cost == dossier.total_cost
    ]
    if twins:
        facts: dict[str, object] = {"others": twins, "cost": dossier.total_cost}
        return Finding(ACTION, VIOLATED, WARNING, facts, "same_action")
    if alike:
        facts = {"others": [one.reference for one in alike], "cost": dossier.total_cost}
        return Finding(ACTION, UNDETERMINED, INFO, facts, "alike")
    counted: dict[str, object] = {"count": len(siblings), "year": str(dossier.year)}
    return Finding(ACTION, SATISFIED, WARNING, counted, "distinct")


def _reference(one: SiblingFacts) -> str:
    return one.reference


def _alike(title: str, other: str, share: Decimal) -> bool:
    """True when enough of the meaningful words of both titles are common to them."""
    mine, theirs = _words(title), _words(other)
    every = len(mine | theirs)
    return every > 0 and len(mine & theirs) >= share * every


@lru_cache(maxsize=8192)
def _words(title: str) -> frozenset[str]:
    whole = title.lower().replace("œ", "oe").replace("æ", "ae")
    plain = ACCENT.sub(
        "", unicodedata.normalize("NFD", whole)
    )  # any other sign, an apostrophe included, parts words
    return frozenset(WORD.findall(plain)) - SHORT


RULES = (
    Rule(
        id=ACTION,
        label="Action déposée deux fois",
        scope=Scope.DOSSIER,
        stage="submission",
        severity=WARNING,
        sources=(Source("choix_du_produit", "Rapprochement par numéro, intitulé, porteur, année et budget"),),
        purpose="Éviter d’instruire, puis de financer, deux fois la même action.",
        parameters=("duplicate.title_share",),
        formulas=(
            Formula(
                check_action,
                "Même numéro Dauphin, ou même porteur et même année avec des intitulés dont les mots significatifs communs "
                "atteignent la part fixée ; coût identique : doublon ; coût différent : à vérifier.",
            ),
        ),
        sentences={
            "alone": "Aucune autre demande du porteur n’est connue pour {year} dans ce contrat.",
            "distinct": (
                "Pour {year}, le porteur a {count:autre demande, d’intitulé différent|autres demandes, d’intitulés différents}."
            ),
            "same_number": "Le numéro Dauphin {number} est aussi celui {others:de la demande|des demandes}.",
            "same_action": (
                "Même porteur, même année, même coût ({cost}) et intitulé semblable à celui "
                "{others:de la demande|des demandes} : doublon probable."
            ),
            "alike": (
                "L’intitulé ressemble à celui {others:de la demande|des demandes}, dont le coût est différent ou inconnu : "
                "doublon possible."
            ),
        },
        remedy={
            "same_number": "Garder l’une des demandes et retirer l’autre, ou corriger le numéro.",
            "same_action": "Vérifier avec le porteur, garder l’une des demandes et retirer l’autre.",
            "alike": "Vérifier avec le porteur qu’il s’agit d’actions distinctes.",
        },
    ),
)
