# SPDX-License-Identifier: EUPL-1.2
"""The cycle collector, set aside while work makes many objects that all stay until its end."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock


class _Pauses:
    """How many threads ask for a pause at this moment: the collector is one for the whole process."""

    def __init__(self) -> None:
        self._lock, self._asked, self._was_on = Lock(), 0, False

    def begin(self) -> None:
        with self._lock:
            if self._asked == 0:
                self._was_on = gc.isenabled()
                gc.disable()
            self._asked += 1

    def end(self) -> None:
        with self._lock:
            self._asked -= 1
            if self._asked == 0 and self._was_on:
                gc.enable()


_PAUSES = _Pauses()


@contextmanager
def collector_paused() -> Iterator[None]:
    """Bounded work only: what is no longer referred to is freed as ever, cycles wait for the end.

    A workbook of 100,000 cells and a closing of 300 decisions would be walked a dozen times, for nothing found.
    """
    _PAUSES.begin()
    try:
        yield
    finally:
        _PAUSES.end()
