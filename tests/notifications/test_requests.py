# SPDX-License-Identifier: EUPL-1.2
"""Opinions and ordinary law are asked in the digest of the day, at once when urgent; nobody hears twice of one thing in a day."""

from collections import Counter
from datetime import date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy.orm import Session, sessionmaker

from notifications.due.preview import preview, reminders_shown, upcoming
from notifications.planner import plan_all
from tests.factories.world import World
from tests.notifications.scenes import MAIL
from tests.notifications.test_due import DAY, Days, mail_of, text_of
from workflow.calendar_days import is_within_working_days
from workflow.events import emit
from workflow.models import Dossier, Opinion

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def days(world: World, write: sessionmaker[Session], now: datetime) -> Days:
    return Days(world, write, now)


def opened(days: Days, due_on: date, *codes: str, **changes: object) -> Dossier:
    """A dossier whose co-instruction opens now, with these partners, and its event planned."""
    world, now = days.world, days.host.now()
    dossier = world.dossier(
        stage="co_instruction", opinions_due_on=due_on, stage_since=now, lead_instructor=world.instructor, **changes
    )  # fmt: skip
    for code in codes:
        dossier.opinions.append(
            Opinion(organisation=world.organisations[code], requested_at=now, due_on=due_on)
        )
    emit(world.db, world.contract.id, "dossier.open_co_instruction", f"dossier:{dossier.id}", {}, now)
    world.db.commit()
    plan_all(days.host.write, days.host.now, MAIL)
    return dossier


def test_requests_of_several_dossiers_leave_as_one_digest_the_next_morning(days: Days, now: datetime) -> None:
    first = opened(days, date(2026, 3, 31), "caf")
    opened(days, date(2026, 3, 31), "caf", title="Jardin partagé")
    assert days.messages() == []  # nothing at once: one line opinion and one line of ordinary law, twice

    days.plan(now.date() + DAY)

    (row,) = [row for row in days.messages() if row.recipient == "financeur@caf.test"]
    assert (row.kind, row.title) == (
        "digest",
        "4 éléments attendus de vous – résumé du mercredi 11 mars 2026",
    )
    text = text_of(row)
    assert text.count("avis demandé pour le mardi 31 mars 2026 (Caisse d’allocations familiales)") == 2
    assert text.count("réponse de droit commun demandée pour le mardi 31 mars 2026 (Caisse") == 2
    assert f"https://ville.test/dossiers/{first.id}" in text
    assert mail_of(row)["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert days.plan(now.date() + 2 * DAY) == 0


def test_one_request_alone_keeps_its_own_words(days: Days, world: World, now: datetime) -> None:
    opened(days, date(2026, 3, 31), "caf", requests={})
    days.plan(now.date() + DAY)

    (row,) = days.messages()
    assert (row.kind, row.recipient) == ("opinion_requested", "financeur@caf.test")
    assert row.title.startswith("Avis demandé avant le mardi 31 mars 2026")
    assert mail_of(row)["List-Unsubscribe"] is None


@pytest.mark.parametrize(
    ("due_on", "kinds"),
    [
        (date(2026, 3, 13), ["opinion_requested", "droit_commun_solicited"]),  # Friday: three working days
        (date(2026, 3, 15), ["opinion_requested", "droit_commun_solicited"]),  # the Sunday after it adds none
        (date(2026, 3, 16), []),  # Monday: a fourth
    ],
)
def test_urgent_request_leaves_at_once(days: Days, due_on: date, kinds: list[str]) -> None:
    opened(days, due_on, "caf")

    assert [row.kind for row in days.messages()] == kinds
    assert len(days.notices()) == 2 - len(kinds)


def test_organisation_without_persons_has_no_digest_and_is_asked_at_once(days: Days, world: World) -> None:
    council = world.organisations["conseil-citoyen"]
    council.email = "bureau@conseil.test"
    world.citizen.is_active = False
    opened(days, date(2026, 3, 31), "conseil-citoyen", requests={})

    assert [(row.kind, row.recipient) for row in days.messages()] == [
        ("opinion_requested", "bureau@conseil.test")
    ]


def test_request_withdrawn_before_the_morning_is_never_said(days: Days, world: World, now: datetime) -> None:
    dossier = opened(days, date(2026, 3, 31), "caf")
    dossier.stage = "withdrawn"

    assert days.plan(now.date() + DAY) == 0
    assert {row.state for row in days.notices()} == {"skipped"}


def test_page_and_preview_say_the_request_before_it_leaves_then_the_reminder(
    days: Days, world: World, now: datetime
) -> None:
    dossier = opened(days, date(2026, 3, 31), "caf", requests={})
    tomorrow = now.date() + DAY
    (shown,) = reminders_shown(world.db, dossier, now)
    assert (shown.last, shown.next, shown.asks_next) == (None, tomorrow, True)
    assert shown.next_to == ("Financeur Caisse d’allocations familiales",)
    (coming,) = upcoming(world.db, world.contract, now)
    assert coming.kind == "Avis demandé"
    words = preview(world.db, coming, now, MAIL)

    days.plan(tomorrow)

    (row,) = days.messages()
    assert words.subject == row.title
    (shown,) = reminders_shown(world.db, dossier, days.host.now() + timedelta(hours=1))
    assert (shown.last, shown.asks_last, shown.next) == (tomorrow, True, date(2026, 3, 26))
    assert shown.last_to == ("Financeur Caisse d’allocations familiales",)


def test_request_heard_within_the_days_of_its_reminder_is_not_reminded_before_its_date(days: Days) -> None:
    opened(days, date(2026, 3, 16), "caf", requests={})  # said on the 11th, the day its reminder would come
    told = [on for on in (date(2026, 3, 11) + rank * DAY for rank in range(8)) if days.plan(on)]

    assert [row.kind for row in days.messages() if row.recipient == "financeur@caf.test"] == [
        "opinion_requested",
        "opinion_late",
    ]
    assert told == [date(2026, 3, 11), date(2026, 3, 17)]


def test_request_kept_by_a_stopped_worker_until_its_reminder_is_said_once(
    days: Days, world: World, now: datetime
) -> None:
    opened(days, date(2026, 3, 17), "caf", requests={})
    (waiting,) = [row for row in days.notices() if row.kind == "opinion_requested"]
    assert waiting.on == date(2026, 3, 11)

    days.plan(date(2026, 3, 18))

    (row,) = [row for row in days.messages() if row.recipient == "financeur@caf.test"]
    assert (row.kind, row.state) == ("opinion_late", "pending")
    (asked,) = [row for row in days.notices() if row.kind == "opinion_requested"]
    assert (asked.state, asked.reason) == ("skipped", "dit par le rappel du même jour")


@pytest.mark.parametrize("seed", [1, 2, 3])
@one_engine
def test_nobody_hears_twice_of_one_thing_in_a_day_whatever_the_dates(
    days: Days, world: World, now: datetime, seed: int
) -> None:
    chance = Random(seed)
    world.contract.settings = world.contract.settings | {
        "reminders": {"opinion_days_before": chance.randint(1, 6), "opinion_late_every": 1}
    }
    world.contract.settings_digest = f"requests-{seed}"  # what is read of the settings is kept by digest
    for rank in range(24):
        on = now.date() + rank * DAY
        if chance.random() < 0.7:  # else no worker that day
            days.plan(on)
        days.host.moment += timedelta(hours=chance.randint(-3, 9))
        if rank < 12 and chance.random() < 0.6:
            opened(days, on + chance.randint(0, 9) * DAY, "caf", "etat", title=f"Action {rank}")

    by_message = {row.id: row for row in days.messages()}
    told = [row for row in days.notices() if row.state == "told"]
    said = Counter(
        (row.about, row.about_id, row.recipient_code, _day(by_message, row.message_id)) for row in told
    )
    asked = [
        row for row in by_message.values() if row.kind in ("opinion_requested", "droit_commun_solicited")
    ]
    for row in (row for row in asked if not row.key.startswith("digest:")):  # those that left at once
        kind, number, code = row.key.split(":")
        about = "opinion" if kind == "opinion_requested" else "answer"
        said[about, int(number), code, row.created_at.date()] += 1
    assert len(told) > 20 and asked
    assert [thing for thing, times in said.items() if times > 1] == []


def _day(messages: dict[int, object], number: int | None) -> date:
    row = messages[number or 0]
    found: date = row.created_at.date()  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize(
    ("today", "due_on", "limit", "within"),
    [
        (date(2026, 3, 12), date(2026, 3, 16), 2, True),  # Thursday to Monday: Friday, Monday
        (date(2026, 3, 12), date(2026, 3, 16), 1, False),
        (date(2026, 4, 3), date(2026, 4, 7), 1, True),  # over Easter Monday
        (date(2026, 4, 3), date(2026, 4, 8), 1, False),
        (date(2026, 3, 12), date(2026, 3, 1), 0, True),
    ],
)
def test_working_days_left(today: date, due_on: date, limit: int, within: bool) -> None:
    assert is_within_working_days(due_on, today, limit) is within
