# SPDX-License-Identifier: EUPL-1.2
"""The programme's figures, computed by the rules, in the summary's form."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from reports.summary.prepare_findings import finding_blocks
from reports.summary.structure import (
    CpoBlock,
    EnvelopeBlock,
    LeverageBlock,
    ObjectiveBlock,
    ProgrammeBlock,
    QpvBlock,
)
from reports.summary.words import Words
from rules.findings import Finding
from rules.programme import ProgrammeFigures
from workflow.territory import Territory

ZERO = Decimal(0)
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
    """Each envelope of the year; `proposed`: what the agenda proposes by credit and year."""
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
    ]
