# SPDX-License-Identifier: EUPL-1.2
"""The database: engine, sessions, naming convention, and the column types that keep money and time exact."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pydantic_core import from_json
from sqlalchemy import BigInteger, DateTime, Dialect, Engine, MetaData, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import JSON, TypeDecorator

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

CENT = Decimal("0.01")
OPTIONAL_JSON = JSON(none_as_null=True)  # None is the absence that queries look for, not the JSON word `null`
PATIENCE, IMPATIENCE = 10_000, 300  # milliseconds that a writer waits for another one, on SQLite


class Euros(TypeDecorator[Decimal]):
    """Exact euros in Python, integer cents in the database; refuses floats and fractions of a cent."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Cents to store. Raises TypeError on a float, ValueError on more than two decimals."""
        if value is None:
            return None
        if not isinstance(value, (Decimal, int)) or isinstance(value, bool):
            raise TypeError(f"montant en Decimal attendu, reçu {type(value).__name__}")
        cents = Decimal(value) * 100
        whole = int(cents)
        if cents != whole:
            raise ValueError(f"montant avec plus de deux décimales : {value}")
        return whole

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Euros with two decimals."""
        return None if value is None else Decimal(int(value)).scaleb(-2)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python, UTC in the database on both engines; refuses naive datetimes."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC to store. Raises ValueError on a naive datetime."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("date et heure sans fuseau")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Root of every mapped class."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {
        Decimal: Euros,
        datetime: UtcDateTime,
        dict[str, Any]: OPTIONAL_JSON,
        list[str]: OPTIONAL_JSON,
        list[int]: OPTIONAL_JSON,
        list[dict[str, Any]]: OPTIONAL_JSON,
    }


def make_engine(url: str, *, synchronous: str = "FULL") -> Engine:
    """An engine for SQLite (WAL, foreign keys, immediate write transactions) or PostgreSQL (psycopg 3)."""
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    # pydantic's parser reads the short lists of a dossier five times as fast as the standard one: a whole programme has 10,000
    engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"), json_deserializer=from_json)
    if engine.dialect.name == "sqlite":
        _tune_sqlite(engine, synchronous)
    return engine


def _tune_sqlite(engine: Engine, synchronous: str) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin for us: see on_begin
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "foreign_keys=ON",
            f"busy_timeout={PATIENCE}",
            f"synchronous={synchronous}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("read_only", False):
            connection.exec_driver_sql("BEGIN")
            return
        if options.get("impatient", False):
            _begin_impatiently(connection)
            return
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_impatiently(connection: Connection) -> None:
    connection.exec_driver_sql(f"PRAGMA busy_timeout={IMPATIENCE}")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={PATIENCE}")


def session_factory(engine: Engine) -> sessionmaker[Session]:
    """Sessions that write: on SQLite each transaction takes the write lock at once, so that it never fails half-way."""
    return sessionmaker(engine, expire_on_commit=False)


def reading_factory(engine: Engine) -> sessionmaker[Session]:
    """Sessions that only read: on SQLite they never wait for a writer."""
    return sessionmaker(engine.execution_options(read_only=True), expire_on_commit=False)


def noting_factory(engine: Engine) -> sessionmaker[Session]:
    """Sessions that write what may be lost: on SQLite they give up at once when somebody else writes for long."""
    return sessionmaker(engine.execution_options(impatient=True), expire_on_commit=False)
