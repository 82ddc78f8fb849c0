# SPDX-License-Identifier: EUPL-1.2
"""What a porteur is told of its dossiers: the letters that have left, and the decisions those letters carry."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, load_only, undefer

from workflow.contracts import territory_of
from workflow.errors import UnknownReferenceError
from workflow.models import Contract, Dossier, FundingLine, Message, Organisation, Seance, SeanceItem
from workflow.stages import OPEN_STAGES, SeanceStatus, Stage
from workflow.territory import BodyKind

# The letter that tells a decision; until a person has released it, the porteur is told nothing.
DECISION_LETTERS: Mapping[Stage, str] = {
    Stage.INADMISSIBLE: "dossier_inadmissible",
    Stage.COMMITTED: "dossier_committed",
    Stage.REJECTED: "dossier_rejected",
    Stage.DEFERRED: "dossier_deferred",
    Stage.REORIENTED: "dossier_reoriented",
}
ACT_LETTERS = ("line_granted", "line_refused")
# Where the dossier stands for its porteur while the letter waits.
BEFORE: Mapping[Stage, Stage] = {
    Stage.INADMISSIBLE: Stage.SUBMITTED,
    Stage.COMMITTED: Stage.COMMITMENT,
    Stage.REJECTED: Stage.COMMITMENT,
    Stage.DEFERRED: Stage.COMMITMENT,
    Stage.REORIENTED: Stage.COMMITMENT,  # unless the dossier says from where
}
CONTRACTED = frozenset({Stage.CONTRACTED, Stage.REPORTED, Stage.CLOSED})
# The bodies whose next date a porteur is told; the others read programmes, not its request.
EXAMINING = frozenset({BodyKind.DISPATCH, BodyKind.THEMATIC, BodyKind.CONFERENCE, BodyKind.COMMITTEE})
OTHER_LETTERS = ("request_acknowledged", "completion_requested", "dossier_admissible")
LETTERS = (*OTHER_LETTERS, *DECISION_LETTERS.values(), *ACT_LETTERS)


@dataclass(frozen=True, slots=True)
class Told:
    """What one dossier's porteur knows. `stage`: where it stands for them; `acts`: ids of the lines whose act is told."""

    stage: Stage
    is_waiting: bool = False
    acts: frozenset[int] = frozenset()
    letters: Sequence[Message] = field(default_factory=tuple)

    def knows_act(self, line: FundingLine) -> bool:
        """True when the porteur has been told what this financer grants."""
        return line.id in self.acts or self.stage in CONTRACTED

    @property
    def knows_decision(self) -> bool:
        """True when the committee's amounts have been told."""
        return self.stage in CONTRACTED or self.stage is Stage.COMMITTED


def told_of(db: Session, dossiers: Iterable[Dossier]) -> dict[int, Told]:
    """By dossier id, in one statement."""
    known = list(dossiers)
    letters = _letters(db, known)
    return {one.id: _told(one, letters[f"dossier:{one.id}"]) for one in known}


def knows_decision(db: Session, dossier: Dossier) -> bool:
    """True when its porteur has been told that the action is retained."""
    return told_of(db, [dossier])[dossier.id].knows_decision


def _letters(db: Session, dossiers: Sequence[Dossier]) -> defaultdict[str, list[Message]]:
    found: defaultdict[str, list[Message]] = defaultdict(list)
    subjects = [f"dossier:{one.id}" for one in dossiers]
    query = select(Message).where(Message.subject_ref.in_(subjects), *RELEASED).order_by(Message.id)
    for message in db.scalars(query):
        found[message.subject_ref or ""].append(message)
    return found


RELEASED = (Message.kind.in_(LETTERS), Message.state.not_in(("draft", "skipped")))


def _told(dossier: Dossier, letters: Sequence[Message]) -> Told:
    stage, kinds = Stage(dossier.stage), {message.kind for message in letters}
    acts = (message.key.split(":")[1] for message in letters if message.kind in ACT_LETTERS)
    is_told = DECISION_LETTERS.get(stage) in (None, *kinds)
    return Told(
        stage=stage if is_told else _before(dossier, stage),
        is_waiting=not is_told,
        acts=frozenset(int(number) for number in acts if number.isdigit()),
        letters=letters,
    )


def _before(dossier: Dossier, stage: Stage) -> Stage:
    came_from = dossier.follow_up.get("reoriented_from") if stage is Stage.REORIENTED else None
    return Stage(came_from) if came_from else BEFORE[stage]


def own_dossiers(
    db: Session, contract: Contract, porteurs: frozenset[int]
) -> Sequence[tuple[Dossier, Decimal | None]]:
    """The dossiers of these porteurs, newest year first, with what each requests: what their list shows, in one statement."""
    requested = (
        select(func.sum(FundingLine.requested))
        .where(FundingLine.dossier_id == Dossier.id)
        .correlate(Dossier)
        .scalar_subquery()
    )
    query = (
        select(Dossier, requested)
        .where(Dossier.contract_id == contract.id, Dossier.porteur_id.in_(porteurs))
        .options(
            load_only(
                Dossier.porteur_id,
                Dossier.year,
                Dossier.reference,
                Dossier.title,
                Dossier.stage,
                Dossier.completion,
                Dossier.follow_up,
            ),
            joinedload(Dossier.porteur).load_only(Organisation.name),
        )
        .order_by(Dossier.year.desc(), Dossier.stage_since.desc(), Dossier.id.desc())
    )
    return [(dossier, total) for dossier, total in db.execute(query)]


def next_seance(db: Session, dossier: Dossier, now: datetime) -> Seance | None:
    """The next séance that will examine it, once its members are convoked: a date only planned is told to nobody.

    What is already decided is examined no more: a rectification, or the validation of a programme, is not its porteur's.
    """
    if dossier.stage not in OPEN_STAGES:
        return None
    examine = [body.code for body in territory_of(dossier.contract).bodies if body.kind in EXAMINING]
    query = (
        select(Seance)
        .join(Seance.items)
        .where(SeanceItem.dossier_id == dossier.id, Seance.status == SeanceStatus.CONVOKED)
        .where(Seance.starts_at >= now, Seance.body.in_(examine))
        .order_by(Seance.starts_at)
    )
    return db.scalars(query.limit(1)).first()


def own_letter(db: Session, dossier: Dossier, id_: int) -> Message:
    """One letter that has left, with its text. Raises UnknownReferenceError."""
    query = select(Message).where(
        Message.id == id_, Message.subject_ref == f"dossier:{dossier.id}", *RELEASED
    )
    found = db.scalar(query.options(undefer(Message.body)))
    if found is None:
        raise UnknownReferenceError("Ce courrier n’est pas de ce dossier, ou n’est pas encore parti.")
    return found
