# SPDX-License-Identifier: EUPL-1.2
"""Who types in which column: a financer in its own, the secretary of the conference in all, nobody once it is over."""

from collections.abc import Iterable

from workflow.errors import NotAllowedHereError, NotPermittedError
from workflow.grid.rows import GridColumn
from workflow.models import Seance
from workflow.permissions import Actor
from workflow.stages import SEANCE_LABELS, SEANCE_OVER, Role, SeanceStatus


def types_for_all(actor: Actor, seance: Seance) -> bool:
    """True for the secretary of this body."""
    return any(
        seat.role is Role.SECRETARY and seat.body in (None, seance.body)
        for seat in actor.seats_for(seance.contract_id)
    )


def is_over(seance: Seance) -> bool:
    """True for a séance whose table is only read."""
    return seance.status in SEANCE_OVER


def own_columns(actor: Actor, seance: Seance, columns: Iterable[GridColumn]) -> frozenset[int]:
    """The columns of the organisations this person answers for."""
    mine = actor.voices(seance.contract_id)
    return frozenset(column.id for column in columns if column.organisation_id in mine)


def editable_columns(actor: Actor, seance: Seance, columns: Iterable[GridColumn]) -> frozenset[int]:
    """The columns in which this person types now."""
    if is_over(seance):
        return frozenset()
    if types_for_all(actor, seance):
        return frozenset(column.id for column in columns)
    return own_columns(actor, seance, columns)


def require_open_table(seance: Seance) -> None:
    """Raises NotAllowedHereError once the séance is over."""
    if is_over(seance):
        label = SEANCE_LABELS[SeanceStatus(seance.status)]
        raise NotAllowedHereError(f"Cette séance est {label}\u00a0: sa table ne se modifie plus.")


def require_column(actor: Actor, seance: Seance, column: GridColumn) -> None:
    """Raises NotPermittedError unless this person types in this column."""
    if column.id not in editable_columns(actor, seance, (column,)):
        raise NotPermittedError(
            f"La colonne «\u00a0{column.organisation}, {column.label}\u00a0» n’est pas la vôtre\u00a0: son financeur et le "
            "secrétariat de la conférence la remplissent."
        )
