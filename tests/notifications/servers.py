# SPDX-License-Identifier: EUPL-1.2
"""Real SMTP servers that behave well or badly: what they received, and in which order they refuse, hang or hang up."""

import asyncio
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, Envelope, Session

from app.mailbox import AnyPortController


@dataclass
class Server:
    """A server on `port`. `answers`: what DATA answers, in order, then 250; `unknown`: recipients refused for good.

    `greets_first_after`: its first connection is greeted only once the others have brought that many messages.
    """

    answers: list[str] = field(default_factory=list)
    unknown: frozenset[str] = frozenset()
    drops_after_data: int = 0
    greets_first_after: int = 0
    received: list[tuple[str, bytes]] = field(default_factory=list)
    late: bool = False
    brought: asyncio.Event = field(default_factory=asyncio.Event)
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
        if len(self.received) == self.greets_first_after:
            self.brought.set()
        if self.drops_after_data:
            self.drops_after_data -= 1
            assert isinstance(server.transport, asyncio.Transport)
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


class _Greeting(SMTP):
    """Its first connection after the test began is greeted late, if the server says so."""

    async def _handle_client(self) -> None:
        server = self.event_handler
        assert isinstance(server, Server)
        late, server.late = server.late, False
        if late:
            await server.brought.wait()
        await super()._handle_client()


class _Controller(AnyPortController):
    def factory(self) -> SMTP:
        return _Greeting(self.handler, **self.SMTP_kwargs)


@contextmanager
def running(server: Server, **options: Any) -> Iterator[Server]:
    """The server, accepting connections; stopped at the end."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server.port = listening.getsockname()[1]
    controller = _Controller(server, listening, **options)
    controller.start()
    server.connections, server.late = 0, server.greets_first_after > 0  # the controller itself connected once
    try:
        yield server
    finally:
        controller.stop()


GREETING, ACCEPTED, GO_ON = "220 ready", "250 OK", "354 go on"
UNTIL_TEXT = (GREETING, ACCEPTED, ACCEPTED, ACCEPTED, GO_ON)


@contextmanager
def scripted(*said: str) -> Iterator[Server]:
    """A server that says these lines, one per command, the first as its greeting; then falls silent, without hanging up."""
    over = threading.Event()

    class Conversation(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for rank, line in enumerate(said):
                if rank and not self.rfile.readline():
                    return
                self.wfile.write(f"{line}\r\n".encode())
            over.wait()

    class Scripted(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Scripted(("127.0.0.1", 0), Conversation) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield Server(port=listening.server_address[1])
        finally:
            over.set()
            listening.shutdown()
            thread.join()


@dataclass(frozen=True)
class Authority:
    """A certification authority made for one test; `file` is what a client must trust."""

    ca: trustme.CA
    file: Path

    @classmethod
    def made(cls, folder: Path) -> "Authority":
        """An authority nobody knows yet."""
        ca = trustme.CA()
        ca.cert_pem.write_to_path(str(folder / "ca.pem"))
        return cls(ca, folder / "ca.pem")

    def context(self, name: str = "127.0.0.1", until: datetime | None = None) -> ssl.SSLContext:
        """What a server of this name needs to speak TLS."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.ca.issue_cert(name, not_after=until).configure_cert(context)
        return context


def closed_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
