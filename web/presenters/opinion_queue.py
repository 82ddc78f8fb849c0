# SPDX-License-Identifier: EUPL-1.2
"""The list of opinions to give, and after one is given the next: late first, with progress."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from web.presenters.queue import (
    PER_PAGE,
    WHOSE,
    due_day,
    due_words,
    left_to_colleagues,
    queue_pages,
    read_words,
    whose,
)
from web.presenters.reader import Reader
from web.presenters.stages import opinion_tone
from workflow.contracts import territory_of
from workflow.models import Contract, Opinion
from workflow.queries_opinions import (
    OpinionFilters,
    OpinionRow,
    count_opinions,
    next_opinion,
    own_drafts,
    page_of_opinions,
)
from workflow.stages import OPINION_LABELS, OpinionState, OpinionValue

STATES: Mapping[str, bool | None] = {"": False, "rendus": True, "tous": None}
STATE_CHOICES = (("", "À rendre"), ("rendus", "Rendus"), ("tous", "À rendre et rendus"))
NAMES = ("qui", "etat", "theme", "retard", "q", "page")


def opinion_queue(
    db: Session, contract: Contract, query: Mapping[str, str], reader: Reader
) -> dict[str, Any]:
    """The list as its address asks for it: a constant number of statements."""
    territory = territory_of(contract)
    address = read_words("/avis", query, NAMES)
    words = address.words
    filters = OpinionFilters(
        whose(address, reader.actor, contract),
        address.chosen("etat", STATES),
        reader.today if words.get("retard") else None,
        words.get("theme"),
        words.get("q", ""),
        left_to_colleagues(address, reader.actor),
    )
    count = count_opinions(db, contract, filters, reader.today)
    pages = queue_pages(address, count.total)
    rows = page_of_opinions(db, contract, filters, offset=(pages["page"] - 1) * PER_PAGE, limit=PER_PAGE)
    drafts = own_drafts(db, reader.actor.person_id, [f"opinion:{row.id}" for row in rows])
    themes = {theme.code: theme.label for theme in territory.themes}
    return {
        "address": address,
        "words": {name: words.get(name, "") for name in NAMES},
        "whose": WHOSE,
        "states": STATE_CHOICES,
        "themes": [("", "Tous"), *themes.items()],
        "is_filtered": any(words.get(name) for name in ("theme", "retard", "q")),
        "speaks": bool(reader.actor.voices(contract.id)),
        "rows": [_row(row, reader, themes, drafts) for row in rows],
        "count": count.total,
        "late": count.late,
        "pages": pages,
        "progress": progress(db, contract, reader),
    }


def _row(
    row: OpinionRow, reader: Reader, themes: Mapping[str, str], drafts: Mapping[str, Any]
) -> dict[str, Any]:
    given = row.state == OpinionState.GIVEN
    due, tone = due_words(row.due_on, reader.today)
    return {
        "row": row,
        "address": f"/dossiers/{row.dossier_id}/avis/{row.id}",
        "theme": themes.get(row.theme or "", ""),
        "due": "" if given else due,
        "due_on": due_day(row.due_on),
        "due_tone": tone,
        "label": OPINION_LABELS[OpinionValue(row.value)] if given and row.value else "",
        "tone": opinion_tone(row.value),
        "draft": drafts.get(f"opinion:{row.id}"),
        "is_concerned": row.porteur_id in reader.actor.interests,
    }


def progress(db: Session, contract: Contract, reader: Reader) -> dict[str, int]:
    """Of the opinions asked of this person's organisations in the running rounds: how many are given, of those still awaited or given."""
    mine = OpinionFilters(reader.actor.voices(contract.id), given=None, but=reader.actor.interests)
    count = count_opinions(db, contract, mine, reader.today)
    return {"total": count.given + count.owed, "given": count.given, "late": count.late}


def next_box(db: Session, contract: Contract, reader: Reader, opinion: Opinion) -> dict[str, Any] | None:
    """For the people of the organisation consulted: where they are in their list, and the next one."""
    if not reader.actor.speaks_for(opinion.organisation_id, contract.id):
        return None
    row = next_opinion(db, contract, reader.actor, but=opinion.id)
    due = due_words(row.due_on, reader.today)[0] if row else ""
    return progress(db, contract, reader) | {"next": row._asdict() if row else None, "due": due}
