# SPDX-License-Identifier: EUPL-1.2
"""The sentences of the guards of a séance that decides: quorum, votes, words of the financers, envelopes."""

from rules.source import Source
from workflow.guards.row import guard

COMMITTEE_ROWS = (
    guard(
        "guard.closing_only",
        "Décision de séance",
        "commitment",
        {"": "« {label} » ne se fait qu’à la clôture d’une séance du comité."},
        "Inscrire le dossier à l’ordre du jour d’une séance, y décider, puis clore la séance.",
    ),
    guard(
        "guard.retained_something",
        "Montants retenus",
        "commitment",
        {"": "Aucun montant n’est retenu pour ce dossier."},
        "Saisir au moins un montant retenu, ou décider autrement.",
    ),
    guard(
        "guard.financer_word",
        "Parole du financeur",
        "commitment",
        {"": "Montant retenu sans la parole de son financeur, ni présent ni réponse écrite : {lines}."},
        "Recueillir sa réponse écrite, noter sa présence, ou laisser la ligne en attente.",
    ),
    guard(
        "guard.envelope",
        "Enveloppe notifiée",
        "commitment",
        {
            "": "L’enveloppe notifiée « {credit} » {year} ({amount}) serait dépassée de {over} : "
            "{retained} retenus avec cette séance."
        },
        "Réduire des montants retenus, ou attendre une enveloppe plus haute.",
    ),
    guard(
        "guard.quorum",
        "Quorum",
        "commitment",
        {"": "Le quorum n’est pas atteint : {present} présents ou représentés sur {required} requis."},
        "Noter les présences, ou annuler cette séance et en convoquer une autre.",
    ),
    guard(
        "guard.undecided",
        "Ordre du jour épuisé",
        "commitment",
        {"": "Dossiers sans décision : {references}."},
        "Décider pour chacun des points de l’ordre du jour.",
    ),
    guard(
        "guard.decision_reason",
        "Motif de la décision",
        "commitment",
        {"": "Décisions sans motif communicable au porteur : {references}."},
        "Donner un motif à chaque refus, ajournement, réorientation, renvoi ou rectification.",
    ),
    guard(
        "guard.moved_on",
        "Dossiers à décider",
        "commitment",
        {"": "La décision saisie ne s’applique plus à l’étape où sont ces dossiers : {references}."},
        "Revoir la décision, ou retirer ces dossiers de l’ordre du jour.",
    ),
    guard(
        "guard.condition",
        "Conditions du crédit",
        "commitment",
        {
            "": "{reference} : un montant est saisi sur « {key} », dont une condition n’est pas établie ({rules})."
        },
        "Faire confirmer, attester ou lever la condition par le financeur du crédit, ou laisser la ligne en attente.",
    ),
    guard(
        "guard.recusal",
        "Déport",
        "commitment",
        {
            "": "Personnes à déporter, encore présentes sur le dossier {reference} : {persons}.",
        },
        "Faire sortir ces personnes pour ce dossier ; leur organisme peut dire ce qu’il apporte.",
        source=Source(
            "reglement_local", "Mandats et intérêts déclarés", "prévention des conflits d’intérêts"
        ),
    ),
    guard(
        "guard.minutes",
        "Diffusion du relevé",
        "commitment",
        {"": "Le relevé de décisions a déjà été diffusé le {at}."},
        "Le transmettre à la main, depuis sa page.",
    ),
    guard(
        "guard.proposals_changed",
        "Propositions inchangées",
        "commitment",
        {"": "Les propositions ont changé depuis l’ajournement : {lines}."},
        "Renvoyer le dossier en conférence des financeurs.",
    ),
    guard(
        "guard.votes",
        "Votes",
        "commitment",
        {
            "unvoted": "Cette instance ne vote pas : aucun nombre de voix n’est à saisir.",
            "exceed": "{cast} voix saisies pour {entitled} membres présents ou représentés, déports déduits.",
            "minority": "{votes_for} voix pour, {votes_against} contre : le dossier ne peut pas être « {decision} ».",
            "tie": "Partage des voix ({votes_for} pour, {votes_against} contre), que rien ne départage dans cette instance : "
            "le dossier ne peut pas être « {decision} ».",
        },
        {
            "unvoted": "Laisser ces champs vides.",
            "exceed": "Recompter les voix, ou noter les présences.",
            "minority": "Saisir la décision que la majorité a prise.",
            "tie": "Ajourner ou ne pas retenir ; la voix prépondérante de la présidence s’écrit dans la configuration.",
        },
    ),
    guard(
        "guard.statement",
        "Parole de l’organisme d’une personne déportée",
        "commitment",
        {"": "Personne n’est déporté sur ce point : il n’y a pas de parole d’organisme à part à noter."},
        "Noter d’abord les présences et les déports.",
    ),
)
