# SPDX-License-Identifier: EUPL-1.2
"""Importing a file from the pages: kept as a document, previewed then imported as tasks, a few seconds of database at a time."""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, undefer

from app.tasks import Host, Progress, enqueue, register
from workflow import journal
from workflow.administration import require_import
from workflow.contracts import territory_of
from workflow.errors import InvalidInputError, NotAllowedHereError, UnknownReferenceError, WorkflowError
from workflow.imports.opening import open_table
from workflow.imports.p147 import P147Reader
from workflow.imports.rejected import reasons_by_row, rejected_rows
from workflow.imports.requests import read_requests
from workflow.imports.run import import_file, plan_afresh
from workflow.models import Contract, Document, FileImport
from workflow.permissions import Actor

TASK, KIND, LARGEST = "file_import", "import", 30_000_000
PROFILES = ("requests", "p147")
TARGETS = ("awards", "requests")


@contextmanager
def on_disk(content: bytes, name: str) -> Iterator[Path]:
    """The file where the readers can open it, under its own name, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="coi-import-") as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        yield path


def receive_file(
    host: Host,
    contract_id: int,
    actor: Actor,
    stream: BinaryIO,
    name: str,
    *,
    profile: str,
    target: str | None,
    year: int | None,
) -> int:
    """Checks that the file can be read, keeps it, asks for its preview; gives the import's number.

    Raises UnreadableFileError, InvalidInputError, NotPermittedError.
    """
    require_import(actor, contract_id)
    if profile not in PROFILES or target not in (*TARGETS, None):
        raise InvalidInputError("Profil : à choisir dans la liste.", "profile")
    content, name = stream.read(LARGEST + 1), _plain_name(name)
    if not content:
        raise InvalidInputError("Fichier : il est vide.", "file")
    if len(content) > LARGEST:
        raise InvalidInputError(f"Fichier : il dépasse {LARGEST // 1_000_000} Mo.", "file")
    with host.write() as db:
        contract = db.get_one(Contract, contract_id)
        territory, number = territory_of(contract), contract.id
    with on_disk(content, name) as path:
        table = open_table(path)
        if profile == "p147":
            P147Reader(table, year)
        else:
            read_requests(table, territory)
    with host.write() as db:
        document = Document(
            contract_id=number,
            kind=KIND,
            subject=f"contract:{number}",
            name=name,
            media_type="application/octet-stream",
            sha256=hashlib.sha256(content).hexdigest(),
            content=content,
            created_at=host.now(),
        )
        db.add(document)
        db.flush()
        return _asked(db, document, actor, host, profile=profile, target=target, year=year)


def _plain_name(name: str) -> str:
    """The name without its folders, as every disk takes it: cut in bytes, its end kept, for it tells the kind of file."""
    last = "".join(sign for sign in name.replace("\\", "/").rpartition("/")[2] if sign.isprintable())
    return last.encode()[-100:].decode(errors="ignore").lstrip(".") or "fichier"


def _asked(
    db: Session,
    document: Document,
    actor: Actor,
    host: Host,
    *,
    profile: str,
    target: str | None,
    year: int | None,
) -> int:
    """The row of the import and its preview's task."""
    task = enqueue(db, TASK, {}, host.now(), document.contract_id)
    row = FileImport(
        contract_id=document.contract_id,
        document_id=document.id,
        person_id=actor.person_id,
        profile=profile,
        target=target if profile == "p147" else None,
        year=year,
        preview_task_id=task.id,
        created_at=host.now(),
    )
    db.add(row)
    db.flush()
    task.payload = {"import": row.id, "dry_run": True}
    return row.id


def find_import(db: Session, contract_id: int, number: int) -> FileImport:
    """One import of the contract with its tasks. Raises UnknownReferenceError."""
    found = None
    if 0 < number < 2**31:
        found = db.scalar(
            select(FileImport)
            .where(FileImport.id == number, FileImport.contract_id == contract_id)
            .options(
                joinedload(FileImport.preview),
                joinedload(FileImport.run),
                joinedload(FileImport.document),
                joinedload(FileImport.person),
            )
        )
    if found is None:
        raise UnknownReferenceError(f"Import inconnu : n° {number}.")
    return found


def list_imports(db: Session, contract_id: int, limit: int = 20) -> list[FileImport]:
    """The newest imports of the contract, without the files."""
    query = (
        select(FileImport)
        .where(FileImport.contract_id == contract_id)
        .options(
            joinedload(FileImport.preview),
            joinedload(FileImport.run),
            joinedload(FileImport.document),
            joinedload(FileImport.person),
        )
        .order_by(FileImport.id.desc())
        .limit(limit)
    )
    return list(db.scalars(query))


def start_import(db: Session, contract_id: int, number: int, actor: Actor, host: Host) -> bool:
    """Asks for the import itself, once; False when it was already asked. Raises NotAllowedHereError before the preview."""
    require_import(actor, contract_id)
    found = find_import(db, contract_id, number)
    db.refresh(found, ["import_task_id"], with_for_update=True)
    if found.import_task_id is not None:
        return False
    if found.preview.state != "done" or "refused" in (found.preview.result or {}):
        raise NotAllowedHereError("L’import se lance une fois l’aperçu terminé et lisible.")
    task = enqueue(db, TASK, {"import": found.id, "dry_run": False}, host.now(), contract_id)
    found.import_task_id = task.id
    journal.record(
        db,
        contract_id=contract_id,
        chain=f"import:{found.id}",
        actor=actor,
        trigger="import_file",
        now=host.now(),
        details={"file": found.document.name, "sha256": found.document.sha256, "profile": found.profile},
    )
    return True


def run_import(host: Host, payload: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """The handler of both tasks. Run twice, it finds done what was done: identical rows are unchanged."""
    is_trial = bool(payload["dry_run"])
    with host.write() as db:
        row = db.get_one(FileImport, payload["import"], options=[joinedload(FileImport.document)])
        document = db.get_one(Document, row.document_id, options=[undefer(Document.content)])
        contract = db.get_one(Contract, row.contract_id)
        db.commit()  # the file is read before the database is held

        def step(done: int, total: int) -> None:
            (db.rollback if is_trial else db.commit)()
            progress(min(99, done * 100 // max(1, total)))
            plan_afresh(db)

        try:
            with on_disk(document.content, document.name) as path:
                report = import_file(
                    db,
                    contract,
                    path,
                    host.now(),
                    profile=row.profile,  # type: ignore[arg-type]
                    target=row.target,  # type: ignore[arg-type]
                    year=row.year,
                    dry_run=is_trial,
                    progress=step,
                    in_steps=True,
                )
        except WorkflowError as error:
            db.rollback()
            return {"refused": error.message}
        if is_trial:
            db.rollback()
    return report.to_json()


def rejected_of(db: Session, found: FileImport) -> tuple[list[str], list[list[str]]]:
    """The rejected rows of the last report, as they came, with their reasons."""
    task = found.run if found.run is not None and found.run.result else found.preview
    reasons = reasons_by_row((task.result or {}).get("rejected", ()))
    document = db.get_one(Document, found.document_id, options=[undefer(Document.content)])
    with on_disk(document.content, document.name) as path:
        return rejected_rows(path, reasons)


register(TASK, run_import)
