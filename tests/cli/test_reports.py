# SPDX-License-Identifier: EUPL-1.2
"""`summary` and `export`: every format, whole files or none, unknown references, unwritable folders."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.bootstrap import Application
from app.closings import FROZEN
from app.documents import JSON, store_document
from reports.summary.as_json import to_document
from reports.summary.digest import canonical_json
from reports.summary.prepare import prepare
from tests.conftest import Answer
from tests.factories import NOW
from tests.factories.dossier import make_dossier
from tests.factories.people import make_porteur
from workflow.models import Contract, Seance, SeanceItem

Run = Callable[..., Answer]
SIGNATURES = {"html": b"<!DOCTYPE html>", "pdf": b"%PDF-", "xlsx": b"PK", "ods": b"PK", "json": b"{"}


@pytest.fixture
def seance_id(application: Application) -> str:
    """A séance of the committee with one dossier."""
    with application.write() as db:
        contract = db.scalars(select(Contract)).one()
        dossier = make_dossier(db, contract, make_porteur(db), reference="D-1", stage="commitment")
        seance = Seance(
            uid="seance-1@test",
            contract=contract,
            body="comite",
            label="Comité d’engagement",
            starts_at=NOW + timedelta(days=7),
            items=[SeanceItem(dossier=dossier, rank=1)],
        )
        db.add(seance)
        db.flush()
        return str(seance.id)


@pytest.mark.parametrize("form", SIGNATURES)
def test_summary_is_written_in_every_format(
    seance_id: str, coinstruction: Run, tmp_path: Path, form: str
) -> None:
    output = tmp_path / "synthese"
    answer = coinstruction("summary", seance_id, "--format", form, "--output", str(output))

    assert answer.code == 0
    assert output.read_bytes().startswith(SIGNATURES[form])
    assert "Comité d’engagement" in answer.out
    assert list(tmp_path.glob(".synthese*")) == []


def test_summary_takes_the_format_of_the_file(seance_id: str, coinstruction: Run, tmp_path: Path) -> None:
    output = tmp_path / "synthese.json"
    answer = coinstruction("summary", seance_id, "--output", str(output), "--json")

    assert answer.json["dossiers"] == 1
    assert json.loads(output.read_text(encoding="utf-8"))["header"]["digest"] == answer.json["digest"]
    assert coinstruction("summary", seance_id, "--output", str(tmp_path / "synthese.doc")).code == 2


def test_a_closed_seance_gives_its_frozen_summary(
    application: Application, seance_id: str, coinstruction: Run, tmp_path: Path
) -> None:
    with application.write() as db:
        seance = db.get_one(Seance, int(seance_id))
        read = prepare(db, seance, NOW)
        kept = store_document(db, seance, FROZEN, "figee.json", canonical_json(read), NOW, JSON)
        seance.summary_document_id, seance.summary_digest = kept.id, read.header.digest
        seance.status, seance.closed_at = "closed", NOW
        seance.items[0].dossier.title = "Retouché depuis"
    output = tmp_path / "synthese.json"
    answer = coinstruction("summary", seance_id, "--output", str(output), "--json")

    written = json.loads(output.read_text(encoding="utf-8"))
    assert answer.json["digest"] == written["header"]["digest"] == read.header.digest
    assert written["header"].keys() == to_document(read)["header"].keys()  # one shape, open or closed
    assert written["header"]["status"] == "closed"
    assert "Retouché depuis" not in output.read_text(encoding="utf-8")


def test_an_unknown_seance_writes_nothing(seance_id: str, coinstruction: Run, tmp_path: Path) -> None:
    output = tmp_path / "synthese.json"
    output.write_text("déjà là", encoding="utf-8")
    answer = coinstruction("summary", "404", "--output", str(output))

    assert answer.code == 2
    assert "404" in answer.err
    assert output.read_text(encoding="utf-8") == "déjà là"


def test_an_unwritable_folder_is_said_in_french(seance_id: str, coinstruction: Run, tmp_path: Path) -> None:
    output = tmp_path / "absent" / "synthese.json"
    answer = coinstruction("summary", seance_id, "--output", str(output))

    assert answer.code == 2
    assert str(output) in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("name", ["programme.xlsx", "programme.ods", "programme.csv", "programme.json"])
def test_programme_is_exported(seance_id: str, coinstruction: Run, tmp_path: Path, name: str) -> None:
    answer = coinstruction("export", "programme", "--output", str(tmp_path / name), "--json")
    assert (answer.code, answer.json["dossiers"]) == (0, 1)
    assert (tmp_path / name).stat().st_size > 100


def test_open_data_and_calendar_are_exported(seance_id: str, coinstruction: Run, tmp_path: Path) -> None:
    answer = coinstruction("export", "scdl", "--output", str(tmp_path / "scdl.csv"), "--json")
    assert answer.json == {"output": str(tmp_path / "scdl.csv"), "published": 0, "left_out": []}
    answer = coinstruction("export", "calendar", "--output", str(tmp_path / "seances.ics"), "--json")
    assert answer.json["seances"] == 1
    assert b"BEGIN:VEVENT" in (tmp_path / "seances.ics").read_bytes()
