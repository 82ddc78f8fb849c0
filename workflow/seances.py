# SPDX-License-Identifier: EUPL-1.2
"""Use cases of a séance to come: plan it, fill its agenda. What is done in session is in `workflow/session.py`."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from workflow.contracts import territory_of
from workflow.effects.steering import VALIDATED
from workflow.errors import (
    InvalidInputError,
    NotAllowedHereError,
)
from workflow.firing import PARIS
from workflow.guards.written import MEETING, MODES, WRITTEN
from workflow.models import Contract, Dossier, Seance, SeanceItem
from workflow.permissions import Actor
from workflow.seance_agenda import announce_agenda
from workflow.seance_rights import note, require_secretary
from workflow.stages import (
    SEANCE_OVER,
    SeanceStatus,
    Stage,
)
from workflow.territory import BodyKind

# The stages from which each kind of body takes its dossiers.
STAGES_OF_BODY: dict[str, tuple[Stage, ...]] = {
    "dispatch": (Stage.ADMISSIBLE,),
    "thematic": (Stage.DISPATCHED, Stage.CO_INSTRUCTION),
    "conference": (Stage.FINANCERS_CONFERENCE,),
    "committee": (Stage.COMMITMENT,),
    "steering": (Stage.COMMITTED, Stage.CONTRACTED, Stage.REPORTED, Stage.CLOSED),
}


def plan_seance(
    db: Session,
    contract: Contract,
    body_code: str,
    starts_at: datetime,
    now: datetime,
    actor: Actor,
    *,
    place: str | None = None,
    agenda_note: str | None = None,
    mode: str = MEETING,
    reason: str | None = None,
) -> Seance:
    """Plans a séance of a body of the contract; with a `reason` it is extraordinary, out of the yearly rhythm.

    Raises InvalidInputError on an unknown body, an unknown mode, or a body that is not held in writing.
    """
    body = territory_of(contract).body_by_code.get(body_code)
    if body is None:
        known = ", ".join(territory_of(contract).body_by_code)
        raise InvalidInputError(
            f"Instance inconnue : « {body_code} ». Instances du contrat : {known}.", "body"
        )
    require_secretary(contract.id, body_code, actor)
    if starts_at <= now:
        raise InvalidInputError(
            "Cette date est passée : une séance se prévoit à une date à venir.", "starts_at"
        )
    _require_mode(mode, body.kind)
    _require_free(db, contract.id, body_code, starts_at)
    seance = Seance(
        uid=f"{uuid7()}@coinstruction",
        contract=contract,
        body=body.code,
        label=body.label,
        status=SeanceStatus.PLANNED.value,
        mode=mode,
        reason=(reason or "").strip() or None,
        starts_at=starts_at,
        duration_minutes=body.duration_minutes,
        place=place or body.place,
        agenda_note=agenda_note,
    )
    db.add(seance)
    db.flush()
    details = {"starts_at": starts_at.isoformat(), "body": body.code, "mode": mode}
    note(db, seance, actor, "plan", now, details, reason=seance.reason)
    return seance


def _require_mode(mode: str, kind: str) -> None:
    if mode not in MODES:
        raise InvalidInputError(
            f"Forme inconnue : « {mode} ». Formes possibles : {', '.join(MODES)}.", "mode"
        )
    if mode == WRITTEN and kind != "conference":
        raise InvalidInputError("Seule une conférence des financeurs se tient par écrit.", "mode")


def set_agenda(db: Session, seance: Seance, dossiers: Sequence[Dossier], actor: Actor, now: datetime) -> None:
    """Puts exactly these dossiers on the agenda, in this order; decisions already typed on kept ones stay."""
    require_secretary(seance.contract_id, seance.body, actor)
    if seance.status in SEANCE_OVER:
        raise NotAllowedHereError("L’ordre du jour d’une séance close ou annulée ne change plus.")
    stages = STAGES_OF_BODY.get(territory_of(seance.contract).body_by_code[seance.body].kind)
    dossiers = list(dict.fromkeys(dossiers))
    if any(dossier.contract_id != seance.contract_id for dossier in dossiers):
        raise InvalidInputError("Un dossier d’un autre contrat n’entre pas à cet ordre du jour.", "dossiers")
    wrong = [
        d.reference
        for d in dossiers
        if stages is not None and d.stage not in stages and not _comes_back(seance, d)
    ]
    if wrong:
        raise NotAllowedHereError(f"Pas à l’étape de cette instance : {', '.join(wrong)}.")
    before = [item.dossier.reference for item in seance.items]
    kept = {item.dossier_id: item for item in seance.items}
    wanted = {dossier.id for dossier in dossiers}
    for item in list(seance.items):
        if item.dossier_id not in wanted:
            seance.items.remove(item)
    for rank, dossier in enumerate(dossiers, start=1):
        found = kept.get(dossier.id)
        if found is None:
            seance.items.append(SeanceItem(dossier=dossier, rank=rank))
        else:
            found.rank = rank
    db.flush()
    after = [dossier.reference for dossier in dossiers]
    if after != before:
        note(db, seance, actor, "set_agenda", now, {"dossiers": after})
        announce_agenda(db, seance, before, now)


def _comes_back(seance: Seance, dossier: Dossier) -> bool:
    """A committee may rectify what it decided, and end what it deferred."""
    kind = territory_of(seance.contract).body_by_code[seance.body].kind
    return kind == "committee" and dossier.stage in (Stage.COMMITTED, Stage.REJECTED, Stage.DEFERRED)


def fill_agenda(db: Session, seance: Seance, actor: Actor, now: datetime) -> int:
    """Adds every dossier at this body's stage that is on no other open séance; the number on the agenda.

    A steering committee takes the programme of its year and of the years after, but for what it has validated.
    """
    kind = territory_of(seance.contract).body_by_code[seance.body].kind
    stages = STAGES_OF_BODY.get(kind, ())
    pending = (SeanceStatus.PLANNED, SeanceStatus.CONVOKED, SeanceStatus.OPEN)
    elsewhere = (
        select(SeanceItem.dossier_id)
        .join(Seance, Seance.id == SeanceItem.seance_id)
        .where(Seance.body == seance.body, Seance.status.in_(pending), Seance.id != seance.id)
    )
    query = (
        select(Dossier)
        .where(Dossier.contract_id == seance.contract_id, Dossier.stage.in_(stages))
        .where(Dossier.id.not_in(elsewhere))
        .order_by(Dossier.year, Dossier.reference)
    )
    if kind is BodyKind.STEERING:
        query = query.where(Dossier.year >= seance.starts_at.astimezone(PARIS).year)
    present = [item.dossier for item in seance.items]
    known = {dossier.id for dossier in present}
    found = (dossier for dossier in db.scalars(query) if dossier.id not in known)
    added = [d for d in found if kind is not BodyKind.STEERING or VALIDATED not in d.follow_up]
    if added:
        set_agenda(db, seance, [*present, *added], actor, now)
    return len(present) + len(added)


def _require_free(db: Session, contract_id: int, body: str, starts_at: datetime) -> None:
    """One séance of a body at one moment."""
    same = select(Seance.id).where(
        Seance.contract_id == contract_id, Seance.body == body, Seance.starts_at == starts_at
    )
    if db.scalar(same) is not None:
        raise InvalidInputError("Une séance de cette instance est déjà prévue à ce moment.", "starts_at")
