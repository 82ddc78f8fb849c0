# SPDX-License-Identifier: EUPL-1.2
"""Timing: medians of several repetitions, alternated when two ways are compared, and the memory of a process."""

from collections.abc import Callable, Iterator, Sequence
from math import nan
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

KIB = 1024


def seconds_of(work: Callable[[], object]) -> float:
    """How long one call lasts."""
    start = perf_counter()
    work()
    return perf_counter() - start


def median_of(times: int, work: Callable[[], object]) -> float:
    """The median of that many calls, after one that warms up."""
    work()
    return median(seconds_of(work) for _ in range(times))


def processor_of(times: int, work: Callable[[], object]) -> float:
    """The median processor time of that many calls: what a busy machine does not add to."""
    found = []
    for _ in range(times):
        start = process_time()
        work()
        found.append(process_time() - start)
    return median(found)


def alternated(
    times: int, ways: Sequence[Callable[[int], object]], *, before: Callable[[], object] = lambda: None
) -> list[float]:
    """The median of each way, called in turn so that a slower moment of the machine touches all; `before` is not timed."""
    found: list[list[float]] = [[] for _ in ways]
    for turn in range(times + 1):
        for way, measures in zip(ways, found, strict=True):
            before()
            start = perf_counter()
            way(turn)
            measures.append(perf_counter() - start)
    return [median(measures[1:]) for measures in found]  # the first turn warms up


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of the others does not exceed; of nothing, not a number."""
    if not values:
        return nan
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def status_mib(field: str, pid: int | str = "self") -> float:
    """A memory field (VmRSS, VmHWM) of a process, in MiB; Linux only."""
    return next(_fields(field, pid)) / KIB


def _fields(field: str, pid: int | str) -> Iterator[int]:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith(f"{field}:"):
            yield int(line.split()[1])
