# SPDX-License-Identifier: EUPL-1.2
"""Every dossier rule on one dossier, unrendered then rendered; 100,000 dossiers counted as they come; a programme."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import cycle, islice
from time import perf_counter

from app.config import load_config
from app.demo.programme import read_programme
from bench.clock import median_of, status_mib
from bench.databases import ROOT, installed
from bench.programme import NOW, fill
from bench.programme_year import year_of
from bench.table import Row, memory, plain, timed
from rules.catalogue import DOSSIER_RULES
from rules.engine import evaluate, evaluate_programme
from rules.facts import DossierFacts, LineFacts, TerritoryFacts
from rules.parameters import ParametersOfDay
from rules.programme import programme_figures
from rules.programme_year import ProgrammeYear
from rules.render import render
from workflow.contracts import settings_digest
from workflow.examination import examine_many, parameters_of
from workflow.facts import territory_facts
from workflow.models import Contract, Dossier
from workflow.request_values import RequestValues
from workflow.territory import Territory

MANY, SEVERAL, FROM_ROWS, IN_PROGRAMME = 100_000, 10_000, 2_000, 2_000
FLAT = 5.0  # MiB that counting 90,000 more dossiers may add
STATES = ("asked", "firm", "indicative", "declined", "not_asked", "in_kind", "no_reply")


def measure(loop: float) -> Iterator[Row]:
    """In memory first, as the rules are pure; then what reading the rows adds."""
    territory = load_config(ROOT / "config.yaml", {}).contracts[0]
    contract = _contract(territory)
    facts, parameters = territory_facts(contract), parameters_of(contract, NOW.date())
    sample = [_facts(values, territory) for values in read_programme(territory).values()]
    yield plain("rules run on each dossier", len(DOSSIER_RULES))
    each = median_of(15, lambda: [evaluate(dossier, facts, parameters) for dossier in sample]) / len(sample)
    yield timed(
        f"all rules on one dossier (mean of the {len(sample)} of the sample)", each, 0.00015, loop=loop
    )
    rendered = median_of(5, lambda: _render_all(sample, facts, parameters)) / len(sample)
    yield timed("the same with the French sentences", rendered, loop=loop)
    yield from _hundred_thousand(sample, facts, parameters, loop)
    yield from _programme(territory, facts, parameters, loop)
    yield from _from_rows(loop)


def _contract(territory: Territory) -> Contract:
    official = [qpv.code for qpv in territory.geography.qpv]
    return Contract(
        code=territory.code,
        label=territory.label,
        settings=territory.model_dump(mode="json"),
        settings_digest=settings_digest(territory, official),
        official_qpv=official,
    )


def _render_all(sample: list[DossierFacts], facts: TerritoryFacts, parameters: ParametersOfDay) -> None:
    for dossier in sample:
        for finding in evaluate(dossier, facts, parameters):
            render(finding)


def _hundred_thousand(
    sample: list[DossierFacts], facts: TerritoryFacts, parameters: ParametersOfDay, loop: float
) -> Iterator[Row]:
    """The dossiers are made as they come and not kept; making them is in the time."""
    counted: Counter[tuple[str, str]] = Counter()
    settled = 0.0
    start = perf_counter()
    for rank, dossier in enumerate(_stream(sample, MANY), start=1):
        for finding in evaluate(dossier, facts, parameters):
            counted[finding.rule, finding.outcome] += 1
        if rank == SEVERAL:
            settled = status_mib("VmRSS")
    seconds = perf_counter() - start
    yield timed(f"{MANY:,} dossiers, findings counted as they come", seconds, 20.0, loop=loop)
    yield plain("  findings counted, kinds of rule and outcome", f"{counted.total():,}, {len(counted)}")
    grown = max(status_mib("VmHWM") - settled, 0.0)
    yield memory(f"memory added between dossier {SEVERAL:,} and {MANY:,}", grown, FLAT)


def _programme(
    territory: Territory, facts: TerritoryFacts, parameters: ParametersOfDay, loop: float
) -> Iterator[Row]:
    """What `check --programme` computes once its facts are loaded: figures and findings, unrendered."""
    year = year_of(territory, IN_PROGRAMME)

    def examined() -> None:
        read = ProgrammeYear(year, facts)
        programme_figures(read, facts, parameters)
        evaluate_programme(read, facts, parameters)

    figures = programme_figures(year, facts, parameters)
    seconds = median_of(15, examined)
    yield timed(
        f"a programme of {IN_PROGRAMME:,} dossiers from loaded facts, figures and findings",
        seconds,
        0.05,
        loop=loop,
    )
    counted = (
        figures.actions,
        figures.projected.actions,
        figures.outside.actions,
        figures.unclassified.actions,
    )
    yield plain("  counted; projected; outside; unclassified", "; ".join(f"{number:,}" for number in counted))


def _stream(sample: list[DossierFacts], number: int) -> Iterator[DossierFacts]:
    """Dossiers that all differ: reference, beneficiaries, amounts and states of the lines."""
    for rank, dossier in enumerate(islice(cycle(sample), number)):
        lines = tuple(
            replace(line, state=STATES[(rank + place) % len(STATES)], proposed=Decimal(rank % 9_000))
            for place, line in enumerate(dossier.lines)
        )
        yield replace(dossier, reference=f"R{rank}", beneficiaries_qpv=rank % 97, lines=lines)


def _facts(values: RequestValues, territory: Territory) -> DossierFacts:
    """One request of the sample as the rules read it."""
    lines = tuple(
        _line(key, requested, place) for place, (key, requested) in enumerate(values.requests.items())
    )
    return DossierFacts(
        reference=values.reference,
        year=values.year,
        stage="submitted",
        porteur=values.porteur_name,
        porteur_form=values.porteur_form,
        porteur_siret=values.porteur_siret,
        porteur_rna=values.porteur_rna,
        is_small_association=values.is_small_association,
        themes=values.themes,
        objectives=values.objectives,
        qpv=values.qpv,
        poches=values.poches,
        beneficiaries_total=values.beneficiaries_total,
        beneficiaries_qpv=values.beneficiaries_qpv,
        starts_on=values.starts_on,
        ends_on=values.ends_on,
        filed_on=values.filed_on,
        total_cost=values.total_cost,
        own_resources=values.own_resources,
        other_resources=values.other_resources,
        cpo=values.cpo,
        cpo_years=values.cpo_years,
        cpo_reason=values.cpo_reason,
        renewal=values.renewal,
        previous_report=values.previous_report,
        republican_commitment=values.republican_commitment,
        lines=lines,
        holders_concerned=territory.holders_concerned(
            values.objectives or (), values.themes or (), values.qpv or ()
        ),
    )


def _line(key: str, requested: Decimal, place: int) -> LineFacts:
    financer, _, nature = key.partition(":")
    state = STATES[place % len(STATES)]
    return LineFacts(key, financer, nature, state, requested, promised=requested)


def _from_rows(loop: float) -> Iterator[Row]:
    """The same rules when the dossiers come from SQLite: mapped rows, facts, findings."""
    with installed() as application:
        with application.write() as db:
            fill(db, FROM_ROWS)
        with application.read() as db:
            dossiers = db.query(Dossier).all()
            start = perf_counter()
            found = examine_many(db, dossiers, NOW)
            seconds = perf_counter() - start
    each = seconds / len(found)
    yield timed(f"read from SQLite and examined, each of {len(found):,} dossiers", each, loop=loop)
