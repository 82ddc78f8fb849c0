# SPDX-License-Identifier: EUPL-1.2
"""What is due is told once: to whom, in what words, again only when its rhythm says so, whatever the number of planners."""

import threading
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import pairwise

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from notifications.due.items import reminders_of_dossier
from notifications.due.planner import plan_due
from notifications.due.stopping import person_of_link
from notifications.planner import plan
from tests.app.hosts import TestHost
from tests.factories.dossier import add_line
from tests.factories.people import give_mandate, make_person
from tests.factories.world import World
from tests.notifications.scenes import MAIL
from workflow.events import emit
from workflow.models import Dossier, Message, Notice, Opinion
from workflow.stages import Role

DAY = timedelta(days=1)


class Days:
    """The planner, day after day, on the test's database."""

    def __init__(self, world: World, write: sessionmaker[Session], now: datetime) -> None:
        self.world, self.host = world, TestHost(write, now)

    def plan(self, on: date | None = None) -> int:
        """Plans at half past seven that day (UTC)."""
        self.world.db.commit()
        if on is not None:
            self.host.moment = datetime.combine(on, self.host.moment.timetz().replace(hour=7, minute=30))
        return plan_due(self.host.write, self.host.now, MAIL)

    def messages(self) -> Sequence[Message]:
        self.world.db.rollback()
        self.world.db.expire_all()
        return self.world.db.scalars(select(Message).order_by(Message.id)).all()

    def notices(self) -> Sequence[Notice]:
        self.world.db.rollback()
        self.world.db.expire_all()
        return self.world.db.scalars(select(Notice).order_by(Notice.id)).all()


@pytest.fixture
def days(world: World, write: sessionmaker[Session], now: datetime) -> Days:
    return Days(world, write, now)


def mail_of(message: Message) -> EmailMessage:
    return message_from_bytes(message.body, policy=policy.default)


def text_of(message: Message) -> str:
    text: str = mail_of(message).get_body(("plain",)).get_content()
    return text


def consulted(world: World, due_on: date, *codes: str, now: datetime, **changes: object) -> Dossier:
    """A dossier in co-instruction whose opinions are awaited from these partners."""
    dossier = world.dossier(stage="co_instruction", requests={}, lead_instructor=world.instructor, **changes)
    for code in codes or ("caf",):
        dossier.opinions.append(
            Opinion(organisation=world.organisations[code], requested_at=now - 21 * DAY, due_on=due_on)
        )
    world.db.flush()
    return dossier


def test_awaited_opinion_is_recalled_five_days_before_then_late_then_every_week(
    days: Days, world: World, now: datetime
) -> None:
    consulted(world, date(2026, 3, 31), now=now)
    told = {on for on in (date(2026, 3, 20) + rank * DAY for rank in range(30)) if days.plan(on)}

    assert sorted(on.isoformat() for on in told) == ["2026-03-26", "2026-04-01", "2026-04-08", "2026-04-15"]
    to_caf = [row for row in days.messages() if row.recipient == "financeur@caf.test"]
    assert [row.kind for row in to_caf] == ["opinion_due", *["opinion_late"] * 3]
    assert "attendu pour le mardi 31 mars 2026" in text_of(to_caf[0])
    assert "n’est pas parvenu" in text_of(to_caf[1])


def test_planning_again_the_same_day_writes_nothing_more(days: Days, world: World, now: datetime) -> None:
    consulted(world, now.date() - DAY, "caf", "etat", now=now)

    assert days.plan() == 3  # the CAF's financer, the State's, and its instructor who leads the dossier too
    assert days.plan() == days.plan() == 0
    assert len(days.messages()) == 3


def test_several_reminders_leave_as_one_digest_that_can_be_stopped(
    days: Days, world: World, now: datetime
) -> None:
    first = consulted(world, now.date() - DAY, now=now)
    second = consulted(world, now.date() + 3 * DAY, now=now, title="Jardin partagé")
    add_line(world.db, second, "caf:droit_commun")
    second.opinions_due_on, second.stage_since = now.date() + 3 * DAY, now - 21 * DAY

    days.plan()

    row = next(row for row in days.messages() if row.recipient == "financeur@caf.test")
    mail = mail_of(row)
    assert (row.kind, row.title) == ("digest", "3 éléments attendus de vous – résumé du mardi 10 mars 2026")
    assert "avis en retard depuis le lundi 9 mars 2026 (Caisse d’allocations familiales)" in text_of(row)
    assert "réponse de droit commun attendue pour le vendredi 13 mars 2026 (Caisse" in text_of(row)
    assert f"https://ville.test/dossiers/{first.id}/avis/{first.opinions[0].id}" in text_of(row)
    assert f"https://ville.test/dossiers/{second.id}/lignes/" in text_of(row)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = mail["List-Unsubscribe"].strip("<>")
    assert address.startswith("https://ville.test/resume/arret/")
    assert person_of_link(world.db, address.rpartition("/")[2]) == world.financers["caf"]
    assert person_of_link(world.db, address.rpartition("/")[2][:-1] + "x") is None


def test_reminder_alone_keeps_its_own_words_and_no_way_to_stop_it(
    days: Days, world: World, now: datetime
) -> None:
    consulted(world, now.date() - DAY, now=now)
    days.plan()

    row = next(row for row in days.messages() if row.recipient == "financeur@caf.test")
    assert (row.kind, row.key) == ("opinion_late", f"digest:1:{world.financers['caf'].id}:2026-03-10")
    assert mail_of(row)["List-Unsubscribe"] is None


def test_lead_instructor_hears_of_a_late_opinion_once_unless_muted(
    days: Days, world: World, now: datetime
) -> None:
    consulted(world, now.date() - DAY, now=now)
    days.plan()
    days.plan(now.date() + 7 * DAY)

    news = [row for row in days.notices() if row.person_id == world.instructor.id]
    assert [(row.kind, row.state) for row in news] == [("news_opinion_late", "told")]

    world.instructor.muted = "late"
    consulted(world, now.date() + 7 * DAY, now=now, title="Autre action")
    days.plan(now.date() + 8 * DAY)

    last = [row for row in days.notices() if row.person_id == world.instructor.id][-1]
    assert (last.state, last.reason) == ("skipped", "nouvelles coupées par la personne")


def test_decisions_are_news_for_who_leads_the_dossier(days: Days, world: World, now: datetime) -> None:
    dossier = world.dossier(stage="deferred", lead_instructor=world.instructor)
    emit(world.db, world.contract.id, "dossier.defer", f"dossier:{dossier.id}", {}, now)
    world.db.flush()
    assert plan(world.db, now, MAIL) == 0  # nobody wrote why: the letter fails, the news with it
    add_line(world.db, dossier, "region:specifique", state="granted", granted=Decimal(900), act=ACT)
    emit(
        world.db,
        world.contract.id,
        "line.grant",
        f"dossier:{dossier.id}",
        {"subject": "line:region:specifique"},
        now,
    )
    world.db.flush()
    plan(world.db, now, MAIL)

    days.plan()

    told = [row for row in days.messages() if row.person_id == world.instructor.id]
    assert [row.title for row in told] == ["Nouvelles de vos dossiers – résumé du mardi 10 mars 2026"]
    assert "acte d’un financeur enregistré" in text_of(told[0])


ACT = {"authority": "Conseil régional", "date": "2026-03-09", "number": "2026-7"}


def test_opinion_given_meanwhile_is_no_longer_told(days: Days, world: World, now: datetime) -> None:
    dossier = consulted(world, now.date() - DAY, now=now)
    days.plan()
    waiting = Notice(
        key="opinion_late:x",
        contract_id=world.contract.id,
        kind="opinion_late",
        dossier_id=dossier.id,
        about="opinion",
        about_id=dossier.opinions[0].id,
        due_on=now.date() - DAY,
        rank=2,
        on=now.date() + DAY,
        recipient_code=str(world.financers["caf"].id),
        recipient_name="CAF",
        person_id=world.financers["caf"].id,
    )
    world.db.add(waiting)
    dossier.opinions[0].state = "given"

    assert days.plan(now.date() + DAY) == 0
    assert (days.notices()[-1].state, days.notices()[-1].reason) == (
        "skipped",
        "ce qui était attendu est arrivé entre-temps",
    )


def test_noted_lateness_and_a_dossier_gone_further_remind_nobody(
    days: Days, world: World, now: datetime
) -> None:
    noted = consulted(world, now.date() - DAY, now=now)
    noted.opinions[0].overdue_noted_by = "Inès Instructrice"
    consulted(world, now.date() - DAY, now=now).stage = "financers_conference"

    assert days.plan() == 0
    assert days.notices() == []


def test_porteur_is_told_at_once_at_its_own_address(days: Days, world: World, now: datetime) -> None:
    asked = {"pieces": ["statuts"], "due": "2026-03-12", "requested_on": "2026-02-20"}
    world.dossier(stage="incomplete", completion=asked)
    world.dossier(stage="contracted", year=2025)
    days.plan()
    days.plan(date(2026, 3, 13))
    days.plan(date(2026, 5, 31))
    days.plan(date(2026, 7, 1))

    assert [(row.kind, row.recipient, row.state) for row in days.messages()] == [
        ("completion_due", "contact@ateliers.test", "pending"),
        ("completion_late", "contact@ateliers.test", "pending"),
        ("completion_late", "contact@ateliers.test", "pending"),
        ("report_due", "contact@ateliers.test", "pending"),
        ("completion_late", "contact@ateliers.test", "pending"),
        ("report_late", "contact@ateliers.test", "pending"),
    ]
    assert "mardi 30 juin 2026" in text_of(days.messages()[3])
    assert days.messages()[0].key.startswith("completion_due:1:2026-03-12:0:o")


def test_porteur_without_address_keeps_the_reason(days: Days, world: World, now: datetime) -> None:
    world.porteur.email = None
    world.dossier(
        stage="incomplete",
        completion={"pieces": ["statuts"], "due": "2026-03-09", "requested_on": "2026-02-20"},
    )
    days.plan()

    reason = "aucune adresse connue pour Les Ateliers du Pont"
    assert [(row.state, row.reason) for row in days.messages()] == [("skipped", reason)]
    assert [(row.state, row.reason) for row in days.notices()] == [("skipped", reason)]
    assert days.plan() == 0


def test_organisation_without_persons_is_written_to_in_its_own_words(
    days: Days, world: World, now: datetime
) -> None:
    council = world.organisations["conseil-citoyen"]
    council.email = "bureau@conseil.test"
    world.citizen.is_active = False
    consulted(world, now.date() - DAY, "conseil-citoyen", now=now)
    days.plan()

    assert [(row.kind, row.recipient) for row in days.messages() if row.recipient == council.email] == [
        ("opinion_late", "bureau@conseil.test")
    ]


@pytest.mark.parametrize(
    ("granted", "told"), [(Decimal(23_001), ["convention_to_sign"]), (Decimal(23_000), [])]
)
def test_convention_is_asked_for_where_the_rules_require_one(
    days: Days, world: World, now: datetime, granted: Decimal, told: list[str]
) -> None:
    dossier = world.dossier(stage="committed", requests={})
    add_line(
        world.db, dossier, "etat:specifique", state="granted", retained=granted, granted=granted,
        act=ACT,
    )  # fmt: skip
    days.plan()

    assert [row.kind for row in days.messages()] == told


def test_convention_waits_for_every_act(days: Days, world: World, now: datetime) -> None:
    dossier = world.dossier(stage="committed", requests={})
    sums = {"retained": Decimal(30_000)}
    add_line(world.db, dossier, "etat:specifique", state="granted", granted=Decimal(30_000), act=ACT, **sums)
    add_line(world.db, dossier, "region:specifique", state="retained", **sums)

    assert days.plan() == 0


def test_page_and_planner_agree_on_the_next_reminder(days: Days, world: World, now: datetime) -> None:
    dossier = consulted(world, date(2026, 3, 31), now=now)
    world.db.commit()
    before = reminders_of_dossier(world.db, dossier, date(2026, 3, 26))
    assert [(due.told.last, due.next.on) for due in before] == [(None, date(2026, 3, 26))]
    days.plan(date(2026, 3, 26))

    after = reminders_of_dossier(world.db, dossier, date(2026, 3, 26))
    assert [(due.told.last, due.next.on) for due in after] == [(date(2026, 3, 26), date(2026, 4, 1))]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_planners_at_once_tell_each_thing_once(
    world: World, write: sessionmaker[Session], now: datetime
) -> None:
    asked = {"pieces": ["statuts"], "due": "2026-03-09", "requested_on": "2026-02-20"}
    for rank in range(40):
        consulted(world, now.date() - DAY, "caf", "etat", now=now, title=f"Action {rank}")
        world.dossier(stage="incomplete", completion=asked)
    world.db.commit()
    ready = threading.Barrier(3)

    def work() -> None:
        ready.wait()
        plan_due(TestHost(write, now).write, lambda: now, MAIL)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    world.db.rollback()
    rows = world.db.scalars(select(Message)).all()
    assert sorted(row.kind for row in rows) == sorted([*["completion_late"] * 40, *["digest"] * 3])
    assert {row.state for row in world.db.scalars(select(Notice))} == {"told"}


def test_whole_year_with_a_stopped_worker_loses_and_doubles_nothing(
    days: Days, world: World, now: datetime
) -> None:
    """From autumn 2027 to autumn 2028: both clock changes, 29 February 2028, ten days without any worker."""
    first, stopped = date(2027, 10, 1), range(150, 160)  # from 28 February to 8 March 2028
    for rank in range(12):
        due_on = first + timedelta(days=15 + 30 * rank)
        opened = datetime.combine(due_on - 21 * DAY, now.timetz())
        consulted(world, due_on, now=opened + 21 * DAY, title=f"Action {rank}")
    planned: list[date] = []
    for today in (first + rank * DAY for rank in range(366) if rank not in stopped):
        days.plan(today)
        planned.append(today)
        for opinion in world.db.scalars(select(Opinion).where(Opinion.due_on == today - 17 * DAY)):
            opinion.overdue_noted_by = "Inès Instructrice"

    notices = [row for row in days.notices() if row.kind.startswith("opinion_")]
    by_opinion: dict[int, list[Notice]] = {}
    for notice in notices:
        by_opinion.setdefault(notice.about_id, []).append(notice)
    assert len(by_opinion) == 12
    for told in by_opinion.values():
        assert len(told) >= 3 or told[0].due_on > planned[-1] - 17 * DAY
        assert [row.rank for row in told] == list(range(len(told)))
        late = [row.on for row in told if row.rank]
        assert all((after - before).days >= 7 for before, after in pairwise(late))
        for row in told[:2]:
            assert row.due_on is not None
            wanted = row.due_on - 5 * DAY if row.rank == 0 else row.due_on + DAY
            assert row.on == min(on for on in planned if on >= wanted)
    messages = [row.key for row in days.messages()]
    assert len(messages) == len(set(messages))
    assert {row.state for row in notices} == {"told"}


def test_body_without_mandate_holder_uses_every_person_that_speaks(
    days: Days, world: World, now: datetime
) -> None:
    second = make_person(world.db, "adjoint@caf.test", "Adèle Adjointe")
    give_mandate(world.db, second, Role.INSTRUCTOR, world.organisations["caf"], world.contract)
    consulted(world, now.date() - DAY, now=now)
    days.plan()

    assert {row.recipient for row in days.messages() if row.kind == "opinion_late"} == {
        "financeur@caf.test",
        "adjoint@caf.test",
    }
