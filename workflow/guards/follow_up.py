# SPDX-License-Identifier: EUPL-1.2
"""Guards of the follow-up: acts, convention, revised plan, reports, unspent part."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from rules.findings import Finding
from workflow.examination import parameters_of
from workflow.facts import PRIVATE_FORMS
from workflow.firing import Firing, refusal
from workflow.models import Dossier, FundingLine
from workflow.programme_facts import kept_of
from workflow.stages import FUNDED_STAGES, LineState

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
    here = {line.financer for line in dossier.lines if brings(line)}
    known = _yearly_sums(firing.db, dossier)
    above = sorted(financer for financer in here if known[financer] > threshold)
    if above:
        yield refusal("guard.convention", "threshold", threshold=threshold, financers=above)


def _yearly_sums(db: Session, dossier: Dossier) -> Mapping[str, Decimal]:
    """What each financer is known to bring the porteur that year, by all its retained actions together."""
    query = (
        select(FundingLine)
        .join(Dossier, Dossier.id == FundingLine.dossier_id)
        .where(Dossier.porteur_id == dossier.porteur_id, Dossier.year == dossier.year)
        .where(Dossier.stage.in_([stage.value for stage in FUNDED_STAGES]))
        .options(joinedload(FundingLine.credit))
    )
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in db.scalars(query):
        sums[line.financer] += brings(line)
    return sums


def brings(line: FundingLine) -> Decimal:
    """What a financer brings by this line: granted, else retained, or valued in kind; nothing once it is cancelled."""
    if line.state == LineState.IN_KIND:
        return line.in_kind_value or ZERO
    return kept_of(line)


def plan_holds(firing: Firing) -> Iterable[Finding]:
    """When money is missing against the cost, a revised plan was received."""
    dossier = firing.dossier
    if dossier.total_cost is None or firing.details.get("revised_plan"):
        return
    found = sum((kept_of(line) for line in dossier.lines), ZERO)
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
