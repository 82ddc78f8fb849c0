# SPDX-License-Identifier: EUPL-1.2
"""Effects of a CPO's next year: the promised amount becomes the financer's word, under the vote of its credits."""

from workflow.firing import Firing
from workflow.models import FundingLine


def carry_forecast(firing: Firing) -> None:
    """Announced and proposed at the promised amount; indicative until the credits are voted."""
    _carry(firing, firing.subject)


def _carry(firing: Firing, line: FundingLine) -> None:
    line.promised = line.proposed = line.forecast
    line.firm, line.answered_at = False, firing.now
    firing.recorded["amount"] = str(line.forecast)
