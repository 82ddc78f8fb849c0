# SPDX-License-Identifier: EUPL-1.2
"""One measure is one row: what, measured, target, its ratio to the reference loop of the same run, ok or not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTHS = (76, 14, 14, 10)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `loops`: how many reference loops the measure lasts; `is_met` None: no target."""

    what: str
    measured: str
    target: str = ""
    loops: float | None = None
    is_met: bool | None = None

    def line(self) -> str:
        """The row as text."""
        loops = "" if self.loops is None else f"× {self.loops:.3g}"
        cells = (self.what, self.measured, self.target, loops)
        verdict = {True: "ok", False: "NOT MET", None: ""}[self.is_met]
        return "  ".join(
            [_padded(cell, width) for cell, width in zip(cells, WIDTHS, strict=True)] + [verdict]
        )


def _padded(cell: str, width: int) -> str:
    return cell.ljust(width) if width > 20 else cell.rjust(width)


HEAD = Row("measure", "measured", "target").line().rstrip() + "       loops"


def duration(seconds: float) -> str:
    """Seconds in the unit people read."""
    if seconds >= 1:
        return f"{seconds:.2f} s"
    if seconds < 1e-4:
        return f"{seconds * 1e6:.2f} µs"
    return f"{seconds * 1e3:.1f} ms" if seconds >= 0.01 else f"{seconds * 1e3:.3f} ms"


def timed(what: str, seconds: float, target: float | None = None, *, loop: float | None = None) -> Row:
    """A duration; `target` in seconds, `loop` the duration of the reference loop."""
    said = "" if target is None else f"< {duration(target)}"
    return Row(
        what,
        duration(seconds),
        said,
        None if loop is None else seconds / loop,
        None if target is None else seconds < target,
    )


def ratio(what: str, value: float, at_most: float | None = None, *, at_least: float | None = None) -> Row:
    """A ratio of two durations of this run."""
    shown = f"{value:.3g}" if value < 1 else f"{value:.2f}"
    if at_least is not None:
        return Row(what, shown, f">= {at_least:g}", None, value >= at_least)
    said = "" if at_most is None else f"<= {at_most:g}"
    return Row(what, shown, said, None, None if at_most is None else value <= at_most)


def memory(what: str, mebibytes: float, target: float | None = None) -> Row:
    """An amount of memory, in MiB."""
    said = "" if target is None else f"< {target:.0f} MiB"
    return Row(what, f"{mebibytes:.1f} MiB", said, None, None if target is None else mebibytes < target)


def plain(what: str, measured: object, *, is_met: bool | None = None, target: str = "") -> Row:
    """Anything else."""
    return Row(what, str(measured), target, None, is_met)


def show(rows: Iterable[Row]) -> Sequence[Row]:
    """Prints the rows as they come, and gives them back."""
    print(HEAD)
    shown = []
    for row in rows:
        print(row.line().rstrip(), flush=True)
        shown.append(row)
    return shown
