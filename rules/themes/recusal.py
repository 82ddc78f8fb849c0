# SPDX-License-Identifier: EUPL-1.2
"""Nobody instructs, advises on or decides a dossier in which they hold a declared mandate or seat."""

from rules.facts import DossierFacts, TerritoryFacts
from rules.findings import BLOCKING, SATISFIED, VIOLATED, Finding, Scope
from rules.parameters import ParametersOfDay
from rules.rule import Formula, Rule
from rules.source import Source

MEMBER = "recusal.member"


def check_member(dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay) -> Finding:
    """Aucune personne intéressée ne prend part à l’instruction, à l’avis ou à la décision."""
    if not dossier.recusals:
        return Finding(MEMBER, SATISFIED, BLOCKING, {}, "none")
    conflicts = sorted(set(dossier.recusals))
    facts: dict[str, object] = {
        "persons": [_person(*conflict) for conflict in conflicts],
        "conflicts": [
            {"person": person, "organisation": body, "role": role} for person, body, role in conflicts
        ],
    }
    return Finding(MEMBER, VIOLATED, BLOCKING, facts, "conflict")


def _person(person: str, organisation: str, role: str) -> str:
    return f"{person} ({organisation}, {ROLES.get(role, role)})"


ROLES = {
    "member": "membre d’instance",
    "secretary": "secrétariat",
    "financer": "financeur",
    "instructor": "instruction",
    "pilot": "pilotage",
    "opinion": "avis",
    "lead_instructor": "chef de file",
    "lead_instruction": "chef de file",
    "conference": "conférence des financeurs",
    "committee": "comité d’engagement",
}

RULES = (
    Rule(
        id=MEMBER,
        label="Déport des membres intéressés",
        scope=Scope.DOSSIER,
        stage="dispatch",
        severity=BLOCKING,
        sources=(
            Source("loi", "Loi n° 2013-907 du 11 octobre 2013", "article 2", "a_verifier"),
            Source("reglement_local", "Organisation du contrat", "mandats et sièges déclarés"),
        ),
        purpose="Écarter de l’instruction et de la décision les personnes intéressées au dossier.",
        formulas=(
            Formula(
                check_member,
                "Aucune personne chargée de l’instruction, d’un avis ou de la décision n’a de mandat, de siège ou d’intérêt déclaré chez le porteur.",
            ),
        ),
        sentences={
            "none": "Aucun intérêt déclaré ne concerne ce dossier.",
            "conflict": "Doit se déporter : {persons}.",
        },
        remedy={
            "conflict": (
                "Désigner une autre personne, ou noter le déport ; l’organisme peut toujours dire ce qu’il "
                "apporte."
            )
        },
    ),
)
