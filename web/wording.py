# SPDX-License-Identifier: EUPL-1.2
"""What each error is called, says and advises, by status code."""

TITLES = {
    400: "Demande illisible",
    401: "Connexion expirée",
    403: "Accès refusé",
    404: "Page introuvable",
    405: "Action impossible à cette adresse",
    409: "Ce n’est pas possible en l’état",
    413: "Envoi trop volumineux",
    415: "Fichier refusé",
    422: "Saisie à corriger",
    429: "Trop d’essais",
    500: "Incident technique",
    503: "Service momentanément occupé",
}
SENTENCES = {
    400: "Ce que le navigateur a envoyé n’a pas pu être lu.",
    403: "Vos mandats ne donnent pas accès à cette page.",
    404: "Cette page n’existe pas, ou elle ne vous est pas ouverte.",
    405: "Cette adresse ne répond pas à cette action.",
    500: "Une erreur imprévue s’est produite. Elle a été consignée ; rien de ce que vous avez saisi n’a été "
    "enregistré à moitié.",
    503: "La base de données est occupée : rien n’a été enregistré.",
}
ADVICE = {  # what to do
    400: "Revenez à la page précédente, rechargez-la, puis recommencez.",
    403: "Si cela vous étonne, adressez-vous au pilote du contrat : c’est lui qui donne les mandats.",
    404: "Vérifiez l’adresse, ou retrouvez la page à partir de l’accueil.",
    405: "Revenez à la page précédente et servez-vous de ses boutons.",
    413: "Allégez le fichier ou le texte, puis recommencez.",
    429: "Attendez un quart d’heure, puis recommencez.",
    500: "Réessayez, puis signalez-la au pilote du contrat si elle se répète.",
    503: "Attendez un instant, puis recommencez.",
}
