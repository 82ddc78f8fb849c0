# SPDX-License-Identifier: EUPL-1.2
"""Results of several connections written together: one transaction for all those that wait, none left uncommitted."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy.orm import Session

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
            await asyncio.to_thread(self._commit, [result for result, _ in taken])
        except BaseException:
            self._waiting = taken + self._waiting  # nothing was committed: whoever comes next tries again
            raise
        for _, done in taken:
            done.set()

    def _commit(self, results: list[Result]) -> None:
        with self._write() as db:
            for result in results:
                result(db)
