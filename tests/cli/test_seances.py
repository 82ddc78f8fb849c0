# SPDX-License-Identifier: EUPL-1.2
"""A séance from the command line: planned, convoked, sent by the worker, decided, closed, its minutes read."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap import Application, open_application
from app.mailbox import Keeper, Mailbox, list_messages
from app.worker import run_worker, send_waiting, worker_name
from tests.conftest import ROOT, Answer
from tests.factories.world import make_world
from workflow.permissions import actor_for
from workflow.seances import plan_seance

Run = Callable[..., Answer]
SECRETARY = ("--as", "secretariat@epci.test")


class Counting(Keeper):
    """Keeps the messages, and tells that one came."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.came = threading.Semaphore(0)

    async def handle_DATA(self, *conversation: Any) -> str:  # noqa: N802 (the name that aiosmtpd calls)
        answer = await super().handle_DATA(*conversation)
        self.came.release()
        return answer


@pytest.fixture
def keeper(tmp_path: Path) -> Counting:
    """What the mail server does with messages."""
    return Counting(tmp_path / "mail")


@pytest.fixture
def mailbox(keeper: Counting) -> Iterator[Mailbox]:
    """A real mail server that keeps what it receives."""
    with Mailbox(keeper.folder, keeper) as running:
        yield running


@pytest.fixture
def installed(config_file: Path, mailbox: Mailbox) -> Iterator[tuple[Application, int]]:
    """The toy world in the application's database, mail going to the mailbox, a committee planned in three weeks."""
    settings = json.loads(config_file.read_text())
    settings["deployment"]["environment"] = "production"  # elsewhere messages are held
    settings["deployment"]["smtp"] = {
        "host": mailbox.host,
        "port": mailbox.port,
        "sender": "Ville <v@epci.test>",
    }
    config_file.write_text(json.dumps(settings))
    application = open_application(config_file, {})
    with application.write() as db:
        world = make_world(db)
        world.dossier(stage="commitment")
        at = application.now() + timedelta(days=21)
        secretary = actor_for(db, world.secretary, application.today())
        number = plan_seance(db, world.contract, "comite", at, application.now(), secretary).id
    yield application, number
    application.close()


def contract(*arguments: object) -> tuple[str, ...]:
    return (*map(str, arguments), "--contract", "valmont")


def test_seance_list_has_the_stable_shape(installed: tuple[Application, int], coinstruction: Run) -> None:
    _, number = installed

    (row,) = coinstruction(*contract("seance", "list", "--json")).json

    assert {key: row[key] for key in ("id", "body", "status", "dossiers")} == {
        "id": number,
        "body": "comite",
        "status": "planned",
        "dossiers": 0,
    }
    assert len(row["date"]) == 10


def test_convoking_without_agenda_is_refused_with_the_remedy(
    installed: tuple[Application, int], coinstruction: Run
) -> None:
    answer = coinstruction(*contract("seance", "convoke", installed[1]))

    assert (answer.code, answer.out) == (1, "")
    assert "guard.agenda" in answer.err


def test_convoking_twice_sends_one_message_per_member(
    installed: tuple[Application, int], coinstruction: Run, mailbox: Mailbox
) -> None:
    _, number = installed

    first = coinstruction(*contract("seance", "convoke", number, "--fill", "--json"))
    second = coinstruction(*contract("seance", "convoke", number, "--json"))
    sent = [coinstruction("worker", "--once", "--json").json["sent"] for _ in range(2)]

    assert (first.code, first.json["already"], second.code, second.json["already"]) == (0, False, 0, True)
    assert sent == [6, 0]
    assert len(list_messages(mailbox.folder)) == 6
    rows = coinstruction("outbox", "--json").json
    assert [set(row) >= {"key", "kind", "recipient", "state", "attempts"} for row in rows] == [True] * 6
    assert {(row["kind"], row["state"], row["attempts"]) for row in rows} == {
        ("seance_convocation", "sent", 1)
    }
    assert rows[0]["key"].startswith(f"seance_convocation:{number}:0:")


def test_agenda_is_shown_and_filled_only_when_asked(
    installed: tuple[Application, int], coinstruction: Run
) -> None:
    _, number = installed

    before = coinstruction(*contract("seance", "agenda", number, "--json")).json
    after = coinstruction(*contract("seance", "agenda", number, "--fill", "--json")).json
    text = coinstruction(*contract("seance", "agenda", number)).out

    assert before["items"] == []
    assert [(item["reference"], item["requested"]) for item in after["items"]] == [("D001", "8000.00")]
    assert "Ateliers du soir" in text


def test_planning_a_year_is_idempotent(installed: tuple[Application, int], coinstruction: Run) -> None:
    year = installed[0].today().year + 1

    first = coinstruction(*contract("seance", "plan", year, "--json")).json["added"]
    second = coinstruction(*contract("seance", "plan", year, "--json")).json["added"]

    assert len(first) >= 11  # one committee a month, but for the one already planned near the new year
    assert second == []


def test_a_dry_run_shows_the_year_with_its_reasons_and_writes_nothing(
    installed: tuple[Application, int], coinstruction: Run
) -> None:
    year = installed[0].today().year + 2

    shown = coinstruction(*contract("seance", "plan", year, "--dry-run", "--json")).json
    text = coinstruction(*contract("seance", "plan", year, "--dry-run"))
    added = coinstruction(*contract("seance", "plan", year, "--json")).json["added"]

    assert (shown["added"], shown["faults"]) == ([], [])
    assert [(p["body"], p["starts_at"]) for p in shown["proposed"]] == [
        (row["body"], row["starts_at"]) for row in added
    ]
    assert all(p["reasons"] for p in shown["proposed"] if p["date"] != p["planned_on"])
    assert "12 séances proposées ; rien n’est écrit." in text.out


def test_a_conference_is_added_turned_into_writing_and_closed_at_its_date(
    installed: tuple[Application, int], coinstruction: Run
) -> None:
    at = (installed[0].now() + timedelta(days=9)).strftime("%Y-%m-%dT18:00")
    reason = "Dossiers au fil de l’eau"

    added = coinstruction(
        *contract("seance", "add", "conference", "--at", at, "--reason", reason, *SECRETARY, "--json")
    ).json
    held = coinstruction(
        *contract("seance", "hold-in-writing", added["id"], "--until", at, *SECRETARY, "--json")
    )
    refused = coinstruction(*contract("seance", "close", added["id"], *SECRETARY))
    unknown = coinstruction(*contract("seance", "add", "conference", "--at", "demain", *SECRETARY))

    assert (added["mode"], added["reason"], held.json["mode"]) == ("meeting", reason, "written")
    assert (refused.code, "« Clore la consultation écrite » n’est pas possible" in refused.err) == (1, True)
    assert unknown.code == 2


def test_a_secret_address_is_given_renewed_and_revoked(
    installed: tuple[Application, int], coinstruction: Run
) -> None:
    asked = contract("seance", "feed", "--body", "comite", *SECRETARY, "--json")

    first, second = coinstruction(*asked).json, coinstruction(*asked).json
    last = coinstruction(*asked, "--revoke").json
    stranger = coinstruction(*contract("seance", "feed", "--body", "comite", "--as", "financeur@caf.test"))

    assert first["address"].endswith(".ics") and first["address"] != second["address"]
    assert [first["revoked"], second["revoked"], last["revoked"], last["address"]] == [0, 1, 1, None]
    assert stranger.code == 1


def test_the_calendar_of_one_body_is_written(
    installed: tuple[Application, int], coinstruction: Run, tmp_path: Path
) -> None:
    file = tmp_path / "seances.ics"

    one = coinstruction(*contract("export", "calendar", "--body", "comite", "--output", file, "--json"))
    none = coinstruction(*contract("export", "calendar", "--body", "pilotage", "--output", file, "--json"))
    unknown = coinstruction(*contract("export", "calendar", "--body", "nulle", "--output", file))

    assert (one.json["seances"], none.json["seances"], unknown.code) == (1, 0, 2)
    assert b"Dossiers" not in file.read_bytes()


def test_minutes_of_an_open_seance_say_nothing_is_decided(
    installed: tuple[Application, int], coinstruction: Run
) -> None:
    answer = coinstruction(*contract("seance", "minutes", installed[1]))

    assert answer.code == 0
    assert "aucune décision n’est arrêtée" in answer.out


def test_deferred_dossier_is_in_the_minutes_and_its_letter_waits_for_release(
    installed: tuple[Application, int], coinstruction: Run, mailbox: Mailbox
) -> None:
    _, number = installed
    steps = (
        ("convoke", number, "--fill"),
        ("open", number, *SECRETARY),
        ("presence", number, "--all", *SECRETARY),
        ("decide", number, "D001", "deferred", "--reason", "Budget à revoir", *SECRETARY),
        ("close", number, *SECRETARY),
    )

    for step in steps:
        answer = coinstruction(*contract("seance", *step))
        assert (answer.code, answer.err) == (0, "")
    coinstruction("worker", "--once")

    minutes = coinstruction(*contract("seance", "minutes", number, "--json")).json
    assert [(d["reference"], d["decision"], d["reason"]) for d in minutes["decisions"]] == [
        ("D001", "deferred", "Budget à revoir")
    ]
    assert "Budget à revoir" in coinstruction(*contract("seance", "minutes", number)).out
    (draft,) = coinstruction("outbox", "--state", "draft", "--json").json
    assert (draft["kind"], draft["recipient"]) == ("dossier_deferred", "contact@ateliers.test")
    assert len(list_messages(mailbox.folder)) == 6
    assert coinstruction("outbox", "release", draft["key"]).code == 0
    coinstruction("worker", "--once")
    assert list_messages(mailbox.folder)[0].subject == "L’examen de votre action D001 est ajourné"


def test_unknown_seance_message_and_state_exit_2(
    installed: tuple[Application, int], coinstruction: Run
) -> None:
    codes = [
        coinstruction(*arguments).code
        for arguments in (
            contract("seance", "convoke", 999),
            contract("seance", "convoke", "trois"),
            ("outbox", "release", "nulle"),
            ("outbox", "--state", "nul"),
        )
    ]

    assert codes == [2, 2, 2, 2]


def test_worker_sends_by_itself_until_stopped(
    installed: tuple[Application, int], coinstruction: Run, keeper: Counting
) -> None:
    application, number = installed
    coinstruction(*contract("seance", "convoke", number, "--fill"))
    stop = threading.Event()
    worker = threading.Thread(target=run_worker, args=(application, stop))
    worker.start()

    try:
        assert all(keeper.came.acquire(timeout=30) for _ in range(6))
    finally:
        stop.set()
        worker.join(30)

    assert not worker.is_alive()
    assert send_waiting(application, worker_name()).sent == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_worker_stops_cleanly_on_sigterm(installed: tuple[Application, int], config_file: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "worker", "--config", str(config_file)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "tourne" in line:
            break

    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=30)

    assert process.returncode == 0
    assert "arrêté" in said
    assert "Traceback" not in said


def test_a_mail_server_that_is_down_is_said_once_and_the_messages_wait(
    installed: tuple[Application, int], coinstruction: Run, config_file: Path
) -> None:
    _, number = installed
    coinstruction(*contract("seance", "convoke", number, "--fill"))
    settings = json.loads(config_file.read_text())
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound, never listening: connections are refused
        settings["deployment"]["smtp"]["port"] = closed.getsockname()[1]
        config_file.write_text(json.dumps(settings))

        answer = coinstruction("worker", "--once")

    assert answer.code == 1
    assert answer.err.count("\n") == 1 and "les messages attendent" in answer.err
    assert {row["state"] for row in coinstruction("outbox", "--json").json} == {"pending"}
