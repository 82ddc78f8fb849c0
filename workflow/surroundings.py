# SPDX-License-Identifier: EUPL-1.2
"""What the rules need to know around a dossier: its porteur's other requests and money, last year's, acknowledgements.

A constant number of queries whatever the number of dossiers.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from rules.details import PreviousFacts, SiblingFacts, YearlySumFacts
from workflow.firing import PARIS
from workflow.models import Award, Credit, Dossier, FundingLine, Message, Organisation
from workflow.stages import FUNDED_STAGES, OPEN_STAGES, LineState, Stage

ZERO = Decimal(0)
LIVE = tuple(stage.value for stage in (*sorted(OPEN_STAGES | FUNDED_STAGES), Stage.DRAFT))
FUNDED = frozenset(stage.value for stage in FUNDED_STAGES)
REPORTED = frozenset({Stage.REPORTED.value, Stage.CLOSED.value})
NOTHING_LEFT = frozenset(
    {
        LineState.DECLINED,
        LineState.NOT_CONCERNED,
        LineState.REFUSED,
        LineState.CANCELLED,
        LineState.INELIGIBLE,
    }
)
ACKNOWLEDGEMENT = "request_acknowledged"
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known around one dossier; the default knows nothing."""

    siblings: tuple[SiblingFacts, ...] = ()
    yearly_sums: tuple[YearlySumFacts, ...] = ()
    previous: PreviousFacts | None = None
    acknowledged_on: date | None = None


class _Brought(NamedTuple):
    """What one line brings, in euros; never nil."""

    organisation_id: int
    financer: str
    in_kind: bool
    amount: Decimal


def surroundings_of(db: Session, dossiers: Sequence[Dossier]) -> Mapping[int, Surroundings]:
    """By dossier id. Reads the porteurs' dossiers of these years, their lines, their awards, the sent messages."""
    bodies = _bodies_of(db, dossiers)
    rows = _porteurs_dossiers(db, dossiers, bodies)
    brought, requested = _brought_by(db, dossiers, bodies), _requested_of(db, dossiers, bodies)
    awards = _awards_of(db, dossiers)
    previous, acknowledged = _previous_of(db, dossiers), _acknowledged(db, dossiers)
    by_body: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    by_porteur: defaultdict[tuple[int, int, int], list[tuple[int, SiblingFacts]]] = defaultdict(list)
    for row in rows:
        if row.stage in FUNDED:
            by_body[bodies[row.porteur_id], row.year].append(row.id)
        facts = SiblingFacts(
            row.reference, row.title, row.total_cost, requested.get(row.id), row.dauphin_number
        )
        by_porteur[row.contract_id, row.porteur_id, row.year].append((row.id, facts))
    found = {}
    for dossier in dossiers:
        body = bodies[dossier.porteur_id]
        family = by_porteur[dossier.contract_id, dossier.porteur_id, dossier.year]
        found[dossier.id] = Surroundings(
            siblings=tuple(facts for id_, facts in family if id_ != dossier.id),
            yearly_sums=_sums(
                dossier, by_body[body, dossier.year], brought, awards.get((body, dossier.year), {})
            ),
            previous=previous.get((dossier.action_id, dossier.year - 1)),
            acknowledged_on=acknowledged.get(f"dossier:{dossier.id}"),
        )
    return found


def _bodies_of(db: Session, dossiers: Sequence[Dossier]) -> Mapping[int, str]:
    """Organisation → the body in law it belongs to, its SIREN: these porteurs and their other establishments.

    Without a SIREN, an organisation is a body by itself.
    """
    bodies = {d.porteur_id: (d.porteur.siret or "")[:9] or f"#{d.porteur_id}" for d in dossiers}
    siren = func.substr(Organisation.siret, 1, 9)
    others = _in_chunks(db, select(Organisation.id, siren), siren, set(bodies.values()))
    return bodies | dict(others)


def _porteurs_dossiers(db: Session, dossiers: Sequence[Dossier], porteurs: Iterable[int]) -> list[Any]:
    """Every live dossier of these porteurs and years, whatever its contract: the law adds up what one body receives."""
    columns = (
        Dossier.id,
        Dossier.contract_id,
        Dossier.porteur_id,
        Dossier.year,
        Dossier.stage,
        Dossier.reference,
        Dossier.title,
        Dossier.total_cost,
        Dossier.dauphin_number,
    )
    query = select(*columns).where(_in_years(dossiers), Dossier.stage.in_(LIVE)).order_by(Dossier.id)
    return list(_in_chunks(db, query, Dossier.porteur_id, porteurs))


def _in_years(dossiers: Sequence[Dossier]) -> ColumnElement[bool]:
    return Dossier.year.in_({dossier.year for dossier in dossiers})


def _in_chunks(db: Session, query: Any, column: Any, values: Iterable[Any]) -> Iterator[Any]:
    """The rows of the query for these values, few enough at a time for any database."""
    source = iter(sorted(values))
    while chunk := list(islice(source, _CHUNK)):
        yield from db.execute(query.where(column.in_(chunk)))


def _requested_of(
    db: Session, dossiers: Sequence[Dossier], porteurs: Iterable[int]
) -> Mapping[int, Decimal | None]:
    """What each of their live dossiers asks in all; None when nothing is known."""
    query = select(FundingLine.dossier_id, func.sum(FundingLine.requested)).join(FundingLine.dossier)
    live = query.where(_in_years(dossiers), Dossier.stage.in_(LIVE)).group_by(FundingLine.dossier_id)
    return dict(_in_chunks(db, live, Dossier.porteur_id, porteurs))


def _brought_by(
    db: Session, dossiers: Sequence[Dossier], porteurs: Iterable[int]
) -> Mapping[int, list[_Brought]]:
    """What the lines of their funded dossiers bring, by dossier.

    Chosen by porteur, not by dossier: there may be many more dossiers than porteurs.
    """
    columns = (
        FundingLine.dossier_id,
        FundingLine.key,
        FundingLine.state,
        FundingLine.retained,
        FundingLine.granted,
        FundingLine.in_kind_value,
        Credit.organisation_id,
    )
    query = select(*columns).join(FundingLine.credit).join(FundingLine.dossier).order_by(FundingLine.id)
    funded = query.where(
        _in_years(dossiers), Dossier.stage.in_(FUNDED), FundingLine.state.not_in(NOTHING_LEFT)
    )
    found: defaultdict[int, list[_Brought]] = defaultdict(list)
    for row in _in_chunks(db, funded, Dossier.porteur_id, porteurs):
        in_kind = row.state == LineState.IN_KIND
        money = row.granted if row.granted is not None else row.retained
        if amount := row.in_kind_value if in_kind else money:
            financer = row.key.partition(":")[0]
            found[row.dossier_id].append(_Brought(row.organisation_id, financer, in_kind, amount))
    return found


def _awards_of(db: Session, dossiers: Sequence[Dossier]) -> Mapping[tuple[str, int], dict[str, Decimal]]:
    """Euros by financer of the awards that no dossier carries, by SIREN and year, whatever their contract.

    A published line that two contracts imported is one award.
    """
    sirens = {dossier.porteur.siret[:9] for dossier in dossiers if dossier.porteur.siret}
    years = {dossier.year for dossier in dossiers}
    columns = (Award.siren, Award.year, Award.line_key, Award.financer, Award.granted, Award.dossier_id)
    query = select(*columns).where(Award.year.in_(years)).order_by(Award.id)
    lines: dict[tuple[str, int, str], Any] = {}
    for row in _in_chunks(db, query, Award.siren, sirens):
        place = (row.siren, row.year, row.line_key)
        if place not in lines or row.dossier_id is not None:
            lines[place] = row
    found: defaultdict[tuple[str, int], dict[str, Decimal]] = defaultdict(dict)
    for row in lines.values():
        if row.dossier_id is None:
            sums = found[row.siren, row.year]
            sums[row.financer] = sums.get(row.financer, ZERO) + row.granted
    return found


def _previous_of(db: Session, dossiers: Sequence[Dossier]) -> Mapping[tuple[int, int], PreviousFacts]:
    """Last year's dossier of the same action: whether its reports came."""
    years = {dossier.year - 1 for dossier in dossiers}
    columns = (Dossier.action_id, Dossier.year, Dossier.reference, Dossier.stage, Dossier.follow_up)
    query = select(*columns).where(Dossier.year.in_(years), Dossier.stage.in_(FUNDED)).order_by(Dossier.id)
    rows = _in_chunks(db, query, Dossier.action_id, {dossier.action_id for dossier in dossiers})
    return {
        (row.action_id, row.year): PreviousFacts(
            row.reference,
            interim_report=bool(row.follow_up.get("interim_report_on")) or row.stage in REPORTED,
            final_report=row.stage in REPORTED,
        )
        for row in rows
    }


def _acknowledged(db: Session, dossiers: Sequence[Dossier]) -> Mapping[str, date]:
    """The day the acknowledgement of each request left."""
    query = select(Message.subject_ref, Message.sent_at).where(
        Message.kind == ACKNOWLEDGEMENT, Message.sent_at.is_not(None)
    )
    found: dict[str, date] = {}
    for subject, sent_at in _in_chunks(db, query, Message.subject_ref, {f"dossier:{d.id}" for d in dossiers}):
        day = sent_at.astimezone(PARIS).date()
        found[subject] = min(day, found.get(subject, day))
    return found


def _sums(
    dossier: Dossier,
    family: Sequence[int],
    brought: Mapping[int, list[_Brought]],
    awards: Mapping[str, Decimal],
) -> tuple[YearlySumFacts, ...]:
    """What is granted, else retained, in money; and in kind, valued; the porteur's own share is no subsidy.

    `family`: the body's funded dossiers of the year. Financers in the order of their codes.
    """
    here: defaultdict[str, Decimal] = defaultdict(Decimal)
    elsewhere: defaultdict[str, Decimal] = defaultdict(Decimal)
    kind: defaultdict[str, Decimal] = defaultdict(Decimal)
    for id_ in family:
        sums = here if id_ == dossier.id else elsewhere
        for one in brought.get(id_, ()):
            if one.organisation_id != dossier.porteur_id:
                (kind if one.in_kind else sums)[one.financer] += one.amount
    known = sorted(here.keys() | elsewhere.keys() | kind.keys() | awards.keys())
    found = (YearlySumFacts(f, here[f], elsewhere[f], awards.get(f, ZERO), kind[f]) for f in known)
    return tuple(one for one in found if one.here or one.elsewhere or one.awards or one.kind_value)
