# SPDX-License-Identifier: EUPL-1.2
"""One table: each route and who may open it. A route that is not in it is refused, and fails the tests.

What a person may then do on the page is decided by the workflow's own rights, act by act.
"""

from collections.abc import Mapping
from enum import StrEnum

from workflow.stages import Role

GET, POST = "GET", "POST"


class Who(StrEnum):
    """Who may open a route."""

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"
    PORTEUR = "porteur"  # whoever sees the contract, and porteurs, who find only their own dossiers
    CONTRACT = "contract"  # a mandate other than porteur in the contract
    ORGANISERS = "organisers"  # of the contract: pilot, secretaries, administrators
    ADMINISTRATOR = "administrator"
    DEMO = "demo"  # anyone, on a demonstration only


# The routes that certain roles alone open.
ROLES: Mapping[Who, frozenset[Role]] = {
    Who.ORGANISERS: frozenset({Role.PILOT, Role.SECRETARY, Role.ADMINISTRATOR}),
    Who.ADMINISTRATOR: frozenset({Role.ADMINISTRATOR}),
}

ACCESS: Mapping[tuple[str, str], Who] = {
    (GET, "/healthz"): Who.ANYONE,
    (GET, "/"): Who.ANYONE,
    (GET, "/accessibilite"): Who.ANYONE,
    (POST, "/affichage"): Who.ANYONE,
    (GET, "/connexion"): Who.ANYONE,
    (POST, "/connexion"): Who.ANYONE,
    (GET, "/connexion/lien"): Who.ANYONE,
    (POST, "/connexion/lien"): Who.ANYONE,
    (GET, "/connexion/lien/{token}"): Who.ANYONE,
    (POST, "/connexion/lien/{token}"): Who.ANYONE,
    (GET, "/connexion/openid/{provider}"): Who.ANYONE,
    (GET, "/connexion/openid/{provider}/retour"): Who.ANYONE,
    (GET, "/mot-de-passe"): Who.ANYONE,
    (POST, "/mot-de-passe"): Who.ANYONE,
    (GET, "/mot-de-passe/{token}"): Who.ANYONE,
    (POST, "/mot-de-passe/{token}"): Who.ANYONE,
    (GET, "/resume"): Who.SIGNED_IN,
    (POST, "/resume"): Who.SIGNED_IN,
    (GET, "/resume/arret/{signed}"): Who.ANYONE,
    (POST, "/resume/arret/{signed}"): Who.ANYONE,
    (POST, "/deconnexion"): Who.SIGNED_IN,
    (POST, "/contrat"): Who.SIGNED_IN,
    (GET, "/journee"): Who.CONTRACT,
    (GET, "/compte"): Who.SIGNED_IN,
    (POST, "/compte/mot-de-passe"): Who.SIGNED_IN,
    (POST, "/compte/sessions/{session_id}/fin"): Who.SIGNED_IN,
    (POST, "/compte/sessions/autres"): Who.SIGNED_IN,
    # accounts and organisations
    (GET, "/administration/comptes"): Who.ADMINISTRATOR,
    (POST, "/administration/comptes"): Who.ADMINISTRATOR,
    (GET, "/administration/comptes/{person_id}"): Who.ADMINISTRATOR,
    (POST, "/administration/comptes/{person_id}/etat"): Who.ADMINISTRATOR,
    (POST, "/administration/comptes/{person_id}/sessions"): Who.ADMINISTRATOR,
    (POST, "/administration/comptes/{person_id}/mandats"): Who.ADMINISTRATOR,
    (POST, "/administration/comptes/{person_id}/mandats/{mandate_id}/fin"): Who.ADMINISTRATOR,
    (GET, "/organisations"): Who.CONTRACT,
    (GET, "/organisations/{organisation_id}"): Who.CONTRACT,
    (POST, "/organisations/{organisation_id}"): Who.ORGANISERS,
    # dossiers
    (GET, "/dossiers"): Who.PORTEUR,
    (GET, "/dossiers/export.{form}"): Who.CONTRACT,
    (GET, "/dossiers/lot"): Who.CONTRACT,
    (POST, "/dossiers/lot"): Who.CONTRACT,
    (GET, "/dossiers/lots/{task_id}"): Who.CONTRACT,
    (GET, "/dossiers/vues"): Who.CONTRACT,
    (POST, "/dossiers/vues"): Who.CONTRACT,
    (POST, "/dossiers/vues/{view_id}"): Who.CONTRACT,
    (POST, "/dossiers/vues/{view_id}/suppression"): Who.CONTRACT,
    (GET, "/dossiers/{dossier_id}"): Who.PORTEUR,
    (GET, "/dossiers/{dossier_id}/actions/{trigger}"): Who.PORTEUR,
    (POST, "/dossiers/{dossier_id}/actions/{trigger}"): Who.PORTEUR,
    (GET, "/dossiers/{dossier_id}/completer"): Who.PORTEUR,
    (POST, "/dossiers/{dossier_id}/completer"): Who.PORTEUR,
    (GET, "/dossiers/{dossier_id}/pieces"): Who.PORTEUR,
    (POST, "/dossiers/{dossier_id}/pieces"): Who.PORTEUR,
    (GET, "/dossiers/{dossier_id}/pieces/{piece_id}"): Who.PORTEUR,
    (POST, "/dossiers/{dossier_id}/pieces/{piece_id}/retrait"): Who.PORTEUR,
    (GET, "/dossiers/{dossier_id}/echanges"): Who.PORTEUR,
    (POST, "/dossiers/{dossier_id}/echanges"): Who.PORTEUR,
    (POST, "/dossiers/{dossier_id}/echanges/{exchange_id}"): Who.PORTEUR,
    (GET, "/dossiers/{dossier_id}/echanges/{exchange_id}/piece"): Who.PORTEUR,
    (POST, "/dossiers/{dossier_id}/presence"): Who.CONTRACT,
    (POST, "/dossiers/{dossier_id}/constats"): Who.CONTRACT,
    (POST, "/dossiers/{dossier_id}/constats/retrait"): Who.CONTRACT,
    (GET, "/dossiers/{dossier_id}/decisions"): Who.CONTRACT,
    (POST, "/dossiers/{dossier_id}/localisation"): Who.CONTRACT,
    (POST, "/dossiers/{dossier_id}/localisation/effacement"): Who.CONTRACT,
    (GET, "/avis"): Who.CONTRACT,
    (GET, "/reponses"): Who.CONTRACT,
    (GET, "/dossiers/{dossier_id}/avis"): Who.CONTRACT,
    (GET, "/dossiers/{dossier_id}/avis/{opinion_id}"): Who.CONTRACT,
    (POST, "/dossiers/{dossier_id}/avis/{opinion_id}"): Who.CONTRACT,
    (POST, "/dossiers/{dossier_id}/avis/{opinion_id}/brouillon"): Who.CONTRACT,
    (POST, "/dossiers/{dossier_id}/avis/{opinion_id}/brouillon/effacement"): Who.CONTRACT,
    (POST, "/dossiers/{dossier_id}/avis/{opinion_id}/retard"): Who.CONTRACT,
    (POST, "/dossiers/{dossier_id}/avis/{opinion_id}/annulation"): Who.CONTRACT,
    (POST, "/dossiers/{dossier_id}/synthese"): Who.CONTRACT,
    (POST, "/dossiers/{dossier_id}/synthese/brouillon"): Who.CONTRACT,
    (POST, "/dossiers/{dossier_id}/synthese/brouillon/effacement"): Who.CONTRACT,
    (POST, "/dossiers/{dossier_id}/conseil-citoyen"): Who.CONTRACT,
    (GET, "/dossiers/{dossier_id}/lignes/{line_id}"): Who.CONTRACT,
    (POST, "/dossiers/{dossier_id}/lignes"): Who.CONTRACT,
    (POST, "/dossiers/{dossier_id}/lignes/{line_id}/reponse"): Who.CONTRACT,
    (POST, "/dossiers/{dossier_id}/lignes/{line_id}/proposition"): Who.CONTRACT,
    (POST, "/dossiers/{dossier_id}/lignes/{line_id}/actions/{trigger}"): Who.CONTRACT,
    # requests, by their porteur or the secretary on its behalf
    (GET, "/demandes/nouvelle"): Who.PORTEUR,
    (POST, "/demandes"): Who.PORTEUR,
    (POST, "/demandes/copies"): Who.PORTEUR,
    (GET, "/demandes/{dossier_id}"): Who.PORTEUR,
    (GET, "/demandes/{dossier_id}/etapes/{step}"): Who.PORTEUR,
    (POST, "/demandes/{dossier_id}/etapes/{step}"): Who.PORTEUR,
    (POST, "/demandes/{dossier_id}/etapes/{step}/saisie"): Who.PORTEUR,
    (GET, "/demandes/{dossier_id}/verification"): Who.PORTEUR,
    (POST, "/demandes/{dossier_id}/depot"): Who.PORTEUR,
    (GET, "/demandes/{dossier_id}/recepisse"): Who.PORTEUR,
    # what a porteur is told, and its report
    (GET, "/dossiers/{dossier_id}/courriers/{message_id}"): Who.PORTEUR,
    (GET, "/dossiers/{dossier_id}/courriers/{message_id}/pieces/{rank}"): Who.PORTEUR,
    (GET, "/dossiers/{dossier_id}/bilan"): Who.PORTEUR,
    (POST, "/dossiers/{dossier_id}/bilan"): Who.PORTEUR,
    (POST, "/dossiers/{dossier_id}/bilan/intermediaire"): Who.PORTEUR,
    (POST, "/dossiers/{dossier_id}/bilan/remise"): Who.PORTEUR,
    # séances
    (GET, "/reponse/{token}"): Who.ANYONE,
    (POST, "/reponse/{token}"): Who.ANYONE,
    (GET, "/calendrier"): Who.CONTRACT,
    (GET, "/calendrier/propositions"): Who.CONTRACT,
    (POST, "/calendrier/propositions"): Who.CONTRACT,
    (POST, "/calendrier/abonnements"): Who.CONTRACT,
    (POST, "/calendrier/abonnements/{feed_id}/revocation"): Who.CONTRACT,
    (GET, "/agenda/{token}.ics"): Who.ANYONE,  # the token is the right
    (GET, "/seances"): Who.CONTRACT,
    (POST, "/seances"): Who.CONTRACT,
    (GET, "/seances/{seance_id}"): Who.CONTRACT,
    (POST, "/seances/{seance_id}/actions/{trigger}"): Who.CONTRACT,
    (POST, "/seances/{seance_id}/ordre-du-jour"): Who.CONTRACT,
    (POST, "/seances/{seance_id}/ordre-du-jour/completer"): Who.CONTRACT,
    (POST, "/seances/{seance_id}/invitations"): Who.CONTRACT,
    (POST, "/seances/{seance_id}/reponses"): Who.CONTRACT,
    (GET, "/seances/{seance_id}/pieces/{document_id}"): Who.CONTRACT,
    (POST, "/seances/{seance_id}/presences"): Who.CONTRACT,
    (POST, "/seances/{seance_id}/deports"): Who.CONTRACT,
    (POST, "/seances/{seance_id}/propositions"): Who.CONTRACT,
    (POST, "/seances/{seance_id}/points/{item_id}"): Who.CONTRACT,
    (POST, "/seances/{seance_id}/courriers"): Who.CONTRACT,
    (GET, "/seances/{seance_id}/proces-verbal"): Who.CONTRACT,
    (GET, "/seances/{seance_id}/synthese"): Who.CONTRACT,
    (GET, "/seances/{seance_id}/synthese.{form}"): Who.CONTRACT,
    # reading
    (GET, "/programme"): Who.CONTRACT,
    (GET, "/programme/dossiers"): Who.CONTRACT,
    (GET, "/programme.{form}"): Who.CONTRACT,
    (GET, "/enveloppes"): Who.CONTRACT,
    (GET, "/enveloppes.{form}"): Who.CONTRACT,
    (GET, "/enveloppes/{credit_id}"): Who.CONTRACT,
    (GET, "/enveloppes/{credit_id}/lignes.{form}"): Who.CONTRACT,
    (POST, "/enveloppes/{credit_id}/{year}"): Who.CONTRACT,
    (GET, "/regles"): Who.SIGNED_IN,
    (GET, "/regles/{rule}"): Who.SIGNED_IN,
    (GET, "/messages"): Who.CONTRACT,
    (GET, "/etat"): Who.ORGANISERS,
    (GET, "/messages/prochains"): Who.CONTRACT,
    (GET, "/messages/prochains/{code}/{rank}"): Who.CONTRACT,
    (GET, "/messages/{message_id}"): Who.CONTRACT,
    (POST, "/messages/{message_id}/liberation"): Who.CONTRACT,
    (POST, "/messages/{message_id}/relance"): Who.CONTRACT,
    # administration
    (GET, "/administration"): Who.ORGANISERS,
    (GET, "/administration/parametres"): Who.ADMINISTRATOR,
    (GET, "/administration/diagnostic"): Who.ADMINISTRATOR,
    (GET, "/administration/import"): Who.ORGANISERS,
    (POST, "/administration/import"): Who.ORGANISERS,
    (GET, "/administration/imports/{import_id}"): Who.ORGANISERS,
    (POST, "/administration/imports/{import_id}/lancement"): Who.ORGANISERS,
    (GET, "/administration/imports/{import_id}/rejets.csv"): Who.ORGANISERS,
    (GET, "/synthese.css"): Who.ANYONE,
    (GET, "/boite"): Who.DEMO,
    (GET, "/boite/{message_id}"): Who.DEMO,
    (GET, "/boite/{message_id}/html"): Who.DEMO,
    (GET, "/boite/{message_id}/pieces/{rank}"): Who.DEMO,
}
