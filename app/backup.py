# SPDX-License-Identifier: EUPL-1.2
"""A copy of the database while it works: SQLite's own online copy, verified; `pg_dump` for PostgreSQL."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine

from app.errors import AppError, DatabaseError


def back_up(engine: Engine, target: Path) -> int:
    """Write a verified copy of the database to `target`, which must not exist; its size in bytes. Raises AppError."""
    if target.exists():
        raise AppError(
            f"{target} existe déjà : choisissez un autre nom, une sauvegarde n’en écrase jamais une autre"
        )
    if not target.parent.is_dir():
        raise AppError(f"dossier introuvable : {target.parent}")
    partial = target.with_name(target.name + ".partiel")
    try:
        if engine.dialect.name == "sqlite":
            _copy_sqlite(engine, partial)
        else:
            _dump_postgresql(engine, partial)
        os.link(partial, target)  # refuses, like us, a file that appeared meanwhile
    except OSError as error:
        raise AppError(f"sauvegarde impossible dans {target} : {error.strerror or error}") from error
    finally:
        partial.unlink(missing_ok=True)
    return target.stat().st_size


def _copy_sqlite(engine: Engine, target: Path) -> None:
    target.touch(mode=0o600)
    source = Path(engine.url.database or "")
    if not source.is_file():
        raise DatabaseError(f"la base de données n’existe pas : {source}")
    with closing(sqlite3.connect(source)) as origin, closing(sqlite3.connect(target)) as copy:
        try:
            origin.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
        except sqlite3.Error as error:
            raise DatabaseError(f"sauvegarde impossible : {error}") from error
    if verdict != "ok":
        raise DatabaseError(f"la copie est abîmée, elle n’a pas été gardée : {verdict}")


def _dump_postgresql(engine: Engine, target: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise AppError(
            "pg_dump est introuvable : installez le paquet « postgresql-client » de la version du serveur"
        )
    url = engine.url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environ = dict(os.environ)
    if engine.url.password:
        environ["PGPASSWORD"] = str(engine.url.password)  # never on a command line others can read
    target.touch(mode=0o600)
    command = [program, "--format=custom", f"--file={target}", "--dbname", url]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["sans explication"])[-1]
        raise DatabaseError(f"pg_dump a échoué : {last}")
