# SPDX-License-Identifier: EUPL-1.2
"""Rows → contexts: one function per kind of message. Reads the database, writes nothing."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from notifications import context as ctx
from notifications.errors import NotComposableError
from notifications.reading import Reading
from notifications.recipients import Recipient
from notifications.wording import PARIS, day, hour
from rules.forms import is_private
from rules.themes.deadlines import implicit_refusal_on
from workflow.examination import parameters_of
from workflow.exchanges import PORTEUR
from workflow.facts import completions_of
from workflow.models import Dossier, Exchange, FundingLine, Journal, Opinion, Person, Seance, SeanceItem
from workflow.pieces import pieces_due
from workflow.stages import ROLE_LABELS, LineState, OpinionState, Role, Stage
from workflow.territory import Nature


def _base(reading: Reading, recipient: Recipient, link: str | None) -> dict[str, Any]:
    return {
        "contract": reading.contract.label,
        "pilot": reading.pilot,
        "recipient": recipient.name,
        "link": link,
    }


def total_of(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The known amounts added up; None when none is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def dossier_values(
    reading: Reading, recipient: Recipient, dossier: Dossier, *, linked: bool = True, page: str = ""
) -> dict[str, Any]:
    """What every message about a dossier says. `page`: where on the dossier its link leads."""
    link = reading.link(f"dossiers/{dossier.id}{page}") if linked else None
    return _base(reading, recipient, link) | {
        "reference": dossier.reference,
        "title": dossier.title,
        "porteur": dossier.porteur.name,
        "year": dossier.year,
    }


def lead_of(dossier: Dossier) -> str | None:
    """Name of the lead instructor, once named."""
    return dossier.lead_instructor.name if dossier.lead_instructor else None


def opinion_requested(reading: Reading, recipient: Recipient, opinion: Opinion) -> ctx.OpinionRequested:
    """One partner's opinion, to one of its persons."""
    dossier = opinion.dossier
    again = opinion.round > 1
    return ctx.OpinionRequested(
        **dossier_values(reading, recipient, dossier, page=f"/avis/{opinion.id}"),
        organisation=opinion.organisation.name,
        due_on=opinion.due_on,
        lead_instructor=lead_of(dossier),
        question=dossier.question if again else None,
        again=again,
    )


def porteur_message(reading: Reading, recipient: Recipient) -> ctx.PorteurMessage:
    """One message of the thread, as it reads now. Raises NotComposableError when it is not the porteur's to read."""
    message = reading.get(Exchange, int(reading.event.payload.get("exchange", 0)))
    if message.audience != PORTEUR or message.dossier_id != reading.dossier.id:
        raise NotComposableError("Une note interne ne part jamais au porteur.")
    return ctx.PorteurMessage(
        **dossier_values(reading, recipient, reading.dossier)
        | {"link": reading.link(f"dossiers/{message.dossier_id}/echanges")},
        author=message.author,
        text=message.text,
        attached=message.document.name if message.document else None,
    )


def droit_commun_solicited(
    reading: Reading, recipient: Recipient, line: FundingLine
) -> ctx.DroitCommunSolicited:
    """One ordinary-law credit, to one of its holder's persons."""
    dossier = line.dossier
    return ctx.DroitCommunSolicited(
        **dossier_values(reading, recipient, dossier, page=f"/lignes/{line.id}"),
        organisation=recipient.organisation,
        credit=reading.credit_label(line),
        requested=line.requested,
        due_on=dossier.opinions_due_on,
        lead_instructor=lead_of(dossier),
    )


def _silence(reading: Reading) -> tuple[date | None, int]:
    """The last day of the silence and its days of suspension, for a porteur known to be of private law; else None."""
    dossier = reading.dossier
    months = parameters_of(dossier.contract, reading.on).values["implicit_refusal.months"]
    if months is None or is_private(dossier.porteur.legal_form) is not True:
        return None, 0
    return implicit_refusal_on(dossier.filed_on or reading.on, int(months), completions_of(dossier))


def _missing(reading: Reading) -> tuple[str, ...]:
    """The pieces known to be missing that day (rule `pieces.due`); unknown ones are not claimed."""
    found = pieces_due(reading.dossier, reading.on)
    named = found.facts.get("missing")
    return tuple(str(piece) for piece in named) if isinstance(named, list) else ()


def request_acknowledged(reading: Reading, recipient: Recipient) -> ctx.RequestAcknowledged:
    """Source: CRPA, articles L. 112-3, L. 112-6, R. 112-5 and L. 231-4, 3°: remedies for private porteurs only."""
    dossier = reading.dossier
    refusal_on, suspended = _silence(reading)
    return ctx.RequestAcknowledged(
        **dossier_values(reading, recipient, dossier, linked=False),
        received_on=dossier.filed_on or reading.on,
        requests=_requests(reading),
        service=reading.pilot,
        service_address=reading.pilot_address,
        missing=_missing(reading),
        suspended_days=suspended,
        implicit_refusal_on=refusal_on,
    )


def _requests(reading: Reading) -> tuple[ctx.Requested, ...]:
    return tuple(
        ctx.Requested(label=reading.credit_label(line), amount=line.requested)
        for line in reading.dossier.lines
        if line.requested is not None and line.state != LineState.INELIGIBLE
    )


def dossier_admissible(reading: Reading, recipient: Recipient) -> ctx.DossierAdmissible:
    """What goes on, and the credits that fell with the decision."""
    fallen = [line for line in reading.dossier.lines if line.state == LineState.INELIGIBLE]
    return ctx.DossierAdmissible(
        **dossier_values(reading, recipient, reading.dossier, linked=False),
        requests=_requests(reading),
        fallen=tuple(reading.credit_label(line) for line in fallen),
    )


def _asked(reading: Reading, recipient: Recipient) -> dict[str, Any]:
    dossier = reading.dossier
    asked = dossier.completion or {}
    due = asked.get("due")
    return dossier_values(reading, recipient, dossier, linked=False) | {
        "pieces": tuple(asked.get("pieces", ())),
        "due_on": date.fromisoformat(due) if due else None,
        "lead_instructor": lead_of(dossier),
        "implicit_refusal_on": _silence(reading)[0],
    }


def completion_requested(reading: Reading, recipient: Recipient) -> ctx.CompletionRequested:
    """The pieces named when completion was asked; the silence is suspended meanwhile (CRPA, L. 114-5)."""
    return ctx.CompletionRequested(**_asked(reading, recipient))


def completion_reminder(reading: Reading, recipient: Recipient) -> ctx.CompletionReminder:
    """The same pieces, still missing."""
    return ctx.CompletionReminder(**_asked(reading, recipient))


def _journal_reason(reading: Reading) -> str | None:
    """The reason written when the event's transition was fired."""
    trigger = reading.event.kind.rpartition(".")[2]
    lines = select(Journal.reason).where(
        Journal.chain == reading.event.subject, Journal.trigger == trigger, Journal.at <= reading.event.at
    )
    return reading.db.scalar(lines.order_by(Journal.seq.desc()).limit(1))


def _reason(reading: Reading, item: SeanceItem | None = None) -> str:
    given = (item.reason if item else None) or reading.event.payload.get("reason") or _journal_reason(reading)
    return str(given or "non précisé")


def dossier_inadmissible(reading: Reading, recipient: Recipient) -> ctx.DossierInadmissible:
    """Why the request cannot be examined."""
    return ctx.DossierInadmissible(
        **dossier_values(reading, recipient, reading.dossier, linked=False), reason=_reason(reading)
    )


def decided_item(reading: Reading) -> SeanceItem:
    """The item of the séance that decided: the last one applied to the dossier when the event happened."""
    query = (
        select(SeanceItem)
        .where(SeanceItem.dossier_id == reading.dossier.id, SeanceItem.decision.is_not(None))
        .where(SeanceItem.applied_at <= reading.event.at)
        .order_by(SeanceItem.applied_at.desc())
    )
    item = reading.db.scalars(query.limit(1)).first()
    if item is None:
        raise NotComposableError(f"Aucune séance n’a statué sur le dossier {reading.dossier.reference}.")
    return item


def _decision(reading: Reading, recipient: Recipient, item: SeanceItem) -> dict[str, Any]:
    body = reading.territory.body_by_code.get(item.seance.body)
    return dossier_values(reading, recipient, reading.dossier, linked=False) | {
        "body": body.label if body else item.seance.label,
        "held_on": item.seance.starts_at.astimezone(PARIS).date(),
    }


def dossier_committed(reading: Reading, recipient: Recipient) -> ctx.DossierCommitted:
    """The amounts as the séance retained them: nothing is granted by this."""
    item = decided_item(reading)
    amounts = tuple(
        ctx.Requested(label=reading.credit_label(row.line), amount=row.amount)
        for row in item.amounts
        if row.amount
    )
    return ctx.DossierCommitted(
        **_decision(reading, recipient, item),
        amounts=amounts,
        total=total_of(row.amount for row in amounts) or Decimal(0),
        conditions=item.conditions,
    )


def dossier_rejected(reading: Reading, recipient: Recipient) -> ctx.DossierRejected:
    """The reason written for the porteur in séance."""
    item = decided_item(reading)
    return ctx.DossierRejected(**_decision(reading, recipient, item), reason=_reason(reading, item))


def _next_seance(reading: Reading, item: SeanceItem) -> str | None:
    later = (
        select(Seance)
        .where(Seance.contract_id == item.seance.contract_id, Seance.body == item.seance.body)
        .where(Seance.starts_at > item.seance.starts_at, Seance.status.in_(("planned", "convoked")))
        .order_by(Seance.starts_at)
    )
    seance = reading.db.scalars(later.limit(1)).first()
    return f"{seance.label}, {day(seance.starts_at)} à {hour(seance.starts_at)}" if seance else None


def dossier_deferred(reading: Reading, recipient: Recipient) -> ctx.DossierDeferred:
    """The reason, and the next séance of the same body when one is planned."""
    item = decided_item(reading)
    return ctx.DossierDeferred(
        **_decision(reading, recipient, item),
        reason=_reason(reading, item),
        next_seance=_next_seance(reading, item),
    )


def dossier_reoriented(reading: Reading, recipient: Recipient) -> ctx.DossierReoriented:
    """The other scheme; the séance that decided it, unless it was reoriented before any."""
    payload = reading.event.payload
    item = decided_item(reading) if payload.get("seance") else None
    values = dossier_values(reading, recipient, reading.dossier, linked=False)
    decided = _decision(reading, recipient, item) if item else {"body": None, "held_on": None}
    scheme = payload.get("scheme") or reading.dossier.follow_up.get("reoriented_to", "")
    return ctx.DossierReoriented(**values | decided, scheme=str(scheme), reason=payload.get("reason"))


def account_created(reading: Reading, recipient: Recipient) -> ctx.AccountCreated:
    """Where to sign in; never a password."""
    person = reading.get(Person, reading.subject_id)
    role = reading.event.payload.get("role")
    known = isinstance(role, str) and role in {str(each) for each in Role}
    return ctx.AccountCreated(
        **_base(reading, recipient, reading.link("")),
        address=person.email,
        role=ROLE_LABELS[Role(str(role))] if known else None,
    )


def opinions_asked(reading: Reading) -> list[Opinion]:
    """The opinions of the dossier that are still waited for."""
    return [row for row in reading.dossier.opinions if row.state == OpinionState.REQUESTED]


def lines_solicited(reading: Reading) -> list[FundingLine]:
    """The ordinary-law lines to ask once co-instruction is open: the one the event names, else all; never the porteur's own."""
    dossier = reading.dossier
    if dossier.stage not in (Stage.CO_INSTRUCTION, Stage.FINANCERS_CONFERENCE):
        return []
    named = str(reading.event.payload.get("subject", "")) if reading.event.kind.startswith("line.") else ""
    return [
        line
        for line in dossier.lines
        if line.nature == Nature.DROIT_COMMUN
        and line.state == LineState.ASKED
        and line.credit.organisation_id != dossier.porteur_id
        and named in ("", f"line:{line.key}")
    ]
