# SPDX-License-Identifier: EUPL-1.2
"""Programmes of any size for the benches: the sample requests taken again and again, with opinions, answers, a synthesis."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import cycle, islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo.people import open_accounts
from app.demo.programme import read_programme
from workflow.contracts import get_contract, territory_of
from workflow.machine import fire
from workflow.models import Contract, Dossier, FundingLine, Opinion, Organisation, Person, Seance
from workflow.permissions import SCHEDULER
from workflow.request_values import RequestValues
from workflow.seances import plan_seance, set_agenda
from workflow.stages import NOT_YET_DISPATCHED, Stage
from workflow.submission import Registry, add_dossier
from workflow.territory import BodyKind, Territory

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
STEP, USUAL = 250, Decimal(1500)
PARTNERS = ("departement", "caf", "education-nationale", "ars")
VALUES = ("favourable", "favourable_with_reservations", None, "unfavourable")
ANSWERS = ("firm", "indicative", "declined", "no_reply", "not_concerned")
SYNTHESIS = {
    "opinion": "favourable_with_reservations",
    "strengths": "Ancrage local, partenariat avec le collège, public bien repéré.",
    "reservations": "Le bilan chiffré de l’an passé reste à préciser.",
    "round": 1,
}


def requests(territory: Territory, number: int) -> Iterator[RequestValues]:
    """That many requests, each with a reference of its own."""
    sample = list(read_programme(territory).values())
    for rank, values in enumerate(islice(cycle(sample), number), start=1):
        yield replace(values, reference=f"BENCH-{rank:05}", title=f"{values.title} ({rank})")


def fill(db: Session, number: int, stages: Sequence[Stage] = tuple(Stage)) -> Contract:
    """That many dossiers, at these stages in turn, with everybody who works on them."""
    contract = get_contract(db)
    territory = territory_of(contract)
    if db.scalar(select(Person.id).limit(1)) is None:
        open_accounts(db, contract, territory)
    wanted = list(requests(territory, number))
    registry = Registry(db, contract, wanted)
    for values in wanted:
        registry.porteurs.find_or_add(values)
    db.flush()
    partners = list(db.scalars(select(Organisation).where(Organisation.code.in_(PARTNERS))))
    lead = db.scalars(select(Person).order_by(Person.id)).first()
    for rank, values in enumerate(wanted):
        dossier = add_dossier(registry, values, NOW)
        stage = stages[rank % len(stages)]
        if stage not in NOT_YET_DISPATCHED:
            _ask_holders(registry, dossier, territory)
        _instruct(dossier, rank, stage, partners, lead)
        if rank % STEP == STEP - 1:
            db.flush()
    db.flush()
    return contract


def _ask_holders(registry: Registry, dossier: Dossier, territory: Territory) -> None:
    """Lines of the ordinary-law holders that the themes concern, as the dispatch opens them."""
    asked = (dossier.objectives, dossier.themes, dossier.qpv)
    dossier.holders = list(territory.holders_concerned(*(tuple(codes or ()) for codes in asked)))
    for key in dossier.holders:
        if dossier.line(key) is None:
            dossier.lines.append(FundingLine(credit=registry.credit(key), key=key, year=dossier.year))


def _instruct(
    dossier: Dossier, rank: int, stage: Stage, partners: list[Organisation], lead: Person | None
) -> None:
    """What the instruction added. Rows are written directly: a bench measures reading here, not the way there."""
    dossier.stage, dossier.stage_since = stage.value, NOW - timedelta(days=rank % 60)
    if stage in NOT_YET_DISPATCHED:
        return
    dossier.lead_instructor, dossier.theme = lead, next(iter(dossier.themes or ()), None)
    dossier.synthesis, dossier.opinions_due_on = SYNTHESIS, NOW.date() - timedelta(days=5)
    dossier.opinions.extend(_opinion(partner, (rank + n) % 4) for n, partner in enumerate(partners))
    for place, line in enumerate(dossier.lines):
        if line.nature == "droit_commun":
            line.state = ANSWERS[(rank + place) % len(ANSWERS)]
            line.promised = (line.requested or USUAL) if line.state in ("firm", "indicative") else None
            line.reason = "Hors des priorités de l’année." if line.state == "declined" else None
        else:
            line.state = "asked"
            line.proposed = (line.requested or Decimal(0)) // 2
        line.condition_confirmed = (rank + place) % 5 > 0 or None  # one condition in five not confirmed yet


def _opinion(partner: Organisation, kind: int) -> Opinion:
    value = VALUES[kind]
    opinion = Opinion(
        organisation=partner,
        requested_at=NOW - timedelta(days=30),
        due_on=NOW.date() - timedelta(days=5),
        state="requested" if value is None else "given",
        value=value,
    )
    if value is not None:
        opinion.given_at, opinion.given_by = NOW - timedelta(days=8), "A. Roy"
        opinion.text = "Action connue du service, public bien ciblé."
    return opinion


def committee(
    db: Session,
    contract: Contract,
    kind: BodyKind = BodyKind.COMMITTEE,
    stage: Stage = Stage.COMMITMENT,
    in_days: int = 21,
) -> Seance:
    """A convoked séance of a body of this kind, with every dossier of this stage on the agenda."""
    body = next(body.code for body in territory_of(contract).bodies if body.kind is kind)
    seance = plan_seance(db, contract, body, NOW + timedelta(days=in_days), NOW, SCHEDULER)
    ready = select(Dossier).where(Dossier.stage == stage).order_by(Dossier.reference)
    set_agenda(db, seance, db.scalars(ready).all(), SCHEDULER, NOW)
    fire(db, seance, "convoke", SCHEDULER, None, NOW)
    db.flush()
    return seance
