# SPDX-License-Identifier: EUPL-1.2
"""Keeping the counts on the dossier, or removing them: by the staff, while the dossier is open, journalled in figures only."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from workflow.completion import STAFF
from workflow.contracts import territory_of
from workflow.errors import ConflictError, NotAllowedHereError, NotPermittedError
from workflow.firing import PARIS
from workflow.journal import record_on
from workflow.located.counts import LocatedCounts
from workflow.models import Dossier
from workflow.permissions import Actor, holds
from workflow.stages import OPEN_STAGES, STAGE_LABELS, Stage

LOCATE, FORGET = "locate_residents", "forget_residents"


def may_locate(dossier: Dossier, actor: Actor) -> bool:
    """Secretary, instructors and pilot, while the dossier is open; not who declared an interest in the porteur."""
    return dossier.stage in OPEN_STAGES and _is_staff(dossier, actor)


def check_may_locate(dossier: Dossier, actor: Actor) -> None:
    """Raises NotPermittedError, or NotAllowedHereError when only the stage forbids it."""
    if not _is_staff(dossier, actor):
        raise NotPermittedError("Vos mandats ne permettent pas de localiser les bénéficiaires de ce dossier.")
    if dossier.stage not in OPEN_STAGES:
        label = STAGE_LABELS[Stage(dossier.stage)].lower()
        raise NotAllowedHereError(
            f"Le dossier est « {label} » : la localisation de ses bénéficiaires ne change plus."
        )


def _is_staff(dossier: Dossier, actor: Actor) -> bool:
    return dossier.porteur_id not in actor.declared and any(holds(actor, role, dossier) for role in STAFF)


def located_on(dossier: Dossier) -> LocatedCounts | None:
    """The counts kept on the dossier."""
    return None if dossier.located is None else LocatedCounts.from_json(dossier.located)


def record_located(
    db: Session,
    dossier: Dossier,
    counts: LocatedCounts,
    actor: Actor,
    now: datetime,
    *,
    expected_version: int | None = None,
) -> LocatedCounts:
    """Keeps the counts in place of earlier ones, with the day and who. Raises as `check_may_locate`, or ConflictError."""
    _check(dossier, actor, expected_version)
    kept = replace(counts, on=now.astimezone(PARIS).date(), by=actor.name)
    dossier.located = kept.to_json()
    record_on(db, dossier, LOCATE, actor, now, _figures(dossier, kept))
    db.flush()
    return kept


def forget_located(
    db: Session, dossier: Dossier, actor: Actor, now: datetime, *, expected_version: int | None = None
) -> bool:
    """Removes the counts; False when there were none. Raises as `record_located`."""
    _check(dossier, actor, expected_version)
    counts = located_on(dossier)
    if counts is None:
        return False
    dossier.located = None
    record_on(db, dossier, FORGET, actor, now, _figures(dossier, counts))
    db.flush()
    return True


def _check(dossier: Dossier, actor: Actor, expected_version: int | None) -> None:
    if expected_version is not None and dossier.version != expected_version:
        raise ConflictError
    check_may_locate(dossier, actor)


def figures_of(dossier: Dossier, counts: LocatedCounts) -> dict[str, int]:
    """The figures people read: in the contract's QPV, outside them, to check, in all."""
    codes = territory_of(dossier.contract).qpv_by_code
    elsewhere = counts.elsewhere(codes)
    return {
        "total": counts.total,
        "inside": counts.inside(codes),
        "outside": counts.outside + elsewhere,
        "elsewhere": elsewhere,
        "to_check": counts.doubtful,
    }


def _figures(dossier: Dossier, counts: LocatedCounts) -> dict[str, Any]:
    return {f"located_{name}": many for name, many in figures_of(dossier, counts).items()}
