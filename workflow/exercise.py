# SPDX-License-Identifier: EUPL-1.2
"""The exercise that a séance shares out: chosen once, for its scenarios, their figures and the solver."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from workflow.firing import PARIS
from workflow.models import Dossier
from workflow.stages import OPEN_STAGES


def exercise_of(dossiers: Iterable[Dossier], now: datetime) -> int:
    """That of most dossiers whose money is not settled, of all when all are; the later of two equal; today's without any."""
    known = list(dossiers)
    years = Counter(one.year for one in known if one.stage in OPEN_STAGES) or Counter(
        one.year for one in known
    )
    if not years:
        return now.astimezone(PARIS).year
    return max(years, key=lambda year: (years[year], year))
