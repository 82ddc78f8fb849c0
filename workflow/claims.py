# SPDX-License-Identifier: EUPL-1.2
"""Rows that several workers want: added once whoever comes first, on SQLite and PostgreSQL alike."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from workflow.db import Base


def insert_once(db: Session, model: type[Base], values: dict[str, Any]) -> int | None:
    """The number of the new row, or None when a row with the same unique key exists already."""
    dialect = sqlite if db.get_bind().dialect.name == "sqlite" else postgresql
    statement = (
        dialect.insert(model).values(**values).on_conflict_do_nothing().returning(model.__table__.c.id)
    )
    identifier: int | None = db.execute(
        statement
    ).scalar()  # a row, not rowcount: psycopg keeps none for INSERT
    return identifier
