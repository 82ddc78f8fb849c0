# SPDX-License-Identifier: EUPL-1.2
"""The indicators of a CPO, read each year: by who instructs on « Années suivantes », by the porteur with its report."""

from typing import Any

from web.forms import Field, FormView, Typed
from web.presenters.reader import Reader
from workflow.guards.renewal import readings_of
from workflow.models import Dossier
from workflow.renewals import may_read_indicators
from workflow.stages import FUNDED_STAGES

INDICATOR = "indicator-"


def indicators_block(dossier: Dossier, address: str, reader: Reader) -> dict[str, Any] | None:
    """What was read of each, and its form for who may; None without indicators."""
    names, read = dossier.cpo_indicators or [], readings_of(dossier)
    if not names:
        return None
    may = dossier.stage in FUNDED_STAGES and may_read_indicators(reader.actor, dossier)
    fields = tuple(
        Field(f"{INDICATOR}{rank}", name, "text", (read.get(name, ""),)) for rank, name in enumerate(names)
    )
    return {
        "rows": [(name, read.get(name, "")) for name in names],
        "form": FormView(address, "Enregistrer le relevé", fields, dossier.version) if may else None,
    }


def typed_readings(dossier: Dossier, typed: Typed) -> dict[str, str]:
    """What was sent, by indicator."""
    names = dossier.cpo_indicators or []
    return {name: typed.text(f"{INDICATOR}{rank}") for rank, name in enumerate(names)}
