# SPDX-License-Identifier: EUPL-1.2
"""What jobs need of the application, on a test database, with a clock that the test moves."""

from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker


class TestHost:
    """`read()`, `write()` and `now()`, as the application gives them."""

    __test__ = False

    def __init__(self, write: sessionmaker[Session], now: datetime) -> None:
        self._write = write
        self.moment = now

    def read(self) -> AbstractContextManager[Session]:
        """One reading."""
        return self._write()

    def write(self) -> AbstractContextManager[Session]:
        """One transaction."""
        return self._write.begin()

    def now(self) -> datetime:
        """The test's clock."""
        return self.moment
