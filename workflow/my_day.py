# SPDX-License-Identifier: EUPL-1.2
"""The day of one person in one contract: what their mandates make wait for them. A constant number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from workflow.contracts import territory_of
from workflow.firing import PARIS
from workflow.models import Contract, Convocation, Dossier, Seance
from workflow.permissions import SPEAKING, Actor
from workflow.queries_day import (
    Pile,
    acts_to_record,
    answers_to_give,
    dossiers_at,
    dossiers_led,
    messages_in,
    my_convocations,
    opinions_to_give,
    owed_by_porteurs,
    ready_for_commitment,
    requests_received,
    seances_to_keep,
)
from workflow.stages import Role, Stage
from workflow.territory import BodyKind


@dataclass(slots=True)
class MyDay:
    """The piles, by name: absent when no mandate of this person gives them to do; séances apart."""

    piles: dict[str, Pile] = field(default_factory=dict)
    kept: Sequence[tuple[Seance, int]] = ()
    called: Sequence[Convocation] = ()
    keeps_seances: bool = False

    @property
    def late(self) -> int:
        """How many things are late, all piles together."""
        return sum(pile.late for pile in self.piles.values())


def my_day(db: Session, contract: Contract, actor: Actor, now: datetime) -> MyDay:
    """Everything that waits for this actor."""
    today, day = now.astimezone(PARIS).date(), MyDay()
    roles = {seat.role for seat in actor.seats_for(contract.id)}
    if roles & set(SPEAKING):
        ours = actor.voices(contract.id)
        day.piles["opinions"] = opinions_to_give(db, contract, ours, actor.interests, today)
        day.piles["answers"] = answers_to_give(db, contract, ours, actor.interests, today)
    if Role.INSTRUCTOR in roles and actor.person_id is not None:
        day.piles["led"] = dossiers_led(db, contract, actor.person_id, today)
    if roles & {Role.INSTRUCTOR, Role.PILOT}:
        day.piles["received"] = requests_received(db, contract)
        mine = () if Role.PILOT in roles else (Dossier.lead_instructor_id == actor.person_id,)
        day.piles["filed"] = dossiers_at(db, contract, Stage.REPORTED, *mine)
    _of_the_contract(db, contract, actor, roles, day, now)
    if actor.person_id is not None:
        day.called = my_convocations(db, contract, actor.person_id, now)
    return day


def _organisations(actor: Actor, contract: Contract, roles: Sequence[Role]) -> frozenset[int]:
    return frozenset(seat.organisation_id for seat in actor.seats_for(contract.id) if seat.role in roles)


def _of_the_contract(
    db: Session, contract: Contract, actor: Actor, roles: set[Role], day: MyDay, now: datetime
) -> None:
    """What waits for those who hold the whole contract together: pilot, secretaries, administrator."""
    today = now.astimezone(PARIS).date()
    is_pilot, is_secretary = Role.PILOT in roles, Role.SECRETARY in roles
    if is_pilot or _keeps(actor, contract, BodyKind.DISPATCH):
        day.piles["to_dispatch"] = dossiers_at(db, contract, Stage.ADMISSIBLE)
    if _keeps(actor, contract, BodyKind.CONFERENCE):
        day.piles["to_commitment"] = ready_for_commitment(db, contract)
    if is_pilot or Role.FINANCER in roles:
        ours = None if is_pilot else _organisations(actor, contract, (Role.FINANCER,))
        day.piles["acts"] = acts_to_record(db, contract, ours, today)
    if is_pilot or is_secretary:
        completions, reports, conventions = owed_by_porteurs(db, contract, today)
        day.piles |= {"completions": completions, "reports": reports, "conventions": conventions}
        day.piles["letters"] = messages_in(db, contract, "draft")
        day.kept = seances_to_keep(db, contract, None if is_pilot else _bodies(actor, contract), now)
        day.keeps_seances = True
    if is_pilot or is_secretary or Role.ADMINISTRATOR in roles:
        day.piles["failures"] = messages_in(db, contract, "failed")


def _bodies(actor: Actor, contract: Contract) -> frozenset[str] | None:
    """The bodies whose séances this secretary keeps; None: all of them."""
    held = {seat.body for seat in actor.seats_for(contract.id) if seat.role is Role.SECRETARY}
    return None if None in held else frozenset(body for body in held if body)


def _keeps(actor: Actor, contract: Contract, kind: BodyKind) -> bool:
    """True for the secretary of a body of this kind."""
    if not actor.has(Role.SECRETARY, contract.id):
        return False
    bodies = _bodies(actor, contract)
    return bodies is None or any(
        body.code in bodies for body in territory_of(contract).bodies if body.kind is kind
    )
