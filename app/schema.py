# SPDX-License-Identifier: EUPL-1.2
"""Is this database the one this version of the product expects? Answers without importing Alembic."""

from pathlib import Path

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from app.errors import DatabaseError
from migrations import REVISIONS


def current_revision(engine: Engine) -> str | None:
    """The revision of the database, or None if it was never initialised. Raises DatabaseError if unreachable."""
    if engine.dialect.name == "sqlite" and engine.url.database and not Path(engine.url.database).exists():
        return None  # connecting would create the file
    try:
        with engine.execution_options(read_only=True).connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
            return revision
    except SQLAlchemyError as error:
        raise DatabaseError(
            f"base de données injoignable ou illisible ({place(engine)}) : {_cause(error)}"
        ) from error


def check_schema(engine: Engine) -> None:
    """Raise DatabaseError, in French, unless the database is exactly at this version's revision."""
    revision = current_revision(engine)
    if revision == REVISIONS[-1]:
        return
    if revision is None:
        raise DatabaseError(
            f"la base de données n’est pas initialisée ({place(engine)}) : lancez « coinstruction init »"
        )
    if revision in REVISIONS:
        raise DatabaseError(
            f"la base de données date d’une version antérieure (révision {revision}, attendue {REVISIONS[-1]}) : "
            "faites une sauvegarde (« coinstruction backup FICHIER »), puis lancez « coinstruction init »"
        )
    raise later_version(revision)


def later_version(revision: str) -> DatabaseError:
    """The error of a database this version does not know: nothing was touched."""
    return DatabaseError(
        f"la base de données vient d’une version plus récente du logiciel (révision {revision}, "
        f"dernière connue {REVISIONS[-1]}) : installez cette version ; rien n’a été modifié"
    )


def place(engine: Engine) -> str:
    """Where the database is, without its password."""
    return engine.url.render_as_string(hide_password=True)


def _cause(error: SQLAlchemyError) -> str:
    original = getattr(error, "orig", None) or error
    return str(original).strip().splitlines()[0]
