# SPDX-License-Identifier: EUPL-1.2
"""Fixtures of every test: a migrated database on both engines, the fixed clock, the toy world, the shared data.

A test that takes `engine`, `db` or `world` runs twice, on SQLite and on PostgreSQL. To run it on one engine only:
`@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)`.
"""

import gc
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from app.bootstrap import Application, open_application
from app.database import upgrade
from app.installation import install
from cli.main import main
from tests import postgresql
from tests.factories import NOW
from tests.factories.contract import toy_settings
from tests.factories.world import World, image_of_world, world_from
from workflow.db import make_engine, session_factory

ROOT = Path(__file__).resolve().parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"


NO_BROWSER = "CHROMIUM ABSENT"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: the loop that drives Chromium runs until the end, and code that opens its own needs none."""
    items.sort(key=lambda item: "browser" in item.path.parts)


def pytest_collection_finish() -> None:
    """What is there once collected stays: the collector need not walk it again and again, which costs a tenth of the tests."""
    gc.collect()
    gc.freeze()


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
def sqlite_world(sqlite_template: Path) -> tuple[Path, bytes]:
    """The same file with the toy world in it, and that world's image."""
    path = sqlite_template.with_name("world.db")
    shutil.copy(sqlite_template, path)
    engine = make_engine(f"sqlite:///{path}", synchronous="OFF")
    image = image_of_world(engine)
    engine.dispose()
    return path, image


@pytest.fixture(scope="session")
def sqlite_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One engine for the worker, on the file that each test replaces: compiling every statement again costs more."""
    engine = make_engine(f"sqlite:///{tmp_path_factory.mktemp('sqlite')}/test.db", synchronous="OFF")
    yield engine
    engine.dispose()


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


@pytest.fixture(scope="session")
def postgresql_world(postgresql_engine: Engine) -> tuple[str, bytes]:
    """The statements that put the toy world in an empty database, and that world's image."""
    postgresql.empty(postgresql_engine)
    image = image_of_world(postgresql_engine)
    return postgresql.keep(postgresql_engine), image


@pytest.fixture
def has_world(request: pytest.FixtureRequest) -> bool:
    """Whether the test asks for `world`: its database then holds it already."""
    return "world" in request.fixturenames


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, has_world: bool) -> str:
    """The address of a migrated database, on each engine in turn: empty, or with the toy world for who asks for it."""
    if request.param == "sqlite":
        engine: Engine = request.getfixturevalue("sqlite_engine")
        template = request.getfixturevalue("sqlite_world")[0] if has_world else None
        replace_sqlite(engine, template or request.getfixturevalue("sqlite_template"))
        return engine.url.render_as_string()
    url: str = request.getfixturevalue("postgresql_database")
    restoring = request.getfixturevalue("postgresql_world")[0] if has_world else ""
    postgresql.empty(request.getfixturevalue("postgresql_engine"), restoring)
    return url


def replace_sqlite(engine: Engine, template: Path) -> None:
    """A new file in place of the last test's: whoever still reads that one keeps it."""
    engine.dispose()
    path = Path(engine.url.database or "")
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    shutil.copy(template, path)


@pytest.fixture
def engine(request: pytest.FixtureRequest, database_url: str) -> Iterator[Engine]:
    """An engine on the test's database."""
    kind = "postgresql" if database_url.startswith("postgresql") else "sqlite"
    engine: Engine = request.getfixturevalue(f"{kind}_engine")
    yield engine
    if kind == "sqlite":
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
def world(request: pytest.FixtureRequest, db: Session, engine: Engine) -> World:
    """The toy territory with everybody in place (tests/factories/world.py), in the database and in `db`."""
    image: bytes = request.getfixturevalue(f"{engine.dialect.name}_world")[1]
    return world_from(image, db)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data beside the project; absent on other machines, and then said loudly."""
    if not SHARED_DATA.is_dir():
        pytest.skip(
            "PUBLIC DATA ABSENT: ../shared/data is not beside the project, this real-data test did not run"
        )
    return SHARED_DATA


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
