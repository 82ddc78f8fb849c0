# SPDX-License-Identifier: EUPL-1.2
"""One agenda item in the summary's form: the dossier as loaded, its findings, its lines, what last year gave."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from reports.summary.prepare_findings import finding_blocks
from reports.summary.structure import (
    AnswerBlock,
    CriterionBlock,
    DossierBlock,
    FundingBlock,
    Named,
    OpinionBlock,
    OrdinaryLaw,
    RecusalBlock,
    SettlementBlock,
    SuggestedAmount,
    SynthesisBlock,
)
from reports.summary.words import Words
from rules.catalogue import RULES
from rules.engine import stopping
from rules.facts import DossierFacts
from rules.money import ZERO, obtained, total
from rules.render import reason_shown
from rules.wording import NATURES
from workflow.criteria import rows_of, spread_of
from workflow.firing import Examined
from workflow.models import Dossier, FundingLine, Opinion, SeanceItem
from workflow.queries_summary import PastByAction, PastBySiren, siren_of
from workflow.stages import (
    DECISION_LABELS,
    LINE_LABELS,
    OPINION_LABELS,
    STAGE_LABELS,
    Decision,
    LineState,
    OpinionState,
    OpinionValue,
    Stage,
)
from workflow.territory import Nature

ANSWERED = {
    LineState.DECLINED: "declined",
    LineState.REFUSED: "declined",
    LineState.INELIGIBLE: "declined",
    LineState.NOT_CONCERNED: "not_concerned",
    LineState.CANCELLED: "not_concerned",
    LineState.FIRM: "obtained",
    LineState.INDICATIVE: "obtained",
    LineState.IN_KIND: "obtained",
    LineState.RETAINED: "obtained",
    LineState.GRANTED: "obtained",
}
DEAD = frozenset(state for state, answer in ANSWERED.items() if answer != "obtained")
ROLES = {"lead_instructor": "chef de file", "opinion": "avis"}
Past = tuple[dict[str, Decimal], str | None]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read in bulk for the whole agenda."""

    on: date
    words: Words
    examined: Examined
    by_action: PastByAction
    by_siren: PastBySiren
    leaving: dict[int, list[tuple[str, str]]]

    def past(self, dossier: Dossier) -> Past:
        """Granted the year before, by credit: the same action's dossier, else the porteur's awards."""
        same = self.by_action.get((dossier.action_id, dossier.year))
        if same is not None:
            return same, "dossier"
        siren = siren_of(dossier.porteur)
        awards = self.by_siren.get((siren, dossier.year)) if siren else None
        return (awards, "awards") if awards else ({}, None)


def dossier_block(item: SeanceItem, reading: Reading) -> DossierBlock:
    """The block of one item. Reads loaded rows only."""
    dossier, words = item.dossier, reading.words
    facts, findings = reading.examined[dossier.id]
    in_session = {amount.line_id: amount.amount for amount in item.amounts}
    answers = _answers(facts, words)
    lines = tuple(
        _line(line, in_session.get(line.id), reading.past(dossier), words) for line in dossier.lines
    )
    return DossierBlock(
        rank=item.rank,
        reference=dossier.reference,
        year=dossier.year,
        stage=dossier.stage,
        stage_label=STAGE_LABELS[Stage(dossier.stage)],
        porteur=dossier.porteur.name,
        porteur_siret=dossier.porteur.siret,
        title=dossier.title,
        summary=dossier.summary,
        qpv=_named(dossier.qpv, words.qpv),
        objectives=_named(dossier.objectives, words.objectives),
        theme=words.themes.get(dossier.theme, dossier.theme) if dossier.theme else None,
        lead_instructor=dossier.lead_instructor.name if dossier.lead_instructor else None,
        beneficiaries_total=dossier.beneficiaries_total,
        beneficiaries_qpv=dossier.beneficiaries_qpv,
        total_cost=dossier.total_cost,
        own_resources=dossier.own_resources,
        cpo=dossier.cpo,
        cpo_years=dossier.cpo_years,
        renewal=dossier.renewal,
        opinions=_opinions(dossier, reading.on),
        criteria=_criteria(dossier),
        citizens_opinion=dossier.citizens_opinion,
        synthesis=_synthesis(dossier, words),
        findings=finding_blocks(findings, words),
        settlements=_settlements(dossier, words),
        lines=lines,
        ordinary_law=_ordinary_law(answers),
        answers=answers,
        recusals=_recusals(item, facts, reading),
        requested=total(line.requested for line in lines),
        proposed=total(line.proposed for line in lines),
        retained=total(line.retained for line in lines),
        granted_last_year=_known_total(lines),
        decision=item.decision,
        decision_label=DECISION_LABELS[Decision(item.decision)] if item.decision else None,
        decision_reason=item.reason,
        conditions=item.conditions,
        is_blocked=bool(stopping(findings, facts)),
    )


def _named(codes: list[str] | None, labels: dict[str, str]) -> tuple[Named, ...]:
    return tuple(Named(code, labels.get(code, code)) for code in codes or ())


def _known_total(lines: tuple[FundingBlock, ...]) -> Decimal | None:
    known = [line.granted_last_year for line in lines if line.granted_last_year is not None]
    return total(known) if known else None


def _line(line: FundingLine, in_session: Decimal | None, past: Past, words: Words) -> FundingBlock:
    amounts, source = past
    last_year = amounts.get(line.key)
    return FundingBlock(
        key=line.key,
        financer=words.financer(line.financer),
        nature=NATURES.get(line.nature, line.nature),
        state=line.state,
        state_label=LINE_LABELS[LineState(line.state)],
        requested=line.requested,
        proposed=None if line.state in DEAD else line.proposed,  # a refused line no longer proposes anything
        retained=_retained(line, in_session),
        granted=line.granted,
        granted_last_year=last_year,
        last_year_source=source if last_year is not None else None,
        promised=line.promised,
        in_kind=line.in_kind,
        in_kind_value=line.in_kind_value,
        firm=line.firm,
        expected_on=line.expected_on,
        reason=reason_shown(line.reason) if line.reason else line.reason,
    )


def _retained(line: FundingLine, in_session: Decimal | None) -> Decimal | None:
    """Typed in this séance first, which may rectify another; the financer's act stands, whatever was typed."""
    return line.retained if in_session is None or line.state == LineState.GRANTED else in_session


def _opinions(dossier: Dossier, on: date) -> tuple[OpinionBlock, ...]:
    asked = [opinion for opinion in dossier.opinions if opinion.state != OpinionState.CANCELLED]
    return tuple(
        _opinion(opinion, on) for opinion in sorted(asked, key=lambda opinion: (opinion.round, opinion.id))
    )


def _opinion(opinion: Opinion, on: date) -> OpinionBlock:
    is_given = opinion.state == OpinionState.GIVEN and opinion.value is not None
    is_late = not is_given and opinion.due_on < on
    pending = "en retard" if is_late else "non rendu"
    return OpinionBlock(
        organisation=opinion.organisation.name,
        round=opinion.round,
        value=opinion.value if is_given else None,
        label=OPINION_LABELS[OpinionValue(opinion.value)] if is_given and opinion.value else pending,
        text=opinion.text,
        due_on=opinion.due_on,
        given_at=opinion.given_at,
        given_by=opinion.given_by,
        is_late=is_late,
        overdue_noted_by=opinion.overdue_noted_by,
    )


def _synthesis(dossier: Dossier, words: Words) -> SynthesisBlock | None:
    if not dossier.synthesis:
        return None
    said, value = dossier.synthesis, dossier.synthesis.get("opinion")
    suggested = said.get("suggested") or {}
    return SynthesisBlock(
        opinion=value,
        label=OPINION_LABELS[OpinionValue(value)]
        if value in set(OpinionValue)
        else str(value or "sans avis"),
        strengths=str(said.get("strengths") or ""),
        reservations=str(said.get("reservations") or ""),
        suggested=tuple(
            SuggestedAmount(key, words.line(key), Decimal(str(v))) for key, v in suggested.items()
        ),
    )


def _settlements(dossier: Dossier, words: Words) -> tuple[SettlementBlock, ...]:
    return tuple(
        SettlementBlock(
            rule=waiver.rule,
            rule_label=RULES[waiver.rule].label if waiver.rule in RULES else waiver.rule,
            kind=waiver.kind,
            line_label=words.line(waiver.line) if waiver.line else None,
            by=waiver.by,
            at=waiver.at,
            reason=waiver.reason,
        )
        for waiver in dossier.waivers
    )


def _answers(facts: DossierFacts, words: Words) -> tuple[AnswerBlock, ...]:
    """Each droit commun line, then the holders concerned that have none yet. The porteur's own share is no answer."""
    lines = [line for line in facts.lines if line.nature == Nature.DROIT_COMMUN and not line.is_own_share]
    found = [
        AnswerBlock(
            financer=line.financer,
            line_label=words.line(line.key),
            answer=ANSWERED.get(LineState(line.state), "unanswered"),
            obtained=obtained(line) or ZERO,
            in_kind=(line.in_kind_value or ZERO) if line.state == LineState.IN_KIND else ZERO,
        )
        for line in lines
    ]
    seen = {line.key for line in facts.lines}
    missing = (key for key in facts.holders_concerned if key not in seen)
    found += [AnswerBlock(key.partition(":")[0], words.line(key), "unanswered") for key in missing]
    return tuple(found)


def _ordinary_law(answers: tuple[AnswerBlock, ...]) -> OrdinaryLaw:
    lines: dict[str, list[str]] = {}
    for one in answers:
        lines.setdefault(one.answer, []).append(one.line_label)
    return OrdinaryLaw(
        obtained=total(one.obtained for one in answers),
        in_kind=total(one.in_kind for one in answers),
        obtained_lines=tuple(lines.get("obtained", ())),
        declined_lines=tuple(lines.get("declined", ())),
        not_concerned_lines=tuple(lines.get("not_concerned", ())),
        unanswered_lines=tuple(lines.get("unanswered", ())),
    )


def _criteria(dossier: Dossier) -> tuple[CriterionBlock, ...]:
    """The grid's criteria that somebody answered in the last round: a second round replaces the first."""
    last = max((opinion.round for opinion in dossier.opinions), default=1)
    opinions = [opinion for opinion in dossier.opinions if opinion.round == last and opinion.criteria]
    if not opinions:
        return ()
    found = ((row, spread_of(row.code, opinions)) for row in rows_of(dossier, opinions))
    return tuple(
        CriterionBlock(
            code=row.code,
            label=row.label,
            mean=Decimal(str(round(spread.mean, 2))),
            top=max(len(row.scale) - 1, spread.highest),
            lowest=spread.lowest,
            highest=spread.highest,
            answers=spread.answers,
        )
        for row, spread in found
        if spread is not None
    )


def _recusals(item: SeanceItem, facts: DossierFacts, reading: Reading) -> tuple[RecusalBlock, ...]:
    found = [RecusalBlock(who, where, ROLES.get(role, role)) for who, where, role in facts.recusals]
    found += [
        RecusalBlock(who, where, "membre de la séance") for who, where in reading.leaving.get(item.id, ())
    ]
    return tuple(dict.fromkeys(found))
