# SPDX-License-Identifier: EUPL-1.2
"""The first dossier of the README, step by step, on the demonstration itself."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bootstrap import Application
from app.demo.people import PASSWORD, PEOPLE
from app.demo.place import DemoPlace, demo_config, open_demo
from tests.docs.pages import text_of
from workflow.actions import list_actions
from workflow.contracts import get_contract, territory_of
from workflow.machine import fire
from workflow.models import Dossier, Seance
from workflow.permissions import Actor, actor_for, person_by_email
from workflow.queries import list_dossiers
from workflow.queries_board import BoardFilters
from workflow.stages import SeanceStatus, Stage

README = text_of("README.md")
EVERYTHING = BoardFilters(date.max)
INSTRUCTOR, PILOT = "instruction@etat.demo", "pilote@epci.demo"
DAYS = (datetime(2026, 2, 3, 8, tzinfo=UTC), datetime(2026, 11, 24, 8, tzinfo=UTC))


@pytest.fixture(scope="module", params=DAYS, ids=lambda now: f"{now:%Y-%m-%d}")
def now(request: pytest.FixtureRequest) -> datetime:
    """Days when the calls of the year are open, and when they are not."""
    found: datetime = request.param
    return found


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, now: datetime) -> Iterator[Application]:
    """The demonstration as built on that day."""
    place = DemoPlace(tmp_path_factory.mktemp("demo"))
    application = open_demo(place, demo_config(None, place.database, 8000, 2525), lambda said: None, now)
    yield application
    application.close()


@pytest.fixture
def db(demo: Application) -> Iterator[Session]:
    with demo.write() as session:
        yield session
        session.rollback()


def submitted(db: Session, title: str) -> Dossier:
    """The one dossier of this title that waits to be declared admissible."""
    assert title in README
    found = list_dossiers(db, get_contract(db, None), EVERYTHING)
    return next(d for d in found if d.title == title and d.stage == Stage.SUBMITTED)


def acting(db: Session, email: str, now: datetime) -> Actor:
    assert email in README
    return actor_for(db, person_by_email(db, email), now.date())


def test_accounts_are_those_of_the_demonstration() -> None:
    assert {INSTRUCTOR, PILOT, "secretariat@epci.demo"} <= {person.email for person in PEOPLE}
    assert PASSWORD in README


def test_the_first_dossier_says_why_not(db: Session, now: datetime) -> None:
    dossier = submitted(db, "Chœur des enfants")

    actions = {
        action.trigger: action for action in list_actions(db, dossier, acting(db, INSTRUCTOR, now), now)
    }

    refused = actions["declare_admissible"]
    assert not refused.allowed
    assert [(f.rule, f.variant) for f in refused.findings if f.blocks] == [("porteur.siret", "key")]


def test_the_second_dossier_advances_three_times(db: Session, now: datetime) -> None:
    dossier = submitted(db, "Boxe éducative au féminin")
    themes = {theme.label: theme.code for theme in territory_of(dossier.contract).themes}
    label = next(label for label in themes if f"« {label} »" in README)

    fire(db, dossier, "declare_admissible", acting(db, INSTRUCTOR, now), None, now)
    fire(db, dossier, "dispatch", acting(db, PILOT, now), None, now, lead=INSTRUCTOR, theme=themes[label])
    fire(db, dossier, "open_co_instruction", acting(db, INSTRUCTOR, now), None, now)

    assert dossier.stage == Stage.CO_INSTRUCTION
    assert dossier.opinions


def test_the_dossier_of_the_command_line_advances(db: Session, now: datetime) -> None:
    dossier = submitted(db, "Tablettes pour tous")

    fire(db, dossier, "declare_admissible", acting(db, INSTRUCTOR, now), None, now)

    assert dossier.stage == Stage.ADMISSIBLE


def test_a_committee_is_convoked_and_ahead(db: Session, now: datetime) -> None:
    ahead = select(Seance).where(Seance.body == "comite-engagement", Seance.starts_at > now)

    assert SeanceStatus.CONVOKED in {seance.status for seance in db.scalars(ahead)}


def test_the_count_of_dossiers_is_right(db: Session) -> None:
    years = Counter(dossier.year for dossier in list_dossiers(db, get_contract(db, None), EVERYTHING))

    assert "un peu plus de 90 dossiers de l’année" in README
    assert (
        91 <= years.most_common(1)[0][1] <= 95
    )  # the campaign under way; a CPO already renewed is of the next one
