# SPDX-License-Identifier: EUPL-1.2
"""Migrations and mapped classes agree on both engines; a database of another version is told, never touched."""

import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Engine, inspect, text

import workflow.models  # noqa: F401  (registers the tables)
from app.database import alembic_config, upgrade
from app.errors import DatabaseError
from app.schema import check_schema, current_revision
from migrations import REVISIONS
from workflow.db import Base, make_engine

SQLITE_ONLY = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_migrations_and_models_agree(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)

    assert differences == []


def test_check_constraints_agree_by_name(engine: Engine) -> None:
    """Alembic does not see CHECK constraints: we do."""
    found = inspect(engine)
    migrated = {
        (name, str(check["name"]))
        for name in Base.metadata.tables
        for check in found.get_check_constraints(name)
    }
    mapped = {
        (table.name, f"ck_{table.name}_{check.name}".removeprefix(f"ck_{table.name}_ck_{table.name}_"))
        for table in Base.metadata.tables.values()
        for check in table.constraints
        if isinstance(check, CheckConstraint)
    }
    mapped = {(table, name if name.startswith("ck_") else f"ck_{table}_{name}") for table, name in mapped}

    assert migrated == mapped


@SQLITE_ONLY
def test_check_constraints_say_the_same(engine: Engine) -> None:
    def plain(sql: str) -> str:
        return re.sub(r"\s+", " ", sql).strip()

    found = inspect(engine)
    for table in Base.metadata.tables.values():
        mapped = sorted(plain(str(c.sqltext)) for c in table.constraints if isinstance(c, CheckConstraint))
        assert sorted(plain(c["sqltext"]) for c in found.get_check_constraints(table.name)) == mapped


def test_revisions_are_listed_in_order() -> None:
    script = ScriptDirectory.from_config(alembic_config())

    assert tuple(reversed([r.revision for r in script.walk_revisions()])) == REVISIONS


def test_upgrade_twice_changes_nothing(engine: Engine) -> None:
    assert current_revision(engine) == REVISIONS[-1]
    assert upgrade(engine) == REVISIONS[-1]

    check_schema(engine)


def test_empty_database_is_told(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'empty.db'}")

    with pytest.raises(DatabaseError, match="n’est pas initialisée"):
        check_schema(engine)
    engine.dispose()


@SQLITE_ONLY
def test_later_database_is_refused_and_untouched(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(DatabaseError, match="version plus récente"):
        check_schema(engine)
    with pytest.raises(DatabaseError, match="rien n’a été modifié"):
        upgrade(engine)

    assert current_revision(engine) == "9999"


def test_unreachable_database_is_told() -> None:
    engine = make_engine("postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=1")

    with pytest.raises(DatabaseError, match="injoignable"):
        check_schema(engine)
    engine.dispose()


def test_unreadable_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "not-a-database.db"
    path.write_bytes(b"this is a text, long enough to be read as a header " * 40)
    engine = make_engine(f"sqlite:///{path}")

    with pytest.raises(DatabaseError, match="illisible"):
        check_schema(engine)
    engine.dispose()


@SQLITE_ONLY
def test_downgrade_leaves_no_table(engine: Engine) -> None:
    from alembic import command

    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")

    assert inspect(engine).get_table_names() == ["alembic_version"]
