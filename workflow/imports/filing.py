# SPDX-License-Identifier: EUPL-1.2
"""Read requests become dossiers: created and submitted, updated while not dispatched, or left as they are."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from itertools import islice
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from rules.render import render
from workflow.errors import RefusedError
from workflow.firing import PARIS
from workflow.guards.book import GUARDS
from workflow.imports.columns import as_cell, header_of
from workflow.imports.report import Fault, ImportReport, Progress, RowChange
from workflow.journal import preload_heads
from workflow.machine import fire
from workflow.models import Contract, Dossier, FundingLine
from workflow.permissions import Actor
from workflow.request_values import RequestValues
from workflow.stages import NOT_YET_DISPATCHED, STAGE_LABELS, Stage
from workflow.submission import (
    PERSONAL,
    Registry,
    add_dossier,
    differences,
    record_registered,
    update_request,
)

_BATCH = 200


class Read(NamedTuple):
    """One row once read: its number, its values, or None with its faults."""

    number: int
    values: RequestValues | None
    faults: list[Fault]


def file_requests(
    db: Session,
    contract: Contract,
    reads: Iterable[Read],
    report: ImportReport,
    now: datetime,
    actor: Actor,
    progress: Progress | None = None,
    total: int = 0,
) -> None:
    """Files every readable row and adds to the report. Flushes, never commits."""
    source = iter(reads)
    while batch := list(islice(source, _BATCH)):
        report.read += len(batch)
        for read in batch:
            report.reject(read.faults)
        _file_batch(
            db, contract, [(r.number, r.values) for r in batch if r.values is not None], report, now, actor
        )
        if progress is not None:
            progress(report.read, max(total, report.read))


def _file_batch(
    db: Session,
    contract: Contract,
    rows: list[tuple[int, RequestValues]],
    report: ImportReport,
    now: datetime,
    actor: Actor,
) -> None:
    registry = Registry(db, contract, [values for _, values in rows])
    known = _known(db, contract, [values for _, values in rows])
    fresh = [(number, values) for number, values in rows if (values.year, values.reference) not in known]
    for number, values in rows:
        dossier = known.get((values.year, values.reference))
        if dossier is not None:
            _refresh(db, dossier, number, values, registry, report, now, actor)
    for _, values in fresh:
        registry.porteurs.find_or_add(values)
    db.flush()
    added = [(number, values, add_dossier(registry, values, now)) for number, values in fresh]
    db.flush()
    preload_heads(db, [f"dossier:{dossier.id}" for *_, dossier in added])
    for number, values, dossier in added:
        moment = filing_moment(values.filed_on, now)
        record_registered(db, dossier, values, moment, actor)
        report.tell(RowChange(number, dossier.reference, values.title, is_new=True))
        _submit(db, dossier, number, report, moment, actor)
        if values.filed_on is not None and values.filed_on > now.astimezone(PARIS).date():
            report.warn(f"Ligne {number} : date_depot dans l’avenir, dépôt daté d’aujourd’hui.")
    report.created += len(added)


def filing_moment(filed_on: date | None, now: datetime) -> datetime:
    """Noon in Paris on the filing day; now when it is unknown, today or still ahead."""
    if filed_on is None:
        return now
    return min(datetime.combine(filed_on, time(12), PARIS).astimezone(now.tzinfo), now)


def _known(db: Session, contract: Contract, values: list[RequestValues]) -> dict[tuple[int, str], Dossier]:
    """Dossiers already there, by year and reference, with all that an update reads."""
    query = (
        select(Dossier)
        .where(Dossier.contract_id == contract.id)
        .where(Dossier.reference.in_([item.reference for item in values]))
        .options(
            selectinload(Dossier.lines).joinedload(FundingLine.credit),
            selectinload(Dossier.budget),
            joinedload(Dossier.porteur),
            joinedload(Dossier.action),
        )
    )
    return {(dossier.year, dossier.reference): dossier for dossier in db.scalars(query)}


def _refresh(
    db: Session,
    dossier: Dossier,
    number: int,
    values: RequestValues,
    registry: Registry,
    report: ImportReport,
    now: datetime,
    actor: Actor,
) -> None:
    stage = Stage(dossier.stage)
    if dossier.imported_digest == values.digest():
        report.unchanged += 1
    elif stage not in NOT_YET_DISPATCHED:
        report.unchanged += 1
        report.warn(
            f"Ligne {number} : le dossier {dossier.reference} est « {STAGE_LABELS[stage].lower()} », "
            "ses changements ne sont pas repris."
        )
    else:
        _tell_changes(db, dossier, number, values, report)
        update_request(db, dossier, values, now, actor, registry)
        report.updated += 1
        if stage is Stage.DRAFT:
            _submit(db, dossier, number, report, now, actor)


def _tell_changes(
    db: Session, dossier: Dossier, number: int, values: RequestValues, report: ImportReport
) -> None:
    """Field by field, what this row changes; the e-mail address, which the journal does not keep, is left out."""
    if report.changes is None:
        return
    fields = tuple(
        (header_of(name), as_cell(before), as_cell(after))
        for name, before, after in differences(db, dossier, values)
        if name not in PERSONAL
    )
    report.tell(RowChange(number, dossier.reference, values.title, is_new=False, fields=fields))


def _submit(
    db: Session, dossier: Dossier, number: int, report: ImportReport, moment: datetime, actor: Actor
) -> None:
    try:
        fire(db, dossier, "submit", actor, None, moment)
    except RefusedError as refused:
        why = " ".join(str(render(finding, GUARDS)["message"]) for finding in refused.findings)
        report.warn(f"Ligne {number} : le dossier {dossier.reference} reste en brouillon. {why}")


def only_year(reads: Iterable[Read], year: int | None) -> Iterator[Read]:
    """The rows of that year, and those that could not be read."""
    return (read for read in reads if year is None or read.values is None or read.values.year == year)
