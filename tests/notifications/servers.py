# SPDX-License-Identifier: EUPL-1.2
"""Real SMTP servers that behave well or badly: what they received, and in which order they refuse."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from app.mailbox import AnyPortController


@dataclass
class Server:
    """A server on `port`. `answers`: what DATA answers, in order, then 250; `unknown`: recipients refused for good."""

    answers: list[str] = field(default_factory=list)
    unknown: frozenset[str] = frozenset()
    drops_after_data: int = 0
    received: list[tuple[str, bytes]] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    async def handle_EHLO(  # noqa: N802 (the name that aiosmtpd calls)
        self, server: SMTP, session: Session, envelope: Envelope, name: str, lines: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = name
        return lines

    async def handle_RCPT(  # noqa: N802 (the name that aiosmtpd calls)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.unknown:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answers:
            answer = self.answers.pop(0)
            if not answer.startswith("250"):
                return answer
        content = envelope.content
        assert isinstance(content, bytes)
        self.received.append((envelope.rcpt_tos[0], content))
        if self.drops_after_data:
            self.drops_after_data -= 1
            assert server.transport is not None
            server.transport.abort()
        return "250 OK"

    @property
    def recipients(self) -> list[str]:
        """Whom it received messages for, sorted."""
        return sorted(recipient for recipient, _ in self.received)

    @property
    def messages(self) -> list[EmailMessage]:
        """The messages received, parsed."""
        return [message_from_bytes(content, policy=policy.default) for _, content in self.received]


@contextmanager
def running(server: Server, **options: Any) -> Iterator[Server]:
    """The server, accepting connections; stopped at the end."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server.port = listening.getsockname()[1]
    controller = AnyPortController(server, listening, **options)
    controller.start()
    server.connections = 0
    try:
        yield server
    finally:
        controller.stop()


def closed_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
