# SPDX-License-Identifier: EUPL-1.2
"""The board of dossiers, timed inside the server: from the request received to the last byte given to the network."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter, process_time

from sqlalchemy import event, select
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from app.bootstrap import Application
from bench.clock import percentile
from bench.databases import installed
from bench.programme import fill
from bench.table import Row, plain, timed
from reports.board import OFFERED
from web.main import create_app
from web.sessions import open_session
from workflow.models import Person

FEW, MANY, VISITS = 100, 2_000, 200
TARGET = 0.05
PILOT = "pilote@epci.demo"
PAGES = {
    "by stage": "/dossiers",
    "table": "/dossiers?vue=tableau",
    "table sorted by amount, page 5": "/dossiers?vue=tableau&tri=-demande&page=5",
    "filtered by words and neighbourhood": "/dossiers?vue=tableau&q=emploi&qpv=QN05934M",
    "searched": "/dossiers?vue=tableau&q=etape:co-instruction+sans-reponse:caf+avis:attendu+-cpo+montant>1000",
    "every column, by missing opinions": f"/dossiers?vue=tableau&tri=-manque&colonnes={','.join(OFFERED)}",
}


class Stopwatch:
    """The outermost layer of the server: how long each answer took in it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.seconds: list[float] = []
        self.processor: list[float] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        start, busy = perf_counter(), process_time()
        await self.app(scope, receive, send)
        if scope["type"] == "http":
            self.seconds.append(perf_counter() - start)
            self.processor.append(process_time() - busy)


def measure(loop: float) -> Iterator[Row]:
    """The same pages with 100 dossiers, then 2,000."""
    few = {name: statements for name, _, _, statements in served_pages(FEW, visits=3)}
    for name, served, size, statements in served_pages(MANY, visits=VISITS):
        slow = percentile(served.seconds, 0.95)
        yield timed(f"board {name}, {MANY:,} dossiers: 95th percentile", slow, TARGET, loop=loop)
        yield timed(f"board {name}: median ({size >> 10} KiB)", percentile(served.seconds, 0.5), loop=loop)
        busy = percentile(served.processor, 0.95)
        yield timed(f"board {name}: processor time alone, 95th percentile", busy, loop=loop)
        said = f"{few[name]} and {statements}"
        yield plain(
            f"board {name}: statements with {FEW} and {MANY:,}",
            said,
            is_met=statements == few[name],
            target="equal",
        )


def served_pages(number: int, *, visits: int) -> Iterator[tuple[str, Stopwatch, int, int]]:
    """Each page: its times, size, statements."""
    with installed() as application:
        token = signed_in(application, number)
        served = Stopwatch(create_app(application))
        with TestClient(served, cookies={"session": token}) as client:
            for name, address in PAGES.items():
                client.get(address)
                with counted(application) as statements:
                    size = len(got(client, address))
                served.seconds.clear()
                served.processor.clear()
                for _ in range(visits):
                    client.get(address)
                yield name, served, size, len(statements)


def signed_in(application: Application, number: int, email: str = PILOT) -> str:
    """The session of this person, with that many dossiers filed."""
    with application.write() as db:
        fill(db, number)
        pilot = db.scalars(select(Person).where(Person.email == email)).one()
        return open_session(db, pilot, application.now())


def got(client: TestClient, address: str) -> bytes:
    """The page, which must be there."""
    answer = client.get(address, follow_redirects=False)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return answer.content


@contextmanager
def counted(application: Application) -> Iterator[list[str]]:
    """The statements the database receives meanwhile, transactions apart."""
    heard: list[str] = []

    def hear(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith("BEGIN"):
            heard.append(statement)

    event.listen(application.engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(application.engine, "before_cursor_execute", hear)
