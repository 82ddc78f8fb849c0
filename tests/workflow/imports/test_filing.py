# SPDX-License-Identifier: EUPL-1.2
"""Imported requests on both databases: created, submitted, updated, left alone; never half written."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories import NOW
from tests.factories.world import World
from tests.workflow.imports.files import as_rows, good, write_csv, write_ods, write_xlsx
from workflow.errors import InvalidInputError, NotAllowedHereError
from workflow.imports.report import ImportReport
from workflow.imports.run import import_file
from workflow.imports.source import UnreadableFileError
from workflow.journal import verify_chain
from workflow.models import Action, Dossier, Event, Journal, Organisation
from workflow.permissions import IMPORT
from workflow.request_values import RequestValues
from workflow.stages import Stage
from workflow.submission import register_request, update_request


def run(world: World, folder: Path, *requests: Mapping[str, Any], **options: Any) -> ImportReport:
    path = write_csv(folder / "demandes.csv", as_rows(*requests))
    report = import_file(world.db, world.contract, path, NOW, **options)
    world.db.expire_all()
    return report


def counts(report: ImportReport) -> tuple[int, int, int, int, int]:
    return (report.read, report.created, report.updated, report.unchanged, report.rejected_rows)


def only(db: Session, reference: str = "V-2026-01") -> Dossier:
    return db.scalars(select(Dossier).where(Dossier.reference == reference)).one()


def rows_in(db: Session) -> list[int]:
    return [
        db.scalar(select(func.count()).select_from(table)) or 0
        for table in (Dossier, Action, Journal, Event, Organisation)
    ]


@pytest.mark.parametrize("writer", [write_csv, write_xlsx, write_ods])
def test_a_row_becomes_a_submitted_dossier(world: World, tmp_path: Path, writer: Any) -> None:
    report = import_file(world.db, world.contract, writer(tmp_path / "f", as_rows(good())), NOW)
    assert counts(report) == (1, 1, 0, 0, 0)
    world.db.expire_all()
    dossier = only(world.db)
    assert (dossier.stage, dossier.filed_on, dossier.qpv) == (
        Stage.SUBMITTED,
        date(2026, 1, 15),
        ["QN05901M"],
    )
    assert dossier.stage_since == datetime(2026, 1, 15, 11, tzinfo=UTC)
    assert (dossier.total_cost, dossier.cpo, dossier.beneficiaries_poches) == (
        Decimal("10000.00"),
        None,
        None,
    )
    assert dossier.porteur is world.porteur
    assert {line.key: (line.requested, line.state) for line in dossier.lines} == {
        "etat:specifique": (Decimal("5000.00"), "asked"),
        "caf:droit_commun": (Decimal("3000.50"), "asked"),
    }
    assert dossier.search_key == "v-2026-01 ateliers du soir les ateliers du pont"
    assert verify_chain(world.db, f"dossier:{dossier.id}") == []


def test_the_same_file_twice_changes_nothing(world: World, tmp_path: Path) -> None:
    requests = (good(), good(reference="V-2", porteur_nom="Un autre", porteur_siret=""))
    assert counts(run(world, tmp_path, *requests)) == (2, 2, 0, 0, 0)
    before = rows_in(world.db)
    assert counts(run(world, tmp_path, *requests)) == (2, 0, 0, 2, 0)
    assert rows_in(world.db) == before


def test_good_rows_are_kept_beside_rejected_ones(world: World, tmp_path: Path) -> None:
    report = run(
        world, tmp_path, good(), good(reference="V-2", cout_total="x", cpo="?"), good(reference="V-3")
    )
    assert counts(report) == (3, 2, 0, 0, 1)
    assert [(fault.row, fault.column) for fault in report.rejected] == [(3, "cout_total"), (3, "cpo")]
    assert set(report.to_json()) >= {"read", "created", "updated", "unchanged", "rejected", "warnings"}


def test_a_dry_run_accounts_the_same_and_writes_nothing(world: World, tmp_path: Path) -> None:
    before = rows_in(world.db)
    report = run(world, tmp_path, good(), good(reference="V-2", cout_total="x"), dry_run=True)
    assert counts(report) == (2, 1, 0, 0, 1)
    assert report.dry_run
    assert rows_in(world.db) == before
    assert counts(run(world, tmp_path, good())) == (1, 1, 0, 0, 0)


def test_a_file_broken_half_way_writes_nothing(world: World, tmp_path: Path) -> None:
    before = rows_in(world.db)
    path = write_csv(tmp_path / "f.csv", as_rows(*(good(reference=f"V-{i}") for i in range(300))))
    path.write_bytes(path.read_bytes() + b'V-300;"never closed')
    with pytest.raises(UnreadableFileError, match=r"f\.csv"):
        import_file(world.db, world.contract, path, NOW)
    assert rows_in(world.db) == before


def test_without_any_amount_it_stays_in_draft_and_says_why(world: World, tmp_path: Path) -> None:
    bare = {name: cell for name, cell in good(cout_total="").items() if not name.startswith("demande")}
    report = run(world, tmp_path, bare)
    assert counts(report) == (1, 1, 0, 0, 0)
    assert only(world.db).stage == Stage.DRAFT
    assert "brouillon" in report.warnings[0]
    assert counts(run(world, tmp_path, bare | {"cout_total": "500"})) == (1, 0, 1, 0, 0)
    assert only(world.db).stage == Stage.SUBMITTED


def test_an_update_applies_what_changed_and_keeps_what_people_completed(world: World, tmp_path: Path) -> None:
    run(world, tmp_path, good(charge__60="500"))
    dossier = only(world.db)
    dossier.beneficiaries_poches = 3  # completed by an instructor
    dossier.summary = "Complété au téléphone"
    world.db.flush()
    changed = good(
        intitule="Ateliers du matin",
        beneficiaires_qpv="",
        demande__caf__droit_commun="",
        demande__region__specifique="900",
    )
    assert counts(run(world, tmp_path, changed)) == (1, 0, 1, 0, 0)
    dossier = only(world.db)
    assert (dossier.title, dossier.action.title) == ("Ateliers du matin", "Ateliers du matin")
    assert (dossier.beneficiaries_poches, dossier.summary) == (3, "Complété au téléphone")
    assert dossier.beneficiaries_qpv is None
    assert {line.key: line.state for line in dossier.lines} == {
        "etat:specifique": "asked",
        "region:specifique": "asked",
    }
    assert dossier.budget == []
    assert dossier.search_key.startswith("v-2026-01 ateliers du matin")
    assert verify_chain(world.db, f"dossier:{dossier.id}") == []
    assert counts(run(world, tmp_path, changed)) == (1, 0, 0, 1, 0)


def test_a_dispatched_dossier_is_left_alone(world: World, tmp_path: Path) -> None:
    run(world, tmp_path, good())
    dossier = only(world.db)
    dossier.stage = Stage.DISPATCHED.value
    world.db.flush()
    report = run(world, tmp_path, good(intitule="Autre"))
    assert counts(report) == (1, 0, 0, 1, 0)
    assert "réparti" in report.warnings[0]
    assert only(world.db).title == "Ateliers du soir"
    values = RequestValues(reference="V-2026-01", year=2026, title="Autre", porteur_name="X")
    with pytest.raises(NotAllowedHereError):
        update_request(world.db, dossier, values, NOW, IMPORT)


def test_porteurs_are_matched_by_siret_then_by_name(world: World, tmp_path: Path) -> None:
    run(
        world,
        tmp_path,
        good(porteur_nom="Autre graphie du même"),
        good(reference="V-2", porteur_nom="LES ATELIERS DU PONT", porteur_siret=""),
        good(reference="V-3", porteur_siret="90010002500015"),
        good(reference="V-4", porteur_nom="Nouvelle", porteur_siret=""),
        good(
            reference="V-5", porteur_nom="Nouvellé", porteur_siret="90010003300019", porteur_email="a@b.test"
        ),
    )
    porteurs = {d.reference: d.porteur for d in world.db.scalars(select(Dossier))}
    assert porteurs["V-2026-01"] is porteurs["V-2"] is world.porteur
    assert porteurs["V-3"] is not world.porteur
    assert porteurs["V-4"] is porteurs["V-5"]
    assert (porteurs["V-4"].siret, porteurs["V-4"].email) == ("90010003300019", "a@b.test")


def test_a_commune_that_finances_and_files_is_one_organisation(world: World, tmp_path: Path) -> None:
    run(world, tmp_path, good(porteur_nom="Ville de Valmont", porteur_siret="", porteur_forme="commune"))
    assert only(world.db).porteur is world.organisations["commune-valmont"]


def test_filing_days(world: World, tmp_path: Path) -> None:
    report = run(world, tmp_path, good(date_depot=""), good(reference="V-2", date_depot="2026-12-01"))
    assert only(world.db).filed_on == NOW.date()
    ahead = only(world.db, "V-2")
    assert (ahead.filed_on, ahead.stage_since) == (date(2026, 12, 1), NOW)
    assert "dans l’avenir" in report.warnings[0]


def test_options_that_do_not_go_together(world: World, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError):
        run(world, tmp_path, good(), target="awards")
    assert counts(run(world, tmp_path, good(), good(reference="B", exercice="2027"), year=2027)) == (
        1,
        1,
        0,
        0,
        0,
    )


def test_progress_is_told(world: World, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    run(
        world,
        tmp_path,
        good(),
        good(reference="V-2"),
        progress=lambda done, total: told.append((done, total)),
    )
    assert told
    assert told[-1][0] == 2


def test_a_form_registers_one_request(world: World) -> None:
    values = RequestValues(
        reference="F-1",
        year=2026,
        title="T",
        porteur_name="Les Ateliers du Pont",
        requests={"etat:specifique": Decimal(10)},
    )
    dossier = register_request(world.db, world.contract, values, NOW, IMPORT)
    assert (dossier.stage, dossier.lines[0].state, len(dossier.action.uuid)) == (Stage.DRAFT, "not_asked", 36)
    wrong = replace(values, reference="F-2", requests={"nul:specifique": Decimal(1)})
    with pytest.raises(InvalidInputError):
        register_request(world.db, world.contract, wrong, NOW, IMPORT)
