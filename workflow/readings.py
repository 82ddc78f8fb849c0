# SPDX-License-Identifier: EUPL-1.2
"""The indicators of a CPO, read each year: by its porteur with its report, or by who instructs."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from workflow.errors import ConflictError, InvalidInputError, NotAllowedHereError, NotPermittedError
from workflow.guards.renewal import READINGS, readings_of
from workflow.journal import record_on
from workflow.models import Dossier
from workflow.permissions import Actor, holds
from workflow.stages import FUNDED_STAGES, Role

READ = "read_indicators"
INDICATOR = "indicator-"  # what is typed of one indicator, by its rank: indicator-0
LONGEST_READING = 500


def may_read_indicators(actor: Actor, dossier: Dossier) -> bool:
    """Its porteur, and those who instruct or organise."""
    roles = (Role.PORTEUR, Role.PILOT, Role.SECRETARY, Role.INSTRUCTOR)
    return bool(dossier.cpo_indicators) and any(holds(actor, role, dossier) for role in roles)


def indicator_fields(dossier: Dossier) -> dict[str, str]:
    """Each indicator of the CPO, by the name of its field."""
    return {f"{INDICATOR}{rank}": name for rank, name in enumerate(dossier.cpo_indicators or ())}


def record_readings(
    db: Session,
    dossier: Dossier,
    readings: Mapping[str, str],
    actor: Actor,
    now: datetime,
    *,
    expected_version: int | None = None,
) -> bool:
    """What is read this year of each indicator of the CPO; those not named stay. False when nothing changed. Flushes.

    Raises NotPermittedError, NotAllowedHereError, ConflictError, InvalidInputError naming each field.
    """
    if not may_read_indicators(actor, dossier):
        raise NotPermittedError("Les indicateurs se relèvent par le porteur, l’instructeur ou le pilote.")
    if expected_version is not None and dossier.version != expected_version:
        raise ConflictError
    if dossier.stage not in FUNDED_STAGES:
        raise NotAllowedHereError("Les indicateurs se relèvent sur une action retenue.")
    _check(dossier, readings)
    before, read = dict(readings_of(dossier)), {name: text.strip() for name, text in readings.items()}
    after = {name: text for name, text in {**before, **read}.items() if text}
    if after == before:
        return False
    dossier.follow_up = {**dossier.follow_up, READINGS: after}
    record_on(db, dossier, READ, actor, now, {"readings": after})
    db.flush()
    return True


def _check(dossier: Dossier, readings: Mapping[str, str]) -> None:
    known = indicator_fields(dossier)
    unknown = [name for name in readings if name not in known.values()]
    if unknown:
        raise InvalidInputError(f"Indicateur inconnu de cette CPO\u00a0: {', '.join(unknown)}.", "indicators")
    faults = {
        field: f"«\u00a0{name}\u00a0»\u00a0: {LONGEST_READING} signes au plus."
        for field, name in known.items()
        if len(readings.get(name, "")) > LONGEST_READING
    }
    if faults:
        name, message = next(iter(faults.items()))
        raise InvalidInputError(message, name, faults)
