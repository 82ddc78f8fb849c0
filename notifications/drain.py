# SPDX-License-Identifier: EUPL-1.2
"""Emptying the outbox: claim, send over a few reused connections, note each result. No lock is held while sending."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from random import Random

from sqlalchemy.orm import Session

from notifications import outbox
from notifications.errors import DeliveryError, SilentServerError, UnreachableError
from notifications.noting import Noter
from notifications.outbox import Claimed
from notifications.papers import Papers
from notifications.sender import Connection
from notifications.settings import MailSettings

WriteFactory = Callable[[], AbstractContextManager[Session]]
SILENCES = 3  # in a row: the server is stuck, not the message
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Drained:
    """What one emptying did. `unreachable`: why the server could not be used; `held`: why nothing may leave."""

    sent: int = 0
    refused: int = 0
    unreachable: str | None = None
    held: str | None = None


def drain(
    write: WriteFactory,
    now: Callable[[], datetime],
    settings: MailSettings,
    owner: str,
    *,
    rng: Random | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> Drained:
    """Sends what is due, batch after batch, until nothing is left, the server is unreachable or `stopping()`."""
    with write() as db:
        outbox.release_stuck(db, now())
    if settings.held:
        return Drained(held=settings.held)
    drainer = _Drainer(write, now, settings, owner, rng or Random(), stopping)  # noqa: S311 (spreads retries)
    return asyncio.run(drainer.run())


@dataclass
class _Drainer:
    write: WriteFactory
    now: Callable[[], datetime]
    settings: MailSettings
    owner: str
    rng: Random
    stopping: Callable[[], bool]

    def __post_init__(self) -> None:
        self.report = Drained()
        self.waiting: list[Claimed] = []
        self.noter = Noter(self.write)
        self.papers = Papers()
        self.silences = 0

    async def run(self) -> Drained:
        async with asyncio.TaskGroup() as group:
            for _ in range(max(1, self.settings.connections)):
                if not await self._filled():
                    break
                group.create_task(self._work(self.waiting.pop(0)))
        await self._put_back()
        return self.report

    async def _work(self, message: Claimed) -> None:
        """One connection: sends until nothing is left."""
        async with Connection(self.settings) as connection:
            while True:
                if self._has_time(message):
                    await self._send(connection, message)
                else:  # claimed again at once, for the whole of its time: nobody else sends it meanwhile
                    await self.noter.note(partial(outbox.put_back, message=message, owner=self.owner))
                if not await self._filled():
                    return
                message = self.waiting.pop(0)

    def _has_time(self, message: Claimed) -> bool:
        return self.now() + self.settings.longest_sending <= message.held_until

    async def _send(self, connection: Connection, message: Claimed) -> None:
        try:
            await connection.send(
                message.recipient, self.papers.joined(message.body, message.documents or ())
            )
        except DeliveryError as error:
            await self._refused(message, error)
        else:
            self.silences = 0
            self.report.sent += 1
            await self.noter.note(lambda db: outbox.mark_sent(db, message, self.owner, self.now()))

    async def _refused(self, message: Claimed, error: DeliveryError) -> None:
        self.report.refused += 1
        self.silences = self.silences + 1 if isinstance(error, SilentServerError) else 0
        if isinstance(error, UnreachableError) or self.silences >= SILENCES:
            self.report.unreachable = error.message  # said once by the caller, not once a message
        else:
            log.warning("message %s non remis : %s", message.key, error.message)
        await self.noter.note(
            lambda db: outbox.mark_refused(
                db, message, self.owner, self.now(), error, self.settings, self.rng
            )
        )

    async def _filled(self) -> bool:
        """True when a message waits in memory; claims the next batch when none does."""
        if self.report.unreachable or self.stopping():
            return False
        if not self.waiting:
            self.waiting.extend(await asyncio.to_thread(self._claim))
        return bool(self.waiting)

    def _claim(self) -> list[Claimed]:
        with self.write() as db:
            claimed = outbox.claim(db, self.now(), self.owner, self.settings)
            self.papers.hold(db, [number for message in claimed for number in message.documents or ()])
            return claimed

    async def _put_back(self) -> None:
        """What was claimed and not tried goes back as it was."""
        for message in self.waiting:
            await self.noter.note(partial(outbox.put_back, message=message, owner=self.owner))
        self.waiting.clear()
