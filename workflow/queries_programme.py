# SPDX-License-Identifier: EUPL-1.2
"""The programme table whole, as rows of columns; sums by theme; the years side by side. Amounts in cents: they are many."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, cast, func, select, type_coerce
from sqlalchemy.orm import Session

from workflow.envelope_facts import DEAD
from workflow.models import (
    Award,
    Contract,
    Credit,
    Dossier,
    Envelope,
    FundingLine,
    Journal,
    Organisation,
    Person,
)
from workflow.previous_year import IN_SCHEME
from workflow.stages import FUNDED_STAGES
from workflow.territory import Nature

ZERO = Decimal(0)
SUMS = ("requested", "proposed", "retained", "granted", "paid", "spent")
FUNDED = [stage.value for stage in FUNDED_STAGES]
DEAD_STATES = [state.value for state in DEAD]


class ProgrammeRow(NamedTuple):
    """One dossier of the table; sums in cents, None when no line carries such an amount."""

    id: int
    reference: str
    stage: str
    title: str
    porteur: str
    lead: str | None
    theme: str | None
    qpv: list[str] | None
    cpo: bool | None
    total_cost: int | None
    sums: tuple[int | None, ...]
    lines: int


@dataclass(slots=True)
class YearSums:
    """One year of the programme: its actions and its euros, of which ordinary law and published awards."""

    year: int
    actions: int = 0
    granted: Decimal = ZERO
    ordinary: Decimal = ZERO
    awards: int = 0

    @property
    def ordinary_share(self) -> float | None:
        """The share of ordinary law."""
        return float(self.ordinary / self.granted) if self.granted else None


def programme_rows(db: Session, contract: Contract, year: int) -> list[ProgrammeRow]:
    """Every dossier of the year, by reference: two statements, whatever their number."""
    mine = (Dossier.contract_id == contract.id, Dossier.year == year)
    sums = db.execute(
        select(
            FundingLine.dossier_id,
            *(cast(func.sum(getattr(FundingLine, name)), BigInteger) for name in SUMS),
            func.count(),
        )
        .join(Dossier, Dossier.id == FundingLine.dossier_id)
        .where(*mine)
        .group_by(FundingLine.dossier_id)
    )
    money = {row[0]: (tuple(row[1:7]), row[7]) for row in sums}
    rows = db.execute(
        select(
            Dossier.id,
            Dossier.reference,
            Dossier.stage,
            Dossier.title,
            Organisation.name,
            Person.name,
            Dossier.theme,
            Dossier.qpv,
            Dossier.cpo,
            type_coerce(Dossier.total_cost, BigInteger),
        )
        .join(Organisation, Organisation.id == Dossier.porteur_id)
        .outerjoin(Person, Person.id == Dossier.lead_instructor_id)
        .where(*mine)
        .order_by(Dossier.reference)
    )
    nothing = ((None,) * len(SUMS), 0)
    return [ProgrammeRow(*row, *money.get(row[0], nothing)) for row in rows]


def _counted() -> tuple[ColumnElement[bool], ...]:
    """Lines that make the programme: living, of funded dossiers, and never the porteur's own share."""
    return (
        Dossier.stage.in_(FUNDED),
        Dossier.scheme == IN_SCHEME,
        FundingLine.year == Dossier.year,
        FundingLine.state.not_in(DEAD_STATES),
        Credit.organisation_id != Dossier.porteur_id,
    )


def theme_sums(db: Session, contract: Contract, year: int) -> list[tuple[str | None, int, Decimal]]:
    """Of each thematic group: its actions and their euros, the most invested first."""
    total = func.sum(func.coalesce(FundingLine.granted, FundingLine.retained))
    rows = db.execute(
        select(Dossier.theme, func.count(Dossier.id.distinct()), total)
        .join(FundingLine, FundingLine.dossier_id == Dossier.id)
        .join(Credit, Credit.id == FundingLine.credit_id)
        .where(Dossier.contract_id == contract.id, Dossier.year == year, *_counted())
        .group_by(Dossier.theme)
    )
    found = [(theme, actions, amount or ZERO) for theme, actions, amount in rows]
    return sorted(found, key=lambda one: -one[2])


def years_compared(db: Session, contract: Contract) -> list[YearSums]:
    """Every year that has a programme, the oldest first: three statements."""
    found: defaultdict[int, YearSums] = defaultdict(lambda: YearSums(0))
    counts = select(Dossier.year, func.count()).where(
        Dossier.contract_id == contract.id, Dossier.stage.in_(FUNDED), Dossier.scheme == IN_SCHEME
    )
    for year, actions in db.execute(counts.group_by(Dossier.year)):
        found[year].actions = actions
    sums = (
        select(
            Dossier.year, Credit.nature, func.sum(func.coalesce(FundingLine.granted, FundingLine.retained))
        )
        .join(FundingLine, FundingLine.dossier_id == Dossier.id)
        .join(Credit, Credit.id == FundingLine.credit_id)
        .where(Dossier.contract_id == contract.id, *_counted())
        .group_by(Dossier.year, Credit.nature)
    )
    for year, nature, amount in db.execute(sums):
        found[year].granted += amount or ZERO
        if nature == Nature.DROIT_COMMUN:
            found[year].ordinary += amount or ZERO
    for row in _awards(db, contract):
        one = found[row.year]
        one.actions, one.awards = one.actions + row.actions, one.awards + row.actions
        one.granted += row.amount or ZERO
        if row.credit.endswith(Nature.DROIT_COMMUN):
            one.ordinary += row.amount or ZERO
    for year, one in found.items():
        one.year = year
    return sorted(found.values(), key=lambda one: one.year)


def _awards(db: Session, contract: Contract) -> Sequence[Any]:
    """The contract's awards that no dossier carries; those of a body to itself bring nothing."""
    holder = (
        select(Credit.id)
        .join(Organisation, Organisation.id == Credit.organisation_id)
        .where(Credit.contract_id == contract.id, Credit.financer == Award.financer)
        .where(func.substr(Organisation.siret, 1, 9) == Award.siren)
        .exists()
    )
    amount = func.sum(Award.granted).filter(~holder)
    return db.execute(
        select(
            Award.year,
            Award.credit,
            func.count().label("actions"),
            amount.label("amount"),
        )
        .where(Award.contract_id == contract.id, Award.inside.is_(True), Award.dossier_id.is_(None))
        .group_by(Award.year, Award.credit)
    ).all()


def programme_stamp(db: Session, contract: Contract) -> tuple[Any, ...]:
    """What changes whenever the figures may: the last act of the journal, the awards, the envelopes, the settings."""
    last = select(Journal.id).where(Journal.contract_id == contract.id).order_by(Journal.id.desc()).limit(1)
    awards = select(func.count(), func.max(Award.id)).where(Award.contract_id == contract.id)
    envelopes = (
        select(func.count(), func.sum(Envelope.version))
        .join(Credit, Credit.id == Envelope.credit_id)
        .where(Credit.contract_id == contract.id)
    )
    row = db.execute(select(last.scalar_subquery(), *_columns(awards), *_columns(envelopes))).one()
    return (contract.id, contract.settings_digest, *row)


def _columns(query: Any) -> tuple[Any, ...]:
    sub = query.subquery()
    return tuple(select(column).scalar_subquery() for column in sub.c)
