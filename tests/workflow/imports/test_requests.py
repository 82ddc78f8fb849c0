# SPDX-License-Identifier: EUPL-1.2
"""The request workbook, row by row: what is kept, what is refused, and every reason at once."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.factories.contract import QPV_BAS, QPV_HAUT, toy_settings, toy_territory
from tests.workflow.imports.files import as_rows, good, write_csv
from workflow.imports.columns import COLUMNS
from workflow.imports.filing import Read
from workflow.imports.opening import open_table
from workflow.imports.requests import read_requests
from workflow.imports.source import UnreadableFileError
from workflow.request_values import RequestValues

TERRITORY = toy_territory()


def read(folder: Path, *requests: Mapping[str, Any], warnings: list[str] | None = None) -> list[Read]:
    table = open_table(write_csv(folder / "demandes.csv", as_rows(*requests)))
    reads = list(read_requests(table, TERRITORY))
    if warnings is not None:
        warnings.extend(table.warnings)
    return reads


def values(folder: Path, **changes: str) -> RequestValues:
    [one] = read(folder, good(**changes))
    assert one.values is not None, one.faults
    return one.values


def faults(folder: Path, **changes: str) -> list[tuple[str, str]]:
    [one] = read(folder, good(**changes))
    assert one.values is None
    return [(fault.column, fault.reason.replace("\u00a0", " ")) for fault in one.faults]


def test_a_complete_row(tmp_path: Path) -> None:
    row = values(
        tmp_path, cpo="oui", cpo_motif="Parcours", cpo_annees="3", charge__60="500", produit__74="12,5"
    )
    assert (row.reference, row.year, row.filed_on) == ("V-2026-01", 2026, date(2026, 1, 15))
    assert (row.porteur_siret, row.porteur_form) == ("90010001700012", "association")
    assert (row.qpv, row.poches, row.objectives) == ((QPV_HAUT,), (), ("1.1.1",))
    assert row.requests == {"etat:specifique": Decimal(5000), "caf:droit_commun": Decimal("3000.50")}
    assert (row.cpo, row.cpo_reason, row.cpo_years) == (True, "parcours", 3)
    assert (row.charges, row.produits) == ({"60": Decimal(500)}, {"74": Decimal("12.5")})
    assert row.summary == "Aide aux devoirs,\ndeux soirs par semaine"


def test_an_empty_cell_is_unknown(tmp_path: Path) -> None:
    empty = {column.header: "" for column in COLUMNS if not column.required and column.header != "reference"}
    row = values(tmp_path, **empty, demande__etat__specifique="", demande__caf__droit_commun="")
    known = {"reference", "year", "title", "porteur_name"}
    assert set(row.stated()) == known


def test_headers_without_accents_or_case_and_one_warning_for_the_unknown(tmp_path: Path) -> None:
    warnings: list[str] = []
    request = {("Intitulé" if name == "intitule" else name.upper()): cell for name, cell in good().items()}
    [one] = read(tmp_path, request | {"Couleur": "bleu", "Âge": "3"}, warnings=warnings)
    assert one.values is not None
    assert len(warnings) == 1
    assert "Couleur, Âge" in warnings[0]


def test_every_fault_of_a_row_is_told(tmp_path: Path) -> None:
    told = faults(
        tmp_path,
        exercice="",
        intitule=" ",
        date_debut="31/02/2026",
        beneficiaires_total="beaucoup",
        cpo="peut-être",
        demande__etat__specifique="-5",
        demande__martien__specifique="10",
        demande__caf__specifique="10",
        demande__region__specifique="=A1",
    )
    assert [column for column, _ in told] == [
        "exercice",
        "intitule",
        "beneficiaires_total",
        "demande:etat:specifique",
        "date_debut",
        "cpo",
        "demande:martien:specifique",
        "demande:caf:specifique",
        "demande:region:specifique",
    ]
    assert dict(told)["demande:martien:specifique"].startswith("financeur inconnu « martien »")
    assert "droit_commun" in dict(told)["demande:caf:specifique"]


def test_wrong_but_readable_data_is_kept(tmp_path: Path) -> None:
    row = values(
        tmp_path,
        porteur_siret="12345",
        quartiers="QN99999X|Nulle part",
        cout_total="1",
        objectifs="9.9",
        appel="x",
    )
    assert row.porteur_siret == "12345"
    assert row.qpv == ("QN99999X", "Nulle part")
    assert (row.objectives, row.call) == (("9.9",), "x")


def test_neighbourhoods_and_themes_by_code_or_label(tmp_path: Path) -> None:
    row = values(tmp_path, quartiers=f"le haut|{QPV_BAS.lower()}", thematiques="ÉDUCATION|emploi")
    assert row.qpv == (QPV_HAUT, QPV_BAS)
    assert row.themes == ("education", "emploi")


def test_poches_are_told_from_neighbourhoods(tmp_path: Path) -> None:
    settings = toy_settings()
    settings["geography"]["poches"] = [{"code": "cite-du-parc", "label": "Cité du Parc"}]
    table = open_table(write_csv(tmp_path / "f.csv", as_rows(good(quartiers=f"{QPV_HAUT}|Cité du parc"))))
    [one] = read_requests(table, toy_territory(geography=settings["geography"]))
    assert one.values is not None
    assert (one.values.qpv, one.values.poches) == ((QPV_HAUT,), ("cite-du-parc",))


def test_plain_commune_is_the_one_of_the_neighbourhoods(tmp_path: Path) -> None:
    row = values(tmp_path, demande__commune__droit_commun="700", reference__commune="DEL-12")
    assert row.requests["commune-valmont:droit_commun"] == Decimal(700)
    assert row.references == {"commune-valmont": "DEL-12"}


@pytest.mark.parametrize("quartiers", ["", "QN99999X", f"{QPV_HAUT}|{QPV_BAS}", QPV_BAS])
def test_plain_commune_refused_when_it_names_no_single_financer(tmp_path: Path, quartiers: str) -> None:
    [(column, reason)] = faults(tmp_path, quartiers=quartiers, demande__commune__droit_commun="700")
    assert column == "demande:commune:droit_commun"
    assert "ne suffit pas" in reason


def test_two_amounts_for_one_line(tmp_path: Path) -> None:
    [(column, reason)] = faults(
        tmp_path, demande__commune__droit_commun="700", **{"demande:commune-valmont:droit_commun": "800"}
    )
    assert "deux montants" in reason
    assert column.startswith("demande:commune")


def test_the_dauphin_number_stands_for_the_reference(tmp_path: Path) -> None:
    assert values(tmp_path, reference="", numero_dauphin="296534").reference == "296534"
    assert [column for column, _ in faults(tmp_path, reference="")] == ["reference"]


def test_one_reference_twice_in_a_year(tmp_path: Path) -> None:
    reads = read(tmp_path, good(), good(intitule="Autre"), good(exercice="2027"))
    assert [one.values is None for one in reads] == [False, True, False]
    assert [(f.row, f.column) for f in reads[1].faults] == [(3, "reference")]
    assert "ligne 2" in reads[1].faults[0].reason


def test_a_shifted_row_is_refused(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "f.csv",
        [["reference", "exercice", "porteur_nom", "intitule"], ["A", "2026", "P", "T", "", "trop"]],
    )
    [one] = read_requests(open_table(path), TERRITORY)
    assert [fault.column for fault in one.faults] == ["colonne F"]


def test_a_formula_stays_text_in_a_text_column(tmp_path: Path) -> None:
    assert values(tmp_path, intitule="=cmd|'/C calc'!A0").title == "=cmd|'/C calc'!A0"


def test_required_columns_absent(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "f.csv", [["exercice", "intitule"], ["2026", "T"]])
    with pytest.raises(UnreadableFileError, match="porteur_nom"):
        list(read_requests(open_table(path), TERRITORY))


def test_a_stated_request_has_one_digest(tmp_path: Path) -> None:
    assert (
        values(tmp_path).digest()
        == values(tmp_path, cout_total="10000", porteur_siret="90010001700012").digest()
    )
    assert values(tmp_path).digest() != values(tmp_path, cout_total="10000,01").digest()
