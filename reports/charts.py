# SPDX-License-Identifier: EUPL-1.2
"""Charts as plain geometry: horizontal bars in parts, a mark for a target; the template draws, the table says the figures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

WIDTH = 380  # of the bars, in the drawing's own units
LABEL, FIGURE, ROW, BAR = 310, 190, 28, 16
LONGEST_LABEL = 38


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a bar: where it starts, how long it is, which series it belongs to (its colour and its hatching)."""

    x: float
    width: float
    series: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label cut to fit, its parts, the figure written at its end, a mark (None: none)."""

    y: int
    label: str
    parts: tuple[Part, ...]
    figure: str
    mark: float | None = None

    @property
    def end(self) -> float:
        """Where the figure is written."""
        return max((part.x + part.width for part in self.parts), default=0) + 6


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing: its name for links, its title, what it says in one sentence, its bars, the names of its series."""

    id: str
    title: str
    description: str
    bars: tuple[Bar, ...]
    series: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """The drawing's width."""
        return LABEL + WIDTH + FIGURE

    @property
    def height(self) -> int:
        """Its height."""
        return ROW * len(self.bars) + 8

    left, bar, row = LABEL, BAR, ROW


Row = tuple[str, Sequence[Decimal | float], str]  # label, one value a series, the figure written


def bar_chart(
    name: str,
    title: str,
    description: str,
    rows: Iterable[Row],
    *,
    series: Sequence[str] = (),
    most: float | None = None,
    marks: Sequence[float | None] = (),
) -> Chart:
    """Bars on one scale: the longest is `most`, else the largest sum. `marks`: of each bar, where its target stands."""
    known = list(rows)
    top = most if most is not None else max((float(sum(values)) for _, values, _ in known), default=0.0)
    scale = WIDTH / top if top > 0 else 0.0
    bars = tuple(
        _bar(rank, row, scale, marks[rank] if rank < len(marks) else None) for rank, row in enumerate(known)
    )
    return Chart(name, title, description, bars, tuple(series))


def _bar(rank: int, row: Row, scale: float, mark: float | None) -> Bar:
    label, values, figure = row
    parts, x = [], 0.0
    for series, value in enumerate(values):
        width = round(min(max(0.0, float(value)) * scale, WIDTH - x), 1)
        if width > 0:
            parts.append(Part(round(x, 1), width, series))
        x += width
    cut = label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 1].rstrip() + "…"
    at = None if mark is None else round(min(max(mark * scale, 0), WIDTH), 1)
    return Bar(4 + rank * ROW, cut, tuple(parts), figure, at)
