# SPDX-License-Identifier: EUPL-1.2
"""The table of every kind of message: which events start it, who receives it, what it says, whether a person releases it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

from notifications import composition, context
from notifications.reading import Reading
from notifications.recipients import Recipient, convoked, of_organisation, speakers
from workflow.models import Mandate, Organisation, Person
from workflow.stages import SeanceStatus


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to write: the ids that make its key unique, to whom, and how to fill its context."""

    ids: tuple[str | int, ...]
    recipient: Recipient
    fill: Callable[[], context.Context]


@dataclass(frozen=True, slots=True)
class Kind:
    """One row: `held` messages stay drafts until a person releases them; `calendar` adds an invitation."""

    name: str
    label: str
    events: tuple[str, ...]
    context: type[context.Context]
    drafts: Callable[[Reading], Iterator[Draft]]
    held: bool = False
    calendar: Literal["REQUEST", "CANCEL"] | None = None


Fill = Callable[[Reading, Recipient], context.Context]
CONVOKED = frozenset({SeanceStatus.CONVOKED, SeanceStatus.OPEN, SeanceStatus.CLOSED})
CANCELLED = frozenset({SeanceStatus.CANCELLED})


def to_members(fill: Fill, statuses: frozenset[str]) -> Callable[[Reading], Iterator[Draft]]:
    """To everybody convoked, once per version of the séance, while it is ahead and in one of these statuses."""

    def drafts(reading: Reading) -> Iterator[Draft]:
        seance = reading.seance
        if seance.starts_at <= reading.now or seance.status not in statuses:
            return
        for recipient in convoked(seance):
            ids = (seance.id, seance.sequence, recipient.code)
            yield Draft(ids, recipient, partial(fill, reading, recipient))

    return drafts


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
            yield Draft(
                (opinion.id, to.code), to, partial(composition.opinion_requested, reading, to, opinion)
            )


def to_holders(reading: Reading) -> Iterator[Draft]:
    """To those who speak for each ordinary-law holder solicited, once per line."""
    for line in composition.lines_solicited(reading):
        holder = reading.get(Organisation, line.credit.organisation_id)
        for to in speakers(reading.db, reading.contract.id, holder, reading.on):
            yield Draft(
                (line.id, to.code), to, partial(composition.droit_commun_solicited, reading, to, line)
            )


def to_new_account(reading: Reading) -> Iterator[Draft]:
    """To the person whose account was opened, once."""
    person = reading.get(Person, reading.subject_id)
    mandate = reading.db.query(Mandate).filter_by(person_id=person.id).order_by(Mandate.id).first()
    name = mandate.organisation.name if mandate else ""
    recipient = Recipient(str(person.id), person.name, person.email, person.id, name)
    yield Draft((person.id,), recipient, partial(composition.account_created, reading, recipient))


_ROWS = (
    Kind(
        "seance_convocation",
        "Convocation à une séance",
        ("seance.convoke", "seance.move"),
        context.SeanceConvocation,
        to_members(composition.seance_convocation, CONVOKED),
        calendar="REQUEST",
    ),
    Kind(
        "seance_cancellation",
        "Annulation d’une séance",
        ("seance.cancel",),
        context.SeanceCancellation,
        to_members(composition.seance_cancellation, CANCELLED),
        calendar="CANCEL",
    ),
    Kind(
        "opinion_requested",
        "Avis demandé",
        ("dossier.open_co_instruction", "dossier.return_to_co_instruction"),
        context.OpinionRequested,
        to_partners,
    ),
    Kind(
        "droit_commun_solicited",
        "Droit commun sollicité",
        ("dossier.open_co_instruction", "line.ask"),
        context.DroitCommunSolicited,
        to_holders,
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
    Kind("account_created", "Compte ouvert", ("account.created",), context.AccountCreated, to_new_account),
)

KINDS: dict[str, Kind] = {row.name: row for row in _ROWS}
BY_EVENT: dict[str, tuple[Kind, ...]] = {
    event: tuple(row for row in _ROWS if event in row.events) for row in _ROWS for event in row.events
}
