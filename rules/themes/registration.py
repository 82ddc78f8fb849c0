# SPDX-License-Identifier: EUPL-1.2
"""What an association is asked about itself: RNA number, contrat d'engagement républicain, certified accounts."""

import re

from rules.facts import DossierFacts, TerritoryFacts
from rules.findings import BLOCKING, INFO, NOT_APPLICABLE, SATISFIED, UNDETERMINED, VIOLATED, Finding, Scope
from rules.forms import ASSOCIATIONS
from rules.money import ZERO
from rules.parameters import ParametersOfDay
from rules.rule import Formula, Rule
from rules.source import Source

RNA = "porteur.rna"
CER = "porteur.cer"
AUDIT = "porteur.audit"
RNA_FORM = re.compile(r"W\d[A-Z\d]\d{7}", re.ASCII)  # overseas registries write a letter in third position
APPROVED, PUBLIC_UTILITY = "agrement", "utilite_publique"
CERTIFIED = "comptes_certifies"
FOUNDATION = "fondation"


def check_rna(dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay) -> Finding:
    """Le numéro RNA d’une association, quand elle en a un, a la forme attendue."""
    form, number = dossier.porteur_form, dossier.porteur_rna
    if form is not None and form != "association":
        return Finding(RNA, NOT_APPLICABLE, INFO, {}, "not_association")
    if number:
        outcome = SATISFIED if RNA_FORM.fullmatch(number) else VIOLATED
        variant = "well_formed" if outcome is SATISFIED else "malformed"
        return Finding(RNA, outcome, INFO, {"rna": number}, variant)
    departments = parameters.lists["rna.local_register"] or ()
    if form is not None and dossier.porteur_commune and dossier.porteur_commune.startswith(departments):
        return Finding(RNA, NOT_APPLICABLE, INFO, {}, "local_register")
    return Finding(RNA, UNDETERMINED, INFO, {}, "form_missing" if form is None else "missing")


def check_cer(dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay) -> Finding:
    """L’association ou la fondation qui demande a souscrit le contrat d’engagement républicain."""
    forms, form = parameters.lists["cer.forms"], dossier.porteur_form
    if forms is None:
        return Finding(CER, NOT_APPLICABLE, BLOCKING, {}, "not_in_force")
    if form is not None and form not in forms:
        return Finding(CER, NOT_APPLICABLE, BLOCKING, {}, "not_concerned")
    if dossier.porteur_recognition == PUBLIC_UTILITY:
        return Finding(CER, SATISFIED, BLOCKING, {}, PUBLIC_UTILITY)
    if dossier.porteur_recognition == APPROVED and form != FOUNDATION:  # the law approves associations only
        return Finding(CER, SATISFIED, BLOCKING, {}, APPROVED)
    signed = dossier.republican_commitment
    if signed:
        return Finding(CER, SATISFIED, BLOCKING, {}, "signed")
    if form is None:
        return Finding(CER, UNDETERMINED, BLOCKING, {}, "form_missing")
    if signed is None:
        return Finding(CER, UNDETERMINED, BLOCKING, {}, "missing")
    return Finding(CER, VIOLATED, BLOCKING, {}, "unsigned")


def check_audit(dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay) -> Finding:
    """Au-delà du seuil annuel de subventions publiques, l’association ou la fondation fait certifier et publie ses comptes."""
    threshold = parameters.values["audit.threshold"]
    if threshold is None:
        return Finding(AUDIT, NOT_APPLICABLE, INFO, {}, "not_in_force")
    if dossier.porteur_form is not None and dossier.porteur_form not in ASSOCIATIONS:
        return Finding(AUDIT, NOT_APPLICABLE, INFO, {}, "not_concerned")
    total = ZERO
    for one in dossier.yearly_sums:
        total += one.here + one.elsewhere + one.awards
    facts: dict[str, object] = {"total_granted": total, "ceiling": threshold, "year": str(dossier.year)}
    if total <= threshold:
        return Finding(AUDIT, NOT_APPLICABLE, INFO, facts, "below")
    if dossier.pieces is not None and CERTIFIED in dossier.pieces:
        return Finding(AUDIT, SATISFIED, INFO, facts, "certified")
    variant = "form_missing" if dossier.porteur_form is None else "to_check"
    return Finding(AUDIT, UNDETERMINED, INFO, facts, variant)


RULES = (
    Rule(
        id=RNA,
        label="Numéro RNA de l’association",
        scope=Scope.DOSSIER,
        stage="submission",
        severity=INFO,
        sources=(
            Source(
                "arrete",
                "Arrêté du 14 octobre 2009 portant création du répertoire national des associations",
                reading="a_verifier",
            ),
            Source(
                "formulaire",
                "Formulaire Cerfa 12156*06",
                "identification (numéro RNA, ou Alsace-Moselle)",
                "secondaire",
            ),
            Source("loi", "Code civil local d’Alsace-Moselle", "articles 21 à 79-IV", "a_verifier"),
        ),
        purpose="Repérer un numéro mal recopié ; la forme seule est vérifiée, et rien n’est bloqué.",
        parameters=("rna.local_register",),
        formulas=(
            Formula(
                check_rna,
                "W, un chiffre, un chiffre ou une lettre (outre-mer), sept chiffres ; il n’y a pas de clé à vérifier. Sans "
                "objet pour une association qui a son siège en Alsace-Moselle, où ce numéro n’existe pas.",
            ),
        ),
        sentences={
            "well_formed": "Le numéro RNA {rna} a la forme attendue.",
            "malformed": (
                "« {rna} » n’a pas la forme d’un numéro RNA : un W majuscule, un chiffre, un chiffre ou une lettre "
                "majuscule, puis sept chiffres."
            ),
            "missing": "Le numéro RNA de l’association n’est pas renseigné.",
            "form_missing": "La forme juridique du porteur n’est pas renseignée : un numéro RNA est peut-être attendu.",
            "not_association": "Le porteur n’est pas une association : aucun numéro RNA n’est attendu.",
            "local_register": (
                "Le siège de l’association est en Alsace-Moselle, où les associations sont inscrites au registre du "
                "tribunal : aucun numéro RNA n’est attendu."
            ),
        },
        remedy={
            "malformed": "Faire vérifier le numéro RNA par le porteur.",
            "missing": "Demander le numéro RNA au porteur, ou la commune de son siège s’il est en Alsace-Moselle.",
            "form_missing": "Renseigner la forme juridique du porteur.",
        },
    ),
    Rule(
        id=CER,
        label="Contrat d’engagement républicain",
        scope=Scope.DOSSIER,
        stage="submission",
        severity=BLOCKING,
        sources=(
            Source("loi", "Loi n° 2000-321 du 12 avril 2000", "article 10-1", "secondaire"),
            Source(
                "decret",
                "Décret n° 2021-1947 du 31 décembre 2021",
                "en vigueur le 2 janvier 2022",
                "secondaire",
            ),
        ),
        purpose="N’instruire que les demandes d’associations et de fondations qui ont souscrit ce contrat.",
        parameters=("cer.forms",),
        formulas=(
            Formula(
                check_cer,
                "Pour une association ou une fondation : contrat souscrit. L’obligation est réputée satisfaite par une "
                "association agréée par l’État (article 25-1 de la même loi) et par une association ou une fondation "
                "reconnue d’utilité publique.",
            ),
        ),
        sentences={
            "signed": "Le porteur a souscrit le contrat d’engagement républicain.",
            "agrement": (
                "Le porteur est agréé par l’État : l’obligation de souscrire le contrat d’engagement républicain est "
                "réputée satisfaite."
            ),
            "utilite_publique": (
                "Le porteur est reconnu d’utilité publique : l’obligation de souscrire le contrat d’engagement "
                "républicain est réputée satisfaite."
            ),
            "not_concerned": "Le contrat d’engagement républicain ne concerne que les associations et les fondations.",
            "missing": "La souscription du contrat d’engagement républicain n’est pas renseignée.",
            "form_missing": (
                "La forme juridique du porteur n’est pas renseignée : s’il est une association ou une fondation, le "
                "contrat d’engagement républicain est nécessaire."
            ),
            "unsigned": "Le porteur n’a pas souscrit le contrat d’engagement républicain.",
        },
        remedy={
            "missing": "Demander au porteur s’il a souscrit ce contrat, ou s’il est agréé ou reconnu d’utilité publique.",
            "form_missing": "Renseigner la forme juridique du porteur.",
            "unsigned": (
                "Demander au porteur de souscrire ce contrat, ou de justifier d’un agrément de l’État ou d’une "
                "reconnaissance d’utilité publique ; la loi l’exige de toute demande de subvention."
            ),
        },
    ),
    Rule(
        id=AUDIT,
        label="Comptes certifiés et publiés",
        scope=Scope.DOSSIER,
        stage="follow_up",
        severity=INFO,
        sources=(
            Source("loi", "Code de commerce", "article L. 612-4", "secondaire"),
            Source("decret", "Code de commerce", "article D. 612-5", "a_verifier"),
            Source(
                "decret",
                "Décret n° 2009-540 du 14 mai 2009",
                "article 1er (publication des comptes)",
                "a_verifier",
            ),
        ),
        purpose="Rappeler l’obligation que crée le total des subventions publiques d’une année.",
        parameters=("audit.threshold",),
        formulas=(
            Formula(
                check_audit,
                "Somme, tous financeurs publics connus ensemble, des montants accordés, à défaut retenus, en numéraire "
                "pour l’année, strictement au-dessus du seuil. La loi compte les sommes reçues : la somme connue ici ne "
                "fait qu’alerter.",
            ),
        ),
        sentences={
            "below": (
                "Les subventions publiques connues pour {year} ({total_granted}) ne dépassent pas le seuil de {ceiling}."
            ),
            "certified": (
                "Les subventions publiques connues pour {year} ({total_granted}) dépassent le seuil de {ceiling} ; les "
                "comptes certifiés sont reçus."
            ),
            "to_check": (
                "Les subventions publiques connues pour {year} ({total_granted}) dépassent le seuil de {ceiling} : les "
                "comptes doivent être certifiés et publiés."
            ),
            "form_missing": (
                "Les subventions publiques connues pour {year} ({total_granted}) dépassent le seuil de {ceiling} : si le "
                "porteur est une association ou une fondation, ses comptes doivent être certifiés et publiés."
            ),
            "not_concerned": (
                "Le porteur n’est ni une association ni une fondation : ce seuil de certification ne le concerne pas."
            ),
        },
        remedy={
            "to_check": "Demander les comptes certifiés et noter leur réception parmi les pièces.",
            "form_missing": "Renseigner la forme juridique du porteur.",
        },
    ),
)
