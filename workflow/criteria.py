# SPDX-License-Identifier: EUPL-1.2
"""The grid of an opinion: which criteria a partner is asked, its answers read, and their mean and spread by criterion."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workflow.contracts import territory_of
from workflow.models import Dossier, Opinion
from workflow.stages import OpinionState
from workflow.territory import Criterion


@dataclass(frozen=True, slots=True)
class Spread:
    """What the partners of a round answered on one criterion, as ranks of its scale."""

    mean: float
    lowest: int
    highest: int
    answers: int


def criteria_of(opinion: Opinion) -> tuple[Criterion, ...]:
    """The rows of the grid asked of this partner on this dossier, in the order of the configuration."""
    dossier, kind = opinion.dossier, opinion.organisation.kind
    known = territory_of(dossier.contract).criteria
    return tuple(criterion for criterion in known if criterion.is_asked(dossier.theme, kind))


def read_answers(items: Iterable[str]) -> dict[str, str]:
    """Answers typed `criterion=rank`, by criterion; nothing is checked here."""
    return {code.strip(): rank.strip() for code, _, rank in (item.partition("=") for item in items)}


def ranks(items: Iterable[str]) -> dict[str, int]:
    """The same as whole ranks, once `out_of_grid` found nothing."""
    return {code: int(rank) for code, rank in read_answers(items).items()}


def out_of_grid(opinion: Opinion, items: Iterable[str]) -> list[tuple[str, str, Criterion | None]]:
    """The answers that the grid refuses: criterion, rank as typed, and the criterion when it is asked."""
    asked = {criterion.code: criterion for criterion in criteria_of(opinion)}
    found = []
    for code, rank in read_answers(items).items():
        criterion = asked.get(code)
        steps = {str(number) for number in range(len(criterion.scale))} if criterion else set()
        if rank not in steps:
            found.append((code, rank, criterion))
    return found


def spread_of(code: str, opinions: Iterable[Opinion]) -> Spread | None:
    """Mean, lowest and highest answer to one criterion among the opinions given; None when nobody answered."""
    given = [o.criteria for o in opinions if o.state == OpinionState.GIVEN and o.criteria]
    answers = [criteria[code] for criteria in given if code in criteria]
    if not answers:
        return None
    return Spread(sum(answers) / len(answers), min(answers), max(answers), len(answers))


def rows_of(dossier: Dossier, opinions: Iterable[Opinion]) -> list[Criterion]:
    """The criteria to show side by side: those asked of somebody, then those answered that the grid no longer has."""
    shown = list(opinions)
    asked = {criterion.code for opinion in shown for criterion in criteria_of(opinion)}
    answered = {code for opinion in shown for code in opinion.criteria or {}}
    known = {criterion.code: criterion for criterion in territory_of(dossier.contract).criteria}
    rows = [criterion for code, criterion in known.items() if code in asked | answered]
    return rows + [_gone(code) for code in sorted(answered - known.keys())]


def _gone(code: str) -> Criterion:
    """A criterion that left the configuration: its answers stay readable as ranks."""
    return Criterion(code=code, label=code, scale=("0", "1"))


def worded(criteria: Mapping[str, Any] | None, known: Iterable[Criterion]) -> list[tuple[str, str]]:
    """Answers as label and word, those of criteria that left the grid included."""
    answers = dict(criteria or {})
    rows = [(c.label, c.word(answers.pop(c.code))) for c in known if c.code in answers]
    return rows + [(code, str(rank)) for code, rank in answers.items()]
