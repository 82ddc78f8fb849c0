# SPDX-License-Identifier: EUPL-1.2
"""Fixtures of every test: a migrated database on both engines, the fixed clock, the toy world, the shared data.

A test that takes `engine`, `db` or `world` runs twice, on SQLite and on PostgreSQL. To run it on one engine only:
`@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)`.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from app.bootstrap import Application, open_application
from app.database import upgrade
from app.installation import install
from cli.main import main
from tests import postgresql
from tests.factories import NOW
from tests.factories.contract import toy_settings
from tests.factories.world import World, make_world
from workflow.db import Base, make_engine, session_factory

ROOT = Path(__file__).resolve().parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"


NO_BROWSER = "CHROMIUM ABSENT"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: the loop that drives Chromium runs until the end, and code that opens its own needs none."""
    items.sort(key=lambda item: "browser" in item.path.parts)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What did not run is said last, where it is read."""
    skipped = terminalreporter.stats.get("skipped", [])
    absent = [report for report in skipped if NO_BROWSER in str(report.longrepr)]
    if absent:
        terminalreporter.section(f"{NO_BROWSER}: {len(absent)} BROWSER TESTS DID NOT RUN", sep="!", red=True)
        terminalreporter.line(
            "Journeys, keyboard, accessibility: none of it was checked. Debian package: chromium."
        )
        terminalreporter.line("With COINSTRUCTION_BROWSER=required, as in .ci/run, this is a failure.")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file; each test copies it."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    engine = make_engine(f"sqlite:///{path}", synchronous="OFF")
    upgrade(engine)
    engine.dispose()  # the last connection empties the write-ahead log into the file
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a PostgreSQL server, private to this worker unless the environment names one."""
    with postgresql.running_server() as address:
        yield address


@pytest.fixture(scope="session")
def postgresql_database(postgresql_server: str) -> Iterator[str]:
    """A migrated database of this worker; emptied before each test that uses it."""
    name = f"coinstruction_test_{os.getpid()}"
    postgresql.execute(postgresql_server, f'CREATE DATABASE "{name}"')
    url = postgresql.sibling(postgresql_server, name)
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()
    yield url
    postgresql.execute(postgresql_server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def postgresql_engine(postgresql_database: str) -> Iterator[Engine]:
    """One engine for the worker: connecting costs more than emptying."""
    engine = make_engine(postgresql_database)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty, migrated database, on each engine in turn."""
    if request.param == "sqlite":
        path = tmp_path / "test.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("postgresql_database")
    _empty(request.getfixturevalue("postgresql_engine"))
    return url


@pytest.fixture
def engine(request: pytest.FixtureRequest, database_url: str) -> Iterator[Engine]:
    """An engine on an empty, migrated database."""
    if database_url.startswith("postgresql"):
        yield request.getfixturevalue("postgresql_engine")
        return
    engine = make_engine(database_url, synchronous="OFF")
    yield engine
    engine.dispose()


@pytest.fixture
def write(engine: Engine) -> sessionmaker[Session]:
    """Sessions that write, for tests that need several."""
    return session_factory(engine)


@pytest.fixture
def db(write: sessionmaker[Session]) -> Iterator[Session]:
    """One writing session. On SQLite it holds the write lock until it commits: commit before another session writes."""
    with write() as session:
        yield session


@pytest.fixture
def now() -> datetime:
    """The tests' clock: Tuesday 10 March 2026, 9:00 UTC."""
    return NOW


@pytest.fixture
def world(db: Session) -> World:
    """The toy territory with everybody in place (tests/factories/world.py), flushed in `db`."""
    return make_world(db)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data beside the project; absent on other machines, and then said loudly."""
    if not SHARED_DATA.is_dir():
        pytest.skip(
            "PUBLIC DATA ABSENT: ../shared/data is not beside the project, this real-data test did not run"
        )
    return SHARED_DATA


def _empty(engine: Engine) -> None:
    """Empty every table: on a small database, deleting costs ten times less than TRUNCATE."""
    names = [table.name for table in Base.metadata.sorted_tables]
    sql = ["SET LOCAL session_replication_role = replica"]
    sql += [f'DELETE FROM "{name}"' for name in names]
    sql += [f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), 1, false)" for name in names]
    with engine.begin() as connection:
        connection.execute(text("; ".join(sql)))


@pytest.fixture
def config_file(tmp_path: Path, database_url: str) -> Path:
    """A configuration of the toy contract on the test's database (JSON is YAML)."""
    path = tmp_path / "config.yaml"
    deployment = {"database_url": database_url, "environment": "development"}
    path.write_text(json.dumps({"deployment": deployment, "contracts": [toy_settings()]}), encoding="utf-8")
    return path


@pytest.fixture
def opened(config_file: Path) -> Iterator[Application]:
    """The application on a migrated database, still empty."""
    application = open_application(config_file, {})
    yield application
    application.close()


@pytest.fixture
def application(opened: Application) -> Application:
    """The whole application, installed: the toy contract is in the database, nobody is."""
    install(opened)
    return opened


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command left: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, read as JSON."""
        return json.loads(self.out)


@pytest.fixture
def coinstruction(config_file: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Runs a command on the test's configuration: `coinstruction("dossier", "list", "--json").json`."""

    def run(*arguments: str) -> Answer:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main([*arguments, "--config", str(config_file)])
        printed = capsys.readouterr()
        return Answer(int(left.value.code or 0), printed.out, printed.err)

    return run
