# SPDX-License-Identifier: EUPL-1.2
"""`dossier locate`: counts shown and kept, or only shown, or forgotten; each refusal in French with its code."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from app.bootstrap import Application
from tests.conftest import Answer
from tests.docs.test_cli_page import shapes
from tests.factories.dossier import make_dossier
from tests.factories.people import give_mandate, make_person, make_porteur
from tests.factories.perimeters import (
    ELSEWHERE,
    INSIDE,
    NOT_FOUND,
    OUTSIDE,
    POOR_SCORE,
    STREET,
    write_beneficiaries,
    write_perimeters,
)
from workflow.models import Contract, Dossier, Organisation

Run = Callable[..., Answer]
STAFF = ("--as", "instruction@etat.test")

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def ready(application: Application, config_file: Path, tmp_path: Path) -> Application:
    """One submitted dossier, an instructor and a citizen, and perimeters named in the configuration."""
    settings = json.loads(config_file.read_text(encoding="utf-8"))
    write_perimeters(tmp_path)
    settings["contracts"][0]["geography"]["perimeters"] = "contours.geojson"
    config_file.write_text(json.dumps(settings), encoding="utf-8")
    with application.write() as db:
        contract = db.scalars(select(Contract)).one()
        organisations = {org.code: org for org in db.scalars(select(Organisation))}
        give_mandate(
            db, make_person(db, "instruction@etat.test"), "instructor", organisations["etat"], contract
        )
        citizen = make_person(db, "conseil@citoyen.test")
        give_mandate(db, citizen, "citizen_council", organisations["conseil-citoyen"], contract)
        make_dossier(db, contract, make_porteur(db), reference="D-1", stage="submitted")
    return application


@pytest.fixture
def file(tmp_path: Path) -> str:
    rows = [INSIDE] * 6 + [OUTSIDE, ELSEWHERE, POOR_SCORE, NOT_FOUND]
    return str(write_beneficiaries(tmp_path, rows))


def located(application: Application) -> object:
    with application.read() as db:
        return db.scalars(select(Dossier)).one().located


def test_the_figures_are_shown_and_kept(ready: Application, coinstruction: Run, file: str) -> None:
    answer = coinstruction("dossier", "locate", "D-1", "--file", file, *STAFF)

    assert (answer.code, answer.err) == (0, "")
    plain = answer.out.replace("\u00a0", " ").replace("\u202f", " ")
    assert "D-1 : 10 bénéficiaire(s) dans le fichier" in plain
    assert "en QPV du contrat         6\n" in plain
    assert "hors de ces QPV           2  (dont 1 en QPV d’un autre contrat)\n" in plain
    assert "à vérifier                2  (géocodage peu sûr 1, adresse non trouvée 1)\n" in plain
    assert "de 60 % à 80 %" in plain and "à 8 m près" in plain
    assert STREET not in answer.out
    kept = located(ready)
    assert isinstance(kept, dict) and (kept["total"], kept["outside"]) == (10, 1)


def test_the_json_has_the_shape_shown(ready: Application, coinstruction: Run, file: str) -> None:
    command = ("dossier", "locate", "D-1", *STAFF, "--json")

    data = coinstruction(*command, "--file", file).json
    forgotten = coinstruction(*command, "--forget").json

    assert [set(data), set(forgotten)] == shapes("dossier locate")
    assert data["figures"] == {"total": 10, "inside": 6, "outside": 2, "elsewhere": 1, "to_check": 2}
    assert data["located"]["on"] is not None
    assert forgotten == {"reference": "D-1", "forgotten": True}
    assert coinstruction(*command, "--forget").json["forgotten"] is False


def test_dossier_show_and_check_tell_them(ready: Application, coinstruction: Run, file: str) -> None:
    coinstruction("dossier", "locate", "D-1", "--file", file, *STAFF)

    shown = coinstruction("dossier", "show", "D-1", "--json").json
    (checked,) = coinstruction("check", "D-1", "--json").json

    assert shown["located"]["total"] == 10
    finding = next(one for one in checked["findings"] if one["rule"] == "qpv.residents_located")
    assert (finding["outcome"], finding["facts"]["missing"]) == ("undetermined", 30)  # 40 announced


def test_a_dry_run_keeps_nothing(ready: Application, coinstruction: Run, file: str) -> None:
    answer = coinstruction("dossier", "locate", "D-1", "--file", file, "--dry-run", *STAFF)

    assert answer.code == 0 and "rien n’a été enregistré" in answer.out
    assert located(ready) is None


def test_a_right_is_needed_even_for_a_dry_run(ready: Application, coinstruction: Run, file: str) -> None:
    command = ("dossier", "locate", "D-1", "--as", "conseil@citoyen.test")
    for arguments in (("--file", file), ("--file", file, "--dry-run"), ("--forget",)):
        answer = coinstruction(*command, *arguments)
        assert (answer.code, answer.out) == (1, "")
        assert "mandats" in answer.err


def test_a_closed_instruction_is_a_refusal(ready: Application, coinstruction: Run, file: str) -> None:
    with ready.write() as db:
        db.scalars(select(Dossier)).one().stage = "committed"

    assert coinstruction("dossier", "locate", "D-1", "--file", file, *STAFF).code == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "--file FICHIER"),
        (("--file", "{file}", "--forget"), "--forget seul"),
        (("--forget", "--dry-run"), "--forget seul"),
        (("--file", "{absent}"), "fichier introuvable"),
        (("--file", "{wrong}"), "« latitude » ni « longitude »"),
    ],
)
def test_bad_usage_is_told(
    ready: Application,
    coinstruction: Run,
    file: str,
    tmp_path: Path,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    (tmp_path / "autre.csv").write_text("nom\nAnne\n", encoding="utf-8")
    names = {"file": file, "absent": tmp_path / "absent.csv", "wrong": tmp_path / "autre.csv"}

    answer = coinstruction("dossier", "locate", "D-1", *(word.format(**names) for word in arguments), *STAFF)

    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err.replace("\u00a0", " ")
    assert "Anne" not in answer.err


def test_perimeters_that_are_not_there_are_told(
    ready: Application, coinstruction: Run, file: str, tmp_path: Path
) -> None:
    (tmp_path / "contours.geojson").write_text("{}", encoding="utf-8")
    broken = coinstruction("dossier", "locate", "D-1", "--file", file, *STAFF)
    (tmp_path / "contours.geojson").unlink()
    absent = coinstruction("dossier", "locate", "D-1", "--file", file, *STAFF)

    assert (broken.code, absent.code) == (2, 2)
    assert "ni un GeoJSON" in broken.err and "introuvable" in absent.err
