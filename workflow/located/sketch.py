# SPDX-License-Identifier: EUPL-1.2
"""Outlines in degrees as a flat drawing: paths and a place for each name, in the pixels of an SVG."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, radians

WIDTH, MARGIN = 800, 30
Ring = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Shape:
    """One neighbourhood: `path` is the `d` of an SVG path, (x, y) the middle of what it covers."""

    code: str
    path: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Sketch:
    """The whole drawing, north up."""

    width: int
    height: int
    shapes: tuple[Shape, ...]


def draw(outlines: Mapping[str, list[Ring]]) -> Sketch:
    """These outlines side by side at one scale; at least one of them has a point."""
    points = [point for rings in outlines.values() for ring in rings for point in ring]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    narrowing = cos(radians((south + north) / 2))  # a degree of longitude against one of latitude
    across, along = (east - west) * narrowing, north - south
    scale = (WIDTH - 2 * MARGIN) / max(across, along, 1e-9)

    def place(point: tuple[float, float]) -> tuple[float, float]:
        return MARGIN + (point[0] - west) * narrowing * scale, MARGIN + (north - point[1]) * scale

    shapes = tuple(
        _shape(code, [[place(p) for p in ring] for ring in rings]) for code, rings in outlines.items()
    )
    return Sketch(round(across * scale) + 2 * MARGIN, round(along * scale) + 2 * MARGIN, shapes)


def _shape(code: str, rings: list[Ring]) -> Shape:
    xs, ys = [p[0] for ring in rings for p in ring], [p[1] for ring in rings for p in ring]
    path = " ".join("M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in ring[:-1]) + "Z" for ring in rings)
    return Shape(code, path, round((min(xs) + max(xs)) / 2, 1), round((min(ys) + max(ys)) / 2, 1))
