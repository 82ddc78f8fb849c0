# SPDX-License-Identifier: EUPL-1.2
"""Empty migrated databases for one bench: an SQLite file, a PostgreSQL of the tests' own; and the real territory in one."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from app.bootstrap import Application, open_application
from app.database import upgrade
from app.installation import install
from tests import postgresql
from workflow.db import make_engine

ROOT = Path(__file__).resolve().parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"


@contextmanager
def folder() -> Iterator[Path]:
    """A folder removed at the end."""
    with tempfile.TemporaryDirectory(prefix="coi-bench-") as name:
        yield Path(name)


@contextmanager
def sqlite_engine(synchronous: str = "FULL") -> Iterator[Engine]:
    """A migrated SQLite file, durable as in the product unless said otherwise."""
    with folder() as place:
        engine = make_engine(f"sqlite:///{place}/bench.db", synchronous=synchronous)
        upgrade(engine)
        yield engine
        engine.dispose()


@contextmanager
def postgresql_url() -> Iterator[str]:
    """An empty database of the tests' server (which does not wait for the disk)."""
    with postgresql.running_server() as server:
        postgresql.execute(server, "CREATE DATABASE coinstruction_bench")
        try:
            yield postgresql.sibling(server, "coinstruction_bench")
        finally:
            postgresql.execute(server, "DROP DATABASE coinstruction_bench WITH (FORCE)")


@contextmanager
def postgresql_engine() -> Iterator[Engine]:
    """The same, migrated."""
    with postgresql_url() as url:
        engine = make_engine(url)
        upgrade(engine)
        yield engine
        engine.dispose()


@contextmanager
def installed_at() -> Iterator[tuple[Application, Path]]:
    """The product on an SQLite file, with the project's own `config.yaml` loaded; and the folder of that file."""
    with folder() as place:
        environ = {"COINSTRUCTION_DATABASE_URL": f"sqlite:///{place}/bench.db"}
        application = open_application(ROOT / "config.yaml", environ, is_initialised=False)
        install(application)
        yield application, place
        application.close()


@contextmanager
def installed() -> Iterator[Application]:
    """The same, for who needs no folder."""
    with installed_at() as (application, _):
        yield application
