# SPDX-License-Identifier: EUPL-1.2
"""The demo's mail server: a real SMTP conversation on a free port, each message kept as a file; and reading them back."""

import re
import socket
from asyncio import AbstractServer
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from app.errors import AppError

NAME = re.compile(r"[0-9]{8}T[0-9]{12}-[0-9a-f]{8}")
LARGEST = 50_000_000


class UnknownMailError(AppError):
    """No message of the mailbox has this name."""


@dataclass(frozen=True, slots=True)
class MailSummary:
    """A line of the mailbox page."""

    id: str
    received_at: datetime
    sender: str
    recipient: str
    subject: str


@dataclass(frozen=True, slots=True)
class MailAttachment:
    """A file joined to a message."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """A message as a reader shows it."""

    summary: MailSummary
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    attachments: tuple[MailAttachment, ...]


class Keeper:
    """Writes each message received into a folder, whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        """Keeps the message, then answers."""
        content = envelope.content
        raw = content if isinstance(content, bytes) else str(content or "").encode()
        head = f"X-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n".encode("ascii", "replace")
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{uuid4().hex[:8]}"
        draft = self.folder / f".{name}.part"
        draft.write_bytes(head + raw)
        draft.replace(self.folder / f"{name}.eml")
        return "250 message kept"


class AnyPortController(Controller):
    """Listens on a socket already bound, so that port 0 gives a free one without a race."""

    def __init__(self, handler: object, listening: socket.socket, **options: Any) -> None:
        self._listening = listening
        host, port = listening.getsockname()[:2]
        super().__init__(
            handler, hostname=host, port=port, data_size_limit=LARGEST, ready_timeout=10, **options
        )

    def _create_server(self) -> Awaitable[AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self._listening, ssl=self.ssl_context)


class Mailbox:
    """The running mail server of the demo."""

    def __init__(
        self, folder: Path, handler: object | None = None, port: int = 0, host: str = "127.0.0.1"
    ) -> None:
        self.folder = folder
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
        except OSError as error:
            listening.close()
            raise AppError(
                f"le port {port} est déjà pris : la messagerie de démonstration ne peut pas démarrer"
            ) from error
        self.host, self.port = listening.getsockname()[:2]
        self._controller = AnyPortController(handler or Keeper(folder), listening)

    def start(self) -> Self:
        """Accepts messages from now on."""
        self._controller.start()
        return self

    def stop(self) -> None:
        """Hangs up."""
        self._controller.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def list_messages(folder: Path, limit: int = 500) -> list[MailSummary]:
    """The messages of the folder, newest first."""
    names = sorted((path.stem for path in folder.glob("[0-9]*.eml")), reverse=True)[:limit]
    return [_summary(name, _read(folder, name)) for name in names]


def get_message(folder: Path, identifier: str) -> Mail:
    """One message. Raises UnknownMailError."""
    message = _read(folder, identifier)
    return _mail(message, _summary(identifier, message))


def parse_mail(identifier: str, created_at: datetime, raw: bytes) -> Mail:
    """A message as it was written, before any server has it."""
    message = message_from_bytes(raw, policy=policy.default)
    return _mail(message, _heading(identifier, created_at, message))


def _mail(message: EmailMessage, summary: MailSummary) -> Mail:
    return Mail(
        summary=summary,
        headers=tuple((name, str(value)) for name, value in message.items()),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        attachments=tuple(_attachments(message)),
    )


def _read(folder: Path, identifier: str) -> EmailMessage:
    path = folder / f"{identifier}.eml"
    if not NAME.fullmatch(identifier) or not path.is_file():
        raise UnknownMailError("Ce message n’existe pas dans la boîte de démonstration.")
    return message_from_bytes(path.read_bytes(), policy=policy.default)


def _summary(identifier: str, message: EmailMessage) -> MailSummary:
    received = datetime.strptime(identifier.partition("-")[0], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
    return _heading(identifier, received, message)


def _heading(identifier: str, received: datetime, message: EmailMessage) -> MailSummary:
    return MailSummary(
        id=identifier,
        received_at=received,
        sender=str(message.get("From", "")),
        recipient=str(message.get("To", message.get("X-Envelope-To", ""))),
        subject=str(message.get("Subject", "")),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


def _attachments(message: EmailMessage) -> list[MailAttachment]:
    found = []
    for rank, part in enumerate(message.iter_attachments(), 1):
        content = part.get_payload(decode=True)
        name = part.get_filename() or f"piece-{rank}"
        found.append(
            MailAttachment(name, part.get_content_type(), content if isinstance(content, bytes) else b"")
        )
    return found
