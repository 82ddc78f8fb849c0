# SPDX-License-Identifier: EUPL-1.2
"""What the rules say of a dossier, of many dossiers, or of a programme year, on a given day."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from rules.engine import evaluate, evaluate_programme
from rules.facts import DossierFacts, EnvelopeFacts, ProgrammeFacts
from rules.findings import Finding
from rules.parameters import Parameters, ParametersOfDay
from rules.programme import ProgrammeFigures, programme_figures
from rules.programme_year import ProgrammeYear
from rules.themes.envelope import FORECAST, LIMIT
from workflow.contracts import territory_of
from workflow.facts import WITH_FACTS, dossier_facts, territory_facts
from workflow.firing import PARIS, Examined
from workflow.models import Contract, Dossier
from workflow.programme_facts import programme_facts
from workflow.surroundings import Surroundings, surroundings_of
from workflow.territory import Territory

FORESEEN = "surroundings"


def parameters_of(contract: Contract, on: date) -> ParametersOfDay:
    """The dated parameters of that day, with the contract's local choices."""
    return parameters_on(territory_of(contract), on)


def parameters_on(territory: Territory, on: date) -> ParametersOfDay:
    """The same from a territory's value."""
    chosen = tuple((p.name, p.value, str(p.value)) for p in territory.local_parameters)
    return _chosen_on(on, chosen)


@lru_cache(maxsize=64)
def _chosen_on(on: date, chosen: tuple[tuple[str, Decimal | tuple[str, ...], str], ...]) -> ParametersOfDay:
    """Asked for each dossier of a batch. The text tells apart 0,5 and 0,50, which are equal and have two digests."""
    return Parameters.load().at(on).with_local({name: value for name, value, _ in chosen})


def examine(dossier: Dossier, now: datetime, *, stage: str | None = None) -> list[Finding]:
    """Every dossier and line rule once, in the order of the catalogue (`stage` keeps those of one stage)."""
    on = now.astimezone(PARIS).date()
    contract = dossier.contract
    return evaluate(
        facts_on(dossier, on), territory_facts(contract), parameters_of(contract, on), stage=stage
    )


def facts_on(dossier: Dossier, on: date) -> DossierFacts:
    """The dossier's facts that day with what its database knows around it."""
    db = object_session(dossier)
    assert db is not None, "a dossier is examined in its session"
    return dossier_facts(dossier, territory_of(dossier.contract), on, _around(db, dossier))


def _around(db: Session, dossier: Dossier) -> Surroundings:
    """Asked once in a session that only reads: a page examines its dossier several times, and nothing changes meanwhile."""
    known: dict[int, Surroundings] = db.info.setdefault(FORESEEN, {})
    if dossier.id in known:
        return known[dossier.id]
    found = surroundings_of(db, [dossier])
    if db.get_bind().get_execution_options().get("read_only", False):
        known.update(found)
    return found[dossier.id]


def foresee(db: Session, dossiers: Sequence[Dossier]) -> None:
    """Reads at once what surrounds these dossiers, for a session that only reads and examines them one by one."""
    db.info[FORESEEN] = surroundings_of(db, dossiers)


def load_for_examination(db: Session, ids: Sequence[int]) -> list[Dossier]:
    """These dossiers with all that the rules read, in a constant number of queries, in the order of `ids`."""
    found = db.scalars(select(Dossier).where(Dossier.id.in_(ids)).options(*WITH_FACTS)).all()
    by_id = {dossier.id: dossier for dossier in found}
    return [by_id[id_] for id_ in ids if id_ in by_id]


def examine_many(db: Session, dossiers: Iterable[Dossier], now: datetime) -> dict[int, list[Finding]]:
    """Findings by dossier id, in a constant number of queries."""
    return {id_: findings for id_, (_, findings) in examined(db, dossiers, now).items()}


def examined(db: Session, dossiers: Iterable[Dossier], now: datetime) -> Examined:
    """By dossier id, the facts as read and what the rules say of them, in a constant number of queries."""
    on = now.astimezone(PARIS).date()
    loaded = load_for_examination(db, [dossier.id for dossier in dossiers])
    if not loaded:
        return {}
    contract = loaded[0].contract
    territory, facts, parameters = (
        territory_of(contract),
        territory_facts(contract),
        parameters_of(contract, on),
    )
    around = surroundings_of(db, loaded)
    read = {d.id: dossier_facts(d, territory, on, around[d.id]) for d in loaded}
    return {id_: (known, evaluate(known, facts, parameters)) for id_, known in read.items()}


def examine_envelopes(
    contract: Contract, year: int, envelopes: Iterable[EnvelopeFacts], now: datetime
) -> list[Finding]:
    """What the rules say of these envelopes, what is committed then what is forecast, without reading the programme."""
    on = now.astimezone(PARIS).date()
    territory, parameters = territory_facts(contract), parameters_of(contract, on)
    facts = ProgrammeFacts(contract=contract.code, year=year, actions=(), envelopes=tuple(envelopes))
    findings = evaluate_programme(ProgrammeYear(facts, territory), territory, parameters)
    return [finding for finding in findings if finding.rule in (LIMIT, FORECAST)]


def examine_programme(
    db: Session, contract: Contract, year: int, now: datetime
) -> tuple[ProgrammeFigures, list[Finding]]:
    """The programme's figures and findings: granted or retained dossiers and awards not linked to one."""
    on = now.astimezone(PARIS).date()
    territory, parameters = territory_facts(contract), parameters_of(contract, on)
    read = ProgrammeYear(programme_facts(db, contract, year), territory)
    return programme_figures(read, territory, parameters), evaluate_programme(read, territory, parameters)
