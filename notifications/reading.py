# SPDX-License-Identifier: EUPL-1.2
"""From an event to what it is about: the dossier, séance, opinion, line or person named by its subject and payload."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import TypeVar

from sqlalchemy.orm import Session

from notifications.context import Requested
from notifications.errors import NotComposableError
from notifications.recipients import organiser_of
from notifications.seance_context import AgendaItem
from notifications.settings import MailSettings
from notifications.wording import PARIS
from workflow.contracts import territory_of
from workflow.db import Base
from workflow.errors import UnknownReferenceError
from workflow.models import Contract, Dossier, Event, FundingLine, Seance, SeanceItem
from workflow.queries import get_seance
from workflow.territory import Territory

Row = TypeVar("Row", bound=Base)


@dataclass
class Reading:
    """An event being read: everything a kind needs to find its recipients and fill its context."""

    db: Session
    event: Event
    settings: MailSettings
    now: datetime

    @cached_property
    def contract(self) -> Contract:
        """The contract of the event."""
        return self.get(Contract, self.event.contract_id)

    @cached_property
    def territory(self) -> Territory:
        """Its territory."""
        return territory_of(self.contract)

    @cached_property
    def on(self) -> date:
        """The day it happened, in Paris."""
        return self.event.at.astimezone(PARIS).date()

    @cached_property
    def subject_id(self) -> int:
        """The number at the end of the subject (`dossier:12`)."""
        number = self.event.subject.rpartition(":")[2]
        if not number.isdigit():
            raise NotComposableError(f"Événement illisible : sujet « {self.event.subject} ».")
        return int(number)

    @cached_property
    def dossier(self) -> Dossier:
        """The dossier the event is about."""
        return self.get(Dossier, self.subject_id)

    @cached_property
    def seance(self) -> Seance:
        """The séance the event is about, its agenda read at once."""
        try:
            return get_seance(self.db, self.subject_id)
        except UnknownReferenceError as error:
            raise NotComposableError(error.message) from error

    @property
    def pilot(self) -> str:
        """Name of the organisation that pilots the contract."""
        organisation = self.territory.organisation_by_code.get(self.territory.pilot)
        return organisation.name if organisation else self.contract.label

    @property
    def pilot_address(self) -> str | None:
        """Where the pilot is written to and called: post, e-mail, telephone, as far as configuration says."""
        pilot = self.territory.organisation_by_code.get(self.territory.pilot)
        known = (pilot.address, pilot.email, pilot.phone) if pilot else ()
        return ", ".join(filter(None, known)) or None

    @cached_property
    def organiser(self) -> tuple[str, str]:
        """Who calls the séance: a real person where there is one, else the product's own sender."""
        found = organiser_of(self.db, self.seance, self.territory, self.on)
        return found or (self.settings.sender_name, self.settings.sender)

    @cached_property
    def agenda(self) -> tuple[AgendaItem, ...]:
        """The agenda of the séance, in order; the same for every member."""
        return tuple(self._agenda_item(item) for item in self.seance.items)

    def _agenda_item(self, item: SeanceItem) -> AgendaItem:
        dossier = item.dossier
        asked = [
            Requested(label=self.credit_label(line), amount=line.requested)
            for line in dossier.lines
            if line.requested is not None
        ]
        return AgendaItem(
            reference=dossier.reference,
            title=dossier.title,
            porteur=dossier.porteur.name,
            requests=tuple(asked),
            total=sum((each.amount or Decimal(0) for each in asked), Decimal(0)) if asked else None,
        )

    def get(self, model: type[Row], identifier: int) -> Row:
        """The row of this number. Raises NotComposableError when it no longer exists."""
        row = self.db.get(model, identifier)
        if row is None:
            raise NotComposableError(f"Élément introuvable : {model.__tablename__} n° {identifier}.")
        return row

    def link(self, path: str) -> str:
        """An address of the product."""
        return f"{self.settings.base_address.rstrip('/')}/{path}"

    def credit_label(self, line: FundingLine) -> str:
        """« État – Programme 147 »."""
        organisation = self.territory.organisation_by_code.get(line.financer)
        credit = self.territory.credits.get(line.key)
        parts = [
            organisation.name if organisation else line.financer,
            credit.label if credit else line.nature,
        ]
        return " – ".join(parts)
