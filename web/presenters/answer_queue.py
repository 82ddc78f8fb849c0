# SPDX-License-Identifier: EUPL-1.2
"""The list of answers a financer owes, and after one is given the next: late first, with progress."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from reports.summary.words import Words, words_of
from rules.wording import NATURES
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
from web.presenters.stages import line_tone
from workflow.contracts import territory_of
from workflow.models import Contract, FundingLine
from workflow.queries_answers import AnswerFilters, AnswerRow, count_answers, next_answer, page_of_answers
from workflow.stages import LINE_LABELS, STAGE_LABELS, LineState, Stage
from workflow.territory import Nature

STATES: Mapping[str, bool | None] = {"": False, "donnees": True, "toutes": None}
STATE_CHOICES = (("", "À donner"), ("donnees", "Données"), ("toutes", "À donner et données"))
# An answer is owed on ordinary law; on a specific credit its financer proposes an amount.
NATURE_ASKED: Mapping[str, str | None] = {"specifique": Nature.SPECIFIQUE, "tous": None}
NATURE_CHOICES = (
    ("", "Droit commun, réponse due"),
    ("specifique", "Crédits spécifiques, montant à proposer"),
    ("tous", "Tous"),
)
NAMES = ("qui", "etat", "nature", "retard", "q", "page")


def answer_queue(db: Session, contract: Contract, query: Mapping[str, str], reader: Reader) -> dict[str, Any]:
    """The list as its address asks for it: a constant number of statements."""
    address = read_words("/reponses", query, NAMES)
    words = address.words
    filters = AnswerFilters(
        whose(address, reader.actor, contract),
        address.chosen("etat", STATES),
        reader.today if words.get("retard") else None,
        NATURE_ASKED.get(words.get("nature", ""), Nature.DROIT_COMMUN),
        words.get("q", ""),
        left_to_colleagues(address, reader.actor),
    )
    count, _, late = count_answers(db, contract, filters, reader.today)
    pages = queue_pages(address, count)
    rows = page_of_answers(db, contract, filters, offset=(pages["page"] - 1) * PER_PAGE, limit=PER_PAGE)
    names = words_of(territory_of(contract))
    return {
        "address": address,
        "words": {name: words.get(name, "") for name in NAMES},
        "whose": WHOSE,
        "states": STATE_CHOICES,
        "natures": NATURE_CHOICES,
        "is_filtered": any(words.get(name) for name in ("nature", "retard", "q")),
        "speaks": bool(reader.actor.voices(contract.id)),
        "rows": [_row(row, reader, names) for row in rows],
        "count": count,
        "late": late,
        "pages": pages,
        "progress": progress(db, contract, reader),
    }


def _row(row: AnswerRow, reader: Reader, words: Words) -> dict[str, Any]:
    due, tone = due_words(row.due_on, reader.today)
    awaited = row.state == LineState.ASKED
    return {
        "row": row,
        "address": f"/dossiers/{row.dossier_id}/lignes/{row.id}",
        "financer": words.financer(row.financer),
        "nature": NATURES.get(row.nature, row.nature),
        "stage": STAGE_LABELS[Stage(row.stage)],
        "state": LINE_LABELS[LineState(row.state)],
        "tone": line_tone(row.state),
        "due": due if awaited else "",
        "due_on": due_day(row.due_on),
        "due_tone": tone,
    }


def progress(db: Session, contract: Contract, reader: Reader) -> dict[str, int]:
    """Of the lines asked of this person's organisations: how many are answered."""
    mine = AnswerFilters(reader.actor.voices(contract.id), answered=None, but=reader.actor.interests)
    total, answered, late = count_answers(db, contract, mine, reader.today)
    return {"total": total, "given": answered, "late": late}


def next_answer_box(db: Session, line: FundingLine, reader: Reader) -> dict[str, Any] | None:
    """For the financer's own people: where they are in their list, and the next line."""
    contract = line.dossier.contract
    if not reader.actor.speaks_for(line.credit.organisation_id, contract.id):
        return None
    row = next_answer(db, contract, reader.actor, but=line.id)
    due = due_words(row.due_on, reader.today)[0] if row else ""
    return progress(db, contract, reader) | {"next": row._asdict() if row else None, "due": due}
