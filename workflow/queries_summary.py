# SPDX-License-Identifier: EUPL-1.2
"""What the arbitration summary reads beyond the dossiers: last year's amounts, persons who must leave, programme lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from rules.engine import evaluate_programme
from rules.facts import ProgrammeFacts
from rules.findings import Finding
from rules.programme import ProgrammeFigures, programme_figures
from rules.programme_year import ProgrammeYear
from workflow.examination import parameters_of
from workflow.facts import territory_facts
from workflow.firing import PARIS
from workflow.guards.commitment import organisations_held
from workflow.models import Award, Contract, Credit, Dossier, FundingLine, Organisation, Seance, SeanceItem
from workflow.programme_facts import ProgrammeRows, programme_facts, read_programme
from workflow.stages import FUNDED_STAGES, Decision, LineState, Stage

ZERO = Decimal(0)
PUT_OFF = (Decision.DEFERRED, Decision.REJECTED, Decision.REORIENTED)  # not in the programme by this séance
PastByAction = dict[
    tuple[int, int], dict[str, Decimal]
]  # (action, year of the dossier) → credit → granted then
PastBySiren = dict[
    tuple[str, int], dict[str, Decimal]
]  # (SIREN, year of the dossier) → credit → granted then


def siren_of(organisation: Organisation) -> str | None:
    """The nine digits that name the legal unit, when its SIRET is known."""
    return (organisation.siret or "")[:9] or None


def granted_by_action(db: Session, dossiers: Iterable[Dossier]) -> PastByAction:
    """Granted, else retained, the year before each dossier, by the dossier of the same action. One query."""
    wanted = {(dossier.action_id, dossier.year - 1) for dossier in dossiers}
    if not wanted:
        return {}
    rows = db.execute(
        select(Dossier.action_id, Dossier.year, FundingLine.key, FundingLine.granted, FundingLine.retained)
        .join(FundingLine, FundingLine.dossier_id == Dossier.id)
        .where(Dossier.action_id.in_({action for action, _ in wanted}))
        .where(
            Dossier.year.in_({year for _, year in wanted}),
            Dossier.stage.in_([s.value for s in FUNDED_STAGES]),
        )
    )
    found: PastByAction = {}
    for action, year, key, granted, retained in rows:
        if (action, year) in wanted:
            amount = granted if granted is not None else retained
            found.setdefault((action, year + 1), {})[key] = amount if amount is not None else ZERO
    return found


def granted_by_siren(db: Session, contract: Contract, dossiers: Iterable[Dossier]) -> PastBySiren:
    """Awards of the year before each dossier, by SIREN of the porteur and credit. One query."""
    wanted = {(siren, d.year - 1) for d in dossiers if (siren := siren_of(d.porteur))}
    if not wanted:
        return {}
    rows = db.execute(
        select(Award.siren, Award.year, Award.credit, func.sum(Award.granted))
        .where(Award.contract_id == contract.id, Award.siren.in_({siren for siren, _ in wanted}))
        .where(Award.year.in_({year for _, year in wanted}))
        .group_by(Award.siren, Award.year, Award.credit)
    )
    found: PastBySiren = {}
    for siren, year, credit, granted in rows:
        if siren is not None and (siren, year) in wanted:
            found.setdefault((siren, year + 1), {})[credit] = granted
    return found


def persons_to_leave(seance: Seance, on: date) -> dict[int, list[tuple[str, str]]]:
    """Convoked persons who hold something at an item's porteur, by item: (person, organisation). Reads what is loaded."""
    held = {c.id: organisations_held(c.person, on) for c in seance.convocations}
    found: dict[int, list[tuple[str, str]]] = {}
    for item in seance.items:
        for convocation in seance.convocations:
            recused = convocation.person.email in (item.recused or ())
            if recused or item.dossier.porteur_id in held[convocation.id]:
                pair = (convocation.person.name, item.dossier.porteur.name)
                found.setdefault(item.id, []).append(pair)
    return found


@dataclass(frozen=True, slots=True)
class YearRead:
    """One year of a séance: the programme as it stands, the agenda alone, both together, and the year before.

    The agenda is read as if all of it were retained as proposed; once decided, as it was, without what is put off, rejected
    or sent elsewhere. `before`: None when unknown.
    """

    programme: ProgrammeFigures
    findings: list[Finding]
    agenda: ProgrammeFigures
    together: ProgrammeFigures
    before: ProgrammeFigures | None


def examine_year(db: Session, seance: Seance, year: int, now: datetime) -> YearRead:
    """The four programmes of a year, from two readings of the database; three when a decision is taken back."""
    contract = seance.contract
    territory = territory_facts(contract)
    parameters = parameters_of(contract, now.astimezone(PARIS).date())
    items = [item for item in seance.items if item.dossier.year == year and item.decision not in PUT_OFF]
    rows = read_programme(db, contract, year)
    as_is = rows.facts()
    read = ProgrammeYear(as_is, territory)
    facts = _as_decided(db, rows, items, as_is)
    references = {item.dossier.reference for item in items}
    mine = {a.reference for a in facts.actions if a.source == "dossier"} & references
    decided = tuple(replace(a, projected=False) if a.reference in mine else a for a in facts.actions)
    agenda = tuple(action for action in decided if action.reference in mine)
    last_year = ProgrammeYear(programme_facts(db, contract, year - 1), territory)
    return YearRead(
        programme=programme_figures(read, territory, parameters),
        findings=evaluate_programme(read, territory, parameters),
        agenda=programme_figures(replace(facts, actions=agenda), territory, parameters),
        together=programme_figures(replace(facts, actions=decided), territory, parameters),
        before=programme_figures(last_year, territory, parameters) if last_year.counted else None,
    )


def _as_decided(
    db: Session, rows: ProgrammeRows, items: Sequence[SeanceItem], as_is: ProgrammeFacts
) -> ProgrammeFacts:
    """The year once what is typed in session is applied, a rejection or a refusal taken back included."""
    ahead = [item for item in items if item.applied_at is None]
    typed = {item.dossier_id: {one.line_id: one.amount for one in item.amounts} for item in ahead}
    retained = [item for item in ahead if item.decision == Decision.RETAINED]
    proposed = {line: amount for amounts in typed.values() for line, amount in amounts.items()}
    decided = {item.dossier_id: typed[item.dossier_id] for item in retained}
    taken_back = {item.dossier_id: typed[item.dossier_id] for item in retained if _takes_back(item)}
    if not taken_back:
        return rows.facts(proposed, decided, known=as_is)
    again = read_programme(db, rows.contract, rows.year, taken_back=taken_back)
    return again.facts(proposed, decided)


def _takes_back(item: SeanceItem) -> bool:
    """True when retaining it brings back what the year no longer counts."""
    refused = any(one.line.state == LineState.REFUSED for one in item.amounts)
    return refused or item.dossier.stage == Stage.REJECTED


def list_programme(db: Session, contract: Contract, year: int | None = None) -> Sequence[Dossier]:
    """Every dossier of the year (of all years if None) with porteur, lines and lead instructor: four queries."""
    query = select(Dossier).where(Dossier.contract_id == contract.id)
    if year is not None:
        query = query.where(Dossier.year == year)
    return db.scalars(
        query.order_by(Dossier.year, Dossier.reference).options(
            joinedload(Dossier.porteur),
            joinedload(Dossier.action),
            joinedload(Dossier.lead_instructor),
            selectinload(Dossier.lines).joinedload(FundingLine.credit).joinedload(Credit.organisation),
        )
    ).all()


def list_granted_lines(db: Session, contract: Contract, year: int | None = None) -> Sequence[FundingLine]:
    """Lines whose financer's own act is recorded with an amount, with dossier, porteur and financer. One query."""
    query = (
        select(FundingLine)
        .join(FundingLine.dossier)
        .where(
            Dossier.contract_id == contract.id,
            FundingLine.state == LineState.GRANTED,
            FundingLine.granted > 0,
        )
        .order_by(Dossier.year, Dossier.reference, FundingLine.id)
        .options(
            joinedload(FundingLine.dossier).joinedload(Dossier.porteur),
            joinedload(FundingLine.dossier).joinedload(Dossier.action),
            joinedload(FundingLine.credit).joinedload(Credit.organisation),
        )
    )
    return db.scalars(query if year is None else query.where(FundingLine.year == year)).all()
