# SPDX-License-Identifier: EUPL-1.2
"""One import from end to end, inside the caller's transaction: open, read, write, account for every row."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from workflow.contracts import territory_of
from workflow.errors import InvalidInputError
from workflow.imports.awards import write_awards
from workflow.imports.filing import Read, file_requests, only_year
from workflow.imports.opening import open_table
from workflow.imports.p147 import REQUIRED, P147Reader, as_requests
from workflow.imports.report import ImportReport, Progress
from workflow.imports.requests import read_requests
from workflow.imports.source import Table, UnreadableFileError, header_key
from workflow.models import Contract
from workflow.names import typeset
from workflow.permissions import IMPORT, Actor

Profile = Literal["requests", "p147"]
Target = Literal["requests", "awards"]


def import_file(
    db: Session,
    contract: Contract,
    path: Path,
    now: datetime,
    *,
    profile: Profile = "requests",
    target: Target | None = None,
    year: int | None = None,
    dry_run: bool = False,
    actor: Actor = IMPORT,
    progress: Progress | None = None,
    in_steps: bool = False,
) -> ImportReport:
    """Imports the file and gives the account; the caller commits. `dry_run` accounts the same and writes nothing.

    `in_steps`: no savepoint; the caller keeps or undoes what is written so far each time `progress` is called, so that a
    long file holds the database a few seconds at most. What each row does is then told in the report.

    Raises UnreadableFileError (nothing written) and InvalidInputError (options that do not go together).
    """
    if profile == "requests" and target == "awards":
        raise InvalidInputError("« --as awards » ne vaut qu’avec « --profile p147 ».", "as")
    report = ImportReport(dry_run=dry_run, changes=[] if in_steps else None)
    plan_afresh(db)
    with nullcontext() if in_steps else _kept(db, not dry_run):
        try:
            table = open_table(path)
            if profile == "p147":
                _import_p147(db, contract, table, target or "awards", year, report, now, actor, progress)
            else:
                _hint(table)
                reads = only_year(read_requests(table, territory_of(contract)), year)
                file_requests(db, contract, reads, report, now, actor, progress, table.total)
        except UnreadableFileError as error:
            raise UnreadableFileError(f"{path.name} : {error.message}") from error
    report.warnings[:0] = map(typeset, table.warnings)
    return report


def plan_afresh(db: Session) -> None:
    """On PostgreSQL, plans each statement for the tables as they are: a plan cached while they were empty is ruinous."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


@contextmanager
def _kept(db: Session, is_kept: bool) -> Iterator[None]:
    """A savepoint, undone at the end unless kept, and undone by any error: nothing is half written."""
    savepoint = db.begin_nested()
    try:
        yield
    except BaseException:
        savepoint.rollback()
        raise
    if is_kept:
        savepoint.commit()
    else:
        savepoint.rollback()


def _import_p147(
    db: Session,
    contract: Contract,
    table: Table,
    target: Target,
    year: int | None,
    report: ImportReport,
    now: datetime,
    actor: Actor,
    progress: Progress | None,
) -> None:
    reader = P147Reader(table, year)
    if target == "awards":
        write_awards(db, contract, reader, report, progress)
    else:
        reads: Iterator[Read] = as_requests(reader)
        file_requests(db, contract, reads, report, now, actor, progress, table.total)
    report.warn(*reader.warnings())


def _hint(table: Table) -> None:
    if set(REQUIRED) <= {header_key(header) for header in table.headers}:
        raise UnreadableFileError(
            "Ce fichier est une liste de subventions publiées : ajoutez « --profile p147 »."
        )
