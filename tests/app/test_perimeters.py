# SPDX-License-Identifier: EUPL-1.2
"""Perimeters named in the configuration: read once, read again when their file changes; and what `doctor` says of them."""

import json
import os
from pathlib import Path

import pytest

from app.config import Config
from app.diagnosis import Diagnosis
from app.doctor import diagnose
from app.perimeters import load_perimeters, locate_residents, perimeters_path
from tests.app.test_doctor import ON
from tests.factories.contract import QPV_BAS, QPV_HAUT, toy_settings
from tests.factories.perimeters import INSIDE, geojson, toy_rings, write_beneficiaries, write_perimeters
from workflow.errors import InvalidInputError
from workflow.located.perimeter_file import PerimetersError


def config_of(perimeters: Path | None) -> Config:
    geography = toy_settings()["geography"] | {"perimeters": None if perimeters is None else str(perimeters)}
    return Config.model_validate({"contracts": [toy_settings() | {"geography": geography}]})


def said(perimeters: Path | None) -> list[Diagnosis]:
    found = diagnose(config_of(perimeters), on=ON)
    return [item for item in found if item.subject == "contracts[0].geography.perimeters"]


def test_a_file_is_read_once_and_again_when_it_changes(tmp_path: Path) -> None:
    path = write_perimeters(tmp_path)
    first = load_perimeters(path)
    assert load_perimeters(path) is first

    write_perimeters(tmp_path, geojson({QPV_HAUT: toy_rings()[QPV_HAUT]}))
    assert load_perimeters(path).codes == {QPV_HAUT}

    again = load_perimeters(path)
    os.utime(path, (1, 1))
    assert load_perimeters(path) is not again


def test_a_name_is_read_beside_the_configuration(tmp_path: Path) -> None:
    config = config_of(Path("contours.geojson")).read_from(tmp_path / "config.yaml", None)

    assert perimeters_path(config, "valmont") == tmp_path / "contours.geojson"
    assert perimeters_path(config, "ailleurs") is None
    assert perimeters_path(config_of(None), "valmont") is None


def test_a_file_is_located_in_them(tmp_path: Path) -> None:
    source = write_beneficiaries(tmp_path, [INSIDE])

    assert locate_residents(config_of(write_perimeters(tmp_path)), "valmont", source, ON).by_qpv == {
        QPV_HAUT: 1
    }
    with pytest.raises(InvalidInputError, match=r"geography\.perimeters"):
        locate_residents(config_of(None), "valmont", source, ON)
    with pytest.raises(PerimetersError, match="introuvable"):
        locate_residents(config_of(tmp_path / "absent.json"), "valmont", source, ON)


def test_doctor_tells_perimeters_that_are_missing_or_unreadable(tmp_path: Path) -> None:
    (bare,) = said(None)
    assert (bare.level, "non fournis" in bare.message) == ("info", True)
    (absent,) = said(tmp_path / "absent.json")
    assert (absent.level, "introuvable" in absent.message) == ("error", True)
    (broken,) = said(write_perimeters(tmp_path, {"rien": []}))
    assert broken.level == "error" and "ni un GeoJSON" in broken.message


def test_doctor_tells_their_precision_and_the_neighbourhoods_they_lack(tmp_path: Path) -> None:
    (told,) = said(write_perimeters(tmp_path))
    assert (told.level, told.message.split(" ;")[0]) == ("info", "périmètres lus : 3, à 8 m près")

    path = write_perimeters(tmp_path, geojson({QPV_HAUT: toy_rings()[QPV_HAUT]}))
    lacking, precision = said(path)

    assert lacking.level == "error" and f"sans périmètre dans {path} : {QPV_BAS} ;" in lacking.message
    assert precision.message.startswith("périmètres lus : 1, ")


@pytest.mark.shared_data
def test_the_project_s_own_contract_is_in_the_national_file(shared_data: Path) -> None:
    text = (Path(__file__).resolve().parents[2] / "config.yaml").read_text(encoding="utf-8")
    path = shared_data / "qpv-2024" / "qpv2024_contours_arrondis_4dec.json.gz"
    named = text.replace("# perimeters: qpv-2024.geojson", f"perimeters: {json.dumps(str(path))}")
    assert named != text
    perimeters = load_perimeters(path)

    codes = {line.split("code: ")[1][:8] for line in named.splitlines() if "code: QN" in line}
    assert codes and codes <= perimeters.codes
