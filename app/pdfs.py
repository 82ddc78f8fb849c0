# SPDX-License-Identifier: EUPL-1.2
"""The application's one pool of PDF processes, started at the first document asked for."""

import threading
from collections.abc import Callable

from reports.papers.compiled import compile_paper
from reports.pdf_pool import PdfPool
from reports.summary.compiled import compile_pdf

AT_ONCE, PATIENCE_SECONDS = 8, 60.0


class PdfsBusyError(Exception):
    """A document is not made in time, or too many are asked at once: asking again later helps."""


class Pdfs:
    """Compiles away from the process that asks; `close()` stops the pool if it was ever started.

    At most `AT_ONCE` people wait for a document, each at most `patience` seconds: the pages of the others keep their threads.
    """

    def __init__(self, *, at_once: int = AT_ONCE, patience: float = PATIENCE_SECONDS) -> None:
        self._places = threading.BoundedSemaphore(at_once)
        self._patience = patience
        self._lock = threading.Lock()
        self._pool: PdfPool | None = None

    def compile_summary(self, payload: str) -> bytes:
        """The PDF of a summary's payload."""
        return self._compile(compile_pdf, payload)

    def compile_paper(self, payload: str) -> bytes:
        """The PDF of a paper's payload."""
        return self._compile(compile_paper, payload)

    def _compile(self, compile_document: Callable[[str], bytes], payload: str) -> bytes:
        """Raises PdfsBusyError."""
        if not self._places.acquire(blocking=False):
            raise PdfsBusyError
        try:
            return self._started().compile(compile_document, payload, timeout_seconds=self._patience)
        except TimeoutError as late:
            raise PdfsBusyError from late
        finally:
            self._places.release()

    def _started(self) -> PdfPool:
        with self._lock:
            if self._pool is None:
                self._pool = PdfPool()
            return self._pool

    def close(self) -> None:
        """Stop the pool."""
        with self._lock:
            if self._pool is not None:
                self._pool.close()
                self._pool = None
