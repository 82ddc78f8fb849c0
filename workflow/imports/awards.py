# SPDX-License-Identifier: EUPL-1.2
"""Published lines become award rows, written in batches; the same line read again changes nothing."""

from itertools import islice
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from workflow.imports.p147 import CREDIT, FINANCER, SOURCE, P147Line, P147Reader
from workflow.imports.report import ImportReport, Progress
from workflow.models import Award, Contract

_BATCH = 2_000
_AWARD = cast("Table", Award.__table__)
# Columns a later file may complete or correct, and the header that states each.
_STATED = {
    "beneficiary": "nom_beneficiaire",
    "inside": "marqueur_contrat",
    "cpo": "marqueur_cpo",
    "markers": "marqueurs_dispositif",
}


def write_awards(
    db: Session,
    contract: Contract,
    reader: P147Reader,
    report: ImportReport,
    progress: Progress | None = None,
) -> None:
    """Writes every readable line and adds to the report. Never commits; memory does not grow with the file."""
    stated = [column for column, header in _STATED.items() if header in reader.columns]
    source, is_first = reader.lines(), _is_first(db, contract)
    while batch := list(islice(source, _BATCH)):
        report.read += len(batch)
        lines = []
        for item in batch:
            if isinstance(item, list):
                report.reject(item)
            else:
                lines.append(item)
        known = {} if is_first else _known(db, contract, [line.identity for line in lines])
        _write_batch(db, contract, lines, known, stated, report)
        if progress is not None:
            progress(report.read, max(reader.table.total, report.read))


def _write_batch(
    db: Session,
    contract: Contract,
    lines: list[P147Line],
    known: dict[str, Any],
    stated: list[str],
    report: ImportReport,
) -> None:
    fresh = [_row(contract, line) for line in lines if line.identity not in known]
    changed = []
    for line in lines:
        row = known.get(line.identity)
        if row is not None and any(row[column] != getattr(line, column) for column in stated):
            changed.append({"award": row["id"]} | {column: getattr(line, column) for column in stated})
    if fresh:
        db.execute(insert(_AWARD), fresh)
    if changed:
        statement = update(_AWARD).where(_AWARD.c.id == bindparam("award"))
        db.connection().execute(statement.values({column: bindparam(column) for column in stated}), changed)
    report.created += len(fresh)
    report.updated += len(changed)
    report.unchanged += len(lines) - len(fresh) - len(changed)


def _is_first(db: Session, contract: Contract) -> bool:
    """True when the contract has no award yet: every line is new, identities being unique within a file."""
    return db.scalar(select(_AWARD.c.id).where(_AWARD.c.contract_id == contract.id).limit(1)) is None


def _known(db: Session, contract: Contract, identities: list[str]) -> dict[str, Any]:
    columns = (_AWARD.c.id, _AWARD.c.line_key, *(_AWARD.c[column] for column in _STATED))
    query = select(*columns).where(_AWARD.c.contract_id == contract.id, _AWARD.c.line_key.in_(identities))
    return {row["line_key"]: row for row in db.execute(query).mappings()}


def _row(contract: Contract, line: P147Line) -> dict[str, Any]:
    return {
        "contract_id": contract.id,
        "year": line.year,
        "siren": line.siren,
        "beneficiary": line.beneficiary,
        "financer": FINANCER,
        "credit": CREDIT,
        "granted": line.amount,
        "title": line.title,
        "inside": line.inside,
        "cpo": line.cpo,
        "markers": line.markers,
        "source": SOURCE,
        "line_key": line.identity,
    }
