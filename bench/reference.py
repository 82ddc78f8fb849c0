# SPDX-License-Identifier: EUPL-1.2
"""Fixed loops timed in every run: an absolute figure means little without the machine it was taken on."""

import sqlite3
from pathlib import Path

from bench.clock import median_of, seconds_of
from bench.table import Row, timed

ROUNDS, ROWS = 1_000_000, 20_000


def python_loop() -> float:
    """Seconds of a million additions in plain Python, median of five."""
    return median_of(5, _loop)


def _loop() -> int:
    total = 0
    for number in range(ROUNDS):
        total += number & 7
    return total


def sqlite_loop(folder: Path) -> float:
    """Seconds of 20,000 rows inserted one by one in one transaction of a file in `folder`."""
    path = folder / "reference.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, name TEXT, amount INTEGER)")

    def fill() -> None:
        connection.execute("BEGIN IMMEDIATE")
        for number in range(ROWS):
            connection.execute("INSERT INTO row (name, amount) VALUES (?, ?)", (f"row {number}", number))
        connection.execute("COMMIT")

    try:
        return sorted(seconds_of(fill) for _ in range(3))[1]
    finally:
        connection.close()


def loop_row(seconds: float) -> Row:
    """The row that says how fast Python is here."""
    return timed("reference: 1,000,000 additions in plain Python", seconds, loop=seconds)


def sqlite_row(seconds: float) -> Row:
    """The row that says how fast SQLite is here."""
    return timed("reference: 20,000 SQLite rows inserted one by one, one transaction", seconds)
