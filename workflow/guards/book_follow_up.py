# SPDX-License-Identifier: EUPL-1.2
"""The sentences of the guards of the follow-up: the financers' own acts, convention, reports, and the years of a CPO."""

from workflow.guards.row import guard

FOLLOW_UP = (
    guard(
        "guard.line_followed_up",
        "Ligne d’une action retenue",
        "follow_up",
        {
            "": "Une ligne s’annule après le comité ; à l’étape « {stage} », son financeur y répond par un refus motivé."
        },
        "Saisir la réponse du financeur.",
    ),
    guard(
        "guard.acts",
        "Actes des financeurs",
        "follow_up",
        {"": "Lignes retenues dont l’acte du financeur n’est pas enregistré : {lines}."},
        "Enregistrer chaque acte (autorité, date, numéro, montant, nul possible).",
    ),
    guard(
        "guard.revised_plan",
        "Plan de financement révisé",
        "follow_up",
        {
            "": "Il manque {missing} au plan de financement : un plan révisé est nécessaire.",
            "reopened": "Le plan de financement est rouvert : l’acte diffère du montant retenu ({lines}).",
        },
        "Recueillir le plan révisé du porteur.",
    ),
    guard(
        "guard.reports",
        "Bilans",
        "follow_up",
        {"": "Il manque au bilan : {names}."},
        "Remplir le bilan : compte rendu d’activité, compte rendu financier, écarts expliqués.",
    ),
    guard(
        "guard.unspent",
        "Part non consommée",
        "follow_up",
        {"": "La part non consommée n’est pas soldée : {lines}."},
        "Solder les sommes versées et non dépensées.",
    ),
    guard(
        "guard.renewal",
        "Année suivante d’une CPO",
        "follow_up",
        {
            "not_cpo": "Ce dossier n’est pas l’année suivante d’une CPO\u00a0: aucune de ses lignes ne porte de montant promis.",
            "over": "Aucune CPO retenue ne couvre {year} pour l’action {reference}.",
            "report": "Le bilan intermédiaire de {year} ({reference}) n’est pas reçu.",
            "indicators": "La CPO ({reference}) n’a pas d’indicateurs.",
            "readings": "Indicateurs de la CPO non relevés pour {year} ({reference})\u00a0: {names}.",
            "unforecast": "Aucun financeur ne prévoit de montant en {year} pour cette action ({reference}).",
        },
        {
            "not_cpo": "Répartir le dossier, comme toute demande.",
            "over": "Instruire une nouvelle demande, ou enregistrer d’abord un avenant.",
            "report": "Demander le bilan intermédiaire au porteur.",
            "indicators": "Compléter le dossier\u00a0: indicateurs de la CPO.",
            "readings": "Relever les indicateurs, sur la page «\u00a0Années suivantes\u00a0» ou, pour le porteur, avec son bilan.",
            "unforecast": "Faire saisir par chaque financeur ce qu’il prévoit, ou mettre fin à la CPO.",
        },
    ),
    guard(
        "guard.promise",
        "Montant promis par la CPO",
        "conference",
        {"": "La CPO promet {promised} sur cette ligne\u00a0: s’en écarter demande un motif."},
        "Saisir le motif, ou garder le montant promis.",
    ),
)
