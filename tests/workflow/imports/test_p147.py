# SPDX-License-Identifier: EUPL-1.2
"""Published award files: identity, markers, exact amounts; and the known answers of the territory's real lines."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.factories import NOW
from tests.factories.world import World
from tests.workflow.imports.files import write_csv, write_xlsx
from workflow.imports.cells import CellFault
from workflow.imports.p147 import read_exact_amount
from workflow.imports.report import ImportReport
from workflow.imports.run import import_file
from workflow.imports.source import UnreadableFileError
from workflow.models import Award, Dossier
from workflow.stages import Stage

HEADERS = [
    "exercice",
    "siren_beneficiaire",
    "nom_beneficiaire",
    "montant",
    "objet",
    "marqueur_contrat",
    "marqueur_cpo",
]
LINE = ["2024", "900100017", "LES ATELIERS", "1000.00", "CV Ateliers", "CV", "CPO"]


def run(
    world: World, folder: Path, *lines: Sequence[Any], headers: Sequence[str] = HEADERS, **options: Any
) -> ImportReport:
    path = write_csv(folder / "lignes.csv", [headers, *lines], delimiter=",")
    report = import_file(world.db, world.contract, path, NOW, profile="p147", **options)
    world.db.expire_all()
    return report


def counts(report: ImportReport) -> tuple[int, int, int, int, int]:
    return (report.read, report.created, report.updated, report.unchanged, report.rejected_rows)


def test_awards_and_their_markers(world: World, tmp_path: Path) -> None:
    report = run(world, tmp_path, LINE, [*LINE[:4], "B", "HCV", ""], ["2024", "", "", "5", "C", "", ""])
    assert counts(report) == (3, 3, 0, 0, 0)
    assert "1 ligne non classée" in report.warnings[0]
    awards = world.db.scalars(select(Award).order_by(Award.id)).all()
    assert [(a.inside, a.cpo, a.siren) for a in awards] == [
        (True, True, "900100017"),
        (False, None, "900100017"),
        (None, None, None),
    ]
    assert (awards[0].granted, awards[0].credit, awards[0].source) == (
        Decimal("1000.00"),
        "etat:specifique",
        "p147",
    )


def test_identical_lines_are_told_apart_by_rank_and_read_again_unchanged(
    world: World, tmp_path: Path
) -> None:
    assert counts(run(world, tmp_path, LINE, LINE)) == (2, 2, 0, 0, 0)
    assert counts(run(world, tmp_path, LINE, LINE)) == (2, 0, 0, 2, 0)
    assert counts(run(world, tmp_path, LINE, LINE, LINE)) == (3, 1, 0, 2, 0)


def test_a_later_file_completes_and_an_absent_column_erases_nothing(world: World, tmp_path: Path) -> None:
    bare = ["exercice", "siren_beneficiaire", "montant", "objet"]
    short = ["2024", "900100017", "1000", "CV Ateliers"]
    assert counts(run(world, tmp_path, short, headers=bare)) == (1, 1, 0, 0, 0)
    assert counts(run(world, tmp_path, LINE)) == (1, 0, 1, 0, 0)
    assert counts(run(world, tmp_path, short, headers=bare)) == (1, 0, 0, 1, 0)
    award = world.db.scalars(select(Award)).one()
    assert (award.beneficiary, award.inside, award.cpo) == ("LES ATELIERS", True, True)


def test_unreadable_lines(world: World, tmp_path: Path) -> None:
    lines = (["20x4", *LINE[1:]], [*LINE[:3], "12.345", "", "XX", ""], ["2024", "", "", "-5", "T", "", ""])
    report = run(world, tmp_path, *lines)
    assert [(f.row, f.column) for f in report.rejected] == [
        (2, "exercice"),
        (3, "montant"),
        (3, "marqueur_contrat"),
        (3, "objet"),
        (4, "montant"),
    ]


def test_a_float_must_be_exact_to_the_cent(world: World, tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "f.xlsx",
        [HEADERS, [2024, 900100017, "A", 10.123, "T"], [2024, 900100017, "A", 10.25, "T"]],
    )
    report = import_file(world.db, world.contract, path, NOW, profile="p147")
    assert counts(report) == (2, 1, 0, 0, 1)
    assert "exact au centime" in report.rejected[0].reason
    assert read_exact_amount(62230.0) == 62230
    with pytest.raises(CellFault):
        read_exact_amount(0.1 + 0.2)


def test_odd_sirens_and_long_titles_are_kept_and_told(world: World, tmp_path: Path) -> None:
    report = run(
        world,
        tmp_path,
        ["2024", "2.459E+08", "", "5", "x" * 559, "CV", ""],
        ["2024", "90010001700012", "", "5", "T", "CV", ""],
    )
    assert counts(report) == (2, 2, 0, 0, 0)
    assert len(report.warnings) == 2
    assert [(a.siren, len(a.title)) for a in world.db.scalars(select(Award).order_by(Award.id))] == [
        (None, 500),
        ("900100017", 1),
    ]


def test_the_wrong_profile_is_told(world: World, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "f.csv", [HEADERS, LINE])
    with pytest.raises(UnreadableFileError, match="--profile p147"):
        import_file(world.db, world.contract, path, NOW)
    other = write_csv(tmp_path / "g.csv", [["a", "b"], ["1", "2"]])
    with pytest.raises(UnreadableFileError, match="siren_beneficiaire"):
        import_file(world.db, world.contract, other, NOW, profile="p147")


def test_a_dry_run_writes_no_award(world: World, tmp_path: Path) -> None:
    assert counts(run(world, tmp_path, LINE, dry_run=True)) == (1, 1, 0, 0, 0)
    assert world.db.scalar(select(func.count(Award.id))) == 0


def test_lines_as_requests(world: World, tmp_path: Path) -> None:
    unnamed = ["2024", "", "", "500", "CV Sans nom", "CV", ""]
    outside = ["2024", "900100017", "LES ATELIERS", "20", "Vacances", "HCV", ""]
    report = run(world, tmp_path, LINE, unnamed, unnamed, outside, target="requests")
    assert counts(report) == (4, 4, 0, 0, 0)
    dossiers = world.db.scalars(select(Dossier).order_by(Dossier.id)).all()
    assert {dossier.stage for dossier in dossiers} == {Stage.SUBMITTED}
    assert [dossier.scheme for dossier in dossiers] == ["contrat_de_ville"] * 3 + ["autre"]
    assert [dossier.line("etat:specifique").requested for dossier in dossiers] == [1000, 500, 500, 20]  # type: ignore[union-attr]
    assert dossiers[0].porteur is dossiers[3].porteur
    assert dossiers[1].porteur is not dossiers[2].porteur  # two unnamed beneficiaries are not one
    assert counts(run(world, tmp_path, LINE, unnamed, unnamed, outside, target="requests")) == (4, 0, 0, 4, 0)


@pytest.mark.shared_data
def test_known_answers_of_the_territory(world: World, shared_data: Path) -> None:
    path = shared_data / "p147-subventions" / "p147_coeur_ostrevent_2016_2025.csv"
    only = import_file(world.db, world.contract, path, NOW, profile="p147", year=2024)
    assert counts(only) == (55, 55, 0, 0, 0)
    by_marker = (
        select(Award.inside, func.count(), func.sum(Award.granted))
        .where(Award.year == 2024)
        .group_by(Award.inside)
    )
    found = {inside: (count, total) for inside, count, total in world.db.execute(by_marker)}
    assert (found[True], found[False][0], found[None][0]) == ((32, 591_989), 22, 1)
    assert sum(total for _, total in found.values()) == 808_513
    cpo = select(func.count(), func.sum(Award.granted)).where(Award.cpo, Award.inside)
    assert world.db.execute(cpo).one() == (5, 91_675)
    assert counts(import_file(world.db, world.contract, path, NOW, profile="p147")) == (415, 360, 0, 55, 0)


@pytest.mark.shared_data
def test_the_territory_as_requests(world: World, shared_data: Path) -> None:
    path = shared_data / "p147-subventions" / "p147_coeur_ostrevent_2016_2025.csv"
    report = import_file(world.db, world.contract, path, NOW, profile="p147", target="requests", year=2024)
    assert counts(report) == (55, 55, 0, 0, 0)
    assert world.db.scalar(select(func.count(Dossier.id)).where(Dossier.stage == Stage.SUBMITTED)) == 55
