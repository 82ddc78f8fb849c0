# SPDX-License-Identifier: EUPL-1.2
"""A kind, its context and a recipient → the whole e-mail as bytes. Same input, same bytes."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import EmailPolicy
from functools import lru_cache
from pathlib import Path
from typing import Literal

from css_inline import CSSInliner
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, select_autoescape

from notifications.context import Context
from notifications.errors import NotComposableError
from notifications.settings import MailSettings
from notifications.wording import day, euros, flat, hour, one_line

TEMPLATES = Path(__file__).parent / "templates"
PARTS = ("subject.txt", "body.txt", "body.html")
LAYOUTS = frozenset(
    {"layout.txt", "layout.html", "macros.txt", "macros.html", "seance_macros.txt", "seance_macros.html"}
)
WORD = 36  # octets of a subject in one encoded word: 69 signs a line
BLANKS = re.compile(r"\n\s*\n\n+")


class _Plain(EmailPolicy):
    """Writes headers fast: the library's folding took half the time of a letter.

    Short ASCII ones as they are, subjects as base64 words, the others folded once and remembered (the sender).
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        """One header, as bytes."""
        line = f"{name}: {value}"
        if len(line) <= (self.max_line_length or 0) and line.isascii() and "\n" not in line:
            return line.encode() + b"\r\n"
        if name.lower() == "subject":
            return b"Subject: " + b"\r\n ".join(_words(one_line(value))) + b"\r\n"
        return _folded(name, value)


@lru_cache(maxsize=256)
def _folded(name: str, value: str) -> bytes:
    return EmailPolicy.fold_binary(POLICY, name, value)


def _words(text: str) -> list[bytes]:
    """The text as encoded words (RFC 2047), cut between characters so that no line is too long."""
    words, size = [b""], 0
    for letter in text:
        octets = letter.encode()
        if size + len(octets) > WORD:
            words.append(b"")
            size = 0
        words[-1] += octets
        size += len(octets)
    return [b"=?utf-8?b?" + b64encode(word) + b"?=" for word in words]


class _Classes(HeaderRegistry):
    """The library makes a class for each header it writes; here, one for each name."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[str, type[BaseHeader]] = {}

    def __getitem__(self, name: str) -> type[BaseHeader]:
        found = self._made.get(name)
        if found is None:
            found = self._made[name] = super().__getitem__(name)
        return found


POLICY = _Plain(linesep="\r\n", max_line_length=76, header_factory=_Classes())


@dataclass(frozen=True, slots=True)
class Texts:
    """The three texts of a message."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file joined to a message."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """An invitation: shown by the mail reader as such, and joined as a file."""

    method: Literal["REQUEST", "CANCEL"]
    content: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """To whom, under which key, when, and whom to answer."""

    key: str
    name: str
    address: str
    written_at: datetime
    reply_to: tuple[str, str] | None = None


@lru_cache(maxsize=4)
def templates(local: Path | None = None) -> Environment:
    """The template environment: a name that the context lacks is an error, HTML is escaped; `local` files come first."""
    environment = Environment(
        loader=FileSystemLoader([local, TEMPLATES] if local else TEMPLATES),
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(day=day, hour=hour, euros=euros)
    return environment


@lru_cache(maxsize=1)
def _inliner() -> CSSInliner:
    return CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)


def message_id(key: str, domain: str) -> str:
    """The Message-ID of a key: the same at each attempt, so that a second copy can be recognised."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"


def render_texts(kind: str, context: Context, local: Path | None = None) -> Texts:
    """Subject, text and HTML of one kind. Raises NotComposableError when a template lacks a value."""
    values = {name: getattr(context, name) for name in type(context).model_fields}
    try:
        subject, text, html = (
            templates(local).get_template(f"{kind}/{part}").render(values) for part in PARTS
        )
    except TemplateError as error:
        raise NotComposableError(f"Modèle « {kind} » : {error.message}") from error
    return Texts(
        one_line(flat(subject)), BLANKS.sub("\n\n", flat(text)).strip() + "\n", _inliner().inline(html)
    )


def _addressed(message: EmailMessage, settings: MailSettings, envelope: Envelope) -> None:
    message["From"] = Address(one_line(settings.sender_name), addr_spec=settings.sender)
    message["To"] = Address(one_line(envelope.name), addr_spec=envelope.address)
    if envelope.reply_to:
        name, address = envelope.reply_to
        message["Reply-To"] = Address(one_line(name), addr_spec=address)
    elif settings.reply_to:
        message["Reply-To"] = settings.reply_to


def compose(
    settings: MailSettings,
    envelope: Envelope,
    texts: Texts,
    *,
    calendar: CalendarPart | None = None,
    attachments: Sequence[Attachment] = (),
) -> EmailMessage:
    """The whole message: text and HTML, the invitation inside and as a file, the documents."""
    message = EmailMessage(policy=POLICY)
    _addressed(message, settings, envelope)
    message["Subject"] = texts.subject
    message["Date"] = envelope.written_at
    message["Message-ID"] = message_id(envelope.key, settings.domain)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(texts.text, cte="quoted-printable")
    message.add_alternative(texts.html, subtype="html", cte="base64")  # encoded in C: agendas are long
    if calendar:
        _invite(message, calendar)
    for attachment in attachments:
        main, _, sub = attachment.media_type.partition("/")
        message.add_attachment(
            attachment.content,
            maintype=main,
            subtype=sub or "octet-stream",
            filename=one_line(attachment.name),
        )
    message["Content-Language"] = "fr"
    _fix_boundaries(message, envelope.key)
    return message


def _invite(message: EmailMessage, calendar: CalendarPart) -> None:
    text = calendar.content.decode()
    message.add_alternative(text, subtype="calendar", cte="base64", params={"method": calendar.method})
    message.add_attachment(
        calendar.content,
        maintype="text",
        subtype="calendar",
        filename="invitation.ics",
        params={"method": calendar.method, "charset": "utf-8"},
    )


def _fix_boundaries(message: EmailMessage, key: str) -> None:
    """Boundaries from the key, not from chance: a message rendered twice is the same message."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:24]
    for rank, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_{digest}_{rank}")
