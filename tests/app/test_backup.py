# SPDX-License-Identifier: EUPL-1.2
"""A backup is a whole database, on both engines; it never overwrites, and a failed one leaves nothing."""

import shutil
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from app.backup import back_up
from app.errors import AppError
from app.schema import check_schema
from tests.factories.world import World
from workflow.db import make_engine, session_factory
from workflow.models import Dossier

SQLITE_ONLY = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@SQLITE_ONLY
def test_sqlite_copy_is_a_whole_database(world: World, engine: Engine, tmp_path: Path) -> None:
    world.dossier(reference="D-42")
    world.db.commit()
    target = tmp_path / "copy.db"

    size = back_up(engine, target)

    copy = make_engine(f"sqlite:///{target}")
    check_schema(copy)
    with session_factory(copy)() as db:
        assert db.scalars(select(Dossier.reference)).all() == ["D-42"]
    copy.dispose()
    assert size >= target.stat().st_size > 0
    assert target.stat().st_mode & 0o077 == 0


@SQLITE_ONLY
def test_backup_refuses_to_overwrite(engine: Engine, tmp_path: Path) -> None:
    target = tmp_path / "kept.txt"
    target.write_text("kept")

    with pytest.raises(AppError, match="existe déjà"):
        back_up(engine, target)

    assert target.read_text() == "kept"


@SQLITE_ONLY
def test_backup_in_a_missing_folder_is_refused(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(AppError, match="dossier introuvable"):
        back_up(engine, tmp_path / "nowhere" / "copy.db")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresql_dump_names_our_tables(
    world: World, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.db.commit()
    target = tmp_path / "copy.dump"
    if shutil.which("pg_dump") is None:
        with pytest.raises(AppError, match="postgresql-client"):
            back_up(engine, target)
        return

    back_up(engine, target)

    listed = subprocess.run(["pg_restore", "--list", str(target)], capture_output=True, text=True, check=True)
    assert "TABLE DATA public dossier" in listed.stdout


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_missing_pg_dump_is_told(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(AppError, match="pg_dump est introuvable"):
        back_up(engine, tmp_path / "copy.dump")
