# SPDX-License-Identifier: EUPL-1.2
"""A notice → its words: a line of a digest, or the whole context of its own message; and whether it still holds."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from notifications import composition
from notifications import composition_follow_up as follow_up
from notifications.context import Context, DigestItem
from notifications.due.items import REQUESTS
from notifications.due.news import NEWS
from notifications.errors import NotComposableError
from notifications.reading import Reading
from notifications.recipients import Recipient
from notifications.settings import MailSettings
from notifications.wording import day
from workflow.awaited import ANSWER, ANSWERING, COMPLETION, CONVENTION, INTERIM, OPINION, REPORT
from workflow.models import Credit, Dossier, Event, FundingLine, Notice, Opinion
from workflow.stages import LineState, OpinionState, Stage

# The kinds of each thing awaited: before its date, once it has passed.
KINDS = {
    OPINION: ("opinion_due", "opinion_late"),
    ANSWER: ("droit_commun_due", "droit_commun_late"),
    COMPLETION: ("completion_due", "completion_late"),
    REPORT: ("report_due", "report_late"),
    INTERIM: ("interim_report_due", "interim_report_late"),
    CONVENTION: ("convention_to_sign", "convention_to_sign"),
}
PAGES = {OPINION: "/avis/{}", ANSWER: "/lignes/{}"}  # where on the dossier it is given
GONE = "ce qui était attendu est arrivé entre-temps"


def reading_of(db: Session, notice: Notice, settings: MailSettings, now: datetime) -> Reading:
    """The notice as an event would be read; the event is never stored."""
    told = Event(
        contract_id=notice.contract_id, kind=f"due.{notice.kind}", subject=f"dossier:{notice.dossier_id}", payload={}, at=now
    )  # fmt: skip
    return Reading(db, told, settings, now)


def preload(db: Session, notices: Iterable[Notice]) -> list[object]:
    """Reads in a constant number of queries what the notices speak of; keep the result while they are composed."""
    notices = list(notices)
    held: list[object] = []
    dossiers = {one.dossier_id for one in notices}
    opinions = {one.about_id for one in notices if one.about == OPINION}
    lines = {one.about_id for one in notices if one.about == ANSWER}
    of_dossier = (joinedload(Dossier.porteur), joinedload(Dossier.lead_instructor))
    held += db.scalars(select(Dossier).where(Dossier.id.in_(dossiers)).options(*of_dossier))
    if opinions:
        held += db.scalars(
            select(Opinion).where(Opinion.id.in_(opinions)).options(joinedload(Opinion.organisation))
        )
    if lines:
        its_credit = joinedload(FundingLine.credit).joinedload(Credit.organisation)
        held += db.scalars(select(FundingLine).where(FundingLine.id.in_(lines)).options(its_credit))
    return held


def still_holds(db: Session, notice: Notice) -> bool:
    """False when the opinion or the answer came meanwhile, or the dossier no longer waits for it."""
    dossier = db.get(Dossier, notice.dossier_id)
    if dossier is None:
        return False
    if notice.about == OPINION:
        opinion = db.get(Opinion, notice.about_id)
        told_anyway = notice.kind in NEWS or dossier.stage == Stage.CO_INSTRUCTION
        return opinion is not None and opinion.state == OpinionState.REQUESTED and told_anyway
    if notice.about == ANSWER:
        line = db.get(FundingLine, notice.about_id)
        return line is not None and line.state == LineState.ASKED and dossier.stage in ANSWERING
    return True


def context_of(reading: Reading, recipient: Recipient, notice: Notice) -> Context:
    """What the notice's own message says."""
    due_on = notice.due_on
    if notice.kind == "opinion_requested":
        return composition.opinion_requested(reading, recipient, reading.get(Opinion, notice.about_id))
    if notice.kind == "droit_commun_solicited":
        line = reading.get(FundingLine, notice.about_id)
        return composition.droit_commun_solicited(reading, recipient, line)
    if notice.about == OPINION:
        return follow_up.opinion_reminder(reading, recipient, reading.get(Opinion, notice.about_id))
    if due_on is not None and notice.about == ANSWER:
        line = reading.get(FundingLine, notice.about_id)
        return follow_up.droit_commun_reminder(reading, recipient, line, due_on)
    if notice.about == COMPLETION:
        return composition.completion_reminder(reading, recipient)
    if due_on is not None and notice.about in (REPORT, INTERIM):
        return follow_up.report_reminder(reading, recipient, due_on)
    if notice.about == CONVENTION:
        return follow_up.convention_to_sign(reading, recipient)
    raise NotComposableError(f"Rappel illisible : {notice.key}.")


def item_of(reading: Reading, notice: Notice) -> DigestItem:
    """What the notice says in a digest."""
    dossier = reading.dossier
    return DigestItem(
        reference=dossier.reference,
        title=dossier.title,
        text=_sentence(reading, notice),
        link=reading.link(f"dossiers/{dossier.id}{PAGES.get(notice.about, '').format(notice.about_id)}"),
    )


def _sentence(reading: Reading, notice: Notice) -> str:
    if notice.kind in NEWS:
        return NEWS[notice.kind][1]
    if notice.kind in REQUESTS:
        return _request(reading, notice)
    when = day(notice.due_on) if notice.due_on else ""
    since = f"en retard depuis le {when}" if notice.rank else f"à rendre pour le {when}"
    if notice.about == OPINION:
        return f"avis {since} ({reading.get(Opinion, notice.about_id).organisation.name})"
    since = f"en retard depuis le {when}" if notice.rank else f"attendue pour le {when}"
    line = reading.get(FundingLine, notice.about_id)
    return f"réponse de droit commun {since} ({reading.credit_label(line)})"


def _request(reading: Reading, notice: Notice) -> str:
    if notice.about == OPINION:
        opinion = reading.get(Opinion, notice.about_id)
        asked = "nouvel avis demandé" if opinion.round > 1 else "avis demandé"
        question = f" – question posée : {reading.dossier.question}" if opinion.round > 1 else ""
        return f"{asked} pour le {day(opinion.due_on)} ({opinion.organisation.name}){question}"
    due_on = reading.dossier.opinions_due_on
    when = f" pour le {day(due_on)}" if due_on else ""
    label = reading.credit_label(reading.get(FundingLine, notice.about_id))
    return f"réponse de droit commun demandée{when} ({label})"
