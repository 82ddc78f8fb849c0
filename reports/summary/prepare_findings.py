# SPDX-License-Identifier: EUPL-1.2
"""Findings that are not satisfied, with the sentences of `rules.render`."""

from collections.abc import Iterable

from reports.summary.figures import FindingBlock
from reports.summary.words import Words
from rules.findings import Finding, Outcome
from rules.render import said

SHOWN = frozenset({Outcome.VIOLATED, Outcome.UNDETERMINED})


def finding_blocks(findings: Iterable[Finding], words: Words) -> tuple[FindingBlock, ...]:
    """Violated and undetermined findings, the blocking ones first."""
    shown = [_block(finding, words) for finding in findings if finding.outcome in SHOWN]
    return tuple(sorted(shown, key=_gravity))


def _gravity(block: FindingBlock) -> int:
    return ("blocking", "warning", "info").index(block.severity) * 2 + (block.settled is not None)


def _block(finding: Finding, words: Words) -> FindingBlock:
    text = said(finding, words.names)
    return FindingBlock(
        rule=finding.rule,
        outcome=finding.outcome.value,
        severity=finding.severity.value,
        message=text.message,
        remedy=text.remedy or "",
        source=text.source,
        line=finding.line,
        line_label=words.line(finding.line) if finding.line else None,
        settled=finding.settled.value if finding.settled else None,
    )
