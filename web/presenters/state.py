# SPDX-License-Identifier: EUPL-1.2
"""The state of the background work as rows of a page."""

from typing import Any

from app.health import Health
from web.presenters.messages import STATES, state_tone


def state_view(health: Health, held: str | None) -> dict[str, Any]:
    """What the page shows. `held`: why no message may leave from here, if so."""
    shown = [(state, label) for state, label in STATES.items() if health.counts.get(state)]
    return {
        "health": health,
        "held": held,
        "messages": [(state, label, state_tone(state), health.counts[state]) for state, label in shown],
    }
