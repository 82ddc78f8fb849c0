# SPDX-License-Identifier: EUPL-1.2
"""The year's séances of every body of a contract, planned once: planning again adds only what is missing."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.calendar_plan import propose, still_missing
from workflow.contracts import territory_of
from workflow.firing import PARIS
from workflow.models import Contract, Seance
from workflow.permissions import Actor
from workflow.seances import plan_seance
from workflow.territory import Body


def plan_year(db: Session, contract: Contract, year: int, actor: Actor, now: datetime) -> list[Seance]:
    """Plans what is missing and still ahead; gives the séances added. Cancelled séances count: they are not proposed again."""
    return [
        seance
        for body in territory_of(contract).bodies
        for seance in _plan_body(db, contract, body, year, actor, now)
    ]


def _plan_body(
    db: Session, contract: Contract, body: Body, year: int, actor: Actor, now: datetime
) -> list[Seance]:
    territory = territory_of(contract)
    rows = db.execute(select(Seance.body, Seance.starts_at).where(Seance.contract_id == contract.id)).all()
    existing = [starts_at for code, starts_at in rows if code == body.code]
    taken = {starts_at.astimezone(PARIS).date() for code, starts_at in rows if code != body.code}
    return [
        plan_seance(db, contract, body.code, moment, now, actor)
        for moment in still_missing(propose(body, year, territory.departement, taken), existing)
        if moment > now and territory.starts_on <= moment.date() <= territory.ends_on
    ]
