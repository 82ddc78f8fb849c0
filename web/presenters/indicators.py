# SPDX-License-Identifier: EUPL-1.2
"""The indicators of a CPO, read each year: by who instructs on « Années suivantes », by the porteur in its report."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from web.forms import Field, FormView, Typed
from web.presenters.reader import Reader
from workflow.guards.renewal import readings_of
from workflow.models import Dossier
from workflow.readings import indicator_fields, may_read_indicators
from workflow.stages import FUNDED_STAGES

NOTHING: Mapping[str, Any] = MappingProxyType({})


def indicators_block(dossier: Dossier, address: str, reader: Reader) -> dict[str, Any] | None:
    """What was read of each, and its form for who may; None without indicators."""
    if not dossier.cpo_indicators:
        return None
    may = dossier.stage in FUNDED_STAGES and may_read_indicators(reader.actor, dossier)
    return {
        "rows": readings_said(dossier),
        "form": FormView(address, "Enregistrer le relevé", reading_fields(dossier), dossier.version)
        if may
        else None,
    }


def readings_said(dossier: Dossier) -> list[tuple[str, str]]:
    """Each indicator of the CPO, with what was read of it; nothing for an action outside a CPO."""
    read = readings_of(dossier)
    return [(begun(name), read.get(name, "")) for name in dossier.cpo_indicators or ()]


def reading_fields(dossier: Dossier, draft: Mapping[str, Any] = NOTHING) -> tuple[Field, ...]:
    """One field per indicator: what is read of it, or what the draft of the report holds since."""
    read = readings_of(dossier)
    return tuple(
        Field(field, begun(name), "text", (draft.get(field, read.get(name, "")),))
        for field, name in indicator_fields(dossier).items()
    )


def begun(name: str) -> str:
    """An indicator as a label: people write them in lower case, one after the other."""
    return f"{name[:1].upper()}{name[1:]}"


def typed_readings(dossier: Dossier, typed: Typed) -> dict[str, str]:
    """What was sent, by indicator."""
    return {name: typed.text(field) for field, name in indicator_fields(dossier).items()}
