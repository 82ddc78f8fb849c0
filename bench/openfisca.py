# SPDX-License-Identifier: EUPL-1.2
"""Four of our rules against the same four written for OpenFisca-Core, on one dossier; the outcomes are compared first.

OpenFisca-Core (AGPL) is in no lock of ours: this bench installs it in an environment of its own and removes it.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from bench.clock import seconds_of
from bench.databases import folder
from bench.openfisca_cases import DOSSIERS, FOUR, YEAR, Values, facts_of, inputs_of, outcomes_of, values_of
from bench.table import Row, plain, ratio, timed
from rules.parameters import Parameters

PINNED = "46.0.1"
AT_LEAST = 8.0
TURNS = 25
SCRIPT = Path(__file__).with_name("openfisca_country.py")
PATIENCE = 300  # seconds given to the installation


def measure(loop: float) -> Iterator[Row]:
    """Nothing is measured, and the row says why, when OpenFisca-Core cannot be installed."""
    with folder() as place:
        start = perf_counter()
        fault = _install(place)
        if fault is not None:
            yield plain(f"OpenFisca-Core {PINNED} not installed, measured nothing ({fault})", "nothing")
            return
        yield timed("throw-away environment and installation, apart", perf_counter() - start)
        with _Country(place / "bin" / "python").running() as country:
            yield from _compared(country, loop)


def _install(place: Path) -> str | None:
    """What went wrong, None when OpenFisca-Core is there."""
    wanted = f"openfisca-core=={PINNED}"
    python = place / "bin" / "python"
    pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1", wanted]
    for command in ([sys.executable, "-m", "venv", str(place)], [str(python), "-I", *pip]):
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            return f"more than {PATIENCE} s"
        if done.returncode:
            said = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
            return said[-1][:160]
    return None


class _Country:
    """The other process: one line asked, one line answered."""

    def __init__(self, python: Path) -> None:
        self.command = [str(python), "-I", str(SCRIPT)]
        self.process: subprocess.Popen[str] | None = None

    @contextmanager
    def running(self) -> Iterator["_Country"]:
        """Ends with the bench."""
        pipe = subprocess.PIPE
        with subprocess.Popen(self.command, stdin=pipe, stdout=pipe, text=True) as self.process:
            yield self
            assert self.process.stdin is not None
            self.process.stdin.close()

    def ask(self, what: object) -> dict[str, Any]:
        """Its answer."""
        assert self.process is not None
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps(what), file=self.process.stdin, flush=True)
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


def _compared(country: _Country, loop: float) -> Iterator[Row]:
    dossiers = [values_of(rank) for rank in range(DOSSIERS)]
    told = country.ask(
        {"parameters": _dated(), "year": str(YEAR), "dossiers": [inputs_of(values) for values in dossiers]}
    )
    parameters = Parameters.load().at(date(YEAR, 7, 1))
    facts = [facts_of(values) for values in dossiers]

    def from_values() -> list[list[bool]]:
        return [outcomes_of(facts_of(values), parameters) for values in dossiers]

    def at_hand() -> list[list[bool]]:
        return [outcomes_of(dossier, parameters) for dossier in facts]

    yield plain("OpenFisca-Core installed", told["version"])
    yield from _agreed(dossiers, at_hand(), told)
    theirs: list[Mapping[str, float]] = []
    ours: list[tuple[float, float]] = []
    for _turn in range(TURNS + 1):  # in turn, so that a slower moment of the machine touches all
        theirs.append(country.ask("turn"))
        ours.append((seconds_of(from_values) / DOSSIERS, seconds_of(at_hand) / DOSSIERS))
    made, known = (median(turn[n] for turn in ours[1:]) for n in (0, 1))
    found = {way: median(turn[way] for turn in theirs[1:]) for way in theirs[0]}
    yield from _rows(made, known, found, loop)


def _rows(made: float, known: float, found: Mapping[str, float], loop: float) -> Iterator[Row]:
    """The target is on the documented way and on the rules alone; the other ways are shown beside, without one."""
    yield timed("ours: facts made from values, four findings", made, loop=loop)
    yield timed("ours: four findings, facts at hand", known, loop=loop)
    ways = (
        ("situation", "fresh simulation from a situation", made, AT_LEAST),
        ("formulas", "the four formulas alone, inputs in place", known, AT_LEAST),
        ("fresh", "fresh simulation, built the shortest way", made, None),
        ("reused", "one simulation kept, inputs replaced", made, None),
        ("together", "1,000 dossiers in one simulation, each", known, None),
    )
    for way, what, ours, target in ways:
        compared = "facts made from values" if ours is made else "facts at hand"
        yield timed(f"OpenFisca: {what}", found[way], loop=loop)
        yield ratio(f"  OpenFisca / ours ({compared})", found[way] / ours, at_least=target)


def _agreed(dossiers: list[Values], ours: list[list[bool]], told: Mapping[str, Any]) -> Iterator[Row]:
    """The rules compared are the same: raises RuntimeError on the first dossier where they are not."""
    theirs = told["outcomes"]
    for values, mine, other in zip(dossiers, ours, theirs, strict=True):
        if mine != other:
            raise RuntimeError(f"not the same rules on {values}: {FOUR}, ours {mine}, OpenFisca {other}")
    yield plain(
        f"same outcomes of the four rules on {len(ours)} dossiers", "the same", is_met=bool(told["same"])
    )
    for place, rule in enumerate(FOUR):
        satisfied = sum(outcomes[place] for outcomes in ours)
        both = 0 < satisfied < len(ours)
        yield plain(f"  {rule}: satisfied, violated", f"{satisfied}, {len(ours) - satisfied}", is_met=both)


def _dated() -> dict[str, Any]:
    """Our dated parameters in OpenFisca's form, the ones the four rules read."""
    values = Parameters.load().by_name["qpv.majority_share"].values
    dated = {
        day.isoformat(): {"value": float(one.value) if isinstance(one.value, Decimal) else None}
        for day, one in values.items()
    }
    return {"qpv": {"majority_share": {"values": dated}}}
