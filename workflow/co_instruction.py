# SPDX-License-Identifier: EUPL-1.2
"""Use cases of the co-instruction: opinions, lateness noted, the lead instructor's synthesis, the citizens' opinion."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from workflow import journal
from workflow.drafts import forget_draft
from workflow.errors import InvalidInputError, NotAllowedHereError, NotPermittedError
from workflow.firing import PARIS
from workflow.inputs import check_amount
from workflow.machine import chain_of, fire, name_of
from workflow.models import Dossier, Opinion
from workflow.permissions import Actor, holds
from workflow.stages import STAGE_LABELS, OpinionState, OpinionValue, Role, Stage

SYNTHESIS_STAGES = (Stage.CO_INSTRUCTION, Stage.FINANCERS_CONFERENCE)


def give_opinion(
    db: Session,
    opinion: Opinion,
    value: str,
    text: str | None,
    actor: Actor,
    now: datetime,
    *,
    confirms: bool | None = None,
    criteria: Mapping[str, int | str] | None = None,
    questions: str | None = None,
    expected_version: int | None = None,
) -> None:
    """Gives (or changes) a partner's opinion; `confirms` is its word on its own credit's local condition.

    `criteria`: rank on the scale by criterion, those left without answer absent. The giver's own draft is done with.
    """
    fire(
        db,
        opinion,
        "give",
        actor,
        None,
        now,
        expected_version=expected_version,
        value=value,
        text=text,
        confirms=confirms,
        criteria=[f"{code}={rank}" for code, rank in (criteria or {}).items()],
        questions=questions,
    )
    forget_draft(db, opinion, actor)


def note_overdue(db: Session, opinion: Opinion, actor: Actor, now: datetime) -> None:
    """Notes that an opinion is overdue, so that the dossier may go on without it."""
    _require(opinion.dossier, actor, (Role.LEAD_INSTRUCTOR, Role.SECRETARY, Role.PILOT))
    if opinion.state != OpinionState.REQUESTED or opinion.due_on >= now.astimezone(PARIS).date():
        raise NotAllowedHereError(f"Cet avis n’est pas en retard : {opinion.organisation.name}.")
    opinion.overdue_noted_by = actor.name
    _note(
        db, opinion.dossier, name_of(opinion), actor, "note_overdue", now, {"due": opinion.due_on.isoformat()}
    )


def write_synthesis(
    db: Session,
    dossier: Dossier,
    opinion: str,
    strengths: str,
    reservations: str,
    suggested: Mapping[str, Decimal],
    actor: Actor,
    now: datetime,
) -> None:
    """The lead instructor's synthesis of this round: opinion, strengths, reservations, suggested amount per line."""
    _require(dossier, actor, (Role.LEAD_INSTRUCTOR,))
    _at_stage(dossier, SYNTHESIS_STAGES)
    if opinion not in tuple(OpinionValue):
        raise InvalidInputError(f"Avis inconnu : « {opinion} ».", "opinion")
    unknown = [key for key in suggested if dossier.line(key) is None]
    if unknown:
        raise InvalidInputError(f"Ligne inconnue sur ce dossier : {', '.join(unknown)}.", "suggested")
    for amount in suggested.values():
        check_amount(amount, "Un montant suggéré")
    dossier.synthesis = {
        "round": dossier.round,
        "opinion": str(opinion),
        "strengths": strengths,
        "reservations": reservations,
        "suggested": {key: str(amount) for key, amount in suggested.items()},
        "by": actor.name,
        "on": now.astimezone(PARIS).date().isoformat(),
        "at": now.isoformat(),
    }
    _note(db, dossier, chain_of(dossier), actor, "write_synthesis", now, dict(dossier.synthesis))
    dossier.synthesis = {**dossier.synthesis, "version": dossier.version}  # of the page it was written on
    forget_draft(db, dossier, actor)


def record_citizens_opinion(db: Session, dossier: Dossier, text: str, actor: Actor, now: datetime) -> None:
    """The conseil citoyen's opinion; without one the summary says « non consulté »."""
    _require(dossier, actor, (Role.CITIZEN_COUNCIL, Role.LEAD_INSTRUCTOR, Role.SECRETARY))
    _at_stage(dossier, (Stage.DISPATCHED, *SYNTHESIS_STAGES))
    dossier.citizens_opinion = text.strip() or None
    _note(
        db,
        dossier,
        chain_of(dossier),
        actor,
        "record_citizens_opinion",
        now,
        {"text": dossier.citizens_opinion},
    )


def _require(dossier: Dossier, actor: Actor, roles: tuple[Role, ...]) -> None:
    if not any(holds(actor, role, dossier) for role in roles):
        raise NotPermittedError("Vos mandats ne permettent pas cette saisie sur ce dossier.")


def _at_stage(dossier: Dossier, stages: tuple[Stage, ...]) -> None:
    if dossier.stage not in stages:
        raise NotAllowedHereError(
            f"Ce n’est pas possible à l’étape « {STAGE_LABELS[Stage(dossier.stage)]} »."
        )


def _note(
    db: Session,
    dossier: Dossier,
    subject: str,
    actor: Actor,
    trigger: str,
    now: datetime,
    details: dict[str, object],
) -> None:
    journal.record(
        db,
        contract_id=dossier.contract_id,
        chain=chain_of(dossier),
        subject=subject,
        actor=actor,
        trigger=trigger,
        now=now,
        details=details,
    )
