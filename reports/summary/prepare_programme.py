# SPDX-License-Identifier: EUPL-1.2
"""The programme's figures, computed by the rules, in the summary's form."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from reports.summary.prepare_findings import finding_blocks
from reports.summary.structure import (
    ContinuityBlock,
    CpoBlock,
    EnvelopeBlock,
    LeverageBlock,
    ObjectiveBlock,
    ProgrammeBlock,
    QpvBlock,
    TogetherBlock,
)
from reports.summary.words import Words
from rules.complementarity import Group
from rules.continuity import Continuity
from rules.findings import Finding
from rules.programme import ProgrammeFigures
from rules.themes.envelope import DEPARTEMENT
from rules.wording import public_word
from workflow.territory import Territory

ZERO = Decimal(0)
GROUPS = 5  # how many groups of actions to bring together are shown
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
        objectives=_objectives(figures, territory, words),
        leverage=LeverageBlock(figures.leverage.specific, figures.leverage.others, figures.leverage.ratio),
        ordinary_law=figures.ordinary,
        ordinary_law_share=figures.ordinary_share,
        unclassified=figures.unclassified.actions,
        findings=finding_blocks(findings, words),
        continuity=_continuity(figures.continuity),
        together=tuple(_together(group, words) for group in figures.groups[:GROUPS]),
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


def envelope_blocks(
    figures: ProgrammeFigures, words: Words, proposed: Mapping[tuple[str, int], Decimal]
) -> list[EnvelopeBlock]:
    """Each envelope of the contract that year, not the département's; `proposed`: what the agenda proposes by credit and year."""
    return [
        EnvelopeBlock(
            credit=item.credit,
            label=words.line(item.credit),
            year=item.year,
            status=item.status,
            status_label=STATUSES.get(item.status, item.status),
            amount=item.amount,
            seance_proposed=proposed.get((item.credit, item.year), ZERO),
            proposed=item.proposed,
            retained=item.committed,
            left=item.remaining,
        )
        for item in figures.envelopes
        if item.held_by != DEPARTEMENT
    ]
