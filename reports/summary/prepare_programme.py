# SPDX-License-Identifier: EUPL-1.2
"""The programme's figures, computed by the rules, in the summary's form."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from reports.summary.figures import (
    ContinuityBlock,
    CpoBlock,
    EnvelopeBlock,
    LeverageBlock,
    ObjectiveBlock,
    PochesBlock,
    ProgrammeBlock,
    QpvBlock,
    TogetherBlock,
)
from reports.summary.prepare_findings import finding_blocks
from reports.summary.structure import DossierBlock
from reports.summary.words import Words
from rules.complementarity import Group
from rules.continuity import Continuity
from rules.findings import Finding
from rules.money import CENT, ZERO, total
from rules.programme import ProgrammeFigures
from rules.themes.envelope import DEPARTEMENT, EnvelopeFigures
from rules.themes.poches import PochesBalance
from rules.wording import public_word
from workflow.envelope_facts import DEAD
from workflow.models import SeanceItem
from workflow.queries_summary import YearRead
from workflow.stages import LineState
from workflow.territory import Territory
from workflow.typed_amounts import MAY_COUNT, added_by

GROUPS = 5  # how many groups of actions to bring together are shown
SETTLED = DEAD | {LineState.RETAINED, LineState.GRANTED}
STATUSES = {"none": "aucune", "provisional": "provisoire", "notified": "notifiée"}


def programme_block(
    figures: ProgrammeFigures, findings: Iterable[Finding], territory: Territory, words: Words
) -> ProgrammeBlock:
    """One programme year."""
    coverage = figures.coverage
    located = coverage.total - coverage.unlocated
    return ProgrammeBlock(
        year=figures.year,
        actions=figures.actions,
        granted=figures.granted,
        cpo=_cpo(figures),
        qpv_share=float(located / coverage.total) if coverage.total else None,
        qpv=_qpv(figures, words),
        per_resident=_per_resident(figures),
        objectives=_objectives(figures, territory, words),
        leverage=LeverageBlock(figures.leverage.specific, figures.leverage.others, figures.leverage.ratio),
        ordinary_law=figures.ordinary,
        ordinary_law_share=figures.ordinary_share,
        unclassified=figures.unclassified.actions,
        findings=finding_blocks(findings, words),
        poches=_poches(figures.poches),
        continuity=_continuity(figures.continuity),
        together=tuple(_together(group, words) for group in figures.groups[:GROUPS]),
    )


@dataclass(frozen=True, slots=True)
class YearFigures:
    """The blocks of each year, as the summary holds them."""

    agenda: tuple[ProgrammeBlock, ...]
    programmes: tuple[ProgrammeBlock, ...]
    together: tuple[ProgrammeBlock, ...]
    last_year: tuple[ProgrammeBlock, ...]

    @classmethod
    def of(cls, years: Iterable[YearRead], territory: Territory, words: Words) -> "YearFigures":
        """The agenda is not a whole year, and the year before is shown by its figures alone: neither has continuity."""

        def block(figures: ProgrammeFigures, findings: Iterable[Finding] = ()) -> ProgrammeBlock:
            return programme_block(figures, findings, territory, words)

        read = list(years)
        return cls(
            agenda=tuple(replace(block(one.agenda), continuity=None) for one in read),
            programmes=tuple(block(one.programme, one.findings) for one in read),
            together=tuple(replace(block(one.together), continuity=None, together=()) for one in read),
            last_year=tuple(
                replace(block(one.before), continuity=None, together=()) for one in read if one.before
            ),
        )


def _continuity(found: Continuity | None) -> ContinuityBlock | None:
    if found is None:
        return None
    return ContinuityBlock(
        year=found.year,
        previous=found.previous,
        continued=len(found.continued),
        dropped=len(found.dropped),
        dropped_granted=found.dropped_granted,
        new=len(found.new),
        new_granted=found.new_granted,
    )


def _together(group: Group, words: Words) -> TogetherBlock:
    return TogetherBlock(
        qpv=tuple(words.qpv.get(code, code) for code in group.qpv),
        theme=words.themes.get(group.theme) or words.objectives.get(group.theme, group.theme),
        public=None if group.public is None else public_word(group.public),
        references=group.references,
        amount=group.granted,
    )


def _poches(found: PochesBalance) -> PochesBlock | None:
    if not found.retained:
        return None
    figures = found.figures
    return PochesBlock(
        poches=found.retained,
        contribution=figures.contribution,
        at_most=figures.at_most,
        unknown_actions=figures.unknown_actions,
        cap=found.cap,
    )


def _cpo(programme: ProgrammeFigures) -> CpoBlock:
    figures = programme.cpo
    return CpoBlock(
        actions=figures.total,
        cpo_actions=figures.actions,
        share_actions=figures.share_actions,
        granted=figures.total_granted,
        cpo_granted=figures.granted,
        share_granted=figures.share_granted,
        target=figures.target,
        met=figures.met,
        missing_actions=figures.missing_actions,
        missing_new_actions=figures.missing_new_actions,
        projected_actions=programme.projected.actions,
        projected_share=programme.projected.with_programme.share_actions,
    )


def _qpv(figures: ProgrammeFigures, words: Words) -> tuple[QpvBlock, ...]:
    rows = [
        QpvBlock(
            item.code,
            words.qpv.get(item.code, item.code),
            item.population,
            item.actions,
            item.amount,
            item.per_resident,
        )
        for item in figures.coverage.qpv
    ]
    return tuple(sorted(rows, key=lambda row: (-row.amount, row.code)))


def _per_resident(figures: ProgrammeFigures) -> Decimal | None:
    known = [row for row in figures.coverage.qpv if row.population]
    residents = sum(row.population or 0 for row in known)
    return (total(row.amount for row in known) / residents).quantize(CENT) if residents else None


def _objectives(figures: ProgrammeFigures, territory: Territory, words: Words) -> tuple[ObjectiveBlock, ...]:
    """Invested objectives, and the operational ones nobody invests in; an axis is shown only if named by a dossier."""
    leaves = {
        leaf.code
        for axis in territory.framework
        for general in axis.objectives
        for leaf in general.operational or (general,)
    }
    rows = [
        ObjectiveBlock(item.code, words.objectives.get(item.code, item.code), item.actions, item.amount)
        for item in figures.objectives
        if item.actions or item.code in leaves
    ]
    return tuple(sorted(rows, key=lambda row: (-row.amount, -row.actions, row.code)))


@dataclass(slots=True)
class Agenda:
    """What the agenda does to one credit of one year. `pending`: not yet taken from the envelope."""

    proposed: Decimal = ZERO
    retained: Decimal = ZERO
    pending: Decimal = ZERO


def on_credits(items: Sequence[SeanceItem], blocks: Sequence[DossierBlock]) -> dict[tuple[str, int], Agenda]:
    """By credit and year. What is typed counts as the closing will count it; of an item not decided yet, else its proposals."""
    found: defaultdict[tuple[str, int], Agenda] = defaultdict(Agenda)
    for block in blocks:
        for line in block.lines:
            found[line.key, block.year].proposed += line.proposed or ZERO
            found[line.key, block.year].retained += line.retained or ZERO
    ahead = [item for item in items if item.applied_at is None and item.decision in MAY_COUNT]
    typed = [(one.line, one.amount) for item in ahead for one in item.amounts]
    for key, sums in added_by(typed).items():
        found[key].pending += sums.added
    seen = {line.id for line, _ in typed}
    undecided = (line for item in ahead if item.decision is None for line in item.dossier.lines)
    for one in undecided:
        if one.id not in seen and one.state not in SETTLED:
            found[one.key, one.year].pending += one.proposed or ZERO
    return dict(found)


def envelope_blocks(
    years: Iterable[ProgrammeFigures], words: Words, agenda: Mapping[tuple[str, int], Agenda]
) -> tuple[EnvelopeBlock, ...]:
    """Each envelope of the contract, year after year, not the département's."""
    return tuple(
        _envelope(item, words, agenda.get((item.credit, item.year), Agenda()))
        for figures in years
        for item in figures.envelopes
        if item.held_by != DEPARTEMENT
    )


def _envelope(item: EnvelopeFigures, words: Words, agenda: Agenda) -> EnvelopeBlock:
    return EnvelopeBlock(
        credit=item.credit,
        label=words.line(item.credit),
        year=item.year,
        status=item.status,
        status_label=STATUSES.get(item.status, item.status),
        amount=item.amount,
        seance_proposed=agenda.proposed,
        seance_retained=agenda.retained,
        proposed=item.proposed,
        retained=item.committed,
        left=item.remaining,
        after=None if item.remaining is None else item.remaining - agenda.pending,
        held=item.forecast,
    )
