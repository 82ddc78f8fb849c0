# SPDX-License-Identifier: EUPL-1.2
"""The planner of reminders over 100,000 dossiers of which 5,000 have something due that day; then the same day again."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import uuid4

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.bootstrap import Application
from app.demo.people import open_accounts
from app.mail import mail_settings
from bench.clock import seconds_of
from bench.databases import installed
from bench.programme import NOW, PARTNERS
from bench.table import Row, plain, timed
from notifications.due.planner import plan_due
from notifications.settings import MailSettings
from workflow.contracts import get_contract, territory_of
from workflow.models import (
    Action,
    Contract,
    Credit,
    Dossier,
    FundingLine,
    Message,
    Notice,
    Opinion,
    Organisation,
)
from workflow.stages import Stage

DOSSIERS, STEP = 100_000, 5_000
OPINIONS, ANSWERS, COMPLETIONS, REPORTS = 2_500, 1_000, 1_000, 500  # due that day: 5,000
TARGET = 5.0
TODAY = NOW.date()
OTHERS = (
    Stage.CLOSED,
    Stage.REJECTED,
    Stage.SUBMITTED,
    Stage.CONTRACTED,
    Stage.CO_INSTRUCTION,
    Stage.COMMITTED,
)


def measure(loop: float) -> Iterator[Row]:
    """The first run of the day writes everything, the second finds nothing to do."""
    with installed() as application:
        with application.write() as db:
            _fill(db)
        settings = mail_settings(application.config)
        first = seconds_of(lambda: _plan(application, settings))
        yield timed(
            f"planner, {DOSSIERS:,} dossiers, 5,000 due items, everything written", first, TARGET, loop=loop
        )
        with application.read() as db:
            items = db.execute(
                select(Notice.about, Notice.about_id, Notice.due_on)
                .where(Notice.due_on.is_not(None))
                .distinct()
            )
            found, messages = len(items.all()), db.scalar(select(func.count(Message.id)))
        yield plain("planner: due items told", f"{found:,}", is_met=found == 5_000, target="5,000")
        yield plain(
            "planner: messages that say them (digests of persons, letters of porteurs)", f"{messages:,}"
        )
        again = seconds_of(lambda: _plan(application, settings))
        yield timed("planner, the same day again, nothing written", again, TARGET, loop=loop)


def _plan(application: Application, settings: MailSettings) -> int:
    return plan_due(application.write, lambda: NOW, settings)


def _fill(db: Session) -> None:
    """Rows written directly, in bulk: one dossier in twenty has something due, the others are at every other stage."""
    contract = get_contract(db)
    open_accounts(db, contract, territory_of(contract))
    porteurs = _porteurs(db)
    numbers = range(1, DOSSIERS + 1)
    for start in range(0, DOSSIERS, STEP):
        some = numbers[start : start + STEP]
        db.execute(insert(Action), [_action(contract, rank, porteurs) for rank in some])
        db.execute(insert(Dossier), [_dossier(contract, rank, porteurs) for rank in some])
    partners = list(db.scalars(select(Organisation.id).where(Organisation.code.in_(PARTNERS))))
    db.execute(insert(Opinion), list(_opinions(partners)))
    db.execute(insert(FundingLine), list(_lines(db, contract)))


def _porteurs(db: Session) -> list[int]:
    rows = [
        {"name": f"Porteur {n}", "name_key": f"porteur {n}", "kind": "porteur", "legal_form": "association",
         "email": f"porteur{n}@exemple.test"}
        for n in range(300)
    ]  # fmt: skip
    return list(db.scalars(insert(Organisation).returning(Organisation.id), rows))


def _action(contract: Contract, rank: int, porteurs: Sequence[int]) -> dict[str, Any]:
    porteur = porteurs[rank % len(porteurs)]
    return {
        "id": rank,
        "uuid": str(uuid4()),
        "contract_id": contract.id,
        "porteur_id": porteur,
        "title": f"Action {rank}",
    }


def _stage(rank: int) -> tuple[Stage, int]:
    """What the dossier owes that day, by its rank: an opinion, an answer, pieces, a report; else nothing."""
    if rank <= OPINIONS + ANSWERS:
        return Stage.CO_INSTRUCTION, TODAY.year
    if rank <= OPINIONS + ANSWERS + COMPLETIONS:
        return Stage.INCOMPLETE, TODAY.year
    if rank <= OPINIONS + ANSWERS + COMPLETIONS + REPORTS:
        return Stage.CONTRACTED, TODAY.year - 2
    return OTHERS[rank % len(OTHERS)], TODAY.year


def _dossier(contract: Contract, rank: int, porteurs: Sequence[int]) -> dict[str, Any]:
    stage, year = _stage(rank)
    asked = {"pieces": ["statuts"], "due": _late(rank).isoformat(), "requested_on": "2026-02-01"}
    opened: datetime = NOW - timedelta(days=40)
    return {
        "id": rank,
        "contract_id": contract.id,
        "action_id": rank,
        "porteur_id": porteurs[rank % len(porteurs)],
        "year": year,
        "reference": f"PL-{rank:06}",
        "stage": stage.value,
        "title": f"Action {rank}",
        "completion": asked if stage is Stage.INCOMPLETE else None,
        "completions": [],
        "follow_up": {},
        "opinions_due_on": _late(rank) if OPINIONS < rank <= OPINIONS + ANSWERS else None,
        "created_at": opened,
        "stage_since": opened,
    }


def _late(rank: int) -> date:
    return TODAY - timedelta(days=1 + rank % 5)


def _opinions(partners: Sequence[int]) -> Iterator[dict[str, Any]]:
    """One late for each of the first dossiers; for many others, one given or one that can wait."""
    asked = {"requested_at": NOW - timedelta(days=30), "round": 1}
    for rank in range(1, OPINIONS + 1):
        yield asked | {"dossier_id": rank, "organisation_id": partners[rank % len(partners)], "state": "requested", "due_on": _late(rank)}  # fmt: skip
    for rank in range(DOSSIERS // 2, DOSSIERS):
        state, due_on = ("given", _late(rank)) if rank % 3 else ("requested", TODAY + timedelta(days=30))
        yield asked | {"dossier_id": rank, "organisation_id": partners[rank % len(partners)], "state": state, "due_on": due_on}  # fmt: skip


def _lines(db: Session, contract: Contract) -> Iterator[dict[str, Any]]:
    credits = db.scalars(
        select(Credit).where(Credit.contract_id == contract.id, Credit.nature == "droit_commun")
    )
    credit = next(iter(islice(credits, 1)))
    for rank in range(1, DOSSIERS + 1):
        waiting = OPINIONS < rank <= OPINIONS + ANSWERS
        state = "asked" if waiting or rank % 2 else "declined"
        yield {
            "dossier_id": rank,
            "credit_id": credit.id,
            "key": credit.code,
            "year": TODAY.year,
            "state": state,
        }
