# SPDX-License-Identifier: EUPL-1.2
"""A local SMTP server in a process of its own, for benches: counts what it receives; may answer each command late."""

import asyncio
import multiprocessing
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

LARGEST = 50_000_000


class Counting:
    """Accepts everything."""

    def __init__(self, received: Any) -> None:
        self.received = received

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        """Counts, and forgets."""
        self.received.value += 1
        return "250 OK"


class Late(SMTP):
    """Each answer, the greeting too, leaves after `delay` seconds."""

    delay = 0.0

    async def push(self, status: Any) -> None:
        """Answers, late."""
        if self.delay:
            await asyncio.sleep(self.delay)
        await super().push(status)


def _serve(listening: socket.socket, received: Any, delay: float) -> None:
    async def serve() -> None:
        loop = asyncio.get_running_loop()

        def conversation() -> SMTP:
            made = Late(Counting(received), data_size_limit=LARGEST, hostname="bench", loop=loop)
            made.delay = delay
            return made

        server = await loop.create_server(conversation, sock=listening)
        await server.serve_forever()

    asyncio.run(serve())


@contextmanager
def smtp_server(delay: float = 0.0) -> Iterator[tuple[int, Any]]:
    """Its port, and the counter of what it received."""
    context = multiprocessing.get_context("fork")
    received = context.Value("i", 0)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        process = context.Process(target=_serve, args=(listening, received, delay), daemon=True)
        process.start()
        try:
            yield listening.getsockname()[1], received
        finally:
            process.terminate()
            process.join()
