# SPDX-License-Identifier: EUPL-1.2
"""A plan of financing reopened: the acts that differ from what the committee retained, until a revised plan is received."""

from collections.abc import Mapping

from workflow.models import Dossier

REOPENED = "plan_reopened"  # in `dossier.follow_up`


def reopened_lines(dossier: Dossier) -> Mapping[str, Mapping[str, str | None]]:
    """By line: « retained », « granted » and the day « on » the act was recorded."""
    found: Mapping[str, Mapping[str, str | None]] = dossier.follow_up.get(REOPENED, {})
    return found
