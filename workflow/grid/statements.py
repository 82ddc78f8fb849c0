# SPDX-License-Identifier: EUPL-1.2
"""What the grid asks the database, written once: columns of tables, for a whole agenda or for some of its dossiers.

Tables and not mapped classes: thousands of rows go straight from the driver into plain values.
"""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import BigInteger, ColumnElement, Select, Table, bindparam, func, select, type_coerce
from sqlalchemy.orm import Session

from workflow.models import Dossier, FundingLine, Opinion, Organisation, SeanceItem, Waiver
from workflow.stages import OpinionState


class Pair(NamedTuple):
    """One statement for the whole agenda, and the same for some dossiers."""

    whole: Select[Any]
    some: Select[Any]


def rows_of(db: Session, pair: Pair, seance_id: int, only: Collection[int] | None) -> Sequence[Any]:
    """The rows of the agenda; `only` those of these dossiers."""
    if only is None:
        return db.execute(pair.whole, {"seance": seance_id}).all()
    return db.execute(pair.some, {"seance": seance_id, "only": list(only)}).all()


_item, _dossier, _line, _opinion, _waiver, _porteur = (
    cast("Table", model.__table__)
    for model in (SeanceItem, Dossier, FundingLine, Opinion, Waiver, Organisation)
)


def _pair(query: Select[Any]) -> Pair:
    here = query.where(_item.c.seance_id == bindparam("seance"))
    return Pair(here, here.where(_item.c.dossier_id.in_(bindparam("only", expanding=True))))


def _cents(column: ColumnElement[Any]) -> ColumnElement[int]:
    return type_coerce(column, BigInteger).label(column.key)


def _of_agenda(*columns: ColumnElement[Any]) -> Pair:
    """Of each dossier, in the order of the agenda."""
    return _pair(
        select(*columns)
        .join_from(_dossier, _item, _item.c.dossier_id == _dossier.c.id)
        .join(_porteur, _porteur.c.id == _dossier.c.porteur_id)
        .order_by(_item.c.rank, _item.c.id)
    )


def _versions(table: Table, grown: ColumnElement[Any]) -> Pair:
    return _pair(
        select(table.c.dossier_id, func.count(), func.max(table.c.id), grown)
        .join_from(table, _item, _item.c.dossier_id == table.c.dossier_id)
        .group_by(table.c.dossier_id)
    )


DOSSIER_VERSIONS = _of_agenda(_dossier.c.id, _dossier.c.version, _porteur.c.name)
LINE_VERSIONS = _versions(_line, func.sum(_line.c.version))
OPINION_VERSIONS = _versions(_opinion, func.sum(_opinion.c.version))
SETTLEMENT_VERSIONS = _versions(_waiver, func.count())

DOSSIERS = _of_agenda(
    _dossier.c.id,
    _dossier.c.action_id,
    _dossier.c.reference,
    _dossier.c.title,
    _porteur.c.name.label("porteur"),
    _dossier.c.porteur_id,
    _dossier.c.stage,
    _dossier.c.year,
    _cents(_dossier.c.total_cost),
    _cents(_dossier.c.own_resources),
    _cents(_dossier.c.other_resources),
    _dossier.c.cpo,
    _dossier.c.objectives,
    _dossier.c.opinions_due_on,
    _dossier.c.synthesis,
    _dossier.c.holders,
    _dossier.c.themes,
    _dossier.c.qpv,
)
LINES = _pair(
    select(
        _line.c.id,
        _line.c.dossier_id,
        _line.c.credit_id,
        _line.c.key,
        _line.c.version,
        _line.c.state,
        *(
            _cents(_line.c[name])
            for name in (
                "requested",
                "proposed",
                "promised",
                "retained",
                "granted",
                "forecast",
                "in_kind_value",
            )
        ),
        _line.c.in_kind,
        _line.c.condition_confirmed,
        _line.c.expected_on,
        _line.c.reason,
    )
    .join_from(_line, _dossier, _dossier.c.id == _line.c.dossier_id)
    .join(_item, _item.c.dossier_id == _dossier.c.id)
    .where(_line.c.year == _dossier.c.year)
    .order_by(_line.c.id)
)
OPINIONS = _pair(
    select(_opinion.c.dossier_id, _opinion.c.organisation_id, _opinion.c.value)
    .join_from(_opinion, _dossier, _dossier.c.id == _opinion.c.dossier_id)
    .join(_item, _item.c.dossier_id == _dossier.c.id)
    .where(_opinion.c.round == _dossier.c.round, _opinion.c.state != OpinionState.CANCELLED)
)
SETTLEMENTS = _pair(
    select(
        _waiver.c.dossier_id, _waiver.c.rule, _waiver.c.kind, _waiver.c.by, _waiver.c.reason, _waiver.c.line
    )
    .join_from(_waiver, _item, _item.c.dossier_id == _waiver.c.dossier_id)
    .order_by(_waiver.c.id)
)
