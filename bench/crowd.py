# SPDX-License-Identifier: EUPL-1.2
"""Fifty people at work at once: two server processes of the product, and these users in a process of their own."""

import asyncio
import json
import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import httpx2
from sqlalchemy import select

from app.bootstrap import Application
from bench.clock import percentile
from bench.databases import ROOT, installed_at
from bench.programme import fill
from bench.table import Row, plain, timed
from web.sessions import open_session
from workflow.models import Dossier, Person

USERS, DOSSIERS, LASTS = 50, 2_000, 60.0
PAUSE = (3.0, 7.0)
TARGET = 0.3
# What people open, and how often among a hundred pages. `{dossier}`: one of the campaign, drawn each time.
JOURNEY = (
    ("/journee", 10),
    ("/dossiers", 15),
    ("/dossiers?vue=tableau&page=3", 10),
    ("/dossiers?q=emploi+etape:conference", 10),
    ("/dossiers/{dossier}", 35),
    ("/seances", 5),
    ("/calendrier", 5),
    ("/messages", 3),
    ("/enveloppes", 4),
    ("/programme", 3),
)
# One page in ten is a thread, where the reader then writes an internal note: it changes the dossier for everybody.
THREAD, WRITING = "/dossiers/{dossier}/echanges", 11
TOKEN = re.compile(r'name="jeton" value="([^"]+)"')


@dataclass
class Heard:
    """What the users saw: how long each page took, and what went wrong."""

    seconds: list[float] = field(default_factory=list)
    written: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def measure(loop: float) -> Iterator[Row]:
    """The whole campaign, then a minute of fifty people."""
    with installed_at() as (application, place):
        tokens, dossiers = _people(application)
        with _served(application, place) as address:
            told = _generated(address, tokens, dossiers)
    seconds = told["seconds"]
    yield plain(f"{USERS} users for {LASTS:.0f} s, pages answered", f"{len(seconds)}")
    yield timed("  95th percentile, as the user waits", percentile(seconds, 0.95), TARGET, loop=loop)
    yield timed("  median", percentile(seconds, 0.5), loop=loop)
    yield timed("  longest", max(seconds), loop=loop)
    written = told["written"]
    yield plain("  of them, notes written", f"{len(written)}")
    yield timed(
        "  a note written, until the page shows it: 95th percentile",
        percentile(written, 0.95),
        TARGET,
        loop=loop,
    )
    faults = told["faults"]
    yield plain("  errors", f"{len(faults)} {faults[:1] or ''}", target="0", is_met=not faults)


def _people(application: Application) -> tuple[list[str], list[int]]:
    """A session for each user (people of the demonstration, several windows each), and the dossiers' numbers."""
    with application.write() as db:
        fill(db, DOSSIERS)
        people = db.scalars(
            select(Person).where(Person.email.not_like("%porteur%")).order_by(Person.id)
        ).all()
        now = application.now()
        tokens = [open_session(db, people[n % len(people)], now) for n in range(USERS)]
        return tokens, list(db.scalars(select(Dossier.id)))


@contextmanager
def _served(application: Application, place: Path) -> Iterator[str]:
    environ = os.environ | {"COINSTRUCTION_DATABASE_URL": application.config.deployment.database_url}
    command = [sys.executable, "-m", "cli.main", "serve", "--port", "0", "--processes", "2"]
    log = place / "serve.log"
    with (
        log.open("w") as written,
        subprocess.Popen(command, cwd=ROOT, stderr=written, stdout=written, env=environ) as server,
    ):
        try:
            yield _answering(log)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()


def _answering(log: Path) -> str:
    """The address, once both processes answer."""
    client, end = httpx2.Client(timeout=60), perf_counter() + 120
    while perf_counter() < end:
        words = log.read_text().split()
        address = next((word for word in words if word.startswith("http://")), None)
        if address is not None:
            for _ in range(10):
                client.get(f"{address}/healthz")
            return address
    raise RuntimeError("the server did not start")


def _generated(address: str, tokens: Sequence[str], dossiers: Sequence[int]) -> dict[str, list[float]]:
    command = [sys.executable, "-m", "bench.crowd"]
    asked = json.dumps({"address": address, "tokens": tokens, "dossiers": dossiers})
    done = subprocess.run(command, cwd=ROOT, input=asked, check=True, stdout=subprocess.PIPE, text=True)
    told: dict[str, list[float]] = json.loads(done.stdout)
    return told


async def _crowd(address: str, tokens: Sequence[str], dossiers: Sequence[int]) -> Heard:
    heard, start = Heard(), perf_counter()
    async with asyncio.TaskGroup() as group:
        for rank, token in enumerate(tokens):
            group.create_task(_user(address, token, dossiers, random.Random(rank), start, heard))
    return heard


async def _user(
    address: str, token: str, dossiers: Sequence[int], rng: random.Random, start: float, heard: Heard
) -> None:
    """One person: a page, a few seconds of reading, another page; now and then a note."""
    pages = [page for page, _ in JOURNEY] + [THREAD]
    weights = [weight for _, weight in JOURNEY] + [WRITING]
    limits = httpx2.Limits(max_connections=1)
    async with httpx2.AsyncClient(
        base_url=address, cookies={"session": token}, timeout=30, limits=limits, follow_redirects=True
    ) as client:
        await asyncio.sleep(rng.uniform(0, PAUSE[1]))
        while perf_counter() - start < LASTS:
            pattern = rng.choices(pages, weights)[0]
            page = pattern.replace("{dossier}", str(rng.choice(dossiers)))
            read = await _asked(heard, client.get(page), page)
            await asyncio.sleep(rng.uniform(*PAUSE))
            found = TOKEN.search(read)
            if pattern == THREAD and found is not None:
                note = {
                    "jeton": found[1],
                    "audience": "internal",
                    "text": f"Relancé le porteur ({rng.random()}).",
                }
                await _asked(heard, client.post(page, data=note), page, heard.written)
                await asyncio.sleep(rng.uniform(*PAUSE))


async def _asked(
    heard: Heard, asking: Awaitable[httpx2.Response], page: str, among: list[float] | None = None
) -> str:
    """The text of the answer; its time, and its fault if it has one, are noted."""
    asked, text = perf_counter(), ""
    try:
        answer = await asking
        said, text = str(answer.status_code), answer.text
    except httpx2.TransportError as error:
        said = repr(error)
    took = perf_counter() - asked
    heard.seconds.append(took)
    if among is not None:
        among.append(took)
    if said != "200":
        heard.faults.append(f"{page}: {said}")
    return text


if __name__ == "__main__":
    given = json.load(sys.stdin)
    found = asyncio.run(_crowd(given["address"], given["tokens"], given["dossiers"]))
    print(json.dumps({"seconds": found.seconds, "written": found.written, "faults": found.faults}))
