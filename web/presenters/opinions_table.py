# SPDX-License-Identifier: EUPL-1.2
"""Opinions side by side: a column per partner, a row per criterion with mean and spread; the synthesis beside them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from reports.summary.words import words_of
from web.presenters.dossier import heading
from web.presenters.drafts import take_up
from web.presenters.opinions import cancel_form, citizens_form, mean_shown, overdue_form, standing
from web.presenters.reader import Reader
from web.presenters.synthesis import synthesis_form, synthesis_view, written_at
from workflow.contracts import territory_of
from workflow.criteria import Spread, criteria_of, rows_of, spread_of
from workflow.drafts import drafts_on
from workflow.models import Dossier, Opinion
from workflow.stages import OpinionState
from workflow.territory import Criterion


def opinions_view(db: Session, dossier: Dossier, reader: Reader, chosen: int | None = None) -> dict[str, Any]:
    """Everything the page shows. `chosen`: a draft of the synthesis to take up."""
    words = words_of(territory_of(dossier.contract))
    form, drafts = synthesis_form(dossier, words, reader), None
    if form is not None:
        since = written_at(dossier)
        form, drafts = take_up(form, drafts_on(db, dossier, reader.actor), reader, chosen=chosen, since=since)
    numbers = sorted({opinion.round for opinion in dossier.opinions}, reverse=True)
    rounds = [_round(dossier, number, reader) for number in numbers]
    return heading(dossier) | {
        "rounds": rounds,
        "mine": [o for o in (rounds[0]["columns"] if rounds else ()) if o["is_mine"]],
        "synthesis": synthesis_view(dossier, words),
        "form": form,
        "drafts": drafts,
        "lines": {
            f"suggested-{line.id}": {"label": words.line(line.key), "requested": line.requested}
            for line in dossier.lines
        },
        "citizens_form": citizens_form(dossier, reader),
    }


def _round(dossier: Dossier, number: int, reader: Reader) -> dict[str, Any]:
    opinions = [o for o in dossier.opinions if o.round == number]
    live = [o for o in opinions if o.state != OpinionState.CANCELLED]
    asked = {o.id: {criterion.code for criterion in criteria_of(o)} for o in live}
    return {
        "round": number,
        "current": number == dossier.round,
        "columns": [_column(opinion, reader) for opinion in live],
        "cancelled": [o.organisation.name for o in opinions if o.state == OpinionState.CANCELLED],
        "criteria": [_row(criterion, live, asked) for criterion in rows_of(dossier, live)],
        "given": sum(o.state == OpinionState.GIVEN for o in live),
    }


def _column(opinion: Opinion, reader: Reader) -> dict[str, Any]:
    forms = (overdue_form(opinion, reader), cancel_form(opinion, reader))
    return standing(opinion, reader) | {"overdue_form": forms[0], "cancel_form": forms[1]}


def _row(criterion: Criterion, opinions: Sequence[Opinion], asked: dict[int, set[str]]) -> dict[str, Any]:
    spread = spread_of(criterion.code, opinions)
    return {
        "label": criterion.label,
        "help": criterion.help,
        "cells": [_cell(criterion, opinion, asked[opinion.id]) for opinion in opinions],
        "mean": mean_shown(spread) if spread else "",
        "last": len(criterion.scale) - 1,
        "spread": _spread(criterion, spread) if spread else "",
        "answers": spread.answers if spread else 0,
    }


def _cell(criterion: Criterion, opinion: Opinion, asked: set[str]) -> dict[str, str]:
    """The word chosen, its rank when the word is no number; else why there is none."""
    rank = (opinion.criteria or {}).get(criterion.code)
    if rank is not None:
        word = criterion.word(rank)
        return {"word": word, "rank": "" if word == str(rank) else str(rank)}
    if criterion.code not in asked:
        return {"word": "", "why": "non demandé"}
    return {"word": "", "why": "sans réponse" if opinion.state == OpinionState.GIVEN else "attendu"}


def _spread(criterion: Criterion, spread: Spread) -> str:
    """How far apart the answers are; one alone is no agreement."""
    if spread.answers == 1:
        return "une seule réponse"
    if spread.lowest == spread.highest:
        return f"tous d’accord ({spread.answers} réponses)"
    ends = (criterion.word(spread.lowest), criterion.word(spread.highest))
    return f"de {ends[0]} à {ends[1]} ({spread.answers} réponses)"
