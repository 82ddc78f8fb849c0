# SPDX-License-Identifier: EUPL-1.2
"""The table of every kind of message: which events start it, who receives it, what it says, whether a person releases it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

from notifications import composition, context, seance_context, seances
from notifications import composition_follow_up as follow_up
from notifications.due.news import may_wait
from notifications.kinds import Draft, Fill, Kind
from notifications.reading import Reading
from notifications.recipients import Recipient, of_organisation, speakers
from workflow.awaited import ANSWER, OPINION
from workflow.models import Mandate, Organisation, Person


def to_porteur(fill: Fill) -> Callable[[Reading], Iterator[Draft]]:
    """To the porteur's own address, once per event."""

    def drafts(reading: Reading) -> Iterator[Draft]:
        recipient = of_organisation(reading.dossier.porteur)
        ids = (reading.dossier.id, reading.event.id, recipient.code)
        yield Draft(ids, recipient, partial(fill, reading, recipient))

    return drafts


def to_partners(reading: Reading) -> Iterator[Draft]:
    """To those who speak for each partner whose opinion is asked, once per opinion."""
    for opinion in composition.opinions_asked(reading):
        for to in speakers(reading.db, reading.contract.id, opinion.organisation, reading.on):
            fill = partial(composition.opinion_requested, reading, to, opinion)
            waits_on = (OPINION, opinion.id) if may_wait(reading, to, opinion.due_on) else None
            yield Draft((opinion.id, to.code), to, fill, waits_on=waits_on)


def to_holders(reading: Reading) -> Iterator[Draft]:
    """To those who speak for each ordinary-law holder solicited, once per line."""
    for line in composition.lines_solicited(reading):
        holder = reading.get(Organisation, line.credit.organisation_id)
        for to in speakers(reading.db, reading.contract.id, holder, reading.on):
            fill = partial(composition.droit_commun_solicited, reading, to, line)
            waits_on = (ANSWER, line.id) if may_wait(reading, to, reading.dossier.opinions_due_on) else None
            yield Draft((line.id, to.code), to, fill, waits_on=waits_on)


def to_new_account(reading: Reading) -> Iterator[Draft]:
    """To the person whose account was opened, once."""
    person = reading.get(Person, reading.subject_id)
    mandate = reading.db.query(Mandate).filter_by(person_id=person.id).order_by(Mandate.id).first()
    name = mandate.organisation.name if mandate else ""
    recipient = Recipient(str(person.id), person.name, person.email, person.id, name)
    yield Draft((person.id,), recipient, partial(composition.account_created, reading, recipient))


def to_porteur_of_act(fill: Fill) -> Callable[[Reading], Iterator[Draft]]:
    """To the porteur, once per act of a financer, whether it grants or refuses."""

    def drafts(reading: Reading) -> Iterator[Draft]:
        line = follow_up.acted_line(reading)
        recipient = of_organisation(reading.dossier.porteur)
        yield Draft((line.id, reading.event.id, recipient.code), recipient, partial(fill, reading, recipient))

    return drafts


def on_a_date(_reading: Reading) -> Iterator[Draft]:
    """Nothing starts it but its date (`notifications.due`), or a person's own request."""
    yield from ()


def _dated(name: str, label: str, model: type[context.Context], *, digest: bool = False) -> Kind:
    return Kind(name, label, (), model, on_a_date, urgency="digest" if digest else "at_once")


_ROWS = (
    Kind(
        "seance_convocation",
        "Convocation à une séance",
        ("seance.convoke", "seance.move"),
        seance_context.SeanceConvocation,
        seances.convocations,
        calendar="REQUEST",
    ),
    Kind(
        "seance_invitation",
        "Invitation à une séance",
        ("seance.convoke", "seance.invite", "seance.move"),
        seance_context.SeanceInvitation,
        seances.invitations,
        calendar="REQUEST",
    ),
    Kind(
        "seance_update",
        "Modification d’une séance",
        ("seance.move",),
        seance_context.SeanceUpdate,
        seances.updates,
        calendar="REQUEST",
        settles=timedelta(minutes=1),
    ),
    Kind(
        "seance_agenda",
        "Ordre du jour modifié",
        ("seance.set_agenda",),
        seance_context.SeanceAgenda,
        seances.agendas,
        calendar="REQUEST",
    ),
    Kind(
        "seance_reminder",
        "Relance : réponse attendue",
        ("seance.remind",),
        seance_context.SeanceReminder,
        seances.reminders,
    ),
    Kind(
        "seance_cancellation",
        "Annulation d’une séance",
        ("seance.cancel",),
        seance_context.SeanceCancellation,
        seances.cancellations,
        calendar="CANCEL",
    ),
    Kind(
        "seance_minutes",
        "Relevé de décisions",
        ("seance.release_minutes",),
        seance_context.SeanceMinutes,
        seances.minutes,
    ),
    Kind(
        "seance_alert",
        "Alerte au secrétariat d’une séance",
        ("seance.convoke", "seance.invite", "seance.convocation_refused", "seance.undelivered"),
        seance_context.SeanceAlert,
        seances.alerts,
    ),
    Kind(
        "opinion_requested",
        "Avis demandé",
        ("dossier.open_co_instruction", "dossier.return_to_co_instruction"),
        context.OpinionRequested,
        to_partners,
        urgency="digest",
    ),
    Kind(
        "droit_commun_solicited",
        "Droit commun sollicité",
        ("dossier.open_co_instruction", "line.ask"),
        context.DroitCommunSolicited,
        to_holders,
        urgency="digest",
    ),
    Kind(
        "request_acknowledged",
        "Accusé de réception",
        ("dossier.submit",),
        context.RequestAcknowledged,
        to_porteur(composition.request_acknowledged),
    ),
    Kind(
        "completion_requested",
        "Demande de complément",
        ("dossier.request_completion",),
        context.CompletionRequested,
        to_porteur(composition.completion_requested),
    ),
    Kind(
        "dossier_admissible",
        "Demande recevable",
        ("dossier.declare_admissible",),
        context.DossierAdmissible,
        to_porteur(composition.dossier_admissible),
    ),
    Kind(
        "dossier_inadmissible",
        "Demande non recevable",
        ("dossier.declare_inadmissible",),
        context.DossierInadmissible,
        to_porteur(composition.dossier_inadmissible),
        held=True,
    ),
    Kind(
        "dossier_committed",
        "Action retenue, sous réserve",
        ("dossier.commit", "dossier.rectify"),
        context.DossierCommitted,
        to_porteur(composition.dossier_committed),
        held=True,
    ),
    Kind(
        "dossier_rejected",
        "Action non retenue",
        ("dossier.reject",),
        context.DossierRejected,
        to_porteur(composition.dossier_rejected),
        held=True,
    ),
    Kind(
        "dossier_deferred",
        "Examen ajourné",
        ("dossier.defer",),
        context.DossierDeferred,
        to_porteur(composition.dossier_deferred),
        held=True,
    ),
    Kind(
        "dossier_reoriented",
        "Action réorientée",
        ("dossier.reorient",),
        context.DossierReoriented,
        to_porteur(composition.dossier_reoriented),
        held=True,
    ),
    Kind(
        "line_granted",
        "Subvention accordée",
        ("line.grant",),
        context.LineGranted,
        to_porteur_of_act(follow_up.line_granted),
        held=True,
    ),
    Kind(
        "line_refused",
        "Subvention refusée",
        ("line.deny",),
        context.LineRefused,
        to_porteur_of_act(follow_up.line_refused),
        held=True,
    ),
    Kind(
        "porteur_message",
        "Message au porteur",
        ("exchange.to_porteur",),
        context.PorteurMessage,
        to_porteur(composition.porteur_message),
    ),
    _dated("opinion_due", "Avis attendu", context.OpinionReminder, digest=True),
    _dated("opinion_late", "Avis en retard", context.OpinionReminder, digest=True),
    _dated("droit_commun_due", "Réponse de droit commun attendue", context.DroitCommunReminder, digest=True),
    _dated(
        "droit_commun_late", "Réponse de droit commun en retard", context.DroitCommunReminder, digest=True
    ),
    _dated("completion_due", "Compléments attendus", context.CompletionReminder),
    _dated("completion_late", "Compléments en retard", context.CompletionReminder),
    _dated("report_due", "Bilan attendu", context.ReportReminder),
    _dated("report_late", "Bilan en retard", context.ReportReminder),
    _dated("interim_report_due", "Bilan intermédiaire attendu", context.ReportReminder),
    _dated("interim_report_late", "Bilan intermédiaire en retard", context.ReportReminder),
    _dated("convention_to_sign", "Convention à signer", context.ConventionToSign),
    _dated("digest", "Résumé du jour", context.Digest),
    Kind("password_link", "Choix du mot de passe", (), context.PersonalLink, on_a_date, private=True),
    Kind("sign_in_link", "Lien de connexion", (), context.PersonalLink, on_a_date, private=True),
    Kind("account_created", "Compte ouvert", ("account.created",), context.AccountCreated, to_new_account),
)

KINDS: dict[str, Kind] = {row.name: row for row in _ROWS}
BY_EVENT: dict[str, tuple[Kind, ...]] = {
    event: tuple(row for row in _ROWS if event in row.events) for row in _ROWS for event in row.events
}
