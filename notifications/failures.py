# SPDX-License-Identifier: EUPL-1.2
"""Messages that will not leave by themselves: why, who can act, and what to do; each cause said once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from workflow.models import Message

RETRY = "puis relancer le message, sur la page Messages ou par « coinstruction outbox retry CLÉ »"
RECALLED = timedelta(days=30)
NO_ADDRESS = ("aucune adresse connue", "adresse illisible")


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause; `form` recognises it in the reason of a message."""

    form: re.Pattern[str]
    label: str
    who: str
    what: str


def _cause(form: str, label: str, who: str, what: str) -> Cause:
    return Cause(re.compile(form), label, who, what)


CAUSES = (
    _cause(
        r"^(aucune adresse connue|adresse illisible)",
        "destinataire sans adresse lisible",
        "le secrétariat",
        "enregistrer son adresse : elle servira aux prochains messages, et prévenir d’ici là par un autre moyen",
    ),
    _cause(
        r" : 55[0-9] 5\.2\.[0-9]| : 552 | 5\.3\.4",
        "boîte pleine, ou message trop lourd pour elle",
        "le secrétariat",
        f"prévenir la personne par un autre moyen, {RETRY}",
    ),
    _cause(
        r" : 5\d\d 5\.7\.| : 554 ",
        "envoi refusé par principe (règles du serveur destinataire)",
        "l’administrateur",
        f"lire le motif, régler l’expéditeur ou le relais avec l’hébergeur du courrier, {RETRY}",
    ),
    _cause(
        r"^Refusé définitivement",
        "adresse refusée par le serveur du destinataire",
        "le secrétariat",
        f"vérifier l’adresse auprès de la personne, la corriger sur sa fiche, {RETRY} : il part à la nouvelle adresse",
    ),
    _cause(
        r"^(Refusé pour l’instant|Le serveur de messagerie)",
        "abandonnés après des essais répétés",
        "l’administrateur",
        f"lire le motif, vérifier le serveur destinataire, {RETRY}",
    ),
)
OTHER = _cause(
    "",
    "message impossible à écrire",
    "le secrétariat",
    f"corriger ce que le motif nomme, {RETRY}",
)


@dataclass(frozen=True, slots=True)
class Failure:
    """One cause, and the messages that it stops."""

    cause: Cause
    messages: Sequence[Message]


def cause_of(message: Message) -> Cause:
    """Why this message does not leave."""
    reason = message.reason or ""
    return next((cause for cause in CAUSES if cause.form.search(reason)), OTHER)


def list_failures(db: Session, now: datetime, contract_id: int | None = None) -> list[Failure]:
    """What a person must look at, by cause, the most frequent first; a missing address is recalled for a month."""
    addressless = [Message.reason.startswith(words) for words in NO_ADDRESS]
    lately = Message.created_at >= now - RECALLED
    query = (
        select(Message)
        .where(or_(Message.state == "failed", and_(Message.state == "skipped", lately, or_(*addressless))))
        .order_by(Message.id)
    )
    if contract_id is not None:
        query = query.where(Message.contract_id == contract_id)
    found: dict[Cause, list[Message]] = {}
    for message in db.scalars(query):
        found.setdefault(cause_of(message), []).append(message)
    return sorted((Failure(*pair) for pair in found.items()), key=lambda each: -len(each.messages))
