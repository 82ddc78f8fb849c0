# SPDX-License-Identifier: EUPL-1.2
"""One invented context for each kind of message, with text that tries to escape where people type."""

from datetime import UTC, date, datetime
from decimal import Decimal

from notifications import context as ctx
from notifications import seance_context as seances

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
    "by_writing": False,
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
    seances.AgendaItem(
        reference="2026-014",
        title="Ateliers du soir & <b>sorties</b>",
        porteur="Les Ateliers du Pont",
        requests=(ETAT, CAF),
        total=Decimal("6234.56"),
    ),
    seances.AgendaItem(
        reference="2026-021", title="Jardin partagé", porteur="Ville de Valmont", requests=(), total=None
    ),
)
CALLED = SEANCE | {
    "on_behalf_of": "Région",
    "agenda": AGENDA,
    "note": "Point d’information sur l’appel à projets.",
    "papers": (
        seances.Paper(label="Ordre du jour", link="https://ville.test/seances/3/pieces/7", joined=True),
        seances.Paper(
            label="Synthèse d’arbitrage", link="https://ville.test/seances/3/pieces/8", joined=True
        ),
    ),
    "answer_link": "https://ville.test/reponse/12-1774942200-preuve",
}

OPINION = DOSSIER | {
    "organisation": "Caisse d’allocations familiales",
    "due_on": date(2026, 4, 1),
    "lead_instructor": "Inès Instructrice",
}
COMPLETION = DOSSIER | {
    "link": None,
    "pieces": ("Attestation d’assurance", "Plan de financement\r\nBcc: pirate@exemple.test"),
    "due_on": date(2026, 2, 10),
    "lead_instructor": None,
    "implicit_refusal_on": date(2026, 4, 3),
}
ACT = DOSSIER | {
    "link": None,
    "financer": "État",
    "credit": "État – Programme 147",
    "retained": Decimal(5000),
    "authority": "Préfet du Nord",
    "act_on": date(2026, 4, 20),
    "act_number": "2026-118",
}
CREDIT = {"credit": "CAF – Fonds publics et territoires"}
REPORT = DOSSIER | {"link": None, "due_on": date(2027, 6, 30)}
ITEM = ctx.DigestItem(
    reference="2026-014",
    title="Ateliers du soir & <b>sorties</b>",
    text="avis à rendre pour le mercredi 1er avril 2026 (Caisse d’allocations familiales)",
    link="https://ville.test/dossiers/12",
)

CONTEXTS: dict[str, ctx.Context] = {
    "porteur_message": ctx.PorteurMessage(
        **DOSSIER | {"link": "https://ville.test/dossiers/12/echanges"},
        author="Inès Instructrice",
        text="Combien d’enfants viennent du quartier ?\r\nMerci de joindre la <b>liste</b> des séances.",
        attached="modele.ods",
    ),
    "opinion_due": ctx.OpinionReminder(**OPINION),
    "opinion_late": ctx.OpinionReminder(**OPINION),
    "droit_commun_due": ctx.DroitCommunReminder(**OPINION | CREDIT),
    "droit_commun_late": ctx.DroitCommunReminder(**OPINION | CREDIT),
    "completion_due": ctx.CompletionReminder(**COMPLETION),
    "completion_late": ctx.CompletionReminder(**COMPLETION),
    "report_due": ctx.ReportReminder(**REPORT),
    "report_late": ctx.ReportReminder(**REPORT),
    "interim_report_due": ctx.ReportReminder(**REPORT | {"due_on": date(2026, 9, 1)}),
    "interim_report_late": ctx.ReportReminder(**REPORT | {"due_on": date(2026, 9, 1)}),
    "convention_to_sign": ctx.ConventionToSign(
        **DOSSIER | {"link": None},
        amounts=(ETAT,),
        total=Decimal(5000),
        financers=("État",),
    ),
    "dossier_admissible": ctx.DossierAdmissible(
        **DOSSIER | {"link": None}, requests=(ETAT,), fallen=("Région – Politique régionale de la ville",)
    ),
    "line_granted": ctx.LineGranted(**ACT, granted=Decimal(4500)),
    "line_refused": ctx.LineRefused(**ACT, reason="Crédits épuisés."),
    "digest": ctx.Digest(
        **BASE,
        day=date(2026, 3, 27),
        duties=(ITEM,),
        news=(ITEM.model_copy(update={"text": "acte d’un financeur enregistré"}),),
        preferences="https://ville.test/resume",
    ),
    "password_link": ctx.PersonalLink(
        **BASE | {"link": "https://ville.test/mot-de-passe/jeton"},
        address="camille@region.test",
        expires_at=datetime(2026, 3, 10, 10, 0, tzinfo=UTC),
    ),
    "sign_in_link": ctx.PersonalLink(
        **BASE | {"link": "https://ville.test/connexion/lien/jeton"},
        address="camille@region.test",
        expires_at=datetime(2026, 3, 10, 9, 15, tzinfo=UTC),
    ),
    "seance_convocation": seances.SeanceConvocation(**CALLED, quorum=4),
    "seance_invitation": seances.SeanceInvitation(
        **CALLED | {"agenda": AGENDA[:1], "note": None, "papers": (), "link": None},
        heard_on="2026-014 – Ateliers du soir & <b>sorties</b>",
    ),
    "seance_update": seances.SeanceUpdate(
        **CALLED,
        changes=(
            seances.Change(
                label="Date", before="mardi 24 mars 2026 à 9 h 30", after="mardi 31 mars 2026 à 9 h 30"
            ),
            seances.Change(label="Lieu", before="non précisé", after="Salle des fêtes de Valmont"),
        ),
        answer="représenté",
        is_outdated=True,
    ),
    "seance_agenda": seances.SeanceAgenda(
        **CALLED | {"note": None},
        added=("2026-021 – Jardin partagé",),
        removed=("2026-003 – Chantier & <b>sorties</b>",),
        reordered=True,
    ),
    "seance_reminder": seances.SeanceReminder(
        **SEANCE, on_behalf_of="Région", is_member=True, quorum=4, answer_link=None, outdated=None, lines=()
    ),
    "seance_cancellation": seances.SeanceCancellation(**SEANCE, reason="Quorum impossible à réunir."),
    "seance_minutes": seances.SeanceMinutes(
        **SEANCE,
        on_behalf_of="Région",
        papers=(
            seances.Paper(
                label="Relevé de décisions", link="https://ville.test/seances/3/pieces/9", joined=True
            ),
        ),
        decisions=2,
    ),
    "seance_alert": seances.SeanceAlert(
        **SEANCE,
        problems=(
            seances.Problem(
                about="Zoé Absente (CAF) : aucune adresse utilisable",
                remedy="Corrigez son adresse ou réactivez son compte, puis prévenez cette personne vous-même.",
            ),
        ),
        is_convoked=True,
    ),
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
        service="Communauté de communes",
        service_address="1 place de la République, 59901 Valmont, secretariat@epci.test",
        missing=("statuts", "budget prévisionnel de l’organisme"),
        suspended_days=0,
        implicit_refusal_on=date(2026, 3, 15),
    ),
    "completion_requested": ctx.CompletionRequested(
        **DOSSIER | {"link": None},
        pieces=("Attestation d’assurance", "Plan de financement\r\nBcc: pirate@exemple.test"),
        due_on=date(2026, 2, 10),
        lead_instructor=None,
        implicit_refusal_on=date(2026, 4, 3),
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
    "dossier_reoriented": ctx.DossierReoriented(
        **DECISION, scheme="Ville vie vacances", reason="L’action se tient pendant les congés\r\nscolaires."
    ),
    "account_created": ctx.AccountCreated(
        **BASE | {"link": "https://ville.test/"}, address="camille@region.test", role="instructeur"
    ),
}
