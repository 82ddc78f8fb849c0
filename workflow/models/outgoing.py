# SPDX-License-Identifier: EUPL-1.2
"""What leaves later: events, messages, documents; and long work and scheduled slots as rows."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column

from workflow.db import Base


class Event(Base):
    """Something happened (`dossier.committed`); the planner turns it into messages once."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_unplanned", "planned_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    kind: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(40))  # dossier:12, seance:3
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime]
    held_until: Mapped[datetime | None]  # told no sooner: documents are being made, or changes are gathered
    planned_at: Mapped[datetime | None]


def _domain(context: Any) -> str:
    recipient: str = context.get_current_parameters()["recipient"]
    return recipient.rpartition("@")[2].lower()


class Message(Base):
    """One e-mail to one person: rendered when planned, sent by a worker that claims the row; `key` is unique."""

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_due", "state", "next_attempt_at"),
        Index("ix_message_pace", "tried_at"),
        Index("ix_message_of_contract", "contract_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"))
    kind: Mapped[str] = mapped_column(String(60))
    subject_ref: Mapped[str | None] = mapped_column(String(40), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    recipient: Mapped[str] = mapped_column(String(254))
    domain: Mapped[str] = mapped_column(
        String(254), default=_domain
    )  # of the recipient: messages are paced by it
    title: Mapped[str] = mapped_column(String(300))  # the subject line
    body: Mapped[bytes] = deferred(mapped_column(LargeBinary))  # ready to send, but for its documents
    documents: Mapped[list[int] | None]  # numbers of the stored documents that enter it when it leaves
    message_id: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(20), default="pending")
    reason: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]  # when it was last claimed to be sent
    claimed_by: Mapped[str | None] = mapped_column(String(80))
    claimed_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]


class Notice(Base):
    """A reminder or a piece of news owed to one recipient: sent alone, or in the digest of the day (`message_id`).

    `about` and `about_id` name the thing awaited (`opinion`, 45); `rank` 0 comes before the date, the others after.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint(
            "about", "about_id", "recipient_code", "on"
        ),  # one a day on one subject to one person
        Index("ix_notice_waiting", "state", "contract_id", "recipient_code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    kind: Mapped[str] = mapped_column(String(60))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    about: Mapped[str] = mapped_column(String(20))
    about_id: Mapped[int]
    due_on: Mapped[date | None]
    rank: Mapped[int] = mapped_column(default=0)
    on: Mapped[date]  # the day in Paris
    recipient_code: Mapped[str] = mapped_column(String(40))
    recipient_name: Mapped[str] = mapped_column(String(300))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    state: Mapped[str] = mapped_column(String(20), default="waiting")  # waiting, told, skipped
    reason: Mapped[str | None] = mapped_column(Text)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))


class Document(Base):
    """An immutable file: its bytes, their sha256, what it is about."""

    __tablename__ = "document"

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"))
    kind: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(40), index=True)
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    created_at: Mapped[datetime]


class Task(Base):
    """Long work as a row: claimed, leased, retaken if its worker dies."""

    __tablename__ = "task"
    __table_args__ = (Index("ix_task_due", "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"))
    kind: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(20), default="pending")  # pending, running, done, failed
    progress: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    owner: Mapped[str | None] = mapped_column(String(80))
    attempts: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any] | None]
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]

    @property
    def is_over(self) -> bool:
        """True once nobody will work on it any more."""
        return self.state in ("done", "failed")


class ScheduleRun(Base):
    """The claim of one scheduled slot of one job: any number of workers, one execution."""

    __tablename__ = "schedule_run"
    __table_args__ = (UniqueConstraint("job", "slot"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str] = mapped_column(String(60))
    slot: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20), default="running")
    owner: Mapped[str] = mapped_column(String(80))
    lease_until: Mapped[datetime]
    attempt: Mapped[int] = mapped_column(default=1)
    done_at: Mapped[datetime | None]


class Secret(Base):
    """A key drawn by `init` and never shown: it signs the answer links of convocations."""

    __tablename__ = "secret"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    value: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]
