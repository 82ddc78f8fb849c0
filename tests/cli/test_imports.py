# SPDX-License-Identifier: EUPL-1.2
"""`import`: the stable JSON shape, exit codes, faults on standard error, nothing written when it must not be."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.bootstrap import Application
from tests.conftest import Answer
from tests.workflow.imports.files import as_rows, good, write_csv, write_ods, write_xlsx
from workflow.models import Award, Dossier

Run = Callable[..., Answer]


def dossiers(application: Application) -> int:
    with application.read() as db:
        return db.scalar(select(func.count(Dossier.id))) or 0


@pytest.fixture
def good_file(tmp_path: Path) -> str:
    return str(write_xlsx(tmp_path / "demandes.xlsx", as_rows(good(), good(reference="V-2"))))


def test_a_good_file_leaves_0(application: Application, coinstruction: Run, good_file: str) -> None:
    answer = coinstruction("import", good_file, "--json")
    assert answer.code == 0
    assert {name: answer.json[name] for name in ("read", "created", "updated", "unchanged", "rejected")} == {
        "read": 2,
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "rejected": [],
    }
    assert dossiers(application) == 2
    assert coinstruction("import", good_file, "--json").json["unchanged"] == 2
    assert "2 lignes lues" in coinstruction("import", good_file).out


def test_a_rejected_row_leaves_1_and_good_rows_stay(
    application: Application, coinstruction: Run, tmp_path: Path
) -> None:
    rows = as_rows(good(), good(reference="V-2", cout_total="beaucoup", date_debut="31/02/2026"))
    path = str(write_ods(tmp_path / "f.ods", rows))
    answer = coinstruction("import", path, "--json")
    assert answer.code == 1
    assert [(fault["row"], fault["column"], fault["value"]) for fault in answer.json["rejected"]] == [
        (3, "cout_total", "beaucoup"),
        (3, "date_debut", "31/02/2026"),
    ]
    assert dossiers(application) == 1
    told = coinstruction("import", path)
    assert told.code == 1
    assert "f.ods, ligne 3, colonne date_debut" in told.err
    assert "Traceback" not in told.err


def test_a_dry_run_writes_nothing(application: Application, coinstruction: Run, good_file: str) -> None:
    answer = coinstruction("import", good_file, "--dry-run")
    assert answer.code == 0
    assert "rien n’a été enregistré" in answer.out
    assert dossiers(application) == 0


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (None, ()),
        (b"", ()),
        (b"a;b\n1;2\n", ()),
        (b"PK\x03\x04", ()),
        (b"reference;exercice\n", ("--profile", "inconnu")),
        (b"reference;exercice\n", ("--year", "douze")),
        (b"reference;exercice\n", ("--as", "awards")),
    ],
)
def test_unreadable_files_and_usage_leave_2(
    application: Application,
    coinstruction: Run,
    tmp_path: Path,
    content: bytes | None,
    options: tuple[str, ...],
) -> None:
    path = tmp_path / "f.csv"
    if content is not None:
        path.write_bytes(content)
    answer = coinstruction("import", str(path), *options)
    assert answer.code == 2
    assert "Erreur" in answer.err
    assert "Traceback" not in answer.err
    assert dossiers(application) == 0


def test_awards_of_one_year(application: Application, coinstruction: Run, tmp_path: Path) -> None:
    headers = ["exercice", "siren_beneficiaire", "montant", "objet"]
    path = write_csv(tmp_path / "p.csv", [headers, ["2023", "", "1", "A"], ["2024", "", "2", "B"]])
    answer = coinstruction("import", str(path), "--profile", "p147", "--year", "2024", "--json")
    assert (answer.code, answer.json["read"], answer.json["created"]) == (0, 1, 1)
    with application.read() as db:
        assert db.scalars(select(Award.title)).all() == ["B"]
