# SPDX-License-Identifier: EUPL-1.2
"""Programme table, public data and calendar, from real rows."""

import csv
import io
import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from python_calamine import CalamineWorkbook
from stdnum.fr import siret

from reports.calendar_feed import export_calendar
from reports.programme import programme_csv, programme_json, programme_ods, programme_sheets, programme_xlsx
from reports.scdl import COLUMNS, export_scdl
from tests.factories import NOW
from tests.factories.world import World
from workflow.calendar_feeds import entries
from workflow.models import Dossier, Seance
from workflow.queries import list_seances
from workflow.queries_summary import list_granted_lines, list_programme

ETAT_SIRET = "11000201100044"
PORTEUR_SIRET = "38047555800058"


def _granted(world: World, **changes: Any) -> Dossier:
    """A dossier whose State line is granted by an act, with bodies that open data can name."""
    world.organisations["etat"].siret = ETAT_SIRET
    world.porteur.siret, world.porteur.rna = PORTEUR_SIRET, None
    dossier = world.dossier(stage="contracted", **changes)
    line = dossier.line("etat:specifique")
    assert line is not None
    line.state, line.retained, line.granted = "granted", Decimal("5000.00"), Decimal("4800.50")
    line.act = {"authority": "Préfet", "date": "2026-02-20", "number": "2026-17"}
    world.db.flush()
    return dossier


def _rows(content: bytes, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=delimiter))


def test_the_sirets_of_these_tests_are_valid() -> None:
    assert siret.is_valid(ETAT_SIRET)
    assert siret.is_valid(PORTEUR_SIRET)


def test_scdl_line_follows_the_schema(world: World) -> None:
    dossier = _granted(world)
    content, left_out = export_scdl(list_granted_lines(world.db, world.contract))

    assert left_out == []
    [row] = _rows(content)
    assert tuple(row) == COLUMNS
    assert row["idAttribuant"] == ETAT_SIRET
    assert row["dateConvention"] == "2026-02-20"
    assert row["referenceDecision"] == "2026-17"
    assert (row["nomBeneficiaire"], row["idBeneficiaire"]) == (world.porteur.name, PORTEUR_SIRET)
    assert (row["objet"], row["montant"]) == (dossier.title, "4800.50")
    assert row["datesPeriodeVersement"] == "2026-02-20/2026-12-31"
    assert (row["notificationUE"], row["pourcentageSubvention"]) == ("non", "1.00")


@pytest.mark.shared_data
def test_scdl_columns_are_those_of_the_official_schema(shared_data: Path) -> None:
    path = shared_data / "scdl-subventions" / "schema_scdl_subventions_2.1.1.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    assert tuple(field["name"] for field in schema["fields"]) == COLUMNS


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"financer": "11000201100045"}, "SIRET du financeur"),
        ({"porteur": None}, "bénéficiaire"),
        ({"act": {"number": "1"}}, "date de l’acte"),
    ],
)
def test_scdl_leaves_out_what_the_schema_refuses(world: World, change: dict[str, Any], reason: str) -> None:
    line = _granted(world).line("etat:specifique")
    assert line is not None
    if "financer" in change:
        world.organisations["etat"].siret = change["financer"]
    if "porteur" in change:
        world.porteur.siret = change["porteur"]
    line.act = change.get("act", line.act)
    world.db.flush()
    content, [left_out] = export_scdl(list_granted_lines(world.db, world.contract))

    assert reason in left_out.reason
    assert _rows(content) == []


def test_retained_lines_are_not_public_data(world: World) -> None:
    line = _granted(world).line("etat:specifique")
    assert line is not None
    line.state = "retained"
    world.db.flush()
    assert list_granted_lines(world.db, world.contract) == []


def test_programme_is_the_same_in_every_format(world: World) -> None:
    _granted(world)
    world.dossier(title="=1+1", stage="draft")
    dossiers = list_programme(world.db, world.contract, 2026)
    sheets = programme_sheets(dossiers, world.territory, title="Programme 2026")

    for content in (programme_xlsx(sheets, title="Programme 2026", now=NOW), programme_ods(sheets)):
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        _title, header, *rows = workbook.get_sheet_by_name("Dossiers").to_python()
        assert [row[header.index("Demandé")] for row in rows] == [8000.0, 8000.0, 16000.0]
        assert rows[1][header.index("Intitulé")] == "=1+1"
    lines = _rows(programme_csv(sheets), ";")
    assert [line["Accordé"] for line in lines] == ["4800,50", "", "", ""]
    assert {line["Intitulé"] for line in lines} == {"Ateliers du soir", "'=1+1"}
    document = json.loads(programme_json(dossiers))
    assert [dossier["reference"] for dossier in document] == [dossier.reference for dossier in dossiers]
    assert document[0]["funding"][0]["granted"] == "4800.50"


def test_programme_of_another_year_is_empty(world: World) -> None:
    _granted(world)
    assert list_programme(world.db, world.contract, 2025) == []


def test_calendar_has_one_event_per_seance(world: World) -> None:
    for number, status in enumerate(("planned", "cancelled"), start=1):
        world.db.add(
            Seance(
                uid=f"seance-{number}@test",
                contract=world.contract,
                body="comite",
                label="Comité d’engagement",
                starts_at=NOW + timedelta(days=number),
                status=status,
                place="Mairie, salle 2",
            )
        )
    world.db.flush()
    content = export_calendar(entries(world.db, list_seances(world.db, world.contract)), name="Ville")
    events = Calendar.from_ical(content).walk("VEVENT")

    assert [str(event["status"]) for event in events] == ["TENTATIVE", "CANCELLED"]
    assert [str(event["uid"]) for event in events] == ["seance-1@test", "seance-2@test"]
    assert events[0].decoded("dtstart").date() == date(2026, 3, 11)
    assert events[0].decoded("dtend") - events[0].decoded("dtstart") == timedelta(hours=2)
