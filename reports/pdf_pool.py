# SPDX-License-Identifier: EUPL-1.2
"""Where PDFs are compiled: a spawned process for each, never the web process."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Self

# The compiler keeps what it laid out: several hundred MB for each long report. A process of its own costs 0.1 s; more
# tasks in one would also meet a fault of Python 3.11, whose pool may wait for ever for a process that has left.
PER_WORKER = 1


class PdfPool:
    """One pool for an application; closing it waits for what is under way. Workers start at the first PDF."""

    def __init__(self, *, workers: int = 1) -> None:
        self._executor = ProcessPoolExecutor(
            max_workers=workers,
            mp_context=multiprocessing.get_context("spawn"),
            max_tasks_per_child=PER_WORKER,
        )

    def submit(self, compile_document: Callable[[str], bytes], payload: str) -> Future[bytes]:
        """The bytes to come of one document. `compile_document` is a module-level function of plain values."""
        return self._executor.submit(compile_document, payload)

    def compile(
        self, compile_document: Callable[[str], bytes], payload: str, *, timeout_seconds: float | None = 120
    ) -> bytes:
        """The bytes of one document, waited for. Raises TimeoutError, and whatever the compilation raised.

        A document given up is not made: those asked after it need not wait for it.
        """
        asked = self.submit(compile_document, payload)
        try:
            return asked.result(timeout_seconds)
        except TimeoutError:
            asked.cancel()
            raise

    def close(self) -> None:
        """Stop the workers once their document is done."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
