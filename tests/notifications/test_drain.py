# SPDX-License-Identifier: EUPL-1.2
"""Messages leave through real SMTP servers, good and bad, on both databases: each once, none lost."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest
from aiosmtpd.smtp import AuthResult
from sqlalchemy.orm import Session, sessionmaker

from notifications.drain import Drained, drain
from notifications.outbox import claim, list_messages
from notifications.planner import plan_all
from tests.factories.world import World
from tests.notifications.scenes import MAIL, convoked_committee, pending_message
from tests.notifications.servers import Server, closed_port, running
from workflow.models import Message

Write = sessionmaker[Session]


@pytest.fixture
def committed(world: World, write: Write) -> Iterator[Callable[..., World]]:
    """Runs a preparation in the toy world, then commits, so that other sessions may write."""

    def prepare(action: Callable[[World], object]) -> World:
        action(world)
        world.db.commit()
        return world

    return prepare


def send(write: Write, server: Server, now: datetime, **changes: object) -> Drained:
    settings = replace(MAIL, port=server.port, **changes)  # type: ignore[arg-type]
    return drain(write.begin, lambda: now, settings, "test", rng=Random(1))


def states(write: Write) -> dict[str, str]:
    with write() as db:
        return {row.key: row.state for row in list_messages(db)}


def the_message(write: Write) -> Message:
    with write() as db:
        (row,) = list_messages(db)
        return row


def some(*keys: str) -> Callable[[World], object]:
    return lambda world: [pending_message(world, key, f"{key}@etat.test") for key in keys]


def test_convoking_and_sending_twice_delivers_once(
    committed: Callable[..., World], write: Write, now: datetime
) -> None:
    world = committed(convoked_committee)

    with running(Server()) as server:
        for _ in range(2):
            plan_all(write.begin, lambda: now, replace(MAIL, port=server.port))
            send(write, server, now)

    assert server.recipients == sorted(person.email for person in world.financers.values())
    assert set(states(write).values()) == {"sent"}
    assert {message["To"].addresses[0].addr_spec for message in server.messages} == set(server.recipients)


def test_connections_are_reused_and_bounded(
    committed: Callable[..., World], write: Write, now: datetime
) -> None:
    committed(some(*(f"k{rank:02}" for rank in range(30))))

    with running(Server()) as server:
        report = send(write, server, now, connections=3, batch=7)

    assert (report.sent, len(server.received)) == (30, 30)
    assert server.connections <= 3


def test_two_drainers_at_once_send_each_message_once(
    committed: Callable[..., World], write: Write, now: datetime
) -> None:
    committed(some(*(f"k{rank:02}" for rank in range(40))))
    ready = threading.Barrier(2)

    with running(Server()) as server:
        settings = replace(MAIL, port=server.port, batch=5)

        def work(owner: str) -> None:
            ready.wait()
            drain(write.begin, lambda: now, settings, owner)

        threads = [threading.Thread(target=work, args=(name,)) for name in ("one", "two")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert server.recipients == [f"k{rank:02}@etat.test" for rank in range(40)]
    assert set(states(write).values()) == {"sent"}


def test_message_refused_for_now_is_retried_then_delivered(
    committed: Callable[..., World], write: Write, now: datetime
) -> None:
    committed(some("a"))

    with running(Server(answers=["451 4.3.0 greylisted"])) as server:
        assert send(write, server, now).refused == 1
        waiting = the_message(write)
        assert (waiting.state, waiting.attempts) == ("pending", 1)
        assert (
            waiting.reason == "Refusé pour l’instant par le serveur pour a@etat.test : 451 4.3.0 greylisted"
        )
        assert now < waiting.next_attempt_at < now + timedelta(minutes=2)
        assert send(write, server, now).sent == 0
        assert send(write, server, now + timedelta(minutes=2)).sent == 1

    assert (the_message(write).state, the_message(write).reason) == ("sent", None)


def test_recipient_refused_for_good_fails_alone(
    committed: Callable[..., World], write: Write, now: datetime
) -> None:
    committed(some("a", "b", "c"))

    with running(Server(unknown=frozenset({"b@etat.test"}))) as server:
        report = send(write, server, now, connections=1)

    assert (report.sent, report.refused) == (2, 1)
    assert states(write) == {"a": "sent", "b": "failed", "c": "sent"}
    assert server.connections == 1


def test_server_down_keeps_every_message_waiting(
    committed: Callable[..., World], write: Write, now: datetime
) -> None:
    committed(some("a", "b", "c"))
    down = Server(port=closed_port())

    report = send(write, down, now, connections=1)

    assert report.unreachable == f"Le serveur de messagerie 127.0.0.1:{down.port} est injoignable."
    assert states(write) == {"a": "pending", "b": "pending", "c": "pending"}
    with write() as db:
        assert [row.attempts for row in list_messages(db)] == [1, 0, 0]
        assert list_messages(db)[0].reason == report.unreachable

    with running(Server()) as server:
        send(write, server, now + timedelta(minutes=2))
    assert set(states(write).values()) == {"sent"}


def test_connection_dropped_after_the_text_is_resent_with_the_same_message_id(
    committed: Callable[..., World], write: Write, now: datetime
) -> None:
    committed(some("a"))

    with running(Server(drops_after_data=1)) as server:
        send(write, server, now)
        assert the_message(write).state == "pending"
        send(write, server, now + timedelta(minutes=2))

    assert [message["Message-ID"] for message in server.messages] == ["<a@epci.test>", "<a@epci.test>"]
    assert the_message(write).state == "sent"


def test_worker_killed_between_the_claim_and_the_sending_loses_nothing(
    committed: Callable[..., World], write: Write, now: datetime
) -> None:
    committed(some("a"))
    with write.begin() as db:
        claim(db, now, "killed", MAIL)

    with running(Server()) as server:
        assert send(write, server, now + timedelta(minutes=1)).sent == 0
        assert send(write, server, now + timedelta(minutes=11)).sent == 1

    assert server.recipients == ["a@etat.test"]


def test_redirection_sends_everything_to_one_address(
    committed: Callable[..., World], write: Write, now: datetime
) -> None:
    committed(some("a"))

    with running(Server()) as server:
        send(write, server, now, redirect_all_to="essais@epci.test")

    assert server.recipients == ["essais@epci.test"]
    assert server.messages[0]["X-Original-Recipient"] == "a@etat.test"
    assert server.messages[0]["Subject"] == "a"


def test_held_messages_stay_and_no_server_is_reached(
    committed: Callable[..., World], write: Write, now: datetime
) -> None:
    committed(some("a"))

    with running(Server()) as server:
        report = send(write, server, now, held="rien ne part")
        assert (report.held, report.sent, server.connections) == ("rien ne part", 0, 0)
        assert (the_message(write).state, the_message(write).attempts) == ("pending", 0)
        assert send(write, server, now).sent == 1


def test_message_whose_claim_is_nearly_over_is_claimed_again_before_it_is_sent(
    committed: Callable[..., World], write: Write, now: datetime
) -> None:
    committed(some("a", "b"))
    clock = [now]

    class Slow(Server):
        async def handle_DATA(self, server, session, envelope):  # type: ignore[no-untyped-def]  # noqa: N802
            clock[0] += timedelta(minutes=10)  # the first message took all the time of the claim
            return await super().handle_DATA(server, session, envelope)

    with running(Slow()) as server:
        settings = replace(MAIL, port=server.port, connections=1)
        assert drain(write.begin, lambda: clock[0], settings, "test").sent == 2

    with write() as db:
        assert [(row.key, row.attempts) for row in list_messages(db)] == [("a", 1), ("b", 1)]
    assert server.recipients == ["a@etat.test", "b@etat.test"]


def test_results_that_cannot_be_noted_stop_the_emptying_and_are_found_again(
    committed: Callable[..., World], write: Write, now: datetime
) -> None:
    committed(some("a", "b", "c"))
    turns = iter(range(100))

    @contextmanager
    def breaking() -> Iterator[Session]:
        with write.begin() as db:
            yield db
            if next(turns) == 2:  # release, claim, then the first results
                raise OSError("disque plein")

    with running(Server()) as server:
        settings = replace(MAIL, port=server.port, connections=3)
        with pytest.raises(ExceptionGroup):
            drain(breaking, lambda: now, settings, "test")
        drain(write.begin, lambda: now + timedelta(minutes=11), settings, "later")

    assert set(states(write).values()) == {"sent"}
    assert len({message["Message-ID"] for message in server.messages}) == 3


def test_missing_starttls_and_wrong_password_are_told_clearly(
    committed: Callable[..., World], write: Write, now: datetime
) -> None:
    committed(some("a"))

    def refuse(*_: object) -> AuthResult:
        return AuthResult(success=False, handled=False)

    with running(Server()) as server:
        report = send(write, server, now, security="starttls")
        assert "ne propose pas ce que la configuration demande" in (report.unreachable or "")
    with running(Server(), authenticator=refuse, auth_require_tls=False) as server:
        report = send(write, server, now + timedelta(hours=2), username="x", password="y")
        assert "refuse l’identifiant ou le mot de passe" in (report.unreachable or "")

    assert the_message(write).state == "pending"


def test_no_transaction_is_open_while_sending(
    committed: Callable[..., World], write: Write, now: datetime
) -> None:
    committed(some("a"))
    open_now: list[int] = []
    depth = 0

    @contextmanager
    def counted() -> Iterator[Session]:
        nonlocal depth
        with write.begin() as db:
            depth += 1
            try:
                yield db
            finally:
                depth -= 1

    class Watching(Server):
        async def handle_DATA(self, server, session, envelope):  # type: ignore[no-untyped-def]  # noqa: N802
            open_now.append(depth)
            return await super().handle_DATA(server, session, envelope)

    with running(Watching()) as server:
        settings = replace(MAIL, port=server.port)
        drain(counted, lambda: now, settings, "test")

    assert open_now == [0]
