# SPDX-License-Identifier: EUPL-1.2
"""The application: one transaction per `write()`, undone by any error; two writers at once get a clear conflict."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from app.bootstrap import Application, open_application
from app.errors import DatabaseError
from tests.factories.dossier import make_dossier
from tests.factories.people import make_person, make_porteur
from workflow.attention import note_presence
from workflow.errors import ConflictError
from workflow.models import Contract, Dossier, Person
from workflow.permissions import Actor


def test_write_commits(application: Application) -> None:
    with application.write() as db:
        make_person(db, "a@b.test")

    with application.read() as db:
        assert db.scalars(select(Person.email)).all() == ["a@b.test"]


def test_write_undoes_everything_on_error(application: Application) -> None:
    def fail_half_way() -> None:
        with application.write() as db:
            make_person(db, "a@b.test")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()

    with application.read() as db:
        assert db.scalar(select(func.count(Person.id))) == 0


def test_read_keeps_nothing(application: Application) -> None:
    with application.read() as db:
        make_person(db, "a@b.test")

    with application.read() as db:
        assert db.scalar(select(func.count(Person.id))) == 0


def test_second_of_two_writers_gets_a_conflict(application: Application) -> None:
    with application.write() as db:
        contract = db.scalars(select(Contract)).one()
        make_dossier(db, contract, make_porteur(db))
    with application.read() as db:
        stale = db.scalars(select(Dossier)).one()
    with application.write() as db:
        db.scalars(select(Dossier)).one().title = "Premier"

    stale.title = "Second"
    with pytest.raises(ConflictError), application.write() as db:
        db.add(stale)

    with application.read() as db:
        assert db.scalars(select(Dossier.title)).one() == "Premier"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite lets one write at a time
def test_a_key_that_somebody_took_meanwhile_is_a_conflict(application: Application) -> None:
    with application.write() as db:
        make_person(db, "a@b.test")

    with pytest.raises(ConflictError), application.write() as db:
        make_person(db, "a@b.test")


def test_a_note_about_what_has_gone_is_lost_and_fails_nothing(application: Application) -> None:
    nobody = Actor(999, "Parti", "parti@b.test")
    assert not application.note(lambda db: note_presence(db, 999, nobody, application.now()))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_note_without_a_connection_left_is_lost_and_fails_nothing(application: Application) -> None:
    engine = create_engine(application.engine.url, pool_size=1, max_overflow=0, pool_timeout=0)
    narrow = Application(application.config, engine)
    with engine.connect():
        assert not narrow.note(_read_one)
    assert narrow.note(_read_one)
    narrow.close()


def _read_one(db: Session) -> None:
    db.scalar(select(1))


def test_database_not_initialised_is_refused(config_file: Path, tmp_path: Path) -> None:
    environ = {"COINSTRUCTION_DATABASE_URL": f"sqlite:///{tmp_path / 'other.db'}"}

    with pytest.raises(DatabaseError, match="coinstruction init"):
        open_application(config_file, environ)


def test_today_is_the_legal_day_in_paris(application: Application) -> None:
    assert abs((application.today() - application.now().date()).days) <= 1
