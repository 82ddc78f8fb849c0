# SPDX-License-Identifier: EUPL-1.2
"""Guards of the follow-up: acts, convention, revised plan, reports, unspent part."""

from collections.abc import Iterable
from decimal import Decimal

from rules.findings import Finding
from rules.themes.convention import REQUIRED
from workflow.examination import examine
from workflow.firing import Firing, refusal
from workflow.plan_reopening import REOPENED
from workflow.programme_facts import kept_of
from workflow.request.realised import is_gap_unexplained
from workflow.stages import LineState

ZERO = Decimal(0)


def acts_recorded(firing: Firing) -> Iterable[Finding]:
    """Each retained line has its financer's own act, possibly nil."""
    waiting = [line.key for line in firing.dossier.lines if line.state == LineState.RETAINED]
    if waiting:
        yield refusal("guard.acts", lines=waiting)


def convention_recorded(firing: Firing) -> Iterable[Finding]:
    """A convention where the law or the CPO requires one: recorded already, or given now."""
    found = [one for one in examine(firing.dossier, firing.now, stage="follow_up") if one.rule == REQUIRED]
    firing.findings.extend(found)
    if not firing.details.get("convention"):
        yield from (finding for finding in found if finding.blocks)


def plan_holds(firing: Firing) -> Iterable[Finding]:
    """When money is missing against the cost, or an act differs from what was retained, a revised plan was received."""
    dossier = firing.dossier
    if firing.details.get("revised_plan"):
        return
    if dossier.follow_up.get(REOPENED):
        yield refusal("guard.revised_plan", "reopened", lines=list(dossier.follow_up[REOPENED]))
    if dossier.total_cost is None:
        return
    found = sum((kept_of(line) for line in dossier.lines), ZERO)
    missing = dossier.total_cost - found - (dossier.own_resources or ZERO) - (dossier.other_resources or ZERO)
    if missing > 0:
        yield refusal("guard.revised_plan", missing=missing)


def reports_given(firing: Firing) -> Iterable[Finding]:
    """The activity report and the financial report are there, and the second explains what differs."""
    names = {"activity_report": "compte rendu d’activité", "financial_report": "compte rendu financier"}
    missing = [label for name, label in names.items() if not firing.details.get(name)]
    if is_gap_unexplained(firing.dossier):
        missing.append("explication de l’écart entre les charges et les produits réalisés")
    if missing:
        yield refusal("guard.reports", names=missing)


def unspent_settled(firing: Firing) -> Iterable[Finding]:
    """What was paid and not spent is settled."""
    if firing.details.get("settled"):
        return
    lines = [
        line.key
        for line in firing.dossier.lines
        if line.paid is not None and line.paid > (line.spent if line.spent is not None else ZERO)
    ]
    if lines:
        yield refusal("guard.unspent", lines=lines)
