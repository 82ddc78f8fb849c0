# SPDX-License-Identifier: EUPL-1.2
"""What the pages are timed on, beside the campaign: séances full of decisions, acts awaited and recorded, CPO under way, scenarios."""

from datetime import date
from itertools import product

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.bootstrap import Application
from bench.programme import NOW, committee
from workflow.contracts import get_contract
from workflow.forecasts import establish
from workflow.machine import fire
from workflow.models import (
    Contract,
    Dossier,
    FundingLine,
    Mandate,
    Message,
    Opinion,
    Organisation,
    Person,
    Seance,
)
from workflow.permissions import Actor, actor_for
from workflow.scenarios import derive, from_proposals, set_amounts
from workflow.session import note_presences, show_item, take_up_proposals
from workflow.stages import FUNDED_STAGES, LineState, OpinionState, Role, Stage
from workflow.territory import BodyKind

SECRETARY = "secretariat@epci.demo"
PORTEUR, SINCE = "porteur@bench.demo", date(2024, 1, 1)
DERIVED = "Variante du secrétariat"
PROMISED = {LineState.ASKED, LineState.FIRM, LineState.INDICATIVE}
WRITTEN_TO = 10  # letters to each person: as many as the page of messages shows
ACT = {"authority": "Commission permanente", "date": "2026-03-02", "number": "2026-CP-17"}


def numbers_of(application: Application) -> dict[str, int]:
    """A dossier in co-instruction with its four opinions, one of the CAF's among them, and a line of the CAF."""
    with application.read() as db:
        caf = select(Organisation.id).where(Organisation.code == "caf").scalar_subquery()
        query = (
            select(Dossier.id, Opinion.id, FundingLine.id, Dossier.porteur_id)
            .join(Dossier.opinions)
            .join(Dossier.lines)
            .where(Dossier.stage == Stage.CO_INSTRUCTION, Opinion.organisation_id == caf)
            .where(FundingLine.key == "caf:droit_commun")
            .order_by(Dossier.id)
        )
        return dict(
            zip(("dossier", "opinion", "line", "porteur"), db.execute(query).first() or (), strict=True)
        )


def lay(application: Application) -> dict[str, int]:
    """Lays the scene; gives the numbers that the addresses name."""
    with application.write() as db:
        contract = get_contract(db)
        person = db.scalars(select(Person).where(Person.email == SECRETARY)).one()
        _await_answers(db)
        _write_letters(db, contract)
        sat = _seances(db, contract, actor_for(db, person, NOW.date()))
        return sat | {"cpo": _followed(db)} | _porteur(db, contract)


def _await_answers(db: Session) -> None:
    """The CAF still owes its opinion and its answer on every dossier in co-instruction."""
    caf = select(Organisation.id).where(Organisation.code == "caf").scalar_subquery()
    mine = select(Dossier.id).where(Dossier.stage == Stage.CO_INSTRUCTION)
    for opinion in db.scalars(
        select(Opinion).where(Opinion.organisation_id == caf, Opinion.dossier_id.in_(mine))
    ):
        opinion.state, opinion.value = OpinionState.REQUESTED.value, None
        opinion.given_at = opinion.given_by = opinion.text = None
    lines = select(FundingLine).where(FundingLine.key == "caf:droit_commun", FundingLine.dossier_id.in_(mine))
    for line in db.scalars(lines):
        line.state, line.promised = LineState.ASKED.value, None


def _write_letters(db: Session, contract: Contract) -> None:
    """Convocations sent, several to each person."""
    for person, rank in product(db.scalars(select(Person)).all(), range(WRITTEN_TO)):
        key = f"bench:{person.id}:{rank}"
        db.add(
            Message(
                key=key,
                contract_id=contract.id,
                kind="seance_convocation",
                person_id=person.id,
                recipient=person.email,
                title="Convocation au comité d’engagement",
                body=b"",
                message_id=f"<{key}@epci.test>",
                state="sent",
                created_at=NOW,
                next_attempt_at=NOW,
                sent_at=NOW,
            )
        )


def _seances(db: Session, contract: Contract, secretary: Actor) -> dict[str, int]:
    """Three that carry every dossier of their stage: one convoked, with two scenarios; one open; a conference."""
    ahead, held = committee(db, contract), committee(db, contract, in_days=28)
    first = from_proposals(db, ahead, "Propositions du secrétariat", secretary, NOW)
    second = derive(db, first, DERIVED, secretary, NOW)
    set_amounts(db, second, {one.line_id: one.amount // 2 for one in second.amounts}, secretary, NOW)
    _sit(db, held, secretary)
    talk = committee(db, contract, BodyKind.CONFERENCE, Stage.FINANCERS_CONFERENCE)
    return {
        "seance": ahead.id,
        "open": held.id,
        "conference": talk.id,
        "scenario": first.id,
        "derived": second.id,
    }


def _sit(db: Session, seance: Seance, secretary: Actor) -> None:
    """Opened, everybody there, decided as proposed where the financers have said so, an item on the screen."""
    now = seance.starts_at
    fire(db, seance, "open", secretary, None, now)
    note_presences(db, seance, {one.id: "present" for one in seance.convocations}, secretary, now)
    take_up_proposals(db, seance, secretary, now)
    show_item(db, seance, seance.items[len(seance.items) // 2], secretary, now)


def _followed(db: Session) -> int:
    """What a committee left behind on the dossiers that it retained. Gives the first whose CPO has forecasts.

    Those retained wait for the acts of their financers, which the later ones have; rows are written directly, forecasts
    by the workflow.
    """
    query = select(Dossier).where(Dossier.stage.in_(FUNDED_STAGES)).options(selectinload(Dossier.lines))
    under_way = []
    for dossier in db.scalars(query.order_by(Dossier.id)).all():
        for line in dossier.lines:
            _decided(line, is_granted=dossier.stage != Stage.COMMITTED)
        written, _ = establish(db, dossier, NOW)
        if written:
            under_way.append(dossier.id)
    if not under_way:
        raise RuntimeError("the campaign lacks a CPO that a committee retained")
    return under_way[0]


def _decided(line: FundingLine, *, is_granted: bool) -> None:
    amount = line.proposed or line.promised
    if line.state not in PROMISED or not amount:
        return
    line.state, line.retained = LineState.RETAINED.value, amount
    if is_granted:
        line.state, line.granted, line.act = LineState.GRANTED.value, amount, ACT


def _porteur(db: Session, contract: Contract) -> dict[str, int]:
    """A person who files for the porteurs of two dossiers, one contracted, one a draft."""
    chosen, draft = _first(db, Stage.CONTRACTED), _first(db, Stage.DRAFT)
    person = Person(email=PORTEUR, name="Porteur de la mesure")
    for porteur in {chosen.porteur_id: chosen.porteur, draft.porteur_id: draft.porteur}.values():
        person.mandates.append(
            Mandate(role=Role.PORTEUR, organisation=porteur, contract_id=contract.id, from_on=SINCE)
        )
    db.add(person)
    db.flush()
    return {"contracted": chosen.id, "own": chosen.id, "draft": draft.id}


def _first(db: Session, stage: Stage) -> Dossier:
    found = db.scalars(select(Dossier).where(Dossier.stage == stage).order_by(Dossier.id)).first()
    if found is None:
        raise RuntimeError(f"the campaign lacks a dossier at stage {stage}")
    return found
