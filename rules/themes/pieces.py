# SPDX-License-Identifier: EUPL-1.2
"""The pieces a request must bring, by legal form and by first request or renewal. Never a list of members by name."""

from collections.abc import Mapping

from rules.facts import DossierFacts, TerritoryFacts
from rules.findings import NOT_APPLICABLE, SATISFIED, UNDETERMINED, VIOLATED, WARNING, Finding, Scope
from rules.forms import family
from rules.parameters import ParametersOfDay
from rules.rule import Formula, Rule
from rules.source import Source
from rules.themes.renewal import FINAL, NOT_DUE, report_due

DUE = "pieces.due"
# Codes of the pieces and their names; the first ones are those that the parameters ask.
PIECES: Mapping[str, str] = {
    "cerfa": "formulaire de demande signé",
    "statuts": "statuts",
    "dirigeants": "liste des dirigeants",
    "rib": "relevé d’identité bancaire",
    "budget": "budget prévisionnel de l’organisme",
    "comptes": "derniers comptes approuvés",
    "rapport_activite": "dernier rapport d’activité",
    "compte_rendu_financier": "compte rendu financier de la subvention précédente",
    "deliberation": "délibération de l’organe compétent",
    "immatriculation": "extrait d’immatriculation",
    "comptes_certifies": "comptes certifiés par un commissaire aux comptes",
    "pouvoir": "pouvoir du signataire",
}
FAMILIES = ("association", "public", "other")
FINANCIAL_REPORT = "compte_rendu_financier"


def list_name(form: str, *, renewal: bool) -> str:
    """The parameter that lists the pieces of this form, for a first request or a renewal."""
    return f"pieces.{family(form)}_{'renewal' if renewal else 'first'}"


def check_due(dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay) -> Finding:
    """Les pièces attendues du porteur, selon sa forme juridique et la nature de la demande, sont reçues."""
    form, renewal, received = dossier.porteur_form, dossier.renewal, dossier.pieces
    if form is None:
        return Finding(DUE, UNDETERMINED, WARNING, {}, "form_missing")
    if renewal is None:
        return Finding(DUE, UNDETERMINED, WARNING, {}, "renewal_missing")
    listed = parameters.lists[list_name(form, renewal=renewal)] or ()
    expected = [code for code in listed if code != FINANCIAL_REPORT or _report_is_due(dossier, parameters)]
    if not expected:
        return Finding(DUE, NOT_APPLICABLE, WARNING, {}, "not_in_force")
    if received is None:
        facts: dict[str, object] = {"expected": _named(expected)}
        return Finding(DUE, UNDETERMINED, WARNING, facts, "unknown")
    missing = [code for code in expected if code not in received]
    if missing:
        facts = {"expected": _named(expected), "missing": _named(missing), "count": len(expected)}
        return Finding(DUE, VIOLATED, WARNING, facts, "missing")
    return Finding(DUE, SATISFIED, WARNING, {"expected": _named(expected)}, "complete")


def _report_is_due(dossier: DossierFacts, parameters: ParametersOfDay) -> bool:
    """The financial report of last year is asked once the law makes it due, never in the autumn of that same year."""
    due, _ = report_due(dossier.year - 1, parameters)
    return due == FINAL and dossier.previous_report != NOT_DUE


def _named(codes: list[str]) -> list[str]:
    return [PIECES.get(code, code) for code in codes]


RULES = (
    Rule(
        id=DUE,
        label="Pièces attendues",
        scope=Scope.DOSSIER,
        stage="submission",
        severity=WARNING,
        sources=(
            Source("formulaire", "Formulaire Cerfa 12156*06", "pièces à joindre", "a_verifier"),
            Source(
                "decret",
                "Décret n° 2016-1971 du 28 décembre 2016",
                "informations du formulaire unique",
                "secondaire",
            ),
        ),
        purpose="Savoir quoi demander au porteur en une fois ; une pièce manquante se réclame, elle ne refuse rien.",
        parameters=(
            *(f"pieces.{name}_{kind}" for name in FAMILIES for kind in ("first", "renewal")),
            "renewal.final_months",
        ),
        formulas=(
            Formula(
                check_due,
                "Pièces reçues ⊇ pièces attendues de cette forme juridique (association ou fondation, organisme public, "
                "autre), pour une première demande ou un renouvellement ; le compte rendu financier de l’année précédente "
                "n’est attendu qu’une fois échu. La liste nominative des membres n’est jamais demandée (Conseil d’État, "
                "28 mars 1997, Solana).",
            ),
        ),
        sentences={
            "complete": "{expected:La pièce attendue est reçue :|Toutes les pièces attendues sont reçues :}.",
            "missing": (
                "Sur {count:pièce attendue|pièces attendues}, il manque {missing:celle-ci :|celles-ci :}."
            ),
            "unknown": "Les pièces reçues ne sont pas renseignées ; {expected:est attendue :|sont attendues :}.",
            "form_missing": "La forme juridique du porteur n’est pas renseignée : les pièces attendues en dépendent.",
            "renewal_missing": (
                "On ne sait pas si la demande est nouvelle ou reconduite : les pièces attendues en dépendent."
            ),
        },
        remedy={
            "missing": "Demander des compléments au porteur en nommant ces pièces.",
            "unknown": "Noter les pièces reçues.",
            "form_missing": "Renseigner la forme juridique du porteur.",
            "renewal_missing": "Renseigner s’il s’agit d’une première demande ou d’un renouvellement.",
        },
    ),
)
