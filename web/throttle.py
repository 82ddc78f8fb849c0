# SPDX-License-Identifier: EUPL-1.2
"""Slows down guessing: failures counted per address and per e-mail, and few passwords checked at the same time."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=15)
PER_EMAIL, PER_ADDRESS = 8, 40
AT_ONCE, PATIENCE_SECONDS = 2, 10.0
REMEMBERED = 10_000


class TooManyAttemptsError(Exception):
    """Too many failures, or too many people signing in at this very moment."""


class Throttle:
    """The memory of one process."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._failures: dict[str, deque[datetime]] = {}
        self._lock = threading.Lock()
        self._hashing = threading.BoundedSemaphore(AT_ONCE)

    def check(self, address: str, email: str) -> None:
        """Raises TooManyAttemptsError when this address or this e-mail failed too often lately."""
        with self._lock:
            if self._count(f"@{email}") >= PER_EMAIL or self._count(f"#{address}") >= PER_ADDRESS:
                raise TooManyAttemptsError

    def failed(self, address: str, email: str) -> None:
        """Counts one failure."""
        with self._lock:
            if len(self._failures) > REMEMBERED:
                self._failures.clear()
            for name in (f"@{email}", f"#{address}"):
                self._failures.setdefault(name, deque()).append(self._clock())

    def succeeded(self, email: str) -> None:
        """Forgets the failures of this e-mail."""
        with self._lock:
            self._failures.pop(f"@{email}", None)

    @contextmanager
    def hashing(self) -> Iterator[None]:
        """Waits for its turn: one hash costs 64 MiB and 100 ms."""
        if not self._hashing.acquire(timeout=PATIENCE_SECONDS):
            raise TooManyAttemptsError
        try:
            yield
        finally:
            self._hashing.release()

    def _count(self, name: str) -> int:
        found = self._failures.get(name)
        if found is None:
            return 0
        while found and found[0] < self._clock() - WINDOW:
            found.popleft()
        return len(found)
