# SPDX-License-Identifier: EUPL-1.2
"""Which funding lines a condition is about, and the condition a financer sets on its own credit."""

from collections.abc import Mapping

from rules.facts import DossierFacts, LineFacts
from rules.findings import SATISFIED, UNDETERMINED, VIOLATED, Finding, LineOutcome
from rules.rule import aggregate

# No money is asked from these lines any more. Not `ineligible`: it is recorded from findings, which decide.
DEAD = frozenset({"declined", "not_concerned", "refused", "cancelled"})


def is_live(line: LineFacts) -> bool:
    """True when the line still asks for its financer's money.

    Not answered no, and not the porteur's own share.
    """
    return line.state not in DEAD and not line.is_own_share


def is_asked(line: LineFacts) -> bool:
    """True when the line is live and something was asked, answered or proposed on it."""
    return line.state not in DEAD and (
        line.state != "not_asked" or line.requested is not None or line.proposed is not None
    )


def check_supported_objective(
    rule: str, dossier: DossierFacts, supported: Mapping[str, frozenset[str]]
) -> Finding:
    """A financer's own condition on its credit: its word decides.

    Without it, what the configuration suggests.
    """
    lines: list[LineOutcome] = []
    if supported:
        for line in dossier.lines:
            objectives = supported.get(line.key)
            if objectives is not None and is_live(line):
                lines.append(_condition(line, dossier.objectives, objectives))
    return aggregate(rule, lines, {})


def _condition(line: LineFacts, asked: tuple[str, ...] | None, supported: frozenset[str]) -> LineOutcome:
    if line.condition_confirmed is not None:
        outcome = SATISFIED if line.condition_confirmed else VIOLATED
        variant = "confirmed" if line.condition_confirmed else "denied"
        return LineOutcome(line.key, outcome, variant, {"matching": _matching(asked, supported)})
    if asked is None:
        return LineOutcome(line.key, UNDETERMINED, "objectives_unknown", {})
    matching = _matching(asked, supported)
    variant = "suggested" if matching else "not_suggested"
    return LineOutcome(
        line.key, UNDETERMINED, variant, {"matching": matching, "objectives": sorted(set(asked))}
    )


def _matching(asked: tuple[str, ...] | None, supported: frozenset[str]) -> list[str]:
    return sorted(supported.intersection(asked)) if asked else []
