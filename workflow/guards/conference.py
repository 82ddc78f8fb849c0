# SPDX-License-Identifier: EUPL-1.2
"""Guards of the financers' conference: droit commun first, each line settled; and of the answers on one line."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol

from rules.engine import blocked_lines, ineligible_lines, stopping
from rules.facts import DossierFacts
from rules.findings import Finding
from workflow.examination import examine
from workflow.facts import dossier_facts
from workflow.firing import Firing, refusal
from workflow.models import FundingLine
from workflow.permissions import Actor
from workflow.stages import STAGE_LABELS, LineState, Role, Stage
from workflow.territory import Nature

ANSWERED = frozenset(
    {
        LineState.IN_KIND,
        LineState.DECLINED,
        LineState.NOT_CONCERNED,
        LineState.NO_REPLY,
        LineState.INELIGIBLE,
        LineState.REFUSED,
        LineState.CANCELLED,
    }
)
ANSWERING_STAGES = frozenset(
    {Stage.ADMISSIBLE, Stage.DISPATCHED, Stage.CO_INSTRUCTION, Stage.FINANCERS_CONFERENCE, Stage.COMMITMENT}
)


def rules_of_the_conference(firing: Firing) -> Iterable[Finding]:
    """Droit commun first and the remainder; a condition nobody confirmed stops a line that carries money."""
    dossier = firing.dossier
    findings = examine(dossier, firing.now)
    firing.findings.extend(findings)
    yield from against_commitment(findings, dossier_facts(dossier, firing.territory, firing.today))


COMMITMENT_RULES = frozenset({"droit_commun.first", "droit_commun.remainder"})


def against_commitment(findings: Sequence[Finding], facts: DossierFacts) -> Iterable[Finding]:
    """Of these findings, those that keep the dossier in conference; the round table asks it of each of its rows."""
    commitment = [finding for finding in findings if finding.rule in COMMITMENT_RULES]
    yield from stopping(commitment, facts)
    blocked, lost = blocked_lines(findings), ineligible_lines(findings)
    carrying = {line.key for line in facts.lines if line.proposed} - lost.keys()
    unknown = {rule for key in carrying for rule in blocked.get(key, ())}
    yield from (finding for finding in findings if finding.rule in unknown)


def lines_settled(firing: Firing) -> Iterable[Finding]:
    """Each live line is proposed, refused, or pending with its expected date."""
    yield from unsettled(firing.dossier.lines)


class LineSeen(Protocol):
    """What tells whether a line is settled: a mapped one, or a row of these columns."""

    @property
    def key(self) -> str: ...  # noqa: D102

    @property
    def state(self) -> str: ...  # noqa: D102

    @property
    def requested(self) -> Decimal | int | None: ...  # noqa: D102

    @property
    def proposed(self) -> Decimal | int | None: ...  # noqa: D102

    @property
    def expected_on(self) -> date | None: ...  # noqa: D102


def unsettled(lines: Iterable[LineSeen]) -> Iterable[Finding]:
    """One refusal that names the lines still open, if any is."""
    open_lines = [line.key for line in lines if not is_settled(line)]
    if open_lines:
        yield refusal("guard.lines_settled", lines=open_lines)


def is_settled(line: LineSeen) -> bool:
    """True when the conference may leave this line as it is."""
    if line.state in ANSWERED or line.proposed is not None or line.expected_on is not None:
        return True
    return line.state == LineState.NOT_ASKED and line.requested is None


def answering_stage(firing: Firing) -> Iterable[Finding]:
    """A financer answers from the moment the dossier is admissible until the committee has read it."""
    if firing.dossier.stage not in ANSWERING_STAGES:
        yield refusal("guard.stage", stage=STAGE_LABELS[Stage(firing.dossier.stage)])


def reply_overdue(firing: Firing) -> Iterable[Finding]:
    """The holder's silence is noted once the due date given to it has passed."""
    due = firing.dossier.opinions_due_on
    if due is None:
        yield refusal("guard.reply_due", "undated", line=firing.subject.key)
    elif due >= firing.today:
        yield refusal("guard.reply_due", line=firing.subject.key, due=due)


def line_recusal(firing: Firing) -> Iterable[Finding]:
    """Nobody answers for another financer on their own organisation's dossier; a secretary types what is said.

    The porteur's own body may still state what it brings.
    """
    if speaks_in_own_cause(firing.actor, firing.subject):
        yield refusal("guard.own_cause", line=firing.subject.key)


def speaks_in_own_cause(actor: Actor, line: FundingLine) -> bool:
    """True for a person with a mandate or interest at the porteur's, on a line that another body holds."""
    dossier = line.dossier
    if not actor.is_concerned_by(dossier.porteur_id) or line.credit.organisation_id == dossier.porteur_id:
        return False
    is_secretary = actor.has(Role.SECRETARY, dossier.contract_id)
    return not is_secretary or dossier.porteur_id in actor.declared


def committee_passed(firing: Firing) -> Iterable[Finding]:
    """A line is cancelled once the committee has retained the action; before, its financer declines it."""
    if firing.dossier.stage not in (Stage.COMMITTED, Stage.CONTRACTED):
        yield refusal(
            "guard.line_followed_up", line=firing.subject.key, stage=STAGE_LABELS[Stage(firing.dossier.stage)]
        )


def within_ceiling(firing: Firing) -> Iterable[Finding]:
    """The amount stays within what the line may carry."""
    amount = firing.details.get("amount")
    if isinstance(amount, Decimal):
        yield from above_ceiling(firing.subject, amount)


def above_ceiling(line: FundingLine, amount: Decimal) -> Iterable[Finding]:
    """Refuses more than the action costs; on a specific credit, more than was asked of it."""
    cost = line.dossier.total_cost
    if line.nature == Nature.SPECIFIQUE and line.requested is not None and amount > line.requested:
        yield refusal("guard.ceiling", "requested", line=line.key, amount=amount, ceiling=line.requested)
    elif cost is not None and amount > cost:
        yield refusal("guard.ceiling", "cost", line=line.key, amount=amount, ceiling=cost)


def positive_amount(firing: Firing) -> Iterable[Finding]:
    """The answer carries a positive amount."""
    amount = firing.details.get("amount")
    if not isinstance(amount, Decimal) or amount <= 0:
        yield refusal("guard.amount", "missing", line=firing.subject.key)
