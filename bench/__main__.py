# SPDX-License-Identifier: EUPL-1.2
"""`python -m bench` measures everything, each bench in its own process; `python -m bench NAME…` only those."""

import argparse
import importlib
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from time import perf_counter

from bench.reference import loop_row, python_loop
from bench.table import Row, show

BENCHES = {
    "transition": "one saved transition against hand-written Core",
    "rules": "the rules on one dossier, then on 100,000; on a programme of 2,000",
    "openfisca": "four rules against the same four in OpenFisca-Core (installed aside)",
    "closing": "a committee of 300 decisions closed, its summary frozen",
    "summary": "the arbitration summary of 500 dossiers",
    "documents": "the programme table of 2,000 dossiers as a page and as workbooks, formulas apart",
    "board": "the board with 2,000 dossiers",
    "crowd": "fifty people on 2,000 dossiers, two server processes",
    "pages": "my day, the programme whole and the envelopes with 2,000 dossiers",
    "round_table": "the round table of 500 dossiers and 10 financers: page, one cell edited, what others hear",
    "planner": "reminders over 100,000 dossiers, 5,000 of them due",
    "awards": "published awards imported",
    "mail": "1,000 convocations and a slow mail server against bare loops; a worker at rest",
    "arbitration": "scenarios solved for 300 and 2,000 dossiers, against the order of opinions",
    "located": "200,000 addresses located in the official perimeters",
}


def main() -> int:
    """Exit code 0; with --strict, 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--strict", action="store_true", help="exit 1 when a target is missed")
    chosen = parser.parse_args()
    unknown = set(chosen.names) - set(BENCHES)
    if unknown:
        parser.error(f"unknown bench: {', '.join(sorted(unknown))} (known: {', '.join(BENCHES)})")
    if len(chosen.names) == 1:
        return _one(chosen.names[0], is_strict=chosen.strict)
    return _each(chosen.names or list(BENCHES), is_strict=chosen.strict)


def _each(names: list[str], *, is_strict: bool) -> int:
    """Each in a process of its own, so that memory figures are its own."""
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, {platform.system()}")
    start, worst = perf_counter(), 0
    for name in names:
        command = [sys.executable, "-m", "bench", name, *(["--strict"] if is_strict else [])]
        worst = max(worst, subprocess.run(command, check=False).returncode)
    print(f"\nall in {perf_counter() - start:.0f} s")
    return worst


def _one(name: str, *, is_strict: bool) -> int:
    print(f"\n{name}: {BENCHES[name]} (load {os.getloadavg()[0]:.1f})")
    shown = show(_measured(name))
    return int(is_strict and any(row.is_met is False for row in shown))


def _measured(name: str) -> Iterator[Row]:
    loop = python_loop()
    yield loop_row(loop)
    yield from importlib.import_module(f"bench.{name}").measure(loop)


if __name__ == "__main__":
    sys.exit(main())
