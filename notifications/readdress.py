# SPDX-License-Identifier: EUPL-1.2
"""A message written to an address that was wrong, once the address is corrected: same message, new envelope and header."""

import re
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from sqlalchemy.orm import Session

from notifications.addresses import is_readable
from workflow.models import Dossier, Message, Person

TO = re.compile(rb"^To:[^\r\n]*(?:\r\n[ \t][^\r\n]*)*\r\n", re.MULTILINE | re.IGNORECASE)


def readdress(db: Session, message: Message) -> None:
    """Takes the address that the person, or the porteur's organisation, has now. Nothing changes if it is the same."""
    address = _present_address(db, message)
    if not address or address == message.recipient or not is_readable(address):
        return
    message.recipient, message.domain = address, address.rpartition("@")[2].lower()
    head, blank, text = message.body.partition(b"\r\n\r\n")
    if blank:
        message.body = TO.sub(_header(head, address), head + b"\r\n", count=1) + b"\r\n" + text


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
