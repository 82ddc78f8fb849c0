# SPDX-License-Identifier: EUPL-1.2
"""Stored documents joined to messages by their number: a message row carries a stand-in, the file enters when it leaves.

A thousand convocations with one file keep it once; their rows stay small to claim and to note.
"""

import hashlib
from base64 import b64encode, encodebytes
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from notifications.errors import PermanentError
from workflow.models import Document, Message


def stand_in(document: Document) -> bytes:
    """What is written in the place of this document: its own digest, so that bytes tell which file they stand for."""
    return bytes.fromhex(document.sha256)


class Papers:
    """The files of the messages at hand, read and encoded once however many people receive them."""

    def __init__(self) -> None:
        self._held: dict[int, tuple[bytes, bytes]] = {}  # number → what stands for it, what it is
        self._wanted: set[int] = set()

    def hold(self, db: Session, numbers: Iterable[int]) -> None:
        """Reads the documents of these numbers that are not at hand; nothing is said of one missing.

        Those asked the time before are kept: a message of that batch may not have begun to leave.
        """
        wanted = set(numbers)
        kept = {number: held for number, held in self._held.items() if number in wanted | self._wanted}
        missing = wanted - kept.keys()
        if missing:
            rows = db.execute(select(Document.id, Document.content).where(Document.id.in_(missing)))
            kept |= {number: _encoded(content) for number, content in rows}
        self._held, self._wanted = kept, wanted

    def joined(self, body: bytes, numbers: Sequence[int]) -> bytes:
        """The message with its files, the same bytes at each attempt. Raises PermanentError when one no longer exists."""
        return _joined(body, numbers, self._held)


def whole_body(db: Session, message: Message) -> bytes:
    """The bytes of this message as its reader receives them. Raises PermanentError when a file no longer exists."""
    papers = Papers()
    papers.hold(db, message.documents or ())
    return papers.joined(message.body, message.documents or ())


def _joined(body: bytes, numbers: Sequence[int], held: Mapping[int, tuple[bytes, bytes]]) -> bytes:
    for number in reversed(numbers):  # the last place first: files end a message
        mark, encoded = held.get(number, (b"", b""))
        before, found, after = body.rpartition(mark) if mark else (b"", b"", b"")
        if not found:
            raise PermanentError(f"Pièce jointe introuvable\u00a0: document n° {number}.")
        body = b"".join((before, encoded, after))
    return body


def _encoded(content: bytes) -> tuple[bytes, bytes]:
    mark = b64encode(hashlib.sha256(content).digest())
    return mark, encodebytes(content).rstrip(b"\n").replace(b"\n", b"\r\n")
