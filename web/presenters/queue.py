# SPDX-License-Identifier: EUPL-1.2
"""What both lists of things to give share: words of their address, filters, pages, days late in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from rules import wording
from web.pages import counted
from web.paging import pages_of
from workflow.models import Contract
from workflow.permissions import Actor

PER_PAGE = 60
WHOSE = (("", "Les miens"), ("tous", "Tous les organismes"))


@dataclass(frozen=True, slots=True)
class QueueAddress:
    """The address of a list, ready to be changed by one word."""

    path: str
    words: Mapping[str, str]

    def with_(self, **changes: str) -> str:
        """The same list with these words changed; an empty word is dropped."""
        merged = {k: v for k, v in {**self.words, **changes}.items() if v}
        return f"{self.path}?{urlencode(merged)}" if merged else self.path

    @property
    def is_everybody(self) -> bool:
        """True for the list of every organisation."""
        return self.words.get("qui") == "tous"

    def chosen(self, name: str, words: Mapping[str, bool | None]) -> bool | None:
        """What a word of the address means; unknown, it means the first."""
        return words.get(self.words.get(name, ""), next(iter(words.values())))


def read_words(path: str, query: Mapping[str, str], names: tuple[str, ...]) -> QueueAddress:
    """The known words of a query string."""
    typed = {name: query.get(name, "").replace("\x00", "").strip()[:200] for name in names}
    return QueueAddress(path, {name: text for name, text in typed.items() if text})


def whose(address: QueueAddress, actor: Actor, contract: Contract) -> frozenset[int] | None:
    """The organisations of the list: those the person speaks for, or every one."""
    return None if address.is_everybody else actor.voices(contract.id)


def left_to_colleagues(address: QueueAddress, actor: Actor) -> frozenset[int]:
    """In one's own list, the porteurs whose dossiers a colleague answers: those one holds something at."""
    return frozenset() if address.is_everybody else actor.interests


def queue_pages(address: QueueAddress, count: int) -> dict[str, Any]:
    """Where this page stands, and its neighbours."""
    return pages_of(
        address.words.get("page", ""), count, PER_PAGE, lambda rank: address.with_(page=str(rank))
    )


def due_words(due: date | None, today: date) -> tuple[str, str]:
    """When it is due and its tone: « en retard de 4 jours », « aujourd’hui », « dans 3 jours »."""
    if due is None:
        return "sans échéance", "quiet"
    days = (due - today).days
    if days < 0:
        return f"en retard de {counted(-days, 'jour')}", "bad"
    if days == 0:
        return "aujourd’hui", "wait"
    return f"dans {counted(days, 'jour')}", "wait" if days <= 5 else "quiet"


def due_day(due: date | None) -> str:
    """The day itself, when there is one."""
    return wording.day(due) if due else ""
