# SPDX-License-Identifier: EUPL-1.2
"""The sentences of the guards, in the form of the rules' catalogue, so that one renderer prints both."""

from collections.abc import Mapping

from rules.rule import Rule
from workflow.guards.book_committee import COMMITTEE_ROWS
from workflow.guards.book_follow_up import FOLLOW_UP
from workflow.guards.row import guard

_ROWS = (
    guard(
        "guard.registrable",
        "Demande enregistrable",
        "submission",
        {"": "Il manque de quoi enregistrer la demande : {missing}."},
        "Renseigner le porteur, l’intitulé, l’année et au moins un montant.",
    ),
    guard(
        "guard.reason",
        "Motif",
        "submission",
        {"": "Un motif est nécessaire pour « {label} »."},
        "Saisir le motif.",
    ),
    guard(
        "guard.input",
        "Informations de l’étape",
        "submission",
        {"": "Information manquante pour « {label} » : {names}."},
        "Renseigner ces informations.",
    ),
    guard(
        "guard.completion_due",
        "Délai de complément",
        "submission",
        {"": "Le délai donné au porteur ({due}) doit être postérieur à aujourd’hui."},
        "Donner une date à venir.",
    ),
    guard(
        "guard.one_line_left",
        "Une ligne de financement au moins",
        "submission",
        {"": "Aucune ligne de financement ne reste éligible sur ce dossier."},
        "Ouvrir une autre ligne, ou déclarer le dossier irrecevable.",
    ),
    guard(
        "guard.lead_instructor",
        "Instructeur chef de file",
        "dispatch",
        {
            "unknown": "« {email} » n’est pas un instructeur de ce contrat.",
            "concerned": "{name} a un mandat ou un intérêt déclaré chez le porteur : il ne peut pas instruire ce dossier.",
        },
        "Désigner un autre instructeur.",
    ),
    guard(
        "guard.theme",
        "Groupe thématique",
        "dispatch",
        {"": "Le groupe thématique « {theme} » n’existe pas dans ce contrat ({known})."},
        "Choisir l’un des groupes du contrat.",
    ),
    guard(
        "guard.partners",
        "Partenaires à consulter",
        "dispatch",
        {
            "none": "Aucun partenaire à consulter n’est désigné.",
            "unknown": "Partenaire inconnu du contrat : {unknown}.",
        },
        "Désigner au moins un partenaire du contrat, autre que le porteur.",
    ),
    guard(
        "guard.holders",
        "Détenteurs de droit commun concernés",
        "dispatch",
        {
            "unknown": "Crédit de droit commun inconnu du contrat : {unknown}.",
            "unreasoned": "La liste des détenteurs de droit commun s’écarte de celle du contrat ({changed}) sans motif.",
        },
        "Reprendre la liste du contrat, ou dire pourquoi elle change.",
    ),
    guard(
        "guard.opinions_due",
        "Date attendue des avis",
        "co_instruction",
        {"": "La date attendue des avis ({due}) doit être postérieure à aujourd’hui."},
        "Donner une date à venir.",
    ),
    guard(
        "guard.opinions_in",
        "Avis rendus",
        "co_instruction",
        {
            "waiting": "Avis attendus jusqu’au {due} : {organisations}.",
            "late": "Avis en retard, retard non constaté : {organisations}.",
        },
        {
            "waiting": "Attendre les avis, ou leur échéance.",
            "late": "Relancer ces partenaires, ou constater leur retard.",
        },
    ),
    guard(
        "guard.opinion_text",
        "Avis expliqué",
        "co_instruction",
        {"": "Un avis « {value} » se rend avec ses observations."},
        "Écrire les réserves, ou les raisons de l’avis.",
    ),
    guard(
        "guard.opinion_grid",
        "Grille de l’avis",
        "co_instruction",
        {
            "unknown": "Le critère « {criterion} » n’est pas demandé à ce partenaire sur ce dossier.",
            "scale": "« {rank} » n’est pas sur l’échelle du critère « {criterion} » (de 0 à {last}).",
        },
        "Choisir une réponse de la grille, ou laisser le critère sans réponse.",
    ),
    guard(
        "guard.synthesis",
        "Synthèse du chef de file",
        "co_instruction",
        {"": "La synthèse de l’instructeur chef de file manque pour ce tour d’avis."},
        "Rédiger la synthèse : avis, points forts, réserves, montant suggéré par ligne.",
    ),
    guard(
        "guard.citizens",
        "Avis du conseil citoyen",
        "co_instruction",
        {"": "Le conseil citoyen n’a pas été consulté : la synthèse portera « non consulté »."},
        "Recueillir son avis si le calendrier le permet.",
    ),
    guard(
        "guard.lines_settled",
        "Lignes proposées, refusées ou en attente datée",
        "conference",
        {"": "Lignes sans proposition, ni refus, ni date de décision attendue : {lines}."},
        "Saisir une proposition, un refus, ou la date attendue de la décision du financeur.",
    ),
    guard(
        "guard.own_cause",
        "Déport",
        "co_instruction",
        {"": "Vous avez un mandat ou un intérêt déclaré chez ce porteur : vous ne pouvez pas y agir."},
        "Laisser agir une autre personne de votre organisme, sans lien avec le porteur.",
    ),
    guard(
        "guard.stage",
        "Étape du dossier",
        "co_instruction",
        {"": "Ce n’est pas possible à l’étape « {stage} »."},
        "Attendre que le dossier soit à la bonne étape.",
    ),
    guard(
        "guard.round",
        "Tour d’avis",
        "co_instruction",
        {
            "": "Cet avis est du tour {round} ; le dossier en est au tour {current} : il reste tel qu’il a été rendu."
        },
        "Rendre l’avis demandé au tour en cours.",
    ),
    guard(
        "guard.value",
        "Valeur",
        "co_instruction",
        {"": "Valeur inattendue pour {name} : « {value} » (attendu : {expected})."},
        "Choisir l’une des valeurs proposées.",
    ),
    guard(
        "guard.amount",
        "Montant",
        "conference",
        {
            "missing": "Un montant positif est nécessaire.",
            "act": "L’acte du financeur est incomplet : {names}.",
            "future": "L’acte du financeur est daté du {on} : il n’est pas encore pris.",
            "early": "L’acte du financeur est daté du {on}, avant la séance du {held_on} qui a retenu le montant.",
            "nil": "Un acte qui n’accorde rien ne s’enregistre pas comme une subvention accordée.",
        },
        {
            "missing": "Compléter la saisie.",
            "act": "Compléter la saisie.",
            "future": "Attendre que l’acte soit pris, ou corriger sa date.",
            "early": "Vérifier la date de l’acte ; un acte plus ancien ne répond pas à cette décision.",
            "nil": "Enregistrer le refus du financeur, avec son motif.",
        },
    ),
    guard(
        "guard.reply_due",
        "Échéance de réponse",
        "conference",
        {
            "": "La réponse est attendue jusqu’au {due} : l’absence de réponse ne se constate pas avant.",
            "undated": "Aucune échéance n’est encore donnée : l’absence de réponse ne peut pas être constatée.",
        },
        "Attendre l’échéance, ou saisir la réponse reçue.",
    ),
    guard(
        "guard.ceiling",
        "Plafond de la ligne",
        "conference",
        {
            "requested": "{amount} dépassent ce qui est demandé à ce crédit ({ceiling}).",
            "cost": "{amount} dépassent le coût total de l’action ({ceiling}).",
            "retained": "{amount} dépassent ce que le comité a retenu ({ceiling}).",
        },
        {
            "requested": "Rester dans la demande, ou faire corriger la demande.",
            "cost": "Vérifier le montant, ou faire corriger le coût de l’action.",
            "retained": "Enregistrer au plus le montant retenu, ou rectifier d’abord la décision en séance.",
        },
    ),
    guard(
        "guard.members",
        "Membres de l’instance",
        "conference",
        {"": "L’instance « {body} » n’a aucun membre à convoquer."},
        "Donner des mandats de membre de cette instance.",
    ),
    guard(
        "guard.agenda",
        "Ordre du jour",
        "conference",
        {"": "L’ordre du jour est vide : aucun dossier ni note."},
        "Inscrire des dossiers ou écrire une note d’ordre du jour.",
    ),
    guard(
        "guard.date",
        "Date de la séance",
        "conference",
        {
            "past": "La séance du {at} est passée : elle ne peut plus être convoquée.",
            "moved_past": "Le {at} est passé : la séance ne peut plus être fixée à une date passée.",
            "missing": "La date est nécessaire.",
            "taken": "Cette instance a déjà une séance le {at}.",
        },
        "Déplacer la séance à une date à venir.",
    ),
    guard(
        "guard.reminder",
        "Relance des silencieux",
        "conference",
        {
            "past": "La séance du {at} est passée : une relance ne servirait plus.",
            "answered": "Tous ont répondu : personne n’est à relancer.",
            "today": "Ceux qui n’ont pas répondu ont déjà reçu un message aujourd’hui.",
        },
        "Attendre demain, ou joindre les personnes autrement.",
    ),
    guard(
        "guard.written",
        "Conférence par écrit",
        "conference",
        {
            "session": "Cette séance se tient par écrit : elle ne s’ouvre pas comme une réunion.",
            "meeting": "Cette séance est une réunion : elle s’ouvre, puis se clôt.",
            "conference": "Seule une conférence des financeurs se tient par écrit.",
            "already": "Cette conférence se tient déjà par écrit.",
            "running": "La consultation court jusqu’au {at} ; réponses attendues : {lines}.",
            "late": "La consultation écrite a pris fin le {at}.",
            "once": "Ce financeur a déjà répondu par écrit le {at}.",
        },
        {
            "session": "Attendre sa date limite, puis clore la consultation écrite.",
            "meeting": "Ouvrir la séance.",
            "conference": "Tenir cette instance en réunion.",
            "already": "Déplacer sa date limite.",
            "running": "Attendre cette date, ou la réponse de chaque financeur.",
            "late": "Transmettre la réponse au secrétariat.",
            "once": "Demander au secrétariat de corriger la réponse.",
        },
    ),
)

GUARDS: Mapping[str, Rule] = {row.id: row for row in (*_ROWS, *COMMITTEE_ROWS, *FOLLOW_UP)}
