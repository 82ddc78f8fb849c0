# SPDX-License-Identifier: EUPL-1.2
"""What the messages about a séance may use."""

from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from notifications.context import Context, Line, Prose, Requested


class AgendaItem(BaseModel):
    """One dossier on an agenda, and what it asks in all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reference: Line
    title: Line
    porteur: Line
    requests: tuple[Requested, ...]
    total: Decimal | None


class Paper(BaseModel):
    """A document of the séance: joined to the message, and where to read it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: Line
    link: str
    joined: bool


class Change(BaseModel):
    """One thing that changed, as it was and as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: Line
    before: Line
    after: Line


class SeanceContext(Context):
    """A séance: what, when, where, and who calls it. `by_writing`: no meeting, `starts_at` is the last moment to answer."""

    seance: Line
    by_writing: bool
    starts_at: datetime
    ends_at: datetime
    place: Line | None
    organiser: Line
    organiser_address: Line


class CalledContext(SeanceContext):
    """To somebody called: for which organisation, what is on the agenda, which papers, where to answer in one click."""

    on_behalf_of: Line
    agenda: tuple[AgendaItem, ...]
    note: Prose | None
    papers: tuple[Paper, ...]
    answer_link: str | None


class SeanceConvocation(CalledContext):
    """Convocation of one member, who sits and votes."""

    quorum: int | None


class SeanceInvitation(CalledContext):
    """Invitation of one guest, without a vote; `heard_on`: the only item it is heard on."""

    heard_on: Line | None


class SeanceUpdate(CalledContext):
    """The date, the place or the duration changed. `is_outdated`: the answer was for another date, it is asked again."""

    changes: tuple[Change, ...]
    answer: Line | None
    is_outdated: bool


class SeanceAgenda(CalledContext):
    """The agenda changed after the convocation."""

    added: tuple[Line, ...]
    removed: tuple[Line, ...]
    reordered: bool


class SeanceReminder(SeanceContext):
    """Somebody called has not answered. `outdated`: what it answered for another date; `lines`: those awaited in writing."""

    on_behalf_of: Line
    is_member: bool
    quorum: int | None
    answer_link: str | None
    outdated: Line | None
    lines: tuple[Line, ...]


class SeanceCancellation(SeanceContext):
    """A séance that will not be held."""

    reason: Prose | None


class SeanceMinutes(SeanceContext):
    """The minutes of a closed séance."""

    on_behalf_of: Line
    papers: tuple[Paper, ...]
    decisions: int


class Problem(BaseModel):
    """Something a person must do, and what."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    about: Line
    remedy: Line


class SeanceAlert(SeanceContext):
    """To the secretary: what stops or weakens a convocation."""

    problems: tuple[Problem, ...]
    is_convoked: bool
