# SPDX-License-Identifier: EUPL-1.2
"""The application's one pool of PDF processes, started at the first document asked for."""

import threading

from reports.papers.as_pdf import compile_paper
from reports.pdf_pool import PdfPool
from reports.summary.as_pdf import compile_pdf


class Pdfs:
    """Compiles away from the process that asks; `close()` stops the pool if it was ever started."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: PdfPool | None = None

    def compile_summary(self, payload: str) -> bytes:
        """The PDF of a summary's payload."""
        return self._started().compile(compile_pdf, payload)

    def compile_paper(self, payload: str) -> bytes:
        """The PDF of a paper's payload."""
        return self._started().compile(compile_paper, payload)

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
