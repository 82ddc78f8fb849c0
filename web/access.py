# SPDX-License-Identifier: EUPL-1.2
"""One table: each route and who may open it. A route that is not in it is refused, and fails the tests.

What a person may then do on the page is decided by the workflow's own rights, act by act.
"""

from collections.abc import Mapping
from enum import StrEnum

GET, POST = "GET", "POST"


class Who(StrEnum):
    """Who may open a route."""

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"
    PORTEUR = "porteur"  # whoever sees the contract, and porteurs, who find only their own dossiers
    CONTRACT = "contract"  # a mandate other than porteur in the contract
    DEMO = "demo"  # anyone, on a demonstration only


ACCESS: Mapping[tuple[str, str], Who] = {
    (GET, "/healthz"): Who.ANYONE,
    (GET, "/"): Who.ANYONE,
    (GET, "/connexion"): Who.ANYONE,
    (POST, "/connexion"): Who.ANYONE,
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
    # dossiers
    (GET, "/dossiers"): Who.PORTEUR,
    (GET, "/dossiers/{dossier_id}"): Who.PORTEUR,
    (GET, "/dossiers/{dossier_id}/actions/{trigger}"): Who.PORTEUR,
    (POST, "/dossiers/{dossier_id}/actions/{trigger}"): Who.PORTEUR,
    (GET, "/dossiers/{dossier_id}/completer"): Who.PORTEUR,
    (POST, "/dossiers/{dossier_id}/completer"): Who.PORTEUR,
    (POST, "/dossiers/{dossier_id}/constats"): Who.CONTRACT,
    (POST, "/dossiers/{dossier_id}/constats/retrait"): Who.CONTRACT,
    (GET, "/dossiers/{dossier_id}/decisions"): Who.CONTRACT,
    (POST, "/dossiers/{dossier_id}/localisation"): Who.CONTRACT,
    (POST, "/dossiers/{dossier_id}/localisation/effacement"): Who.CONTRACT,
    (POST, "/dossiers/{dossier_id}/avis/{opinion_id}"): Who.CONTRACT,
    (POST, "/dossiers/{dossier_id}/avis/{opinion_id}/retard"): Who.CONTRACT,
    (POST, "/dossiers/{dossier_id}/avis/{opinion_id}/annulation"): Who.CONTRACT,
    (POST, "/dossiers/{dossier_id}/synthese"): Who.CONTRACT,
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
    (GET, "/regles"): Who.SIGNED_IN,
    (GET, "/regles/{rule}"): Who.SIGNED_IN,
    (GET, "/messages"): Who.CONTRACT,
    (GET, "/etat"): Who.CONTRACT,
    (GET, "/messages/prochains"): Who.CONTRACT,
    (GET, "/messages/prochains/{code}/{rank}"): Who.CONTRACT,
    (GET, "/messages/{message_id}"): Who.CONTRACT,
    (POST, "/messages/{message_id}/liberation"): Who.CONTRACT,
    (POST, "/messages/{message_id}/relance"): Who.CONTRACT,
    (GET, "/synthese.css"): Who.ANYONE,
    (GET, "/boite"): Who.DEMO,
    (GET, "/boite/{message_id}"): Who.DEMO,
    (GET, "/boite/{message_id}/html"): Who.DEMO,
    (GET, "/boite/{message_id}/pieces/{rank}"): Who.DEMO,
}
