# SPDX-License-Identifier: EUPL-1.2
"""The pages that read a whole campaign, timed inside the server: my day, the programme and its table, the envelopes."""

from collections.abc import Iterator

from starlette.testclient import TestClient

from bench.board import FEW, MANY, Stopwatch, counted, got, signed_in
from bench.clock import percentile
from bench.databases import installed
from bench.table import Row, plain, timed
from web.main import create_app

VISITS = 60
WHOLE, OTHER = 0.15, 0.05
ACCOUNTS = {"pilot": "pilote@epci.demo", "lead instructor": "instruction@etat.demo"}
PAGES: tuple[tuple[str, str, str, float], ...] = (
    ("my day (pilot)", "pilot", "/journee", OTHER),
    ("my day (lead instructor)", "lead instructor", "/journee", OTHER),
    ("programme table whole", "pilot", "/programme/dossiers?annee=2026", WHOLE),
    ("programme table sorted by amount", "pilot", "/programme/dossiers?annee=2026&tri=-requested", WHOLE),
    ("programme figures, nothing changed", "pilot", "/programme?annee=2026", OTHER),
    ("envelopes", "pilot", "/enveloppes?annee=2026", OTHER),
)


def measure(loop: float) -> Iterator[Row]:
    """The same pages with 100 dossiers, then 2,000."""
    few = {name: statements for name, _, _, statements, _ in _served(FEW, visits=2)}
    for name, served, size, statements, target in _served(MANY, visits=VISITS):
        slow = percentile(served.seconds, 0.95)
        yield timed(f"{name}, {MANY:,} dossiers: 95th percentile", slow, target, loop=loop)
        yield timed(f"{name}: median ({size >> 10} KiB)", percentile(served.seconds, 0.5), loop=loop)
        busy = percentile(served.processor, 0.95)
        yield timed(f"{name}: processor time alone, 95th percentile", busy, loop=loop)
        said = f"{few[name]} and {statements}"
        is_same = statements == few[name]
        yield plain(f"{name}: statements with {FEW} and {MANY:,}", said, is_met=is_same, target="equal")


def _served(number: int, *, visits: int) -> Iterator[tuple[str, Stopwatch, int, int, float]]:
    """Each page: its times, its size as sent, its statements, its target."""
    with installed() as application:
        tokens = dict.fromkeys(ACCOUNTS, "")
        tokens["pilot"] = signed_in(application, number, ACCOUNTS["pilot"])
        tokens["lead instructor"] = signed_in(application, 0, ACCOUNTS["lead instructor"])
        served = Stopwatch(create_app(application))
        for name, who, address, target in PAGES:
            with TestClient(served, cookies={"session": tokens[who]}) as client:
                client.get(address)
                with counted(application) as statements:
                    size = int(client.get(address).headers["content-length"])
                    got(client, address)
                served.seconds.clear()
                served.processor.clear()
                for _ in range(visits):
                    client.get(address)
                yield name, served, size, len(statements) // 2, target
