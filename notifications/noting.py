# SPDX-License-Identifier: EUPL-1.2
"""Results of several connections written together: one transaction for all those that wait, none left uncommitted."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

TRIES = 3
Result = Callable[[Session], object]


class Noter:
    """Each `note` returns once its own result is committed: a connection never has more than one not noted."""

    def __init__(self, write: Callable[[], AbstractContextManager[Session]]) -> None:
        self._write = write
        self._waiting: list[tuple[Result, asyncio.Event]] = []
        self._turn = asyncio.Lock()

    async def note(self, result: Result) -> None:
        """Writes the result, with those of the connections that wait at the same moment."""
        done = asyncio.Event()
        self._waiting.append((result, done))
        async with self._turn:
            if not done.is_set():  # else the one before has written it with its own
                await self._write_all()

    async def _write_all(self) -> None:
        taken, self._waiting = self._waiting, []
        try:
            await self._committed([result for result, _ in taken])
        except BaseException:
            self._waiting = taken + self._waiting  # nothing was committed: whoever comes next tries again
            raise
        for _, done in taken:
            done.set()

    async def _committed(self, results: list[Result]) -> None:
        """Tries again when the database is busy: a result that is lost is a message that leaves twice."""
        for _ in range(TRIES - 1):
            with suppress(OperationalError):
                return await asyncio.to_thread(self._commit, results)
        return await asyncio.to_thread(self._commit, results)

    def _commit(self, results: list[Result]) -> None:
        with self._write() as db:
            for result in results:
                result(db)
