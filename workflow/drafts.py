# SPDX-License-Identifier: EUPL-1.2
"""Drafts of an opinion or of a synthesis: one per person, seen by whoever may give it, kept until given or dropped.

A draft moves no state and is no act: it is not journalled, and two people never write over each other's.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session, joinedload

from workflow.claims import insert_once
from workflow.errors import NotAllowedHereError, NotPermittedError
from workflow.guards.co_instruction import ANSWERING_STAGES
from workflow.machine import permitted, table_of
from workflow.models import Dossier, Opinion, OpinionDraft
from workflow.permissions import Actor, holds
from workflow.stages import Role

Drafted = Opinion | Dossier  # a dossier stands for its synthesis
Content = Mapping[str, Sequence[str]]
GIVEN_SINCE = (
    "Vous l’avez rendu depuis que cette page est ouverte : ce brouillon n’est pas enregistré. Relisez, puis rendez-le de "
    "nouveau s’il doit changer."
)


def name_of_draft(subject: Drafted) -> str:
    """How a draft names what it is about."""
    return f"opinion:{subject.id}" if isinstance(subject, Opinion) else f"synthesis:{subject.id}"


def may_write(subject: Drafted, actor: Actor) -> bool:
    """True for whoever the tables let give this opinion now, or for the lead instructor who writes the synthesis."""
    if isinstance(subject, Dossier):
        return subject.stage in ANSWERING_STAGES and holds(actor, Role.LEAD_INSTRUCTOR, subject)
    row = table_of(subject).row("give", subject.state)
    is_now = subject.dossier.stage in ANSWERING_STAGES and subject.round == subject.dossier.round
    return row is not None and is_now and permitted(subject, row, actor)


def _sees(subject: Drafted, actor: Actor) -> bool:
    """True for the people of the organisation consulted, and the lead instructor for the synthesis."""
    if isinstance(subject, Dossier):
        return holds(actor, Role.LEAD_INSTRUCTOR, subject)
    return actor.speaks_for(subject.organisation_id, subject.dossier.contract_id)


def check_may_draft(subject: Drafted, actor: Actor) -> None:
    """Raises NotPermittedError to other organisations, NotAllowedHereError when it is no longer to be given."""
    if not _sees(subject, actor):
        raise NotPermittedError("Vos mandats ne permettent pas cette saisie sur ce dossier.")
    if not may_write(subject, actor):
        raise NotAllowedHereError(
            "Ce brouillon ne peut plus être enregistré : rien n’est plus à rendre ici à cette étape du dossier."
        )


def save_draft(
    db: Session,
    subject: Drafted,
    content: Content,
    actor: Actor,
    now: datetime,
    *,
    page_version: int | None = None,
) -> OpinionDraft:
    """Keeps what this person has typed so far. Raises NotPermittedError, NotAllowedHereError.

    `page_version`: what the page showed. A saving that arrives after the giving brings no draft back.
    """
    check_may_draft(subject, actor)
    if page_version is not None and _is_given_since(subject, actor, page_version):
        raise NotAllowedHereError(GIVEN_SINCE)
    kept = {name: list(values) for name, values in content.items()}
    draft = db.scalar(_own(subject, actor))
    if draft is None:
        dossier_id = subject.id if isinstance(subject, Dossier) else subject.dossier_id
        whose = {"subject": name_of_draft(subject), "dossier_id": dossier_id, "person_id": actor.person_id}
        insert_once(db, OpinionDraft, {**whose, "content": kept, "saved_at": now})
        draft = db.scalars(_own(subject, actor)).one()
    draft.content, draft.saved_at = kept, now
    return draft


def _is_given_since(subject: Drafted, actor: Actor, page_version: int) -> bool:
    """True when this very person has given, from this page or after it was opened."""
    if isinstance(subject, Dossier):
        given = subject.synthesis or {}
        return given.get("by") == actor.name and page_version <= given.get("version", 0)
    return page_version < subject.version and actor.name == (subject.changed_by or subject.given_by)


def drafts_on(db: Session, subject: Drafted, actor: Actor) -> Sequence[OpinionDraft]:
    """The drafts this person may see, the newest first: theirs and their colleagues'."""
    if not _sees(subject, actor):
        return ()
    query = select(OpinionDraft).where(OpinionDraft.subject == name_of_draft(subject))
    return db.scalars(
        query.options(joinedload(OpinionDraft.person)).order_by(OpinionDraft.saved_at.desc(), OpinionDraft.id)
    ).all()


def forget_draft(db: Session, subject: Drafted, actor: Actor) -> None:
    """This person's draft, given or dropped; those of colleagues stay."""
    if actor.person_id is not None:
        db.execute(
            delete(OpinionDraft).where(
                OpinionDraft.subject == name_of_draft(subject), OpinionDraft.person_id == actor.person_id
            )
        )


def _own(subject: Drafted, actor: Actor) -> Select[OpinionDraft]:
    return select(OpinionDraft).where(
        OpinionDraft.subject == name_of_draft(subject), OpinionDraft.person_id == actor.person_id
    )
