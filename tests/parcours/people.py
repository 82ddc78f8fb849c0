# SPDX-License-Identifier: EUPL-1.2
"""The sample territory installed in a fresh database, with the demonstration's people: who takes part in a journey."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from app.config import load_config
from app.demo.people import Cast, open_accounts
from app.installation import Installation, load_contracts
from tests.conftest import ROOT
from workflow.contracts import get_contract
from workflow.errors import RefusedError
from workflow.machine import fire
from workflow.models import Contract, Dossier, FundingLine, Seance, SeanceItem
from workflow.permissions import Actor
from workflow.seances import plan_seance, set_agenda
from workflow.session import decide, record_presence, retain
from workflow.territory import Territory

START = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


@dataclass
class Territoire:
    """A fresh database with everybody in place; `now` moves forward by hand."""

    db: Session
    territory: Territory
    contract: Contract
    cast: Cast
    now: datetime = START

    def someone(self, name: str) -> Actor:
        """`instruction@etat` and the like."""
        return self.cast.by_email[f"{name}.demo"]

    def wait(self, **span: float) -> None:
        """Time passes."""
        self.now += timedelta(**span)

    def fire(self, subject: Any, trigger: str, who: str, reason: str | None = None, **details: Any) -> None:
        """One act, flushed as its own transaction would be."""
        fire(self.db, subject, trigger, self.someone(who), reason, self.now, **details)
        self.db.flush()

    def refused(
        self, subject: Any, trigger: str, who: str, reason: str | None = None, **details: Any
    ) -> set[str]:
        """The rules and guards that refuse this act; nothing moved."""
        before = subject.stage if isinstance(subject, Dossier) else subject.status
        try:
            self.fire(subject, trigger, who, reason, **details)
        except RefusedError as error:
            assert before == (subject.stage if isinstance(subject, Dossier) else subject.status)
            return {finding.rule for finding in error.findings}
        raise AssertionError(f"{trigger} was not refused")

    def committee(self, dossiers: list[Dossier], *, in_days: int = 20) -> Seance:
        """A committee of the contract, convoked, then open with everybody there."""
        secretary = self.someone("secretariat@epci")
        starts = self.now + timedelta(days=in_days)
        seance = plan_seance(self.db, self.contract, "comite-engagement", starts, self.now, secretary)
        set_agenda(self.db, seance, dossiers, secretary, self.now)
        self.fire(seance, "convoke", "secretariat@epci")
        self.now = starts
        self.fire(seance, "open", "secretariat@epci")
        for convocation in seance.convocations:
            record_presence(self.db, convocation, "present", secretary, self.now)
        self.db.flush()
        return seance

    def decide(self, item: SeanceItem, decision: str, reason: str | None = None) -> None:
        """What the committee decides; retained as proposed."""
        secretary = self.someone("secretariat@epci")
        for line in item.dossier.lines if decision == "retained" else ():
            if line.proposed:
                retain(self.db, item, line, line.proposed, secretary, self.now)
        decide(self.db, item, decision, reason, secretary, self.now)
        self.db.flush()


def settle_territory(db: Session) -> Territoire:
    """The sample contract of `config.yaml`, its people, nobody's dossier."""
    config = load_config(ROOT / "config.yaml", {})
    load_contracts(db, config.contracts, Installation(), START)
    db.flush()
    contract = get_contract(db)
    open_accounts(db, contract, config.contracts[0])
    return Territoire(db, config.contracts[0], contract, Cast(db, contract, START.date()))


def line_of(dossier: Dossier, key: str) -> FundingLine:
    """The line of this credit."""
    found = dossier.line(key)
    assert found is not None
    return found


def euros(text: str) -> Decimal:
    """An exact amount."""
    return Decimal(text)
