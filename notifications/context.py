# SPDX-License-Identifier: EUPL-1.2
"""What each template may use: one strict model per kind of message. Text typed by people is made safe here."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from notifications.wording import one_line, prose

Line = Annotated[str, AfterValidator(one_line)]
Prose = Annotated[str, AfterValidator(prose)]


class Context(BaseModel):
    """What every message knows: the contract, who runs it, who receives, where to read more."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    contract: Line
    pilot: Line
    recipient: Line
    link: str | None = None


class Requested(BaseModel):
    """One credit and what is asked of it (None: not known)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: Line
    amount: Decimal | None


class DossierContext(Context):
    """A message about one dossier."""

    reference: Line
    title: Line
    porteur: Line
    year: int


class OpinionRequested(DossierContext):
    """A partner's technical opinion is asked for; `question` when it is a new round."""

    organisation: Line
    due_on: date
    lead_instructor: Line | None
    question: Prose | None
    again: bool


class DroitCommunSolicited(DossierContext):
    """An ordinary-law holder must answer for its credit."""

    organisation: Line
    credit: Line
    requested: Decimal | None
    due_on: date | None
    lead_instructor: Line | None


class RequestAcknowledged(DossierContext):
    """A request has been registered; `implicit_refusal_on` only for private porteurs."""

    received_on: date
    requests: tuple[Requested, ...]
    implicit_refusal_on: date | None


class CompletionRequested(DossierContext):
    """Pieces are missing."""

    pieces: tuple[Line, ...]
    due_on: date | None
    lead_instructor: Line | None


class DossierInadmissible(DossierContext):
    """The request cannot be examined, and why."""

    reason: Prose


class DecisionContext(DossierContext):
    """What a committee said of a dossier."""

    body: Line
    held_on: date


class DossierCommitted(DecisionContext):
    """Amounts retained, each under its financer's own decision."""

    amounts: tuple[Requested, ...]
    total: Decimal
    conditions: Prose | None


class DossierRejected(DecisionContext):
    """Not retained, and why."""

    reason: Prose


class DossierDeferred(DecisionContext):
    """Put off, why, and to which séance if known."""

    reason: Prose
    next_seance: Line | None


class AccountCreated(Context):
    """An account now exists for this address."""

    address: Line
    role: Line | None
