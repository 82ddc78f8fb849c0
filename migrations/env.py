# SPDX-License-Identifier: EUPL-1.2
"""Alembic's environment: the connection is given by `app.database`, or by the address of the development command."""

import os
from typing import Any

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

import workflow.models  # noqa: F401  (registers the tables)
from workflow.db import Base, Euros, UtcDateTime, make_engine

PLAIN_TYPES = {Euros: "sa.BigInteger()", UtcDateTime: "sa.DateTime(timezone=True)"}


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | bool:
    """Write our types as plain columns: a migration must not change when the code does."""
    return PLAIN_TYPES.get(type(item), False) if kind == "type" else False


def run(connection: Connection) -> None:
    """Migrate this connection; the caller's transaction stays the only one."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with make_engine(os.environ["COINSTRUCTION_DATABASE_URL"]).begin() as own:
        run(own)
