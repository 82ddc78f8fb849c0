# SPDX-License-Identifier: EUPL-1.2
"""The application in one object: configuration, database sessions, and the only clock."""

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

import workflow
from app.config import CONFIG_VARIABLE, Config, load_config
from app.errors import AppError, DatabaseError
from app.logs import configure_logs
from app.schema import check_schema
from workflow.db import make_engine, noting_factory, reading_factory, session_factory
from workflow.errors import conflicts_told

PARIS = ZoneInfo("Europe/Paris")
log = logging.getLogger(__name__)


class Application:
    """What `web` and `cli` receive. `write()` and `read()` give a session; `now()` is the only clock."""

    def __init__(self, config: Config, engine: Engine) -> None:
        self.config = config
        self.engine = engine
        self._writing = session_factory(engine)
        self._reading = reading_factory(engine)
        self._noting = noting_factory(engine)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: committed at the end, undone by any error. Raises ConflictError."""
        with conflicts_told(), self._writing() as db:
            yield db
            db.commit()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One reading of the database; nothing it does is kept, and it never waits for a writer."""
        with self._reading() as db:
            yield db

    def note(self, write: Callable[[Session], None]) -> bool:
        """Writes what may be lost, a sign of presence; False when it was lost.

        The database is busy (it is not waited for), has no connection left, or what it is about has just gone.
        """
        try:
            with self._noting() as db:
                write(db)
                db.commit()
        except (OperationalError, IntegrityError, PoolTimeoutError):
            log.info("a sign of presence was not noted", exc_info=True)
            return False
        return True

    def now(self) -> datetime:
        """The present, aware UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """The present legal day, in Paris."""
        return self.now().astimezone(PARIS).date()

    def close(self) -> None:
        """Give the database's connections back."""
        self.engine.dispose()


def open_application(
    config_path: Path | None = None, environ: Mapping[str, str] = os.environ, *, is_initialised: bool = True
) -> Application:
    """The application of this configuration. Raises ConfigurationError, or DatabaseError unless the schema is ours.

    `is_initialised=False` (for `init` and `doctor`) leaves the schema unchecked.
    """
    _check_our_packages()
    config = load_config(config_path, environ)
    configure_logs(config.deployment.log_format)
    engine = _engine(config)
    if is_initialised:
        check_schema(engine)
    return Application(config, engine)


def name_configuration(path: Path) -> None:
    """Names this configuration to the processes started from this one."""
    os.environ[CONFIG_VARIABLE] = str(path.resolve())


def _engine(config: Config) -> Engine:
    try:
        return make_engine(config.deployment.database_url)
    except (ArgumentError, ValueError) as error:
        raise DatabaseError(f"adresse de base de données illisible : {error}") from error


def _check_our_packages() -> None:
    """`workflow` is a common name: refuse to run on somebody else's."""
    found, ours = Path(str(workflow.__file__)).resolve().parents[1], Path(__file__).resolve().parents[1]
    if found != ours:
        raise AppError(
            f"un autre paquet nommé « workflow » est installé ({found}) : installez le produit dans son propre "
            "environnement"
        )
