# SPDX-License-Identifier: EUPL-1.2
"""What a page asks of its database: every statement sent while a block runs."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, event


@contextmanager
def counted(database: Engine | Connection) -> Iterator[list[str]]:
    """The statements sent, in order, growing as they leave."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(database, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(database, "before_cursor_execute", note)
