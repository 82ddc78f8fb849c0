# SPDX-License-Identifier: EUPL-1.2
"""The perimeters' file: both forms, gzipped or not, and a French sentence for each fault."""

import gzip
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.factories.contract import QPV_BAS, QPV_HAUT
from tests.factories.perimeters import EAST, NORTH, SOUTH, WEST, geojson, square, toy_rings, write_perimeters
from workflow.located.perimeter_file import PerimetersError, read_perimeter_file

NATIONAL = {
    "meta": {"crs": "WGS84"},
    "qpvs": [
        {"code": code, "label": "x", "insee": ["59901"], "g": area} for code, area in toy_rings().items()
    ],
}
ONE = {QPV_HAUT: [[square(WEST, SOUTH, EAST, NORTH)]]}


def test_geojson_and_the_national_form_say_the_same(tmp_path: Path) -> None:
    one = read_perimeter_file(write_perimeters(tmp_path))
    other = read_perimeter_file(write_perimeters(tmp_path, NATIONAL, "national.json"))

    assert one.outlines == other.outlines
    assert [outline.code for outline in one.outlines][:2] == [QPV_HAUT, QPV_BAS]
    assert one.outlines[0].polygons[0][0][0] == (WEST, SOUTH)


def test_gzip_is_told_by_its_bytes_and_named_by_its_own_digest(tmp_path: Path) -> None:
    path = tmp_path / "contours.json"
    path.write_bytes(gzip.compress(json.dumps(NATIONAL).encode()))

    read = read_perimeter_file(path)

    assert len(read.outlines) == 3
    assert (read.name, read.sha256) == ("contours.json", sha256(path.read_bytes()).hexdigest())


def test_a_polygon_and_a_third_dimension_are_read(tmp_path: Path) -> None:
    content = geojson(ONE)
    ring = [[*point, 12.5] for point in square(WEST, SOUTH, EAST, NORTH)]
    content["features"][0]["geometry"] = {"type": "Polygon", "coordinates": [ring]}

    (outline,) = read_perimeter_file(write_perimeters(tmp_path, content)).outlines

    assert outline.polygons == [[[(lon, lat) for lon, lat, _ in ring]]]


@pytest.mark.parametrize("name", ["CODE_QP", "Code QP", "code_quartier", "quartier"])
def test_the_code_is_found_under_another_name_when_only_one_holds_it(tmp_path: Path, name: str) -> None:
    read = read_perimeter_file(write_perimeters(tmp_path, geojson(toy_rings(), name)))

    assert read.outlines[0].code == QPV_HAUT


def changed(**changes: Any) -> dict[str, Any]:
    content = geojson(ONE)
    content["features"][0] |= changes
    return content


def shaped(*ring: list[float]) -> dict[str, Any]:
    return geojson({QPV_HAUT: [[list(ring)]]})


LAMBERT = square(705_000.5, 7_030_000.0, 706_000.0, 7_031_000.0)
FAULTS: dict[str, tuple[Any, str]] = {
    "another JSON": ({"communes": []}, "ni un GeoJSON"),
    "a list": ([1, 2], "ni un GeoJSON"),
    "no feature": ({"type": "FeatureCollection", "features": []}, "aucun quartier"),
    "no neighbourhood": ({"qpvs": []}, "aucun quartier"),
    "no code": (changed(properties={"lib_qp": "x"}), "aucune propriété « code_qp »"),
    "no properties": (changed(properties=None), "aucune propriété"),
    "two codes": (changed(properties={"a": QPV_HAUT, "b": QPV_BAS}), "a ou b"),
    "code of 2015": (changed(properties={"code_qp": "QP059001"}), "élément n° 1 : code « QP059001 »"),
    "empty code": (changed(properties={"code_qp": None}), "élément n° 1 : code absent"),
    "national without code": ({"qpvs": [{"label": "x"}]}, "quartier n° 1 : code absent"),
    "national without outline": ({"qpvs": [{"code": QPV_HAUT}]}, f"({QPV_HAUT}) : aucun polygone"),
    "no geometry": (changed(geometry=None), f"({QPV_HAUT}) : aucun polygone"),
    "a point": (changed(geometry={"type": "Point", "coordinates": [3.2, 50.3]}), "aucun polygone"),
    "no polygon": (changed(geometry={"type": "MultiPolygon", "coordinates": []}), "aucun polygone"),
    "empty polygon": (changed(geometry={"type": "Polygon", "coordinates": []}), "polygone vide"),
    "three points": (shaped([3.2, 50.3], [3.3, 50.3], [3.2, 50.3]), "moins de quatre points"),
    "words": (shaped(*[["x", 50.3]] * 4), "coordonnée illisible"),  # type: ignore[list-item]
    "out of range": (shaped(*square(190.0, 50.0, 191.0, 51.0)), "hors des degrés possibles"),
    "latitude out of range": (shaped(*square(3.0, 91.0, 4.0, 92.0)), "hors des degrés possibles"),
    "Lambert-93": (shaped(*LAMBERT), f"({QPV_HAUT}) : coordonnées en mètres (Lambert-93"),
    "projected system": (
        geojson(ONE) | {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}},
        "système de coordonnées urn:ogc:def:crs:EPSG::2154",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_french_sentence_naming_the_file(tmp_path: Path, fault: str) -> None:
    content, words = FAULTS[fault]
    with pytest.raises(PerimetersError) as refused:
        read_perimeter_file(write_perimeters(tmp_path, content))

    message = refused.value.message.replace("\u00a0", " ")
    assert message.startswith("Périmètres des QPV, contours.geojson : ") and message.endswith(".")
    assert words in message


def test_a_code_given_twice_is_refused(tmp_path: Path) -> None:
    content = geojson(ONE)
    content["features"] *= 2
    with pytest.raises(PerimetersError, match=f"élément n° 2.*{QPV_HAUT} est donné deux fois"):
        read_perimeter_file(write_perimeters(tmp_path, content))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "JSON"),
        (b'{"type": "FeatureCollection",\n "features": [', "ligne 2"),
        (b'{"qpvs": [{"code": NaN}]}', "JSON inutilisable"),
        (b"[" * 100_000, "JSON inutilisable"),
        ("{'é'}".encode("cp1252"), "UTF-8"),
        (gzip.compress(b'{"qpvs": []}', mtime=0)[:-6], "incomplète"),
        (b"\x1f\x8b rien", "endommagée"),
    ],
)
def test_bytes_that_are_no_json_are_told(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "contours.geojson"
    path.write_bytes(content)
    with pytest.raises(PerimetersError, match=words):
        read_perimeter_file(path)


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(PerimetersError, match="introuvable"):
        read_perimeter_file(tmp_path / "absent.geojson")
    with pytest.raises(PerimetersError, match="lecture impossible"):
        read_perimeter_file(tmp_path)


def test_a_wgs84_system_named_the_old_way_is_accepted(tmp_path: Path) -> None:
    named = {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}}

    assert read_perimeter_file(write_perimeters(tmp_path, geojson(ONE) | named)).outlines
