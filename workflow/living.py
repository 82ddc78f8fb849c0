# SPDX-License-Identifier: EUPL-1.2
"""Whether a year of an action has its dossier: the one definition, for forecasts, renewals, amendments and copies."""

from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from workflow.models import Dossier
from workflow.stages import FUNDED_STAGES, OPEN_STAGES, Stage

CARRYING = [stage.value for stage in FUNDED_STAGES | OPEN_STAGES]
LIVING = [*CARRYING, Stage.DRAFT.value]
CARRIER = aliased(Dossier)


def living_dossiers(db: Session, action_ids: Collection[int]) -> Mapping[tuple[int, int], Dossier]:
    """By action and year, the dossier that is drafted, instructed or retained; those that ended otherwise are no more.

    One that carries its year comes before any draft. One statement, whatever the number of actions.
    """
    query = select(Dossier).where(Dossier.action_id.in_(action_ids), Dossier.stage.in_(LIVING))
    found: dict[tuple[int, int], Dossier] = {}
    for one in db.scalars(query.order_by(Dossier.stage == Stage.DRAFT.value, Dossier.id)):
        found.setdefault((one.action_id, one.year), one)
    return found


def living_dossier(db: Session, action_id: int, year: int) -> Dossier | None:
    """The living dossier of one year; None when that year may still have one made."""
    return living_dossiers(db, [action_id]).get((action_id, year))


def carried_years(db: Session, action_id: int) -> frozenset[int]:
    """The years whose amounts a dossier carries; a draft carries none yet."""
    query = select(Dossier.year).where(Dossier.action_id == action_id, Dossier.stage.in_(CARRYING))
    return frozenset(db.scalars(query))


def is_carried(year: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """The same in a query that joins `Dossier`: True when the action has a dossier that carries that year."""
    return exists().where(
        CARRIER.action_id == Dossier.action_id, CARRIER.year == year, CARRIER.stage.in_(CARRYING)
    )
