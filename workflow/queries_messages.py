# SPDX-License-Identifier: EUPL-1.2
"""What the outbox says, for screens: the messages of a contract, or of one subject, without their bodies."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.errors import UnknownReferenceError
from workflow.models import Message, Seance


def list_messages(
    db: Session, contract_id: int, *, state: str | None = None, limit: int = 300
) -> Sequence[Message]:
    """The newest messages of a contract."""
    query = select(Message).where(Message.contract_id == contract_id)
    if state:
        query = query.where(Message.state == state)
    return db.scalars(query.order_by(Message.id.desc()).limit(limit)).all()


def count_messages(db: Session, contract_id: int) -> dict[str, int]:
    """How many messages of a contract are in each state."""
    query = (
        select(Message.state, func.count()).where(Message.contract_id == contract_id).group_by(Message.state)
    )
    return dict(db.execute(query).all())


def messages_about(db: Session, subject: str) -> Sequence[Message]:
    """The messages about one subject (`seance:3`), oldest first."""
    return db.scalars(select(Message).where(Message.subject_ref == subject).order_by(Message.id)).all()


def get_message(db: Session, contract_id: int, id_: int) -> Message:
    """One message of a contract. Raises UnknownReferenceError."""
    found = db.scalars(select(Message).where(Message.id == id_, Message.contract_id == contract_id)).first()
    if found is None:
        raise UnknownReferenceError(f"Message inconnu : n° {id_}.")
    return found


def letters_of(db: Session, seance: Seance) -> Sequence[Message]:
    """The drafts that a closed séance gave birth to: about itself or about the dossiers it decided."""
    if seance.closed_at is None:
        return ()
    subjects = [
        f"seance:{seance.id}",
        *(f"dossier:{item.dossier_id}" for item in seance.items if item.decision),
    ]
    query = select(Message).where(
        Message.contract_id == seance.contract_id,
        Message.state == "draft",
        Message.subject_ref.in_(subjects),
        Message.created_at >= seance.closed_at,
    )
    return db.scalars(query.order_by(Message.id)).all()
