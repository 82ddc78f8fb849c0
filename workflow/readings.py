# SPDX-License-Identifier: EUPL-1.2
"""The indicators of a CPO, read each year: by its porteur with its report, or by who instructs.

What a porteur is typing stays with the draft of its report until it saves: half-written, it is no reading.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from workflow.errors import ConflictError, InvalidInputError, NotAllowedHereError, NotPermittedError
from workflow.guards.renewal import READINGS, readings_of
from workflow.journal import record_on
from workflow.models import Dossier
from workflow.permissions import Actor, holds
from workflow.request.realised import REPORT
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
    _forget_typed(dossier, {name for name in {*before, *after} if before.get(name) != after.get(name)})
    record_on(db, dossier, READ, actor, now, {"readings": after})
    db.flush()
    return True


def readings_typed(dossier: Dossier, typed: Mapping[str, str]) -> dict[str, str]:
    """What is typed of each indicator, by field, for the draft of a report. Raises InvalidInputError naming each field."""
    fields = indicator_fields(dossier)
    _check(dossier, {name: typed[field] for field, name in fields.items() if field in typed})
    return {field: typed[field].strip() for field in fields if field in typed}


def without_read(dossier: Dossier, draft: Mapping[str, Any]) -> dict[str, Any]:
    """The draft of a report without the indicators that say what is read already."""
    read = readings_of(dossier)
    said = {field: read.get(name, "") for field, name in indicator_fields(dossier).items()}
    return {field: value for field, value in draft.items() if field not in said or value != said[field]}


def record_typed(db: Session, dossier: Dossier, actor: Actor, now: datetime) -> bool:
    """What the draft of the report holds of the indicators is read from now on. False when nothing changed. Flushes."""
    draft = dossier.follow_up.get(REPORT, {})
    typed = {name: draft[field] for field, name in indicator_fields(dossier).items() if field in draft}
    return bool(typed) and record_readings(db, dossier, typed, actor, now)


def _forget_typed(dossier: Dossier, names: Collection[str]) -> None:
    """The reading just recorded stands for what was being typed of the same indicator."""
    fields = {field for field, name in indicator_fields(dossier).items() if name in names}
    draft = dossier.follow_up.get(REPORT, {})
    if fields & draft.keys():
        kept = {field: value for field, value in draft.items() if field not in fields}
        dossier.follow_up = {**dossier.follow_up, REPORT: kept}


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
