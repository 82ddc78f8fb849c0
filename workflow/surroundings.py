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
from typing import Any

from sqlalchemy import func, select
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


def surroundings_of(db: Session, dossiers: Sequence[Dossier]) -> Mapping[int, Surroundings]:
    """By dossier id. Reads the porteurs' dossiers of these years, their lines, their awards, the sent messages."""
    bodies = _bodies_of(db, dossiers)
    rows = _porteurs_dossiers(db, dossiers, bodies)
    lines = _lines_of(db, [row.id for row in rows])
    awards = _awards_of(db, dossiers)
    previous, acknowledged = _previous_of(db, dossiers), _acknowledged(db, dossiers)
    by_body: defaultdict[tuple[str, int], list[Any]] = defaultdict(list)
    for row in rows:
        by_body[bodies[row.porteur_id], row.year].append(row)
    found = {}
    for dossier in dossiers:
        body = bodies[dossier.porteur_id]
        family = by_body[body, dossier.year]
        found[dossier.id] = Surroundings(
            siblings=_siblings(dossier, family, lines),
            yearly_sums=_sums(dossier, family, lines, awards.get((body, dossier.year), {})),
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
    years = {dossier.year for dossier in dossiers}
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
    query = select(*columns).where(Dossier.year.in_(years), Dossier.stage.in_(LIVE)).order_by(Dossier.id)
    return list(_in_chunks(db, query, Dossier.porteur_id, porteurs))


def _in_chunks(db: Session, query: Any, column: Any, values: Iterable[Any]) -> Iterator[Any]:
    """The rows of the query for these values, few enough at a time for any database."""
    source = iter(sorted(values))
    while chunk := list(islice(source, _CHUNK)):
        yield from db.execute(query.where(column.in_(chunk)))


def _lines_of(db: Session, ids: Sequence[int]) -> Mapping[int, list[Any]]:
    columns = (
        FundingLine.dossier_id,
        FundingLine.key,
        FundingLine.state,
        FundingLine.requested,
        FundingLine.retained,
        FundingLine.granted,
        FundingLine.in_kind_value,
        Credit.organisation_id,
    )
    query = select(*columns).join(Credit, Credit.id == FundingLine.credit_id).order_by(FundingLine.id)
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in _in_chunks(db, query, FundingLine.dossier_id, ids):
        found[row.dossier_id].append(row)
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


def _siblings(
    dossier: Dossier, family: Sequence[Any], lines: Mapping[int, list[Any]]
) -> tuple[SiblingFacts, ...]:
    return tuple(
        SiblingFacts(
            row.reference,
            row.title,
            row.total_cost,
            _requested(lines.get(row.id, ())),
            row.dauphin_number,
        )
        for row in family
        if row.id != dossier.id
        and row.porteur_id == dossier.porteur_id
        and row.contract_id == dossier.contract_id
    )


def _requested(lines: Iterable[Any]) -> Decimal | None:
    known = [line.requested for line in lines if line.requested is not None]
    return sum(known, ZERO) if known else None


def _sums(
    dossier: Dossier, family: Sequence[Any], lines: Mapping[int, list[Any]], awards: Mapping[str, Decimal]
) -> tuple[YearlySumFacts, ...]:
    """What is granted, else retained, in money; and in kind, valued; the porteur's own share is no subsidy.

    Financers in the order of their codes.
    """
    here: defaultdict[str, Decimal] = defaultdict(Decimal)
    elsewhere: defaultdict[str, Decimal] = defaultdict(Decimal)
    kind: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in family:
        if row.stage not in FUNDED:
            continue
        sums = here if row.id == dossier.id else elsewhere
        for line in lines.get(row.id, ()):
            if line.organisation_id == dossier.porteur_id:
                continue
            financer = line.key.partition(":")[0]
            if line.state == LineState.IN_KIND:
                kind[financer] += line.in_kind_value or ZERO
            elif line.state not in NOTHING_LEFT:
                sums[financer] += line.granted if line.granted is not None else line.retained or ZERO
    known = sorted(here.keys() | elsewhere.keys() | kind.keys() | awards.keys())
    found = (YearlySumFacts(f, here[f], elsewhere[f], awards.get(f, ZERO), kind[f]) for f in known)
    return tuple(one for one in found if one.here or one.elsewhere or one.awards or one.kind_value)
