# SPDX-License-Identifier: EUPL-1.2
"""Effects on funding lines: the financer's answer, the amount retained, its own act."""

from decimal import Decimal

from rules.engine import ineligible_lines
from workflow.effects.submission import FALLING
from workflow.firing import Firing
from workflow.models import FundingLine


def answer_amount(firing: Firing) -> None:
    """A firm or indicative amount, with the date of the financer's own deliberation when known."""
    line: FundingLine = firing.subject
    line.promised = firing.details["amount"]
    line.firm = firing.trigger == "answer_firm"
    _answered(firing)
    firing.recorded["amount"] = str(line.promised)


def answer_in_kind(firing: Firing) -> None:
    """A contribution in kind, described, valued apart."""
    line: FundingLine = firing.subject
    line.in_kind = str(firing.details["description"])
    line.in_kind_value = firing.details.get("amount")
    _clear_money(line)
    _answered(firing)
    firing.recorded.update(description=line.in_kind, value=_text(line.in_kind_value))


def answer_without_money(firing: Firing) -> None:
    """Declined, not concerned, or no reply."""
    _clear_money(firing.subject)
    _answered(firing)


def _clear_money(line: FundingLine) -> None:
    line.promised, line.firm, line.proposed = None, None, None


def _answered(firing: Firing) -> None:
    line: FundingLine = firing.subject
    line.answered_at = firing.now
    line.reason = firing.reason
    if firing.details.get("expected_on") is not None:
        line.expected_on = firing.details["expected_on"]


def drop_unsupported_lines(firing: Firing) -> None:
    """Lines whose financer denied its own condition become ineligible."""
    for key, rules in ineligible_lines(firing.findings).items():
        line = firing.dossier.line(key)
        if line is not None and line.state in FALLING:
            firing.cascade(line, "make_ineligible", reason=", ".join(rules))


def keep_reason(firing: Firing) -> None:
    """Keeps why the line fell."""
    line: FundingLine = firing.subject
    line.reason = firing.reason
    line.proposed = None


def clear_reason(firing: Firing) -> None:
    """The line lives again: why it had fallen stays in the journal only."""
    firing.subject.reason = None


def refuse(firing: Firing) -> None:
    """Nothing is retained on this line."""
    line: FundingLine = firing.subject
    line.retained = Decimal(0)
    line.reason = firing.reason


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)
