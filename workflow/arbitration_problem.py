# SPDX-License-Identifier: EUPL-1.2
"""A séance's rows to a problem for the solver: the only translation, in a constant number of queries."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_CEILING, Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from rules.coverage import coverage_by_qpv, weights_of
from rules.engine import ineligible_lines
from rules.facts import ActionFacts
from rules.money import split
from rules.parameters import ParametersOfDay
from rules.poches import poches_share
from rules.programme_year import STATE_SPECIFIC, ProgrammeYear
from workflow.arbitration.problem import (
    PARTS,
    UNJUDGED,
    ZERO,
    Candidate,
    CpoTarget,
    Envelope,
    Exclusion,
    PochesCeiling,
    Policy,
    Problem,
    QpvMinimum,
)
from workflow.arbitration_candidate import Known, Simulated, candidate_of
from workflow.arbitration_envelopes import available_envelopes
from workflow.contracts import territory_of
from workflow.errors import NotAllowedHereError
from workflow.examination import examined, parameters_of
from workflow.exercise import exercise_of
from workflow.facts import territory_facts
from workflow.firing import PARIS
from workflow.models import Dossier, FundingLine, Scenario, Seance, SeanceItem
from workflow.programme_facts import programme_facts
from workflow.queries_summary import granted_by_action
from workflow.round_table import PROPOSABLE
from workflow.stages import OPEN_STAGES
from workflow.territory import Arbitration, Nature, Territory


@dataclass(frozen=True, slots=True)
class SeanceProblem:
    """What the solver is asked about one séance; `writable`: the lines it judged, which a scenario carries.

    `kept`: what its parent says of other lines; `locked`: the lines locked, by hand or by a CPO. Both go with the answer.
    """

    problem: Problem
    year: int
    writable: frozenset[int]
    kept: Mapping[int, Decimal]
    locked: frozenset[int]


def problem_of(
    db: Session, seance: Seance, now: datetime, *, parent: Scenario | None = None
) -> SeanceProblem:
    """The séance's dossiers still open, on the exercise of most of them; locked lines are the parent's and those of CPO.

    Raises NotAllowedHereError when no dossier of the agenda can receive anything.
    """
    contract = seance.contract
    territory, settings = territory_of(contract), territory_of(contract).arbitration
    dossiers = _dossiers(db, seance)
    if not dossiers:
        raise NotAllowedHereError(
            "Aucun dossier à arbitrer\u00a0: l’ordre du jour de cette séance n’a pas de dossier en cours d’instruction."
        )
    year = exercise_of(dossiers, now)
    programme = ProgrammeYear(programme_facts(db, contract, year), territory_facts(contract))
    parameters = parameters_of(contract, now.astimezone(PARIS).date())
    typed = {one.line_id: one.amount for one in parent.amounts} if parent else {}
    said = Simulated(typed, _locks([one for one in dossiers if one.year == year], parent))
    around = _around(db, dossiers, programme, territory, now)
    candidates = tuple(
        candidate_of(one, around[one.id], settings, said, None if one.year == year else Exclusion.OTHER_YEAR)
        for one in dossiers
    )
    writable = _writable(dossiers, candidates)
    problem = Problem(
        candidates=candidates,
        envelopes=_envelopes(db, seance, year, candidates, _left_on_lines(dossiers, year, writable, said)),
        qpv=tuple(_minimums(settings, programme, year)),
        poches=_poches(programme, parameters),
        cpo=_cpo(programme, parameters, settings),
        policy=policy_of(settings),
    )
    by_hand = {one.line_id for one in parent.amounts if one.locked} if parent else set()
    return SeanceProblem(
        problem=problem,
        year=year,
        writable=writable,
        kept={line_id: amount for line_id, amount in typed.items() if line_id not in writable},
        locked=frozenset(by_hand | {line.id for _, line in problem.pairs() if line.locked is not None}),
    )


def _left_on_lines(
    dossiers: Sequence[Dossier], year: int, writable: Collection[int], said: Simulated
) -> dict[str, Decimal]:
    """What the lines that nobody judges keep of each credit of the year."""
    found: dict[str, Decimal] = {}
    for line in _lines(dossiers):
        is_specific = line.nature == Nature.SPECIFIQUE and line.year == line.dossier.year == year
        if is_specific and line.id not in writable:
            found[line.key] = found.get(line.key, ZERO) + said.present(line)
    return found


def _envelopes(
    db: Session, seance: Seance, year: int, candidates: Sequence[Candidate], standing: Mapping[str, Decimal]
) -> tuple[Envelope, ...]:
    """Those of the specific credits, less what stays on them."""
    shared = frozenset(line.id for candidate in candidates for line in candidate.lines)
    return tuple(
        replace(one, committed=one.committed + standing.get(one.credit, ZERO))
        for one in available_envelopes(db, seance.contract, year, shared)
        if one.credit.endswith(Nature.SPECIFIQUE)
    )


def policy_of(settings: Arbitration) -> Policy:
    """The solver's policy in this contract."""
    return Policy(
        bonus=settings.served_bonus,
        shortfall=settings.qpv_weight,
        gap=settings.gap,
        seconds=settings.seconds,
    )


def _dossiers(db: Session, seance: Seance) -> Sequence[Dossier]:
    """Those of the agenda whose money is not settled, in the order of the agenda."""
    return db.scalars(
        select(Dossier)
        .join(SeanceItem, SeanceItem.dossier_id == Dossier.id)
        .where(SeanceItem.seance_id == seance.id, Dossier.stage.in_([stage.value for stage in OPEN_STAGES]))
        .order_by(SeanceItem.rank, Dossier.id)
    ).all()


def _around(
    db: Session,
    dossiers: Sequence[Dossier],
    programme: ProgrammeYear,
    territory: Territory,
    now: datetime,
) -> dict[int, Known]:
    read = examined(db, dossiers, now)
    past = granted_by_action(db, dossiers)
    actions = {action.reference: action for action in programme.facts.actions if action.source == "dossier"}
    retained = frozenset(poche.code for poche in territory.geography.poches)
    found = {}
    for dossier in dossiers:
        facts, findings = read[dossier.id]
        action = actions.get(dossier.reference) if dossier.year == programme.facts.year else None
        found[dossier.id] = Known(
            facts=facts,
            ineligible=frozenset(ineligible_lines(findings)),
            renewed=any(amount > 0 for amount in past.get((dossier.action_id, dossier.year), {}).values()),
            in_cpo=bool(dossier.cpo if action is None else action.cpo),
            qpv={} if action is None else _shares(action, programme),
            poches=_poches_share(dossier, retained),
        )
    return found


def _shares(action: ActionFacts, programme: ProgrammeYear) -> dict[str, int]:
    """Ten-thousandths of its money by neighbourhood, as the programme splits it; they add up."""
    codes, weights, _ = weights_of(action, programme.facts.populations)
    if not codes:
        return {}
    parts = split(Decimal(PARTS) / 100, list(weights))
    return {code: int(part * 100) for code, part in zip(codes, parts, strict=True)}


def _poches_share(dossier: Dossier, retained: frozenset[str]) -> int:
    """Ten-thousandths for residents of the retained poches, rounded up; nothing when it cannot be told, as in the rule."""
    share = poches_share(
        Decimal(PARTS),
        poches=dossier.poches,
        qpv=dossier.qpv,
        retained=retained,
        in_poches=dossier.beneficiaries_poches,
        beneficiaries=dossier.beneficiaries_total,
    )
    return int((share or ZERO).to_integral_value(ROUND_CEILING))


def _locks(dossiers: Sequence[Dossier], parent: Scenario | None) -> dict[int, Decimal]:
    """Amounts kept: what a CPO promised (or what replaced it, with a reason), and what was locked by hand.

    A promise is never kept above what its financer answers today.
    """
    by_hand = {one.line_id: one.amount for one in parent.amounts if one.locked} if parent else {}
    found = {}
    for line in _lines(dossiers):
        if line.forecast is not None and line.state in PROPOSABLE:
            amount = line.forecast if line.proposed is None else line.proposed
            found[line.id] = amount if line.promised is None else min(amount, line.promised)
        elif line.id in by_hand:
            found[line.id] = by_hand[line.id]
    return found


def _lines(dossiers: Sequence[Dossier]) -> Iterator[FundingLine]:
    return (line for dossier in dossiers for line in dossier.lines)


def _writable(dossiers: Sequence[Dossier], candidates: Sequence[Candidate]) -> frozenset[int]:
    states = {line.id: line.state for line in _lines(dossiers)}
    return frozenset(
        line.id
        for candidate in candidates
        for line in candidate.lines
        if states[line.id] in PROPOSABLE and not {line.excluded, candidate.excluded} & UNJUDGED
    )


def _minimums(settings: Arbitration, programme: ProgrammeYear, year: int) -> Iterator[QpvMinimum]:
    """The configured minimums of the year, and the specific euros each neighbourhood already has."""
    wanted: Mapping[str, Decimal] = {
        one.qpv: one.amount for one in settings.qpv_minimums if one.year in (None, year)
    }
    if not wanted:
        return
    specific = (replace(action, granted=action.granted - action.ordinary) for action in programme.counted)
    coverage = coverage_by_qpv(specific, programme.facts.populations, wanted)
    reached = {one.code: one.amount for one in coverage.qpv}
    for code, amount in wanted.items():
        yield QpvMinimum(code, amount, reached.get(code, ZERO))


def _poches(programme: ProgrammeYear, parameters: ParametersOfDay) -> PochesCeiling | None:
    """Only the ceiling notified to this contract bounds it: the département's is shared with others."""
    notified = parameters.values["poches.ceiling"]
    if notified is None or not programme.territory.poches:
        return None
    return PochesCeiling(STATE_SPECIFIC, notified, programme.poches.contribution)


def _cpo(programme: ProgrammeYear, parameters: ParametersOfDay, settings: Arbitration) -> CpoTarget | None:
    share = parameters.values["cpo.target_actions"]
    if share is None:
        return None
    tally = programme.tally
    return CpoTarget(share, tally.total, tally.covered, settings.cpo_weight, settings.cpo_years)
