# SPDX-License-Identifier: EUPL-1.2
"""Real SMTP servers that misbehave: what is lost (nothing), what is said, what is tried again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from sqlalchemy.orm import Session, sessionmaker

from notifications.drain import Drained, drain
from notifications.outbox import list_messages
from tests.factories.world import World
from tests.notifications.scenes import MAIL, pending_message
from tests.notifications.servers import (
    ACCEPTED,
    GREETING,
    UNTIL_TEXT,
    Authority,
    Server,
    closed_port,
    running,
    scripted,
)

Write = sessionmaker[Session]
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PATIENCE = 0.2  # of the client, for servers that never answer


@pytest.fixture
def waiting(world: World) -> Callable[..., None]:
    """Puts these messages in the outbox."""

    def fill(*keys: str) -> None:
        for key in keys:
            pending_message(world, key, f"{key}@etat.test")
        world.db.commit()

    return fill


def send(write: Write, server: Server, now: datetime, **changes: object) -> Drained:
    settings = replace(MAIL, port=server.port, connections=1, **changes)  # type: ignore[arg-type]
    return drain(write.begin, lambda: now, settings, "test", rng=Random(1))


def rows(write: Write) -> list[tuple[str, str, int]]:
    with write() as db:
        return [(row.key, row.state, row.attempts) for row in list_messages(db)]


def reasons(write: Write) -> set[str | None]:
    with write() as db:
        return {row.reason for row in list_messages(db)}


def test_refused_connection(waiting: Callable[..., None], write: Write, now: datetime) -> None:
    waiting("a", "b")

    said = send(write, Server(port=(port := closed_port())), now)

    assert said.unreachable == f"Le serveur de messagerie 127.0.0.1:{port} est injoignable."
    assert rows(write) == [("a", "pending", 1), ("b", "pending", 0)]


def test_greeting_that_refuses_everybody(waiting: Callable[..., None], write: Write, now: datetime) -> None:
    waiting("a", "b")

    with scripted("554 5.7.1 your address is listed") as server:
        said = send(write, server, now)

    assert said.unreachable == (
        f"Le serveur de messagerie 127.0.0.1:{server.port} refuse la connexion : 554 5.7.1 your address is listed."
    )
    assert rows(write) == [("a", "pending", 1), ("b", "pending", 0)]


def test_refused_for_now_then_accepted(waiting: Callable[..., None], write: Write, now: datetime) -> None:
    waiting("a")

    with running(Server(answers=["451 4.7.1 greylisted", "452 4.3.1 full"])) as server:
        counts = [send(write, server, now + timedelta(hours=hour)).sent for hour in range(3)]

    assert (counts, rows(write)) == ([0, 0, 1], [("a", "sent", 3)])


def test_one_recipient_refused_for_good(waiting: Callable[..., None], write: Write, now: datetime) -> None:
    waiting("a", "b", "c")

    with running(Server(unknown=frozenset({"b@etat.test"}))) as server:
        send(write, server, now)

    assert rows(write) == [("a", "sent", 1), ("b", "failed", 1), ("c", "sent", 1)]
    assert "Refusé définitivement par le serveur pour b@etat.test : 550 5.1.1 no such user" in reasons(write)


def test_server_that_never_greets(waiting: Callable[..., None], write: Write, now: datetime) -> None:
    waiting("a", "b")

    with scripted() as server:
        said = send(write, server, now, timeout_seconds=PATIENCE)

    assert said.unreachable == f"Le serveur de messagerie 127.0.0.1:{server.port} ne répond pas."
    assert rows(write) == [("a", "pending", 1), ("b", "pending", 0)]


def test_server_that_hangs_after_the_text_stops_the_emptying_at_the_third_time(
    waiting: Callable[..., None], write: Write, now: datetime
) -> None:
    waiting(*"abcde")

    with scripted(*UNTIL_TEXT) as server:
        said = send(write, server, now, timeout_seconds=PATIENCE)

    assert said.unreachable == "Le serveur de messagerie n’a pas répondu à temps."
    assert [attempts for _, _, attempts in rows(write)] == [1, 1, 1, 0, 0]
    assert {state for _, state, _ in rows(write)} == {"pending"}


def test_one_silence_does_not_stop_the_others(
    waiting: Callable[..., None], write: Write, now: datetime
) -> None:
    waiting("a")
    with scripted(GREETING, ACCEPTED) as silent:
        assert send(write, silent, now, timeout_seconds=PATIENCE).unreachable is None
    with running(Server()) as server:
        send(write, server, now + timedelta(minutes=2))

    assert rows(write) == [("a", "sent", 2)]


def test_connection_dropped_after_the_text_before_the_answer(
    waiting: Callable[..., None], write: Write, now: datetime
) -> None:
    waiting("a", "b")

    with running(Server(drops_after_data=1)) as server:
        send(write, server, now)
        assert rows(write) == [("a", "pending", 1), ("b", "sent", 1)]
        send(write, server, now + timedelta(minutes=2))

    assert [message["Message-ID"] for message in server.messages] == [
        f"<{key}@epci.test>" for key in ("a", "b", "a")
    ]
    assert rows(write) == [("a", "sent", 2), ("b", "sent", 1)]


def test_slow_greeting_is_waited_for_while_the_other_connection_works(
    waiting: Callable[..., None], write: Write, now: datetime
) -> None:
    waiting("a", "b", "c")

    with running(Server(greets_first_after=2)) as server:
        settings = replace(MAIL, port=server.port, connections=2)
        assert drain(write.begin, lambda: now, settings, "test").sent == 3

    assert server.recipients == ["a@etat.test", "b@etat.test", "c@etat.test"]
    assert server.connections == 2


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_good_certificate_carries_the_messages(
    waiting: Callable[..., None], write: Write, now: datetime, tmp_path: Path, security: str
) -> None:
    waiting("a", "b")
    authority = Authority.made(tmp_path)
    offered = {"tls_context": authority.context(), "require_starttls": True}
    options = offered if security == "starttls" else {"ssl_context": authority.context()}

    with running(Server(), **options) as server:
        assert send(write, server, now, security=security, ca_file=str(authority.file)).sent == 2

    assert server.recipients == ["a@etat.test", "b@etat.test"]


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize(
    ("name", "until", "is_known", "why"),
    [
        ("autre.test", None, True, "il est établi pour un autre nom que « 127.0.0.1 » (corriger smtp.host)"),
        ("127.0.0.1", datetime(2020, 1, 1, tzinfo=UTC), True, "il a expiré, ou n’est pas encore valable"),
        ("127.0.0.1", None, False, "aucune autorité connue de cette machine ne l’a signé"),
    ],
)
def test_wrong_certificate_is_told_and_nothing_leaves(
    waiting: Callable[..., None],
    write: Write,
    now: datetime,
    tmp_path: Path,
    security: str,
    name: str,
    until: datetime | None,
    is_known: bool,
    why: str,
) -> None:
    waiting("a", "b")
    authority = Authority.made(tmp_path)
    context = authority.context(name, until)
    options = {"tls_context": context} if security == "starttls" else {"ssl_context": context}
    trusted = str(authority.file) if is_known else None

    with running(Server(), **options) as server:
        said = send(write, server, now, security=security, ca_file=trusted)

    assert f"Le certificat du serveur de messagerie 127.0.0.1:{server.port} n’est pas valable : {why}" in (
        said.unreachable or ""
    )
    assert (server.received, rows(write)) == ([], [("a", "pending", 1), ("b", "pending", 0)])


def _authenticator(*words: object) -> AuthResult:
    given = words[-1]
    assert isinstance(given, LoginPassword)
    return AuthResult(success=given == LoginPassword(b"ville", b"secret"), handled=False)


def test_server_that_demands_authentication(
    waiting: Callable[..., None], write: Write, now: datetime, tmp_path: Path
) -> None:
    waiting("a", "b")
    authority = Authority.made(tmp_path)
    options = {
        "authenticator": _authenticator,
        "auth_required": True,
        "tls_context": authority.context(),
    }
    tls = {"security": "starttls", "ca_file": str(authority.file)}

    with running(Server(), **options) as server:
        without = send(write, server, now, **tls)
        wrong = send(write, server, now + timedelta(hours=1), username="ville", password="faux", **tls)
        right = send(write, server, now + timedelta(hours=2), username="ville", password="secret", **tls)

    where = f"127.0.0.1:{server.port}"
    assert without.unreachable == (
        f"Le serveur de messagerie {where} demande une identification : donner smtp.username et son mot de passe."
    )
    assert (
        wrong.unreachable
        == f"Le serveur de messagerie {where} refuse l’identifiant ou le mot de passe (535)."
    )
    assert (right.sent, server.recipients) == (2, ["a@etat.test", "b@etat.test"])


def test_refused_sender_is_the_configuration_s_fault_and_no_message_fails(
    waiting: Callable[..., None], write: Write, now: datetime
) -> None:
    waiting("a", "b")

    with scripted(GREETING, ACCEPTED, "550 5.7.1 sender not allowed here") as server:
        said = send(write, server, now)

    assert said.unreachable == (
        f"Le serveur de messagerie 127.0.0.1:{server.port} refuse l’expéditeur no-reply@epci.test : "
        "550 5.7.1 sender not allowed here (corriger smtp.sender)."
    )
    assert rows(write) == [("a", "pending", 1), ("b", "pending", 0)]


def test_server_without_starttls_is_told(waiting: Callable[..., None], write: Write, now: datetime) -> None:
    waiting("a")

    with running(Server()) as server:
        said = send(write, server, now, security="starttls")

    assert "ne propose pas ce que la configuration demande (STARTTLS" in (said.unreachable or "")
    assert server.received == []
