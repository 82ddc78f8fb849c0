# SPDX-License-Identifier: EUPL-1.2
"""What the agenda is read beside: each partner's droit commun, the other years, the adopted scenario, the last séance."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from reports.summary.figures import AdoptedBlock, PartnerBlock, PastSeanceBlock, YearBlock
from reports.summary.frozen import amounts_of
from reports.summary.structure import AnswerBlock, DossierBlock
from reports.summary.words import Words
from rules import wording
from rules.money import ZERO, total
from workflow.arbitration.wording import status_sentence
from workflow.models import Contract, Scenario
from workflow.queries_comparison import PastSeance, forecast_sums
from workflow.queries_programme import YearSums, years_compared
from workflow.queries_summary import YearRead
from workflow.stages import DECISION_LABELS, Decision


def partner_blocks(
    blocks: Iterable[DossierBlock], years: Sequence[YearRead], words: Words
) -> tuple[PartnerBlock, ...]:
    """Every partner asked on the agenda, or whose droit commun is in the programme this year or the year before."""
    answers: dict[str, list[AnswerBlock]] = {}
    for block in blocks:
        for answer in block.answers:
            answers.setdefault(answer.financer, []).append(answer)
    programme = _summed(one.programme.ordinary_by_financer for one in years)
    before = [one.before.ordinary_by_financer for one in years if one.before]
    past = _summed(before)
    found = [
        _partner(
            code,
            words.financer(code),
            answers.get(code, []),
            programme.get(code, ZERO),
            past.get(code, ZERO) if before else None,
        )
        for code in {*answers, *programme, *past}
    ]
    return tuple(sorted(found, key=lambda one: (-one.obtained, -one.programme, one.label)))


def _summed(years: Iterable[Mapping[str, Decimal]]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for year in years:
        for code, amount in year.items():
            found[code] = found.get(code, ZERO) + amount
    return found


def _partner(
    code: str, label: str, answers: list[AnswerBlock], programme: Decimal, last_year: Decimal | None
) -> PartnerBlock:
    said = [answer.answer for answer in answers]
    return PartnerBlock(
        code=code,
        label=label,
        asked=len(said) - said.count("not_concerned"),
        unanswered=said.count("unanswered"),
        declined=said.count("declined"),
        obtained=total(answer.obtained for answer in answers),
        in_kind=total(answer.in_kind for answer in answers),
        programme=programme,
        last_year=last_year,
    )


def year_blocks(db: Session, contract: Contract, read: Iterable[YearRead]) -> tuple[YearBlock, ...]:
    """Every year known: granted or retained, what the agenda would add to its own, what conventions forecast later."""
    known = {one.year: one for one in years_compared(db, contract)}
    added = {one.programme.year: one.together.granted - one.programme.granted for one in read}
    forecasts = forecast_sums(db, contract)
    blocks = []
    for year in sorted({*known, *added, *forecasts}):
        sums, (actions, forecast) = known.get(year, YearSums(year)), forecasts.get(year, (0, ZERO))
        blocks.append(
            YearBlock(
                year, sums.actions, sums.granted, sums.ordinary, added.get(year, ZERO), forecast, actions
            )
        )
    return tuple(blocks)


def adopted_block(scenario: Scenario | None) -> AdoptedBlock | None:
    """The scenario that became the proposal."""
    if scenario is None or scenario.adopted_at is None:
        return None
    return AdoptedBlock(scenario.name, scenario.note, scenario.adopted_at, statement_of(scenario.solution))


def statement_of(solution: Mapping[str, Any] | None) -> str | None:
    """What the solver says in one sentence, as its page does: how sure it is, the gap that is not proved; None by hand."""
    if solution is None:
        return None
    gap = Decimal(solution["gap"])
    within = f" (écart {wording.percent(gap, 2)} au plus)" if gap else ""
    return f"{status_sentence(solution['status']).capitalize()}{within}."


def past_seance_block(found: PastSeance | None) -> PastSeanceBlock | None:
    """The séance before this one, its amounts as frozen that day, its decisions in the order in which they are offered."""
    if found is None:
        return None
    today = (found.requested, found.proposed, found.retained)
    requested, proposed, retained = amounts_of(found.frozen) if found.frozen else today
    counts = ((DECISION_LABELS[one], found.decisions.get(one, 0)) for one in Decision)
    return PastSeanceBlock(
        label=found.label,
        starts_at=found.starts_at,
        dossiers=found.dossiers,
        decisions=tuple((label, number) for label, number in counts if number),
        requested=requested,
        proposed=proposed,
        retained=retained,
        again=found.again,
    )
