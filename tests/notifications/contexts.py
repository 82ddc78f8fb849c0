# SPDX-License-Identifier: EUPL-1.2
"""One invented context for each kind of message, with text that tries to escape where people type."""

from datetime import UTC, date, datetime
from decimal import Decimal

from notifications import context as ctx

BASE = {
    "contract": "Contrat de ville de Valmont 2024-2030",
    "pilot": "Communauté de communes",
    "recipient": "Camille Collègue",
    "link": "https://ville.test/dossiers/12",
}
DOSSIER = BASE | {
    "reference": "2026-014",
    "title": "Ateliers du soir & <b>sorties</b>",
    "porteur": "Les Ateliers du Pont",
    "year": 2026,
}
SEANCE = BASE | {
    "link": "https://ville.test/seances/3",
    "seance": "Comité d’engagement",
    "starts_at": datetime(2026, 3, 31, 7, 30, tzinfo=UTC),
    "ends_at": datetime(2026, 3, 31, 9, 30, tzinfo=UTC),
    "place": "Salle des fêtes de Valmont",
    "organiser": "Sacha Secrétaire",
    "organiser_address": "secretariat@epci.test",
}
DECISION = DOSSIER | {"link": None, "body": "Comité d’engagement", "held_on": date(2026, 3, 31)}
ETAT = ctx.Requested(label="État – Programme 147", amount=Decimal(5000))
CAF = ctx.Requested(label="CAF – Fonds publics et territoires", amount=Decimal("1234.56"))
AGENDA = (
    ctx.AgendaItem(
        reference="2026-014",
        title="Ateliers du soir & <b>sorties</b>",
        porteur="Les Ateliers du Pont",
        requests=(ETAT, CAF),
        total=Decimal("6234.56"),
    ),
    ctx.AgendaItem(
        reference="2026-021", title="Jardin partagé", porteur="Ville de Valmont", requests=(), total=None
    ),
)

CONTEXTS: dict[str, ctx.Context] = {
    "seance_convocation": ctx.SeanceConvocation(
        **SEANCE,
        on_behalf_of="Région",
        moved=False,
        agenda=AGENDA,
        note="Point d’information sur l’appel à projets.",
    ),
    "seance_cancellation": ctx.SeanceCancellation(**SEANCE, reason="Quorum impossible à réunir."),
    "opinion_requested": ctx.OpinionRequested(
        **DOSSIER,
        organisation="Caisse d’allocations familiales",
        due_on=date(2026, 4, 1),
        lead_instructor="Inès Instructrice",
        question="Le public visé est-il déjà suivi ?",
        again=True,
    ),
    "droit_commun_solicited": ctx.DroitCommunSolicited(
        **DOSSIER,
        organisation="Caisse d’allocations familiales",
        credit="CAF – Fonds publics et territoires",
        requested=None,
        due_on=date(2026, 4, 1),
        lead_instructor="Inès Instructrice",
    ),
    "request_acknowledged": ctx.RequestAcknowledged(
        **DOSSIER | {"link": None},
        received_on=date(2026, 1, 15),
        requests=(ETAT, CAF),
        implicit_refusal_on=date(2026, 3, 15),
    ),
    "completion_requested": ctx.CompletionRequested(
        **DOSSIER | {"link": None},
        pieces=("Attestation d’assurance", "Plan de financement\r\nBcc: pirate@exemple.test"),
        due_on=date(2026, 2, 10),
        lead_instructor=None,
    ),
    "dossier_inadmissible": ctx.DossierInadmissible(
        **DOSSIER | {"link": None}, reason="L’action ne se déroule pas\r\nen quartier prioritaire."
    ),
    "dossier_committed": ctx.DossierCommitted(
        **DECISION, amounts=(ETAT, CAF), total=Decimal("6234.56"), conditions="Bilan intermédiaire attendu."
    ),
    "dossier_rejected": ctx.DossierRejected(**DECISION, reason="L’action fait doublon avec une autre."),
    "dossier_deferred": ctx.DossierDeferred(
        **DECISION,
        reason="Le plan de financement doit être revu.",
        next_seance="Comité d’engagement, mardi 14 avril 2026 à 9 h 30",
    ),
    "account_created": ctx.AccountCreated(
        **BASE | {"link": "https://ville.test/"}, address="camille@region.test", role="instructeur"
    ),
}
