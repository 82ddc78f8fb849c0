# SPDX-License-Identifier: EUPL-1.2
"""What each template may use: one strict model per kind of message. Text typed by people is made safe here."""

from datetime import date, datetime
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


class PorteurMessage(DossierContext):
    """An agent writes to the porteur in the thread of its dossier."""

    author: Line
    text: Prose
    attached: Line | None  # the name of the document joined


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


class OpinionReminder(DossierContext):
    """A partner's opinion is still awaited, before or after its date."""

    organisation: Line
    due_on: date
    lead_instructor: Line | None


class DroitCommunReminder(OpinionReminder):
    """An ordinary-law holder's answer is still awaited."""

    credit: Line


class RequestAcknowledged(DossierContext):
    """A request has been registered; `implicit_refusal_on` and the remedies only for private porteurs.

    `service_address`: where the service in charge is reached. `missing`: pieces known to be missing that day.
    `suspended_days`: what requests for pieces added to the silence.
    """

    received_on: date
    requests: tuple[Requested, ...]
    service: Line
    service_address: Line | None
    missing: tuple[Line, ...]
    suspended_days: int
    implicit_refusal_on: date | None


class DossierAdmissible(DossierContext):
    """The request will be examined; `fallen`: the credits that do not take part in it."""

    requests: tuple[Requested, ...]
    fallen: tuple[Line, ...]


class CompletionRequested(DossierContext):
    """Pieces are missing."""

    pieces: tuple[Line, ...]
    due_on: date | None
    lead_instructor: Line | None
    implicit_refusal_on: date | None


class CompletionReminder(CompletionRequested):
    """Pieces asked are still missing, before or after their date."""


class ReportReminder(DossierContext):
    """The final report and the financial account of the year are owed, before or after their date."""

    due_on: date


class ActContext(DossierContext):
    """A financer's own act, as recorded."""

    financer: Line
    credit: Line
    retained: Decimal | None
    authority: Line
    act_on: date
    act_number: Line


class LineGranted(ActContext):
    """The financer granted this amount."""

    granted: Decimal


class LineRefused(ActContext):
    """The financer granted nothing."""

    reason: Prose | None


class ConventionToSign(DossierContext):
    """Every financer has decided; a convention is required before payment."""

    amounts: tuple[Requested, ...]
    total: Decimal
    financers: tuple[Line, ...]


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


class DossierReoriented(DossierContext):
    """Another scheme is the right one: which, why, and the body that said so unless the pilot did alone."""

    scheme: Line
    reason: Prose | None
    body: Line | None
    held_on: date | None


class AccountCreated(Context):
    """An account now exists for this address."""

    address: Line
    role: Line | None


class PersonalLink(Context):
    """A link to choose a password or to sign in, good once and until `expires_at`."""

    address: Line
    expires_at: datetime


class DigestItem(BaseModel):
    """One line of a digest."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reference: Line
    title: Line
    text: Line
    link: str


class Digest(Context):
    """What is not urgent, once a day: what is awaited of the person, then the news."""

    day: date
    duties: tuple[DigestItem, ...]
    news: tuple[DigestItem, ...]
    preferences: str
