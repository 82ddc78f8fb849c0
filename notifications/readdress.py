# SPDX-License-Identifier: EUPL-1.2
"""A message written to an address that was wrong, once the address is corrected: same text and papers, new recipient.

The calendar entry keeps its UID and SEQUENCE: it is the same séance. The Message-ID changes with the recipient, for ever
the same for one address: a second copy to one person is recognised, a mail to somebody else is another mail.
"""

import re
from base64 import encodebytes
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from sqlalchemy.orm import Session

from notifications.addresses import is_readable
from notifications.calendar import with_attendee
from notifications.render import message_id
from workflow.models import Dossier, Message, Person

HEADER = rb"^%s:[^\r\n]*(?:\r\n[ \t][^\r\n]*)*\r\n"
TO = re.compile(HEADER % b"To", re.MULTILINE | re.IGNORECASE)
IDENTIFIER = re.compile(HEADER % b"Message-ID", re.MULTILINE | re.IGNORECASE)


def readdress(db: Session, message: Message) -> None:
    """Takes the address that the person, or the porteur's organisation, has now. Nothing changes if it is the same."""
    address = _present_address(db, message)
    if not address or address == message.recipient or not is_readable(address):
        return
    message.recipient, message.domain = address, address.rpartition("@")[2].lower()
    message.message_id = message_id(
        f"{message.key}:{address}", message.message_id.strip("<>").partition("@")[2]
    )
    head, blank, text = message.body.partition(b"\r\n\r\n")
    if blank:
        text = _invited(message.body, text, address)
        head = TO.sub(_header(head, address), head + b"\r\n", count=1)
        head = IDENTIFIER.sub(f"Message-ID: {message.message_id}\r\n".encode(), head, count=1)
        message.body = head + b"\r\n" + text


def _present_address(db: Session, message: Message) -> str | None:
    if message.person_id is not None:
        person = db.get(Person, message.person_id)
        return person.email if person and person.is_active else None
    kind, _, number = (message.subject_ref or "").partition(":")
    if kind != "dossier" or not number.isdigit():
        return None
    dossier = db.get(Dossier, int(number))
    return dossier.porteur.email if dossier else None


def _header(head: bytes, address: str) -> bytes:
    """The header with the same name and the new address."""
    written = message_from_bytes(head + b"\r\n\r\n", policy=SMTP)["To"]
    name = written.addresses[0].display_name if written is not None and written.addresses else ""
    line = EmailMessage(policy=SMTP)
    line["To"] = Address(name, addr_spec=address)
    return line.as_bytes().partition(b"\r\n\r\n")[0] + b"\r\n"


def _invited(whole: bytes, text: bytes, address: str) -> bytes:
    """The text of the message, its calendar entry inviting the new address wherever it is written."""
    parts = message_from_bytes(whole, policy=SMTP).walk()
    entries = {part.get_payload(decode=True) for part in parts if part.get_content_type() == "text/calendar"}
    for entry in entries:
        if isinstance(entry, bytes):
            text = text.replace(_encoded(entry), _encoded(with_attendee(entry, address)))
    return text


def _encoded(content: bytes) -> bytes:
    return encodebytes(content).rstrip(b"\n").replace(b"\n", b"\r\n")
