# SPDX-License-Identifier: EUPL-1.2
"""What the people of the demonstration write."""

from workflow.stages import OpinionValue

V = OpinionValue

OPINIONS: dict[V, tuple[str, ...]] = {
    V.FAVOURABLE: (
        "Action attendue par les habitants, porteur présent toute l’année.",
        "Cohérente avec nos priorités ; le partenariat avec l’école est solide.",
        "Bilan précédent convaincant, public bien repéré.",
    ),
    V.FAVOURABLE_WITH_RESERVATIONS: (
        "Favorable si le public des quartiers est mieux suivi : tenir une fiche par participant.",
        "Intérêt réel, mais le coût par personne est élevé : revoir les frais généraux.",
        "À rapprocher d’une action voisine pour éviter un doublon.",
    ),
    V.UNFAVOURABLE: (
        "Ne relève pas de nos politiques ; le besoin est déjà couvert par un dispositif existant.",
        "Le projet n’est pas mûr : ni calendrier ni encadrement précis.",
    ),
    V.NO_OPINION: ("Hors de notre champ de compétence.",),
}
STRENGTHS = (
    "Ancrage dans le quartier et mobilisation des habitants.",
    "Équipe expérimentée, partenariats écrits.",
    "Réponse à un besoin relevé par le conseil citoyen.",
    "Public nouveau, difficile à atteindre autrement.",
)
WEAKNESSES = (
    "Suivi des participants à préciser.",
    "Budget de communication à réduire.",
    "Articulation avec le droit commun à écrire.",
    "Pas de réserve majeure.",
    "Évaluation à construire dès le démarrage.",
)
DECLINED = (
    "crédits de l’année entièrement engagés",
    "l’action est déjà soutenue par un autre de nos services",
    "le public ne correspond pas à notre règlement",
)
IN_KIND = (
    "Prêt d’une salle deux jours par semaine.",
    "Mise à disposition d’un agent quatre demi-journées.",
    "Transport des participants par la régie.",
)
REJECTED = (
    "L’action n’apporte pas de réponse nouvelle aux besoins du quartier ; le comité invite à se rapprocher des porteurs voisins.",
    "Le plan de financement repose pour l’essentiel sur des crédits spécifiques.",
    "Le coût par bénéficiaire n’est pas justifié à ce stade.",
)
DEFERRED = (
    "Le comité demande un budget révisé et une lettre d’engagement de la commune.",
    "Le calendrier est à préciser avec le collège avant décision.",
)
# Why the pilot accepts a request filed outside every window.
FILED_EARLY = "Action préparée avant l’ouverture de l’appel, examinée dès le premier comité pour que rien ne s’interrompe en janvier."
FILED_LATE = "Le porteur avait prévenu de son retard avant la clôture ; les habitants attendent l’action."
# Opinions begun and not given: the number of the action, the organisation, who writes, what is typed.
DRAFTS: tuple[tuple[int, str, str, dict[str, str]], ...] = (
    (
        56,
        "departement",
        "instruction@departement.demo",
        {"value": "favourable_with_reservations", "text": "Lieu adapté ; vérifier avec la PMI le nombre"},
    ),
    (56, "caf", "suppleance@caf.demo", {"text": "Porteur connu de nos services : revoir son agrément."}),
    (
        57,
        "departement",
        "instruction@departement.demo",
        {"questions": "Quels horaires en période scolaire ?"},
    ),
)
