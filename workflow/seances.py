# SPDX-License-Identifier: EUPL-1.2
"""Use cases of a séance: plan, agenda, presence, recusals, decisions and amounts typed in session (applied at closing)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from uuid6 import uuid7

from workflow.answers import refuse_laden
from workflow.contracts import territory_of
from workflow.effects.commitment import closing_trigger
from workflow.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedHereError,
    RefusedError,
)
from workflow.firing import PARIS, refusal
from workflow.guards.commitment import HERE, has_word, must_leave, organisations_held
from workflow.guards.conference import above_ceiling
from workflow.guards.written import MEETING, MODES, WRITTEN
from workflow.inputs import check_amount
from workflow.models import Contract, Convocation, Dossier, FundingLine, Seance, SeanceAmount, SeanceItem
from workflow.permissions import Actor
from workflow.seance_agenda import announce_agenda
from workflow.seance_rights import note, require_secretary
from workflow.stages import (
    DECISION_LABELS,
    LINE_LABELS,
    STAGE_LABELS,
    Decision,
    LineState,
    SeanceStatus,
    Stage,
)
from workflow.transitions import DOSSIER

# The stage from which each kind of body takes its dossiers.
STAGES_OF_BODY: dict[str, tuple[Stage, ...]] = {
    "dispatch": (Stage.ADMISSIBLE,),
    "thematic": (Stage.DISPATCHED, Stage.CO_INSTRUCTION),
    "conference": (Stage.FINANCERS_CONFERENCE,),
    "committee": (Stage.COMMITMENT,),
}
PRESENCES = ("present", "remote", "absent", "represented")
PROMISING = frozenset({LineState.ASKED, LineState.INDICATIVE, LineState.FIRM, LineState.IN_KIND})
RETAINABLE = PROMISING | {LineState.RETAINED, LineState.REFUSED}  # the last two by a rectification


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
    if seance.status in (SeanceStatus.CLOSED, SeanceStatus.CANCELLED):
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
    """Adds every dossier at this body's stage that is on no other open séance; the number on the agenda."""
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
    present = [item.dossier for item in seance.items]
    known = {dossier.id for dossier in present}
    added = [dossier for dossier in db.scalars(query) if dossier.id not in known]
    if added:
        set_agenda(db, seance, [*present, *added], actor, now)
    return len(present) + len(added)


def record_presence(
    db: Session, convocation: Convocation, presence: str, actor: Actor, now: datetime
) -> None:
    """Who is there on the day."""
    seance = convocation.seance
    require_secretary(seance.contract_id, seance.body, actor)
    _require_open(seance)
    if presence not in PRESENCES:
        raise InvalidInputError(f"Présence inconnue : « {presence} ».", "presence")
    bearer = next((c for c in seance.convocations if c.person_id == convocation.proxy_id), None)
    if presence == "represented" and bearer is not None:
        refuse_laden(convocation, bearer, "Notez la personne absente : sa voix n’est pas portée.")
    if convocation.presence != presence:
        convocation.presence = presence
        note(db, seance, actor, "presence", now, {"person": convocation.person.email, "presence": presence})


def apply_recusals(db: Session, seance: Seance, actor: Actor, now: datetime) -> int:
    """Notes, on each item, who among those present must leave it; the number of recusals noted."""
    require_secretary(seance.contract_id, seance.body, actor)
    _require_open(seance)
    here = [c for c in seance.convocations if c.presence in HERE]
    today = now.astimezone(PARIS).date()
    held = {c.person_id: organisations_held(c.person, today) for c in here}
    noted = 0
    for item in seance.items:
        leaving = [c.person.email for c in here if must_leave(item, c, held[c.person_id])]
        if leaving:
            item.recused = sorted({*(item.recused or ()), *leaving})
            noted += len(leaving)
            note(db, seance, actor, "recuse", now, {"reference": item.dossier.reference, "persons": leaving})
    return noted


def decide(
    db: Session,
    item: SeanceItem,
    decision: str,
    reason: str | None,
    actor: Actor,
    now: datetime,
    *,
    conditions: str | None = None,
    expected_version: int | None = None,
) -> None:
    """Types what the committee decides on one item; nothing moves before the closing.

    An item that is not retained keeps no amount: the totals of the séance and its summary never count one.
    """
    seance = _deciding(item, actor, expected_version)
    if decision not in tuple(Decision):
        raise InvalidInputError(f"Décision inconnue : « {decision} ».", "decision")
    stage = Stage(item.dossier.stage)
    if DOSSIER.row(closing_trigger(Decision(decision), stage), stage) is None:
        label, wanted = STAGE_LABELS[stage], DECISION_LABELS[Decision(decision)]
        raise NotAllowedHereError(
            f"Un dossier « {label} » ne peut pas être « {wanted} » : reprenez-le d’abord."
        )
    item.decision, item.reason, item.conditions = decision, (reason or "").strip() or None, conditions or None
    details = {"reference": item.dossier.reference, "decision": str(decision), "conditions": item.conditions}
    if decision != Decision.RETAINED:
        item.amounts.clear()
    note(db, seance, actor, "decide", now, details, reason=item.reason)


def retain(
    db: Session,
    item: SeanceItem,
    line: FundingLine,
    amount: Decimal | None,
    actor: Actor,
    now: datetime,
    *,
    expected_version: int | None = None,
) -> None:
    """Types the amount retained on one line (None: the line stays pending). Refused without its financer's word."""
    seance = _deciding(item, actor, expected_version)
    if line.dossier_id != item.dossier_id:
        raise InvalidInputError("Cette ligne n’est pas de ce dossier.", "line")
    found = next((a for a in item.amounts if a.line_id == line.id), None)
    if amount is None:
        if found is not None:
            item.amounts.remove(found)
            flag_modified(item, "rank")  # its version grows: the other secretary's page is stale
            note(
                db,
                seance,
                actor,
                "retain",
                now,
                {"reference": item.dossier.reference, "line": line.key, "amount": None},
            )
        return
    if item.decision in (Decision.REJECTED, Decision.DEFERRED):
        label = DECISION_LABELS[Decision(item.decision)]
        raise NotAllowedHereError(
            f"Le dossier {item.dossier.reference} est « {label} » : rien n’y est retenu."
        )
    check_amount(amount, "Un montant retenu")
    too_much = list(above_ceiling(line, amount))
    if too_much:
        raise RefusedError("Ce montant retenu est refusé.", too_much)
    _check_word(seance, line, amount)
    if found is None:
        item.amounts.append(SeanceAmount(line=line, amount=amount))
    elif found.amount != amount:
        found.amount = amount
    else:
        return
    flag_modified(item, "rank")
    details = {"reference": item.dossier.reference, "line": line.key, "amount": str(amount)}
    note(db, seance, actor, "retain", now, details)


def _check_word(seance: Seance, line: FundingLine, amount: Decimal) -> None:
    if line.state not in RETAINABLE:
        label = LINE_LABELS[LineState(line.state)]
        raise NotAllowedHereError(f"La ligne {line.key} est « {label} » : elle ne reçoit plus de montant.")
    present = frozenset(c.organisation_id for c in seance.convocations if c.presence in HERE)
    if amount > 0 and not has_word(line, present):
        finding = refusal("guard.financer_word", line=line.key, lines=[line.key])
        raise RefusedError("Aucun montant n’est retenu sans la parole de son financeur.", [finding])


def take_up_proposals(db: Session, seance: Seance, actor: Actor, now: datetime) -> int:
    """Retains as proposed on every undecided item whose financers have given their word; the number of items decided."""
    require_secretary(seance.contract_id, seance.body, actor)
    _require_open(seance)
    present = frozenset(c.organisation_id for c in seance.convocations if c.presence in HERE)
    taken = 0
    for item in seance.items:
        ready = [
            line
            for line in item.dossier.lines
            if line.proposed and line.state in PROMISING and has_word(line, present)
        ]
        if item.decision is None and item.dossier.stage == Stage.COMMITMENT and ready:
            for line in ready:
                retain(db, item, line, line.proposed, actor, now)
            decide(db, item, Decision.RETAINED, None, actor, now)
            taken += 1
    return taken


def _deciding(item: SeanceItem, actor: Actor, expected_version: int | None) -> Seance:
    seance = item.seance
    require_secretary(seance.contract_id, seance.body, actor)
    _require_open(seance)
    if expected_version is not None and item.version != expected_version:
        raise ConflictError
    return seance


def _require_free(db: Session, contract_id: int, body: str, starts_at: datetime) -> None:
    """One séance of a body at one moment."""
    same = select(Seance.id).where(
        Seance.contract_id == contract_id, Seance.body == body, Seance.starts_at == starts_at
    )
    if db.scalar(same) is not None:
        raise InvalidInputError("Une séance de cette instance est déjà prévue à ce moment.", "starts_at")


def _require_open(seance: Seance) -> None:
    if seance.status != SeanceStatus.OPEN:
        raise NotAllowedHereError("La séance n’est pas ouverte : rien ne peut y être saisi.")
