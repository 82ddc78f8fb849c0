# SPDX-License-Identifier: EUPL-1.2
"""One way of sending the outbox of a database, in a process of its own; prints its seconds and its peak of memory."""

import asyncio
import json
import sys
from collections.abc import Sequence
from time import perf_counter

from aiosmtplib import SMTP
from sqlalchemy import select
from sqlalchemy.orm import undefer

from bench.clock import status_mib
from notifications.drain import drain
from notifications.papers import whole_body
from notifications.settings import MailSettings
from tests.factories import NOW
from workflow.db import make_engine, session_factory
from workflow.models import Message

SENDER = "no-reply@epci.test"
Bodies = Sequence[tuple[str, bytes]]


def main() -> None:
    """`WAY URL PORT LIMIT`: outbox (ours), reused (one connection), renewed (a connection for each message)."""
    way, url, port, limit = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    write = session_factory(make_engine(url))
    if way == "outbox":
        settings = MailSettings("127.0.0.1", port, SENDER, "https://ville.test")
        start = perf_counter()
        sent = drain(write.begin, lambda: NOW, settings, "bench").sent
        seconds = perf_counter() - start
    else:
        with write() as db:
            rows = db.scalars(
                select(Message).options(undefer(Message.body)).order_by(Message.id).limit(limit)
            )
            bodies = [(row.recipient, whole_body(db, row)) for row in rows]
        start = perf_counter()
        asyncio.run(_reused(port, bodies) if way == "reused" else _renewed(port, bodies))
        seconds, sent = perf_counter() - start, len(bodies)
    print(json.dumps({"seconds": seconds, "sent": sent, "peak": status_mib("VmHWM")}))


async def _reused(port: int, bodies: Bodies) -> None:
    async with SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
        for to, body in bodies:
            await client.sendmail(SENDER, to, body)


async def _renewed(port: int, bodies: Bodies) -> None:
    for to, body in bodies:
        async with SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
            await client.sendmail(SENDER, to, body)


if __name__ == "__main__":
    main()
