# SPDX-License-Identifier: EUPL-1.2
"""A séance's rows → the contexts of its messages. Reads the database, writes nothing."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from notifications import seance_context as ctx
from notifications.reading import Reading
from notifications.recipients import Recipient
from notifications.wording import NBSP, day, hour
from workflow.answer_links import make_token, signing_key
from workflow.guards.written import WRITTEN
from workflow.invitations import body_of, lines_awaited
from workflow.models import Convocation, Document, Dossier

ANSWERS = {
    "present": "présent",
    "remote": "présent à distance",
    "excused": "excusé",
    "represented": "représenté",
}
PAPERS = {
    "agenda": "Ordre du jour",
    "summary": "Synthèse d’arbitrage",
    "minutes": "Relevé de décisions",
    "decisions": "Liste des décisions",
    "frozen_summary": "Synthèse d’arbitrage figée à la clôture",
}


def seance_base(reading: Reading, recipient: Recipient) -> dict[str, Any]:
    """What every message about a séance says."""
    seance = reading.seance
    name, address = reading.organiser
    return {
        "contract": reading.contract.label,
        "pilot": reading.pilot,
        "recipient": recipient.name,
        "link": reading.link(f"seances/{seance.id}"),
        "seance": seance.label,
        "by_writing": seance.mode == WRITTEN,
        "starts_at": seance.starts_at,
        "ends_at": seance.starts_at + timedelta(minutes=seance.duration_minutes),
        "place": seance.place,
        "organiser": name,
        "organiser_address": address,
    }


def answer_link(reading: Reading, convocation: Convocation) -> str | None:
    """Where this person says if it comes; None in writing, where nobody comes, and when `init` has drawn no key."""
    if reading.seance.mode == WRITTEN:
        return None
    key = signing_key(reading.db)
    return reading.link(f"reponse/{make_token(key, convocation)}") if key else None


def papers(reading: Reading, documents: Iterable[int], *, joined: bool = True) -> tuple[ctx.Paper, ...]:
    """The documents of the message, in their order."""
    found = []
    for number in documents:
        row = reading.get(Document, number)
        link = reading.link(f"seances/{reading.seance.id}/pieces/{row.id}")
        found.append(ctx.Paper(label=PAPERS.get(row.kind, row.name), link=link, joined=joined))
    return tuple(found)


def agenda_for(reading: Reading, convocation: Convocation) -> tuple[ctx.AgendaItem, ...]:
    """The whole agenda; to a porteur heard on its dossier, that item alone."""
    heard = convocation.heard_dossier_id
    items = zip(reading.seance.items, reading.agenda, strict=True)
    return tuple(shown for item, shown in items if heard in (None, item.dossier_id))


def _called(
    reading: Reading, recipient: Recipient, convocation: Convocation, documents: Iterable[int]
) -> dict[str, Any]:
    return seance_base(reading, recipient) | {
        "on_behalf_of": recipient.organisation,
        "agenda": agenda_for(reading, convocation),
        "note": None if convocation.heard_dossier_id else reading.seance.agenda_note,
        "papers": papers(reading, documents),
        "answer_link": answer_link(reading, convocation),
    }


def _quorum(reading: Reading) -> int | None:
    if reading.seance.mode == WRITTEN:
        return None
    body = body_of(reading.seance)
    return body.quorum if body else None


def seance_convocation(
    reading: Reading, recipient: Recipient, convocation: Convocation, documents: Iterable[int]
) -> ctx.SeanceConvocation:
    """Convocation of one member."""
    values = _called(reading, recipient, convocation, documents)
    return ctx.SeanceConvocation(**values, quorum=_quorum(reading))


def seance_invitation(
    reading: Reading, recipient: Recipient, convocation: Convocation, documents: Iterable[int]
) -> ctx.SeanceInvitation:
    """Invitation of one guest."""
    values = _called(reading, recipient, convocation, documents)
    heard = reading.db.get(Dossier, convocation.heard_dossier_id) if convocation.heard_dossier_id else None
    return ctx.SeanceInvitation(
        **values | ({"link": None} if heard else {}),
        heard_on=f"{heard.reference} – {heard.title}" if heard else None,
    )


def changes_since(reading: Reading, before: dict[str, Any]) -> tuple[ctx.Change, ...]:
    """What changed between the values told and the present ones."""
    seance = reading.seance
    was, now = datetime.fromisoformat(before["starts_at"]), seance.starts_at
    pairs = (
        ("Date", _moment(was), _moment(now)),
        ("Lieu", before["place"] or "non précisé", seance.place or "non précisé"),
        ("Durée", _minutes(before["duration"]), _minutes(seance.duration_minutes)),
    )
    return tuple(ctx.Change(label=label, before=old, after=new) for label, old, new in pairs if old != new)


def _moment(at: datetime) -> str:
    return f"{day(at)} à {hour(at)}"


def _minutes(duration: int) -> str:
    return f"{duration}{NBSP}minutes"


def seance_update(
    reading: Reading, recipient: Recipient, convocation: Convocation, changes: tuple[ctx.Change, ...]
) -> ctx.SeanceUpdate:
    """What changed for somebody already called."""
    return ctx.SeanceUpdate(
        **_called(reading, recipient, convocation, ()),
        changes=changes,
        answer=ANSWERS.get(convocation.answer or ""),
        is_outdated=convocation.is_outdated,
    )


def seance_agenda(
    reading: Reading, recipient: Recipient, convocation: Convocation, before: list[str]
) -> ctx.SeanceAgenda:
    """What changed on the agenda since it was told."""
    after = [item.reference for item in reading.agenda]
    titles = {item.reference: f"{item.reference} – {item.title}" for item in reading.agenda}
    gone = [reference for reference in before if reference not in titles]
    rows = select(Dossier).where(
        Dossier.contract_id == reading.seance.contract_id, Dossier.reference.in_(gone)
    )
    for row in reading.db.scalars(rows):
        titles.setdefault(row.reference, f"{row.reference} – {row.title}")
    kept = [reference for reference in before if reference in after]
    return ctx.SeanceAgenda(
        **_called(reading, recipient, convocation, ()),
        added=tuple(titles[reference] for reference in after if reference not in before),
        removed=tuple(titles.get(reference, reference) for reference in gone),
        reordered=kept != [reference for reference in after if reference in before],
    )


def seance_reminder(reading: Reading, recipient: Recipient, convocation: Convocation) -> ctx.SeanceReminder:
    """To somebody silent; in writing, the lines of its organisation that still wait."""
    lines = [
        f"{line.dossier.reference} – {line.dossier.title} : {reading.credit_label(line)}"
        for line in lines_awaited(convocation)
    ]
    return ctx.SeanceReminder(
        **seance_base(reading, recipient),
        on_behalf_of=recipient.organisation,
        is_member=convocation.is_member,
        quorum=_quorum(reading),
        answer_link=answer_link(reading, convocation),
        outdated=ANSWERS.get(convocation.answer or "") if convocation.is_outdated else None,
        lines=tuple(lines),
    )


def seance_minutes(reading: Reading, recipient: Recipient, documents: Iterable[int]) -> ctx.SeanceMinutes:
    """The minutes, to somebody called."""
    minutes = reading.seance.minutes or {}
    return ctx.SeanceMinutes(
        **seance_base(reading, recipient),
        on_behalf_of=recipient.organisation,
        papers=papers(reading, documents),
        decisions=len(minutes.get("decisions", ())),
    )


def seance_cancellation(reading: Reading, recipient: Recipient) -> ctx.SeanceCancellation:
    """The séance will not be held; the reason comes with the event."""
    reason = reading.event.payload.get("reason")
    return ctx.SeanceCancellation(**seance_base(reading, recipient), reason=reason)


def seance_alert(
    reading: Reading, recipient: Recipient, problems: Iterable[ctx.Problem], *, is_convoked: bool
) -> ctx.SeanceAlert:
    """What the secretary must do."""
    return ctx.SeanceAlert(
        **seance_base(reading, recipient), problems=tuple(problems), is_convoked=is_convoked
    )
