# SPDX-License-Identifier: EUPL-1.2
"""Guards of the follow-up: acts, convention, revised plan, reports, unspent part."""

from collections.abc import Iterable
from decimal import Decimal

from rules.findings import Finding
from workflow.examination import parameters_of
from workflow.facts import PRIVATE_FORMS
from workflow.firing import Firing, refusal
from workflow.stages import LineState

ZERO = Decimal(0)
CONVENTION_THRESHOLD = "convention.threshold"


def acts_recorded(firing: Firing) -> Iterable[Finding]:
    """Each retained line has its financer's own act, possibly nil."""
    waiting = [line.key for line in firing.dossier.lines if line.state == LineState.RETAINED]
    if waiting:
        yield refusal("guard.acts", lines=waiting)


def convention_recorded(firing: Firing) -> Iterable[Finding]:
    """A convention where the CPO or the law (one financer, one private body, above the yearly threshold) requires one."""
    if firing.details.get("convention"):
        return
    dossier = firing.dossier
    if dossier.cpo:
        yield refusal("guard.convention", why="action en convention pluriannuelle d’objectifs")
        return
    threshold = parameters_of(firing.contract, firing.today).values.get(CONVENTION_THRESHOLD)
    if threshold is None or dossier.porteur.legal_form not in PRIVATE_FORMS:
        return
    granted: dict[str, Decimal] = {}
    for line in dossier.lines:
        granted[line.financer] = granted.get(line.financer, ZERO) + (line.granted or ZERO)
    above = sorted(financer for financer, amount in granted.items() if amount > threshold)
    if above:
        yield refusal("guard.convention", "threshold", threshold=threshold, financers=above)


def plan_holds(firing: Firing) -> Iterable[Finding]:
    """When money is missing against the cost, a revised plan was received."""
    dossier = firing.dossier
    if dossier.total_cost is None or firing.details.get("revised_plan"):
        return
    found = sum((line.granted or ZERO for line in dossier.lines), ZERO)
    missing = dossier.total_cost - found - (dossier.own_resources or ZERO) - (dossier.other_resources or ZERO)
    if missing > 0:
        yield refusal("guard.revised_plan", missing=missing)


def reports_given(firing: Firing) -> Iterable[Finding]:
    """The activity report and the financial report are there."""
    names = {"activity_report": "compte rendu d’activité", "financial_report": "compte rendu financier"}
    missing = [label for name, label in names.items() if not firing.details.get(name)]
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
