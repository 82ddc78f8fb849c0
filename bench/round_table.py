# SPDX-License-Identifier: EUPL-1.2
"""The round table of 500 dossiers × 10 financers, timed inside the server: the page, one cell edited, what others hear."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.bootstrap import Application
from bench.board import Stopwatch, counted, got
from bench.clock import percentile
from bench.databases import installed
from bench.programme import NOW, fill
from bench.table import Row, plain, timed
from web.live_grid import GridTables
from web.main import create_app
from web.sessions import form_token, open_session
from workflow.contracts import territory_of
from workflow.grid.reading import columns_of
from workflow.models import Contract, Credit, Dossier, FundingLine, Person, Seance
from workflow.permissions import SCHEDULER
from workflow.seances import plan_seance, set_agenda
from workflow.stages import Stage
from workflow.territory import BodyKind

FEW, MANY, FINANCERS = 5, 500, 10
VISITS, FRESH = 60, 20
PAGE, EDIT = 0.15, 0.03
SECRETARY = "secretariat@epci.demo"
IN_PLACE = {"hx-request": "true"}
MARK = re.compile(r'name="depuis" value="([0-9-]+)"')
CELL = re.compile(
    r'id="c(\d+)-(\d+)" class="proposed" data-v="(\d+)"'
)  # specific credits, an amount already typed


def measure(loop: float) -> Iterator[Row]:
    """The same acts with 5 dossiers, then 500."""
    few = {name: statements for name, _, _, statements, _ in _acts(FEW, visits=2)}
    for name, served, size, statements, target in _acts(MANY, visits=VISITS):
        what = f"round table, {MANY} × {FINANCERS}: {name}"
        yield timed(f"{what}, 95th percentile", percentile(served.seconds, 0.95), target, loop=loop)
        yield timed(f"{name}: median ({size >> 10} KiB)", percentile(served.seconds, 0.5), loop=loop)
        busy = percentile(served.processor, 0.95)
        yield timed(f"{name}: processor time alone, 95th percentile", busy, loop=loop)
        said, is_same = f"{few[name]} and {statements}", statements == few[name]
        yield plain(f"{name}: statements with {FEW} and {MANY}", said, is_met=is_same, target="equal")


def _acts(number: int, *, visits: int) -> Iterator[tuple[str, Stopwatch, int, int, float | None]]:
    """Each act: its times, its size as sent, its statements, its target."""
    with installed() as application:
        seance_id, token = _laid(application, number)
        address = f"/seances/{seance_id}/table"
        web = create_app(application)
        served = Stopwatch(web)
        with TestClient(served, cookies={"session": token}) as client:
            client.get(address)
            with counted(application) as statements:
                html = _fresh(web, client, address)
            _forget(served)
            for _ in range(min(visits, FRESH)):
                _fresh(web, client, address)
            size = int(client.get(address).headers["content-length"])
            yield "page, no row of it kept", served, size, len(statements), PAGE
            with counted(application) as statements:
                got(client, address)
            _forget(served)
            for _ in range(visits):
                client.get(address)
            yield "page", served, size, len(statements), PAGE
            yield from _edited(application, served, client, html, visits)


def _fresh(web: FastAPI, client: TestClient, address: str) -> str:
    """The page of a process that has never made this table."""
    web.state.grid = GridTables()
    return got(client, address).decode()


def _edited(
    application: Application, served: Stopwatch, client: TestClient, html: str, visits: int
) -> Iterator[tuple[str, Stopwatch, int, int, float | None]]:
    """Cells typed one after the other, then what a second screen hears."""
    address = html.split('data-suite="')[1].split("/suite", maxsplit=1)[0]
    mark, cells = MARK.findall(html)[0], CELL.findall(html)
    columns = html.split('name="colonnes" value="')[1].split('"', maxsplit=1)[0]
    form = {"jeton": form_token(client.cookies["session"]), "colonnes": columns}
    _forget(served)
    size, told, heard = 0, mark, 0
    for rank in range(visits):
        dossier, credit, version = cells[(rank * 37) % len(cells)]
        typed = {**form, "depuis": told, "version": version, "saisie": str(100 + rank)}
        with counted(application) as statements:
            answer = client.post(f"{address}/{dossier}/{credit}", data=typed, headers=IN_PLACE)
        if answer.status_code != 200:
            raise RuntimeError(f"cell answered {answer.status_code}: {answer.text[:500]}")
        told, size, heard = MARK.findall(answer.text)[0], len(answer.content), len(statements)
    yield "one cell edited", served, size, heard, EDIT
    _forget(served)
    with counted(application) as statements:
        client.get(f"{address}/suite", params={"depuis": told, "colonnes": columns}, headers=IN_PLACE)
    for _ in range(visits):
        client.get(f"{address}/suite", params={"depuis": told, "colonnes": columns}, headers=IN_PLACE)
    yield "nothing moved, asked every 4 s", served, 0, len(statements), None


def _forget(served: Stopwatch) -> None:
    served.seconds.clear()
    served.processor.clear()


def _laid(application: Application, number: int) -> tuple[int, str]:
    """A conference with that many dossiers, ten credits asked on each; and the secretary's session."""
    with application.write() as db:
        contract = fill(db, number, (Stage.FINANCERS_CONFERENCE,))
        dossiers = db.scalars(select(Dossier).order_by(Dossier.reference)).all()
        wanted = columns_of(db, contract)
        keys = {column.key for column in (*wanted[: FINANCERS // 2], *wanted[-FINANCERS // 2 :])}
        credits = {one.code: one for one in db.scalars(select(Credit)) if one.code in keys}
        for dossier in dossiers:
            _ask(dossier, credits)
        seance = _conference(db, contract)
        set_agenda(db, seance, dossiers, SCHEDULER, NOW)
        secretary = db.scalars(select(Person).where(Person.email == SECRETARY)).one()
        return seance.id, open_session(db, secretary, application.now())


def _conference(db: Session, contract: Contract) -> Seance:
    body = next(body.code for body in territory_of(contract).bodies if body.kind is BodyKind.CONFERENCE)
    seance = plan_seance(db, contract, body, NOW + timedelta(days=900), NOW, SCHEDULER)
    db.flush()
    return seance


def _ask(dossier: Dossier, credits: dict[str, Credit]) -> None:
    """Exactly these credits: those missing are asked, the others leave the table."""
    for line in list(dossier.lines):
        if line.key not in credits:
            dossier.lines.remove(line)
    for rank, (key, credit) in enumerate(credits.items()):
        if dossier.line(key) is None:
            dossier.lines.append(
                FundingLine(
                    credit=credit,
                    key=key,
                    year=dossier.year,
                    state="asked",
                    requested=Decimal(1500),
                    proposed=Decimal(500) if rank % 2 else None,
                )
            )
    dossier.total_cost = Decimal(50_000)
