# SPDX-License-Identifier: EUPL-1.2
"""Slows down guessing: failures counted per address and per account, and few passwords checked at the same time."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import cast

from fastapi import Request

from app.bootstrap import Application
from workflow.sign_in_failures import forgive, free_again_at, note_failure

log = logging.getLogger(__name__)
PER_ACCOUNT, PER_ADDRESS = 8, 40
AT_ONCE, PATIENCE_SECONDS = 2, 10.0
TOO_MANY = "Trop d’essais en peu de temps. Attendez un quart d’heure, puis recommencez."


class TooManyAttemptsError(Exception):
    """Too many failures, or too many people signing in at this very moment. `wait`: seconds before another try."""

    def __init__(self, wait: int) -> None:
        super().__init__(TOO_MANY)
        self.wait = wait


class Throttle:
    """The database remembers failures, for every process; the number of hashes at once is of this process."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._hashing = threading.BoundedSemaphore(AT_ONCE)

    def check(self, address: str, account: str = "") -> None:
        """Raises TooManyAttemptsError when this address or this account failed too often lately."""
        now = self._application.now()
        with self._application.read() as db:
            waits = [
                free_again_at(db, name, PER_ADDRESS if name.startswith("#") else PER_ACCOUNT, now)
                for name in _names(address, account)
            ]
        latest = max((at for at in waits if at), default=None)
        if latest is not None:
            log.warning("too many failures to sign in from %s", address)
            raise TooManyAttemptsError(max(1, ceil((latest - now).total_seconds())))

    def failed(self, address: str, account: str = "") -> None:
        """Counts one failure."""
        with self._application.write() as db:
            note_failure(db, _names(address, account), self._application.now())

    def succeeded(self, account: str) -> None:
        """Forgets the failures of this account."""
        with self._application.write() as db:
            forgive(db, f"@{account}")

    @contextmanager
    def hashing(self) -> Iterator[None]:
        """Waits for its turn: one hash costs 64 MiB and 100 ms."""
        if not self._hashing.acquire(timeout=PATIENCE_SECONDS):
            raise TooManyAttemptsError(ceil(PATIENCE_SECONDS))
        try:
            yield
        finally:
            self._hashing.release()


def _names(address: str, account: str) -> tuple[str, ...]:
    return (f"#{address}", f"@{account}") if account else (f"#{address}",)


def throttle_of(request: Request) -> Throttle:
    """The throttle of these pages."""
    return cast("Throttle", request.app.state.throttle)


def origin_of(request: Request) -> str:
    """Where the request comes from; one household for the 2^64 addresses of an IPv6 line."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(IPv6Address(int(address) >> 64 << 64))
    return host
