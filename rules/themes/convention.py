# SPDX-License-Identifier: EUPL-1.2
"""After the committee: whether a convention is required, and whether its essential data are published in time."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from rules.days import months_after
from rules.details import YearlySumFacts
from rules.facts import DossierFacts, TerritoryFacts
from rules.findings import (
    BLOCKING,
    INFO,
    NOT_APPLICABLE,
    SATISFIED,
    UNDETERMINED,
    VIOLATED,
    WARNING,
    Finding,
    Scope,
)
from rules.forms import is_private
from rules.money import ZERO
from rules.parameters import ParametersOfDay
from rules.rule import Formula, Rule
from rules.source import Source
from rules.texts import CONTRAT

REQUIRED, PUBLICATION = "convention.required", "publication.due"
FIRST_SIGNED = date(2017, 8, 1)  # conventions signed before owe no publication
FUNDED = frozenset({"committed", "contracted", "reported", "closed"})
IN_KIND = "in_kind"


def yearly_total(one: YearlySumFacts) -> Decimal:
    """What the financer is known to bring this body that year, in money and in kind."""
    return one.here + one.elsewhere + one.awards + one.kind_value


def _totals(dossier: DossierFacts) -> dict[str, Decimal]:
    """By financer that brings something here, in money or in kind, what it brings this body that year."""
    here = {one.financer for one in dossier.yearly_sums if one.here > 0}
    here |= {
        line.financer for line in dossier.lines if line.state == IN_KIND and (line.in_kind_value or ZERO) > 0
    }
    totals: defaultdict[str, Decimal] = defaultdict(Decimal)
    for one in dossier.yearly_sums:
        if one.financer in here:
            totals[one.financer] += yearly_total(one)
    return dict(sorted(totals.items()))


def check_required(dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay) -> Finding:
    """Une convention est signée quand la loi ou la forme pluriannuelle l’exigent."""
    if dossier.stage not in FUNDED:
        return Finding(REQUIRED, NOT_APPLICABLE, BLOCKING, {}, "not_yet")
    recorded = dossier.convention
    if dossier.cpo:
        return _recorded(recorded is not None, {"reference": recorded and recorded.reference}, "_cpo")
    threshold = parameters.values["convention.threshold"]
    if threshold is None:
        return Finding(REQUIRED, NOT_APPLICABLE, BLOCKING, {}, "not_in_force")
    private = is_private(dossier.porteur_form)
    if private is False:
        return Finding(REQUIRED, NOT_APPLICABLE, BLOCKING, {}, "public_body")
    totals = _totals(dossier)
    above = {financer: total for financer, total in totals.items() if total > threshold}
    facts: dict[str, object] = {
        "threshold": threshold,
        "highest": max(totals.values(), default=ZERO),
        "financers": list(above),
        "amounts": above,
        "reference": recorded and recorded.reference,
    }
    if not above:
        return Finding(REQUIRED, NOT_APPLICABLE, BLOCKING, facts, "not_required")
    if recorded is None and private is None:
        variant = "form_unsure" if dossier.porteur_form else "form_missing"
        facts["form"] = dossier.porteur_form
        return Finding(REQUIRED, UNDETERMINED, BLOCKING, facts, variant)
    return _recorded(recorded is not None, facts, "")


def _recorded(is_recorded: bool, facts: dict[str, object], suffix: str) -> Finding:
    outcome = SATISFIED if is_recorded else VIOLATED
    variant = f"{'recorded' if is_recorded else 'missing'}{suffix}"
    return Finding(REQUIRED, outcome, BLOCKING, facts, variant)


def check_publication(
    dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay
) -> Finding:
    """Les données essentielles d’une convention obligatoire sont publiées par le financeur dans les trois mois."""
    convention, threshold = dossier.convention, parameters.values["publication.threshold"]
    months = parameters.values["publication.months"]
    if threshold is None or months is None:
        return Finding(PUBLICATION, NOT_APPLICABLE, WARNING, {}, "not_in_force")
    if convention is None:
        return Finding(PUBLICATION, NOT_APPLICABLE, WARNING, {}, "no_convention")
    private = is_private(dossier.porteur_form)
    if private is False:
        return Finding(PUBLICATION, NOT_APPLICABLE, WARNING, {}, "public_body")
    above = [financer for financer, total in _totals(dossier).items() if total > threshold]
    small = [financer for financer in above if _is_small(financer, territory, parameters)]
    concerned = [financer for financer in above if financer not in small]
    facts: dict[str, object] = {
        "financers": concerned,
        "threshold": threshold,
        "signed_on": convention.signed_on,
    }
    if not concerned:
        variant = "small_commune" if above else "below"
        facts |= {"small": small, "inhabitants": int(parameters.values["publication.small_commune"] or 0)}
        return Finding(PUBLICATION, NOT_APPLICABLE, WARNING, facts, variant)
    if convention.signed_on is None:
        return Finding(PUBLICATION, UNDETERMINED, WARNING, facts, "signature_missing")
    if convention.signed_on < FIRST_SIGNED:
        return Finding(PUBLICATION, NOT_APPLICABLE, WARNING, facts, "signed_before")
    due = months_after(convention.signed_on, months)
    facts |= {"due": due, "published_on": convention.published_on}
    if convention.published_on is None and private is None:
        return Finding(PUBLICATION, UNDETERMINED, INFO, facts, "form_unsure")
    if convention.published_on is None:
        late = parameters.on > due
        outcome = VIOLATED if late else UNDETERMINED
        return Finding(
            PUBLICATION,
            outcome,
            WARNING if late else INFO,
            facts,
            "late" if late else "waiting",
        )
    variant = "published_late" if convention.published_on > due else "published"
    return Finding(PUBLICATION, SATISFIED, WARNING, facts, variant)


def _is_small(financer: str, territory: TerritoryFacts, parameters: ParametersOfDay) -> bool:
    """True for a commune known to be under the population that owes publication; an unknown population owes it."""
    limit, people = parameters.values["publication.small_commune"], territory.communes.get(financer)
    return limit is not None and people is not None and people < limit


PUBLISH = "Publier avec l’export SCDL, puis noter la date de publication."

RULES = (
    Rule(
        id=REQUIRED,
        label="Convention obligatoire",
        scope=Scope.DOSSIER,
        stage="follow_up",
        severity=BLOCKING,
        sources=(
            Source("loi", "Loi n° 2000-321 du 12 avril 2000", "article 10", reading="texte"),
            Source("decret", "Décret n° 2001-495 du 6 juin 2001", "article 1er", "secondaire"),
            Source("contrat", CONTRAT, "IV.3 (actions en convention pluriannuelle)"),
        ),
        purpose="Ne pas conventionner sans la convention que la loi ou la forme pluriannuelle exigent.",
        parameters=("convention.threshold",),
        formulas=(
            Formula(
                check_required,
                "Par financeur de l’action et par organisme de droit privé : somme annuelle connue (ce dossier, les autres, "
                "les attributions publiées ; en numéraire et en nature) strictement au-dessus du seuil ; ou action en CPO.",
            ),
        ),
        sentences={
            "not_yet": "La convention se décide une fois l’action retenue.",
            "public_body": "Le porteur est un organisme public : la loi n’exige pas de convention.",
            "not_required": (
                "Convention non requise au vu des montants connus : {highest} au plus d’un même financeur pour l’année, "
                "dans la limite de {threshold}."
            ),
            "recorded": (
                "La convention {reference} est enregistrée ; elle est obligatoire au-delà de {threshold} par financeur et "
                "par an : {amounts}."
            ),
            "missing": (
                "Aucune convention n’est enregistrée, alors qu’elle est obligatoire au-delà de {threshold} par financeur et "
                "par an : {amounts}."
            ),
            "recorded_cpo": "La convention pluriannuelle {reference} est enregistrée.",
            "missing_cpo": "L’action est en convention pluriannuelle, et aucune convention n’est enregistrée.",
            "form_missing": (
                "La forme juridique du porteur n’est pas renseignée ; s’il est de droit privé, une convention est obligatoire "
                "au-delà de {threshold} par financeur et par an : {amounts}."
            ),
            "form_unsure": (
                "La forme juridique du porteur ({form}) ne dit pas s’il est de droit privé ; si c’est le cas, une convention "
                "est obligatoire au-delà de {threshold} par financeur et par an : {amounts}."
            ),
        },
        remedy={
            "missing": "Signer la convention, puis enregistrer sa référence en conventionnant le dossier.",
            "missing_cpo": "Signer la convention, puis enregistrer sa référence en conventionnant le dossier.",
            "form_missing": "Renseigner la forme juridique du porteur.",
            "form_unsure": (
                "Signer et enregistrer la convention si le porteur est de droit privé ; sinon, attester qu’il est un organisme public."
            ),
        },
    ),
    Rule(
        id=PUBLICATION,
        label="Publication des données essentielles",
        scope=Scope.DOSSIER,
        stage="follow_up",
        severity=WARNING,
        sources=(
            Source("loi", "Loi n° 2000-321 du 12 avril 2000", "article 10, dernier alinéa", "secondaire"),
            Source("decret", "Décret n° 2017-779 du 5 mai 2017", "", "secondaire"),
            Source("arrete", "Arrêté du 17 novembre 2017 sur les données essentielles", "", "secondaire"),
            Source(
                "loi",
                "Code des relations entre le public et l’administration",
                "article L. 312-1-1 (communes de moins de 3 500 habitants)",
                "a_verifier",
            ),
        ),
        purpose="Publier à temps ; l’export SCDL du produit donne le fichier.",
        parameters=("publication.threshold", "publication.months", "publication.small_commune"),
        formulas=(
            Formula(
                check_publication,
                "Par financeur dont la somme annuelle à un organisme de droit privé dépasse strictement le seuil de la "
                "convention obligatoire : publication au plus tard trois mois après la signature, de date à date, sauf "
                "pour une commune sous la population fixée.",
            ),
        ),
        sentences={
            "no_convention": "Aucune convention n’est enregistrée : il n’y a pas de données essentielles à publier.",
            "public_body": "Le porteur est un organisme public : la publication des données essentielles ne concerne que les organismes de droit privé.",
            "below": (
                "Aucun financeur ne dépasse {threshold} dans l’année : la publication des données essentielles n’est pas "
                "obligatoire."
            ),
            "small_commune": (
                "La publication des données essentielles n’est pas obligatoire pour une commune de moins de "
                "{inhabitants:habitant|habitants} : {small}."
            ),
            "published": (
                "Données essentielles de la convention publiées le {published_on}, dans le délai (échéance le {due}) : "
                "{financers}."
            ),
            "published_late": (
                "Données essentielles de la convention publiées le {published_on}, après l’échéance du {due} : {financers}."
            ),
            "waiting": "Données essentielles de la convention à publier au plus tard le {due} : {financers}.",
            "late": "Données essentielles de la convention non publiées à l’échéance du {due} : {financers}.",
            "form_unsure": (
                "Données essentielles à publier au plus tard le {due} si le porteur est de droit privé, ce que sa forme "
                "juridique ne dit pas : {financers}."
            ),
            "signed_before": (
                "Convention signée le {signed_on}, avant l’obligation de publier les données essentielles (1er août 2017)."
            ),
            "signature_missing": (
                "La date de signature de la convention n’est pas renseignée : l’échéance de publication des données "
                "essentielles est inconnue ({financers})."
            ),
        },
        remedy={
            "waiting": PUBLISH,
            "late": PUBLISH,
            "form_unsure": "Préciser la forme juridique du porteur, ou publier sans attendre.",
            "signature_missing": "Renseigner la date de signature de la convention.",
        },
    ),
)
