# SPDX-License-Identifier: EUPL-1.2
"""Who is told what about a séance: convocation, invitation, update, changed agenda, reminder, minutes, alert."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from sqlalchemy import select

from notifications import seance_composition as composition
from notifications.addresses import is_readable
from notifications.failures import cause_of
from notifications.kinds import Draft
from notifications.reading import Reading
from notifications.recipients import Recipient, keepers, of_person
from notifications.seance_context import Problem
from notifications.wording import PARIS
from workflow.answer_links import NO_KEY, signing_key
from workflow.invitations import CONVOKED, INVITED, silent
from workflow.models import Convocation, Event, Message
from workflow.stages import SeanceStatus

CALLED = frozenset({SeanceStatus.CONVOKED, SeanceStatus.OPEN})
TELLING = ("seance_convocation", "seance_invitation", "seance_update")  # those that carry the date
CALLING = (*TELLING, "seance_agenda", "seance_cancellation")  # all that somebody called must receive
LEFT = ("sending", "sent")
Fill = Callable[..., Any]


def _is_ahead(reading: Reading) -> bool:
    return reading.seance.starts_at > reading.now and reading.seance.status in CALLED


def called(reading: Reading) -> Iterator[tuple[Convocation, Recipient]]:
    """Everybody called, members then guests, in the order they were."""
    for convocation in reading.seance.convocations:
        if convocation.called_at is not None:
            yield convocation, of_person(convocation.person, convocation.organisation)


def told(reading: Reading) -> dict[int, int]:
    """The version of the séance that each person has been told by a message that left."""
    rows = reading.db.execute(
        select(Message.person_id, Message.key).where(
            Message.subject_ref == reading.event.subject,
            Message.kind.in_(TELLING),
            Message.state.in_(LEFT),
        )
    )
    found: dict[int, int] = {}
    for person_id, key in rows:
        if person_id is not None:
            found[person_id] = max(found.get(person_id, 0), int(key.split(":")[2]))
    return found


def documents_of(reading: Reading) -> tuple[int, ...]:
    """The documents of the convocation: those of this event, else of the event that convoked."""
    named = reading.event.payload.get("documents")
    if named is None:
        convoked = select(Event).where(Event.subject == reading.event.subject, Event.kind == "seance.convoke")
        event = reading.db.scalars(convoked.order_by(Event.id.desc()).limit(1)).first()
        named = event.payload.get("documents", ()) if event else ()
    return tuple(int(number) for number in named)


def _call(kind: str, fill: Fill) -> Callable[[Reading], Iterator[Draft]]:
    """To whoever has been told nothing yet, with the papers; a porteur heard on its item has none."""

    def drafts(reading: Reading) -> Iterator[Draft]:
        if not _is_ahead(reading):
            return
        known, joined = told(reading), documents_of(reading)
        for convocation, to in called(reading):
            if convocation.kind != kind or to.person_id in known:
                continue
            papers = () if convocation.heard_dossier_id else joined
            ids = (reading.seance.id, reading.seance.sequence, to.code)
            yield Draft(ids, to, partial(fill, reading, to, convocation, papers), papers)

    return drafts


convocations = _call(CONVOKED, composition.seance_convocation)
invitations = _call(INVITED, composition.seance_invitation)


def updates(reading: Reading) -> Iterator[Draft]:
    """To whoever was told an earlier version: what changed since that one, however many moves there were."""
    if not _is_ahead(reading):
        return
    known, before = told(reading), _values_before(reading)
    for convocation, to in called(reading):
        version = known.get(to.person_id or 0)
        values = before.get(version + 1) if version is not None else None
        changes = composition.changes_since(reading, values) if values else ()
        if changes:
            ids = (reading.seance.id, reading.seance.sequence, to.code)
            yield Draft(ids, to, partial(composition.seance_update, reading, to, convocation, changes), ())


def _values_before(reading: Reading) -> dict[int, dict[str, Any]]:
    """For each version of the séance, the values just before it."""
    moves = select(Event).where(Event.subject == reading.event.subject, Event.kind == "seance.move")
    return {
        event.payload["sequence"]: event.payload["before"]
        for event in reading.db.scalars(moves)
        if "before" in event.payload
    }


def agendas(reading: Reading) -> Iterator[Draft]:
    """To everybody but porteurs heard on one item: once a day at most, all changes together."""
    before = _agenda_before(reading)
    if not _is_ahead(reading) or before == [item.reference for item in reading.agenda]:
        return
    day = reading.now.astimezone(PARIS).date().isoformat()
    for convocation, to in called(reading):
        if convocation.heard_dossier_id is None:
            ids = (reading.seance.id, reading.seance.sequence, day, to.code)
            fill = partial(composition.seance_agenda, reading, to, convocation, before)
            yield Draft(ids, to, fill, ())


def _agenda_before(reading: Reading) -> list[str]:
    """The agenda before the first of the changes that are told together: those held until the same hour."""
    event = reading.event
    together = select(Event).where(
        Event.subject == event.subject, Event.kind == event.kind, Event.held_until == event.held_until
    )
    first = reading.db.scalars(together.order_by(Event.id).limit(1)).first() or event
    return [str(reference) for reference in first.payload.get("before", ())]


def reminders(reading: Reading) -> Iterator[Draft]:
    """To those the event names who are still silent, once a day at most."""
    if not _is_ahead(reading):
        return
    named, waiting = set(reading.event.payload.get("convocations", ())), silent(reading.seance)
    for convocation, to in called(reading):
        if convocation.id in named and convocation in waiting:
            ids = (reading.seance.id, reading.seance.sequence, reading.on.isoformat(), to.code)
            yield Draft(ids, to, partial(composition.seance_reminder, reading, to, convocation))


def minutes(reading: Reading) -> Iterator[Draft]:
    """To everybody called but porteurs heard on one item, who receive their own letter."""
    joined = tuple(int(number) for number in reading.event.payload.get("documents", ()))
    for convocation, to in called(reading):
        if convocation.heard_dossier_id is None:
            ids = (reading.seance.id, to.code)
            yield Draft(ids, to, partial(composition.seance_minutes, reading, to, joined), joined)


def cancellations(reading: Reading) -> Iterator[Draft]:
    """To everybody called, while the date is ahead."""
    seance = reading.seance
    if seance.starts_at <= reading.now or seance.status != SeanceStatus.CANCELLED:
        return
    for _, to in called(reading):
        ids = (seance.id, seance.sequence, to.code)
        yield Draft(ids, to, partial(composition.seance_cancellation, reading, to))


def alerts(reading: Reading) -> Iterator[Draft]:
    """To who keeps the séance: what stops the convocation, or whom it will not reach; once for each state of things."""
    refused = [str(sentence) for sentence in reading.event.payload.get("refused", ())]
    failed = [reading.get(Message, int(number)) for number in reading.event.payload.get("messages", ())]
    problems = _refusals(refused) if refused else _failures(failed) if failed else _weaknesses(reading)
    if not problems:
        return
    seance = reading.seance
    version = "refused" if refused else f"{seance.sequence}.{len(seance.convocations)}"
    if failed:
        version = f"undelivered.{reading.event.id}"
    for to in keepers(reading.db, seance, reading.on):
        fill = partial(composition.seance_alert, reading, to, problems, is_convoked=not refused)
        yield Draft((seance.id, version, to.code), to, fill, ())


def _refusals(sentences: list[str]) -> list[Problem]:
    remedy = (
        "Corrigez, puis convoquez depuis la page de la séance ; la convocation automatique essaie encore."
    )
    return [Problem(about=sentence, remedy=remedy) for sentence in sentences]


def _failures(messages: list[Message]) -> list[Problem]:
    """What was refused for good, one line a message; a message that has left since is no problem any more."""
    return [
        Problem(
            about=f"{row.recipient} n’a pas reçu « {row.title} » : {cause_of(row).label}. {row.reason or ''}".strip(),
            remedy=f"{cause_of(row).who} : {cause_of(row).what}.",
        )
        for row in messages
        if row.state == "failed"
    ]


def _weaknesses(reading: Reading) -> list[Problem]:
    found = [
        Problem(
            about=f"{to.name} ({to.organisation}) : aucune adresse utilisable",
            remedy="Corrigez son adresse ou réactivez son compte, puis prévenez cette personne vous-même.",
        )
        for _, to in called(reading)
        if not is_readable(to.address)
    ]
    found += [
        Problem(
            about=f"{name} : invité sans adresse", remedy="Invitez une personne depuis la page de la séance."
        )
        for name in reading.event.payload.get("unreachable", ())
    ]
    if signing_key(reading.db) is None:
        found.append(Problem(about="Aucun lien de réponse dans les messages", remedy=NO_KEY))
    return found
