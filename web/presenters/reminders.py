# SPDX-License-Identifier: EUPL-1.2
"""Reminders on screen: on a dossier the last and the next of each thing awaited; in a contract what the next run will tell."""

from typing import Any

from sqlalchemy.orm import Session

from notifications.due.news import TOPICS
from notifications.due.preview import Reminder, Upcoming, reminders_shown
from reports.summary.words import Words
from workflow.awaited import ANSWER, COMPLETION, CONVENTION, INTERIM, OPINION, REPORT
from workflow.models import Dossier, Person
from workflow.models.dossier import FundingLine

WHAT = {
    OPINION: "Avis",
    COMPLETION: "Compléments du porteur",
    REPORT: "Bilan et compte rendu financier",
    INTERIM: "Bilan intermédiaire",
    CONVENTION: "Convention à signer",
}


def reminder_rows(db: Session, dossier: Dossier, words: Words, now: Any) -> list[dict[str, Any]]:
    """Each thing awaited: who owes it, by when, the last reminder (when, to whom), the next one."""
    return [
        {
            "what": _what(db, one, words),
            "owner": one.owner,
            "due_on": one.due.item.due_on,
            "last": one.last,
            "last_to": ", ".join(one.last_to),
            "asked_last": one.asks_last,
            "next": one.next,
            "asked_next": one.asks_next,
            "next_to": ", ".join(one.next_to),
        }
        for one in reminders_shown(db, dossier, now)
    ]


def _what(db: Session, one: Reminder, words: Words) -> str:
    if one.due.item.about == ANSWER:
        return f"Réponse de droit commun ({words.line(db.get_one(FundingLine, one.due.item.about_id).key)})"
    return WHAT[one.due.item.about]


def upcoming_rows(found: list[Upcoming]) -> list[dict[str, Any]]:
    """What each recipient will be told, with the address of its preview."""
    ranks: dict[str, int] = {}
    rows = []
    for one in found:
        rank = ranks[one.code] = ranks.get(one.code, 0) + 1
        rows.append(
            {
                "name": one.name,
                "kind": one.kind,
                "count": len(one.notices),
                "link": f"/messages/prochains/{one.code}/{rank}",
            }
        )
    return rows


def chosen(found: list[Upcoming], code: str, rank: int) -> Upcoming | None:
    """The one that such an address names."""
    own = [one for one in found if one.code == code]
    return own[rank - 1] if 1 <= rank <= len(own) else None


def topics_of(person: Person) -> list[tuple[str, str, bool]]:
    """Each topic of news, and whether the person receives it."""
    muted = set(person.muted.split())
    return [(topic, label, topic not in muted) for topic, label in TOPICS.items()]
