# SPDX-License-Identifier: EUPL-1.2
"""Perimeters written for the tests: squares around Valmont, and files of beneficiaries geocoded in and around them."""

import json
from collections.abc import Iterable
from math import cos, radians
from pathlib import Path
from typing import Any

from tests.factories.contract import QPV_BAS, QPV_HAUT

QPV_ELSEWHERE = "QN07501M"
WEST, SOUTH, EAST, NORTH = 3.2001, 50.3001, 3.2101, 50.3051  # of QPV_HAUT; four decimals: 8 m
MIDDLE = ((WEST + EAST) / 2, (SOUTH + NORTH) / 2)
METRES = 111_320.0
STREET = "14 rue des Lilas"  # of every beneficiary

# (latitude, longitude, score, type) as the address service writes them
INSIDE = ("50.302613", "3.205117", "0.97", "housenumber")
INSIDE_BAS = ("50.302613", "3.255117", "0.91", "housenumber")
ELSEWHERE = ("50.302613", "3.305117", "0.88", "housenumber")
OUTSIDE = ("50.290003", "3.190001", "0.95", "housenumber")
ON_EDGE = ("50.300100", "3.205117", "0.95", "housenumber")
POOR_SCORE = ("50.302613", "3.205117", "0.41", "housenumber")
STREET_ONLY = ("50.302613", "3.205117", "0.92", "street")
NOT_FOUND = ("", "", "", "")
UNREADABLE = ("cinquante", "3.205117", "0.97", "housenumber")


def square(west: float, south: float, east: float, north: float) -> list[list[float]]:
    """A closed ring."""
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def toy_rings() -> dict[str, list[Any]]:
    """The MultiPolygon of each toy neighbourhood: three squares, 50 thousandths of a degree apart."""
    codes = (QPV_HAUT, QPV_BAS, QPV_ELSEWHERE)
    shifted = {code: 0.05 * rank for rank, code in enumerate(codes)}
    return {
        code: [[square(round(WEST + by, 4), SOUTH, round(EAST + by, 4), NORTH)]]
        for code, by in shifted.items()
    }


def geojson(areas: dict[str, list[Any]], name: str = "code_qp") -> dict[str, Any]:
    """A FeatureCollection of MultiPolygons, with the code under this property."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {name: code, "lib_qp": f"Quartier {code}"},
                "geometry": {"type": "MultiPolygon", "coordinates": area},
            }
            for code, area in areas.items()
        ],
    }


def write_perimeters(folder: Path, content: Any = None, name: str = "contours.geojson") -> Path:
    """A file of perimeters, those of the toy neighbourhoods by default."""
    path = folder / name
    path.write_text(json.dumps(geojson(toy_rings()) if content is None else content), encoding="utf-8")
    return path


def beneficiaries(rows: Iterable[tuple[str, str, str, str]]) -> str:
    """The CSV of the address service for these rows, with the columns a porteur's own file brings."""
    header = "prenom,adresse,latitude,longitude,result_score,result_type"
    lines = (f"Prudence{number},{STREET},{','.join(row)}" for number, row in enumerate(rows))
    return "\n".join([header, *lines, ""])


def write_beneficiaries(folder: Path, rows: Iterable[tuple[str, str, str, str]]) -> Path:
    """The same as a file."""
    path = folder / "beneficiaires.csv"
    path.write_text(beneficiaries(rows), encoding="utf-8")
    return path


def moved(longitude: float, latitude: float, *, east: float = 0.0, north: float = 0.0) -> tuple[float, float]:
    """This point moved by metres."""
    return longitude + east / (METRES * cos(radians(latitude))), latitude + north / METRES
