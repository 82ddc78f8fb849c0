# SPDX-License-Identifier: EUPL-1.2
"""Creates and upgrades the database (Alembic). Only `init`, the demo and the tests need it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

import migrations
from app.errors import DatabaseError
from app.schema import check_schema, current_revision, later_version, place
from workflow.db import make_engine

__all__ = ["alembic_config", "check_schema", "current_revision", "upgrade"]

LOCK = 7_147_2024  # PostgreSQL: one upgrade at a time


def alembic_config() -> Config:
    """Alembic's configuration, from the package: no .ini file to find."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(engine: Engine) -> str | None:
    """Create or upgrade the schema in one transaction; the revision found before. Raises DatabaseError."""
    _make_folder(engine)
    before = current_revision(engine)
    if before is not None and before not in migrations.REVISIONS:
        raise later_version(before)
    if before == migrations.REVISIONS[-1]:
        return before
    own = _migration_engine(engine)
    try:
        _migrate(own)
    except SQLAlchemyError as error:
        raise DatabaseError(
            f"la base de données n’a pas pu être mise à jour ({place(engine)}) : {error}"
        ) from error
    finally:
        own.dispose()
    return before


def _migrate(engine: Engine) -> None:
    config = alembic_config()
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if engine.dialect.name == "sqlite" and connection.execute(text("PRAGMA foreign_key_check")).first():
            raise DatabaseError("la mise à jour laisserait des lignes orphelines : rien n’a été modifié")


def _migration_engine(engine: Engine) -> Engine:
    """An engine of our own: SQLite rebuilds tables to alter them, which needs foreign keys off on that connection."""
    own = make_engine(engine.url.render_as_string(hide_password=False))
    if own.dialect.name == "sqlite":

        @event.listens_for(own, "connect")
        def without_foreign_keys(connection: object, _record: object) -> None:
            connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[attr-defined]

    return own


def _make_folder(engine: Engine) -> None:
    """Create the folder of an SQLite file. Raises DatabaseError if it cannot be."""
    url = make_url(engine.url)
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return
    try:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(f"dossier de la base de données impossible à créer : {error}") from error
