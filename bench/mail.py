# SPDX-License-Identifier: EUPL-1.2
"""Messages through real local SMTP servers, against bare loops on the same bytes in the same run; a worker at rest."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from app.database import upgrade
from bench.clock import seconds_of
from bench.databases import ROOT, folder
from bench.smtp_server import smtp_server
from bench.table import Row, memory, plain, ratio, timed
from notifications.planner import plan_all
from notifications.render import Envelope, Texts, compose, message_id
from notifications.settings import MailSettings
from tests.app.crashing import prepare
from tests.factories import NOW
from tests.factories.contract import toy_settings
from tests.factories.world import make_world
from workflow.db import make_engine, session_factory
from workflow.machine import fire
from workflow.models import Document, Event, Message, Seance
from workflow.permissions import SCHEDULER

MEMBERS, PDF_BYTES, TURNS = 1_000, 200_000, 3
LATE, COMPARED = 0.02, 150
REST = 60.0
SENTENCE = "Votre demande de subvention a été enregistrée par le service instructeur du contrat de ville. "
PLANNING = MailSettings("127.0.0.1", 25, "no-reply@epci.test", "https://ville.test")


def measure(loop: float) -> Iterator[Row]:
    """Convocations with a PDF; small messages to a slow server; the worker that has nothing to do."""
    with folder() as place:
        yield from _convocations(f"sqlite:///{place}/heavy.db", place / "heavy.db", loop)
        yield from _slow_server(f"sqlite:///{place}/light.db", loop)
        yield from _at_rest(place)


def _convocations(url: str, file: Path, loop: float) -> Iterator[Row]:
    engine = make_engine(url)
    yield timed(f"planning {MEMBERS} convocations with one 200 kB PDF", _planned(engine), loop=loop)
    ours: list[dict[str, float]] = []
    bare: list[dict[str, float]] = []
    with smtp_server() as (port, received):
        for _ in range(TURNS):
            bare.append(_sent("reused", url, port, MEMBERS))
            _again(engine)
            ours.append(_sent("outbox", url, port, MEMBERS))
        yield plain(
            "  received by the server, each turn the same",
            received.value,
            target=str(2 * TURNS * MEMBERS),
            is_met=received.value == 2 * TURNS * MEMBERS,
        )
    mine, theirs = (median(turn["seconds"] for turn in turns) for turns in (ours, bare))
    yield timed("  bare aiosmtplib loop, one connection kept, bytes in memory", theirs, loop=loop)
    yield timed("  outbox: claimed from SQLite, sent, noted", mine, loop=loop)
    yield ratio("  outbox to bare loop", mine / theirs, 1.5)
    yield memory("  peak of memory of the process that empties", max(turn["peak"] for turn in ours), 200)
    yield plain("  database file", f"{file.stat().st_size >> 20} MiB")
    engine.dispose()


def _slow_server(url: str, loop: float) -> Iterator[Row]:
    engine = make_engine(url)
    size = _written(engine)
    with smtp_server(LATE) as (port, _):
        renewed = _sent("renewed", url, port, COMPARED)
        ours = _sent("outbox", url, port, MEMBERS)
    engine.dispose()
    each, mine = renewed["seconds"] / renewed["sent"], ours["seconds"] / ours["sent"]
    yield plain("server answering each command after 20 ms, size of a message", f"{size} bytes")
    yield timed(f"  a connection for each message, mean of {COMPARED}", each, loop=loop)
    yield timed(f"  outbox, mean of {MEMBERS}", mine, loop=loop)
    yield ratio("  how much faster the outbox is", each / mine, at_least=4)


def _written(engine: Engine) -> int:
    """That many pending letters of about 3 kB; gives the size of one."""
    upgrade(engine)
    texts = Texts("Votre demande de subvention", SENTENCE * 10, f"<p>{SENTENCE * 10}</p>")
    with session_factory(engine).begin() as db:
        for rank in range(MEMBERS):
            key = f"letter:{rank:04}"
            to = f"porteur{rank:04}@asso.test"
            mail = compose(PLANNING, Envelope(key, "Association", to, NOW), texts).as_bytes()
            values = {"kind": "dossier_admissible", "title": texts.subject, "state": "pending"}
            ids = {"key": key, "recipient": to, "message_id": message_id(key, "epci.test")}
            db.add(Message(**values, **ids, body=mail, created_at=NOW, next_attempt_at=NOW))
    return len(mail)


def _planned(engine: Engine) -> float:
    """A convoked committee of that many members, planned; gives the seconds of the planning."""
    upgrade(engine)
    write = session_factory(engine)
    with write() as db:
        prepare(make_world(db), MEMBERS)
        seance = db.query(Seance).one()
        fire(db, seance, "convoke", SCHEDULER, None, NOW)
        db.flush()
        _attach(db, seance)
        db.commit()
    return seconds_of(lambda: plan_all(write.begin, lambda: NOW, PLANNING))


def _attach(db: Session, seance: Seance) -> None:
    content = b"%PDF-1.7\n" + random.Random(1).randbytes(PDF_BYTES - 9)
    document = Document(
        kind="summary",
        subject=f"seance:{seance.id}",
        name="synthèse.pdf",
        media_type="application/pdf",
        sha256=sha256(content).hexdigest(),
        content=content,
        created_at=NOW,
    )
    db.add(document)
    db.flush()
    event = db.query(Event).filter_by(kind="seance.convoke").one()
    event.payload = {**event.payload, "documents": [document.id]}


def _again(engine: Engine) -> None:
    with session_factory(engine).begin() as db:
        db.execute(update(Message).values(state="pending", attempts=0, sent_at=None))


def _sent(way: str, url: str, port: int, limit: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.mail_sender", way, url, str(port), str(limit)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    told: dict[str, Any] = json.loads(done.stdout)
    if told["sent"] != limit:
        raise AssertionError(f"{way}: {told['sent']} sent of {limit}")
    return told


def _at_rest(place: Path) -> Iterator[Row]:
    """The real worker, with nothing to do, for a minute after it started."""
    config = place / "config.yaml"
    deployment = {"database_url": f"sqlite:///{place}/rest.db", "environment": "production"}
    config.write_text(json.dumps({"deployment": deployment, "contracts": [toy_settings()]}), encoding="utf-8")
    start = [sys.executable, "-m", "cli.main"]
    subprocess.run([*start, "init", "--config", str(config)], cwd=ROOT, check=True, capture_output=True)
    with subprocess.Popen(
        [*start, "worker", "--config", str(config)], cwd=ROOT, stderr=subprocess.DEVNULL
    ) as worker:
        try:
            time.sleep(10)  # started, first times made up
            before, clock = _processor(worker.pid), time.monotonic()
            time.sleep(REST)
            used = (_processor(worker.pid) - before) / (time.monotonic() - clock)
        finally:
            worker.send_signal(signal.SIGTERM)
            worker.wait()
    yield plain(
        "worker at rest, share of one core over a minute", f"{used:.2%}", target="< 1%", is_met=used < 0.01
    )


def _processor(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
