# SPDX-License-Identifier: EUPL-1.2
"""The year's séances of every body of a contract, planned once: planning again adds only what is missing."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflow.calendar_feeds import keeps_body
from workflow.calendar_plan import Proposal, Taken, day_for, slots_of, still_missing
from workflow.contracts import territory_of
from workflow.errors import NotPermittedError
from workflow.firing import PARIS
from workflow.guards.written import WRITTEN
from workflow.models import Contract, Mandate, Seance
from workflow.permissions import Actor
from workflow.seances import plan_seance
from workflow.stages import Role, SeanceStatus
from workflow.territory import Body, Territory

TIGHTEST_FIRST = (
    "call",
    "council",
    "month",
)  # a body held before a date is placed before those free to shift


def plan_year(db: Session, contract: Contract, year: int, actor: Actor, now: datetime) -> list[Seance]:
    """Plans what is missing and still ahead; gives the séances added. Cancelled séances count: they are not proposed again."""
    return plan_proposals(db, contract, propose_year(db, contract, year, now), actor, now)


def plan_proposals(
    db: Session, contract: Contract, proposals: Iterable[Proposal], actor: Actor, now: datetime
) -> list[Seance]:
    """Plans these proposals, as they were shown."""
    return [plan_seance(db, contract, each.body, each.starts_at, now, actor) for each in proposals]


def proposals_for(db: Session, contract: Contract, year: int, actor: Actor, now: datetime) -> list[Proposal]:
    """What planning the year would add to the calendars that this actor keeps. Raises NotPermittedError when none."""
    if not any(keeps_body(actor, contract.id, body.code) for body in territory_of(contract).bodies):
        raise NotPermittedError("Seuls le pilote et le secrétariat d’une instance prévoient ses séances.")
    found = propose_year(db, contract, year, now)
    return [each for each in found if keeps_body(actor, contract.id, each.body)]


def propose_year(db: Session, contract: Contract, year: int, now: datetime) -> list[Proposal]:
    """What planning the year would add, in order of date, with the reason of each shift. Writes nothing."""
    territory = territory_of(contract)
    rows = list(
        db.scalars(select(Seance).where(Seance.contract_id == contract.id).order_by(Seance.starts_at))
    )
    members = members_of(db, contract, territory, now)
    sitting = [row for row in rows if row.status != SeanceStatus.CANCELLED and row.mode != WRITTEN]
    taken = [_taken(row, members) for row in sitting]
    found: list[Proposal] = []
    for body in sorted(territory.bodies, key=_rank):
        own = [
            row for row in rows if row.body == body.code and row.reason is None
        ]  # not the extraordinary ones
        existing = [row.starts_at.astimezone(PARIS).date() for row in own]
        for slot in still_missing(slots_of(body, year, territory), existing):
            proposal = day_for(slot, body, territory, taken, members[body.code])
            if proposal.starts_at > now and territory.starts_on <= slot.day <= territory.ends_on:
                lasts = timedelta(minutes=body.duration_minutes)
                taken.append(Taken(proposal.starts_at, lasts, members[body.code], body.label))
                found.append(proposal)
    return sorted(found, key=lambda proposal: (proposal.starts_at, proposal.body))


def _rank(body: Body) -> tuple[int, bool]:
    """Bodies held before a date are placed first, then those whose number the contract promises: the others shift."""
    return TIGHTEST_FIRST.index(body.cadence.anchor), body.cadence.promised_per_year is None


def _taken(row: Seance, members: dict[str, frozenset[str]]) -> Taken:
    sitting = members.get(row.body, frozenset({f"body:{row.body}"}))
    return Taken(row.starts_at, timedelta(minutes=row.duration_minutes), sitting, row.label)


def members_of(
    db: Session, contract: Contract, territory: Territory, now: datetime
) -> dict[str, frozenset[str]]:
    """Who sits in each body, as words to compare: its organisations, its persons seated today, and the body itself."""
    today = now.astimezone(PARIS).date()
    rows = db.execute(
        select(Mandate.body, Mandate.person_id)
        .where(Mandate.contract_id == contract.id, Mandate.role == Role.MEMBER, Mandate.body.is_not(None))
        .where(Mandate.from_on <= today, or_(Mandate.to_on.is_(None), Mandate.to_on >= today))
    ).all()
    return {
        body.code: frozenset(body.members)
        | {f"person:{person}" for code, person in rows if code == body.code}
        | {f"body:{body.code}"}
        for body in territory.bodies
    }
