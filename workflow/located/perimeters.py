# SPDX-License-Identifier: EUPL-1.2
"""The perimeters behind a spatial index: which QPV points fall in, or « near an edge » when the file cannot tell.

The one file that imports shapely and numpy. Precision: a file written with d decimals moved each vertex by at most half
a unit of the last decimal on each axis, so at most √2 × ½ × 10⁻ᵈ degrees of latitude in all; a point of an edge lies
between two vertices and moved no further. That is the margin (4 decimals: 8 m), a point's own decimals are added, and
it is never below 1 m: no address is known better. A file that was simplified or truncated is worse than it says.

Distances are taken in metres around each neighbourhood's own centre, longitude scaled by the cosine of its latitude.
Over the 5 km of the widest QPV that cosine varies by less than 0.1 %: under a centimetre on the margin. The length of a
degree cancels out, since the margin is in degrees at first.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from math import ceil, cos, radians, sqrt
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import shapely

from workflow.located.perimeter_file import Outline, PerimeterFile, PerimetersError, Ring, read_perimeter_file

METRES = 111_320.0  # of a degree of latitude
FLOOR = 1  # metre
MOST_DECIMALS = 9
WRITTEN = 0.99  # share of the coordinates that a number of decimals must write exactly
KEPT = 0.99  # share of the area drawn that a repaired polygon must keep
NOTHING = 1.0  # square metre


@dataclass(frozen=True, slots=True)
class Tally:
    """Points counted: surely inside, by code; surely outside all; too near an edge. `met`: in some perimeter's box."""

    by_code: Counter[str]
    outside: int
    near_edge: int
    met: int


@dataclass(frozen=True, slots=True)
class Perimeter:
    """One neighbourhood in metres around its centre: its area, and its edges as the file draws them."""

    code: str
    longitude: float
    latitude: float
    east: float  # metres of a degree of longitude, here
    area: Any
    edges: Any

    def local(self, longitudes: Any, latitudes: Any) -> tuple[Any, Any]:
        """These degrees in metres from the centre."""
        return (longitudes - self.longitude) * self.east, (latitudes - self.latitude) * METRES

    def reach(self) -> tuple[float, float, float, float]:
        """Its west, south, east and north, in degrees."""
        west, south, east, north = self.area.bounds
        return (*self._degrees(west, south), *self._degrees(east, north))

    def rings(self, tolerance: float) -> list[list[tuple[float, float]]]:
        """Its rings in degrees, simplified by that many metres."""
        drawn = self.area.simplify(tolerance)
        parts = shapely.get_rings(drawn if drawn.area > 0 else self.area)
        return [[self._degrees(x, y) for x, y in ring.coords] for ring in parts]

    def _degrees(self, x: float, y: float) -> tuple[float, float]:
        return self.longitude + x / self.east, self.latitude + y / METRES


class Perimeters:
    """Every neighbourhood of a file. `precision_metres`: how far a true edge may be from the one drawn."""

    def __init__(self, file: PerimeterFile) -> None:
        self.name, self.sha256 = file.name, file.sha256
        rings = [_degrees(outline) for outline in file.outlines]
        self.precision_metres = max(FLOOR, ceil(metres_of(decimals_of(np.concatenate(rings)))))
        self._perimeters = [
            _perimeter(file.name, outline, degrees)
            for outline, degrees in zip(file.outlines, rings, strict=True)
        ]
        bounds = np.array([(*degrees.min(axis=0), *degrees.max(axis=0)) for degrees in rings])
        self._tree = shapely.STRtree(shapely.box(*bounds.T))
        self._one_at_a_time = Lock()  # the indexes inside prepared geometries are built on first use

    @classmethod
    def read(cls, path: Path) -> "Perimeters":
        """The perimeters of a file. Raises PerimetersError."""
        return cls(read_perimeter_file(path))

    @property
    def codes(self) -> frozenset[str]:
        """The codes of every neighbourhood."""
        return frozenset(perimeter.code for perimeter in self._perimeters)

    def outlines(self, codes: Collection[str], pixels: int) -> dict[str, list[list[tuple[float, float]]]]:
        """The rings of these neighbourhoods in degrees, simplified to what a drawing that many pixels wide can show."""
        chosen = [perimeter for perimeter in self._perimeters if perimeter.code in codes]
        if not chosen:
            return {}
        places = np.array([perimeter.reach() for perimeter in chosen])
        width = (places[:, 2].max() - places[:, 0].min()) * chosen[0].east
        height = (places[:, 3].max() - places[:, 1].min()) * METRES
        pixel = float(max(width, height)) / pixels
        with self._one_at_a_time:
            return {perimeter.code: perimeter.rings(pixel / 2) for perimeter in chosen}

    def locate(
        self, longitudes: Sequence[float], latitudes: Sequence[float], decimals: Sequence[int]
    ) -> Tally:
        """Where these points are. `decimals`: of each point, as written; what they leave unsaid widens its margin."""
        east, north = np.asarray(longitudes, dtype=float), np.asarray(latitudes, dtype=float)
        margins = self.precision_metres + metres_of(np.asarray(decimals, dtype=float))
        near = np.zeros(len(east), dtype=bool)
        owner, owners = np.full(len(east), -1), np.zeros(len(east), dtype=int)
        with self._one_at_a_time:
            points, ranks = self._tree.query(_boxes(east, north, margins))
            for rank, chosen in _grouped(points, ranks):
                perimeter = self._perimeters[rank]
                local = shapely.points(*perimeter.local(east[chosen], north[chosen]))
                near[chosen] |= shapely.dwithin(perimeter.edges, local, margins[chosen])
                inside = chosen[shapely.contains(perimeter.area, local)]
                owner[inside] = rank
                owners[inside] += 1
        near |= owners > 1  # perimeters that overlap: the file does not say which
        sure = owner[(owners == 1) & ~near]
        found = {self._perimeters[rank].code: int(many) for rank, many in Counter(sure.tolist()).items()}
        outside = int(np.count_nonzero((owners == 0) & ~near))
        return Tally(Counter(found), outside, int(np.count_nonzero(near)), len(np.unique(points)))

    def count_met(self, longitudes: Sequence[float], latitudes: Sequence[float]) -> int:
        """How many of these points are in some perimeter's bounding box."""
        points, _ = self._tree.query(shapely.points(np.asarray(longitudes), np.asarray(latitudes)))
        return len(np.unique(points))


def metres_of(decimals: Any) -> Any:
    """How far a point written with this many decimals may be from the true one."""
    return sqrt(2) * 0.5 * 10.0**-decimals * METRES


def decimals_of(degrees: Any) -> int:
    """The fewest decimals that write nearly all of these coordinates."""
    for decimals in range(MOST_DECIMALS):
        if np.mean(np.abs(np.round(degrees, decimals) - degrees) < 1e-10) >= WRITTEN:
            return decimals
    return MOST_DECIMALS


def _degrees(outline: Outline) -> Any:
    return np.array([point for polygon in outline.polygons for ring in polygon for point in ring])


def _boxes(longitudes: Any, latitudes: Any, margins: Any) -> Any:
    """What may be within its margin of each point, in degrees, a little wide."""
    north = 1.01 * margins / METRES
    east = north / np.maximum(np.cos(np.radians(latitudes)), 0.01)
    return shapely.box(longitudes - east, latitudes - north, longitudes + east, latitudes + north)


def _grouped(points: Any, ranks: Any) -> list[tuple[int, Any]]:
    """The points met by each perimeter."""
    order = np.argsort(ranks, kind="stable")
    points, ranks = points[order], ranks[order]
    found, starts = np.unique(ranks, return_index=True)
    return list(zip(found.tolist(), np.split(points, starts[1:]), strict=True)) if len(found) else []


def _perimeter(file: str, outline: Outline, degrees: Any) -> Perimeter:
    longitude, latitude = ((degrees.min(axis=0) + degrees.max(axis=0)) / 2).tolist()
    frame = Perimeter(outline.code, longitude, latitude, METRES * cos(radians(latitude)), None, None)
    polygons = [[_local(frame, ring) for ring in polygon] for polygon in outline.polygons]
    area = shapely.union_all([_repaired(file, outline.code, polygon) for polygon in polygons])
    if area.area <= 0:
        raise PerimetersError(file, f"{outline.code} : périmètre sans surface.")
    edges = shapely.multilinestrings([shapely.linestrings(ring) for polygon in polygons for ring in polygon])
    shapely.prepare(area)
    shapely.prepare(edges)
    return replace(frame, area=area, edges=edges)


def _local(frame: Perimeter, ring: Ring) -> Any:
    return np.column_stack(frame.local(*np.array(ring).T))


def _repaired(file: str, code: str, polygon: list[Any]) -> Any:
    """The area of one polygon, whose rings may touch or cross themselves once rounded; raises when some would be lost.

    Two repairs, joined: one drops what a ring goes round twice, the other may drop a whole polygon (both seen on the
    national file). Parts flattened to a line have no area and stay in the edges.
    """
    drawn = shapely.Polygon(polygon[0], polygon[1:])
    if drawn.is_valid:
        return drawn
    found = shapely.union_all([_area_of(shapely.make_valid(drawn, method="linework")), _structured(drawn)])
    if found.area < KEPT * drawn.area - NOTHING:
        raise PerimetersError(file, f"{code} : contour inutilisable, il se recoupe lui-même.")
    return found


def _structured(drawn: Any) -> Any:
    return _area_of(shapely.make_valid(drawn, method="structure", keep_collapsed=False))


def _area_of(geometry: Any) -> Any:
    """Its polygons, without the lines and points a repair leaves beside them."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
