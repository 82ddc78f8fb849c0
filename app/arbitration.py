# SPDX-License-Identifier: EUPL-1.2
"""The solver asked from a séance: a task that solves in a spawned process and writes a scenario. It proposes; people decide."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.dossier_json import names_of
from app.spawned import Spawned
from app.tasks import Host, Progress, enqueue, register
from workflow.arbitration.least_change import LeastChange
from workflow.arbitration.least_change import least_change as find_least_change
from workflow.arbitration.pricing import conflicts, price, targets_of
from workflow.arbitration.problem import ZERO, Problem
from workflow.arbitration.solution import Solution
from workflow.arbitration.solve import InfeasibleError, UnfinishedError, solve
from workflow.arbitration.targets import Targets
from workflow.arbitration.wording import conflict_sentence, least_change_sentences
from workflow.arbitration_problem import SeanceProblem, problem_of
from workflow.contracts import territory_of
from workflow.errors import NotAllowedHereError, UnknownReferenceError, WorkflowError
from workflow.firing import PARIS
from workflow.models import Contract, Person, Scenario, Seance, Task
from workflow.permissions import SCHEDULER, Actor, actor_for
from workflow.queries import get_seance
from workflow.scenario_lines import agenda_lines, faults_of
from workflow.scenario_tasks import LEAST_CHANGE, TASK
from workflow.scenarios import create_scenario, free_name, is_priced, keep_targets, require_writable, says

NOTHING_PROVED = "La recherche s’est arrêtée avant d’avoir trouvé une répartition\u00a0: allongez arbitration.seconds ou libérez des montants verrouillés."
ASKED, SOLVED, PRICED = 5, 30, 90  # how far a task is, of a hundred


def ask(
    db: Session, seance: Seance, name: str, actor: Actor, now: datetime, parent: Scenario | None = None
) -> Task:
    """Puts a solution of this séance in the queue; its result names the scenario, or says what was refused.

    `parent`: the scenario whose locked amounts are kept. Raises as `create_scenario` does.
    """
    require_writable(db, seance, actor)
    name = free_name(db, seance, name)
    payload = {"seance": seance.id, "name": name, "person": actor.person_id}
    task = enqueue(db, TASK, payload, now, seance.contract_id)
    task.payload = {**payload, "parent": None if parent is None else parent.id, "task": task.id}
    return task


def arbitrate(application: Host, payload: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """The handler of the task: `{"scenario": id}`, or `{"refused": sentence}`. Run twice, it writes one scenario.

    The scenario is there as soon as it is solved; what its targets cost is added to it afterwards.
    """
    progress(ASKED)
    written: int | None = None
    try:
        with application.read() as db:
            written = _written(db, payload)
            if written is not None and is_priced(db, written):
                return {"scenario": written}
            asked = _problem(db, payload["seance"], payload["parent"], application.now())
            names = names_for(get_seance(db, payload["seance"]).contract)
        with Spawned() as process:
            solution = _solved(process, asked.problem, names)
            progress(SOLVED)
            with application.write() as db:
                written = _write(db, payload, asked, solution, application.now())
                is_ours = says(db, written, _said(asked, solution, payload["task"]))
            if not is_ours:  # an earlier run wrote it, on other amounts: these prices would not be its own
                return {"scenario": written}
            targets = _priced(process, asked.problem, solution, progress)
    except WorkflowError as error:
        return {"refused": error.message} if written is None else {"scenario": written}
    with application.write() as db:
        keep_targets(db, written, targets.to_json())
    return {"scenario": written}


def compute(
    problem: Problem, names: Mapping[str, str], progress: Progress = lambda percent: None
) -> Solution:
    """The solution with the price of each target and the conflicts. Raises NotAllowedHereError naming the rows in conflict."""
    with Spawned() as process:
        solution = _solved(process, problem, names)
        progress(SOLVED)
        return solution.with_targets(_priced(process, problem, solution, progress))


def _priced(process: Spawned, problem: Problem, solution: Solution, progress: Progress) -> Targets:
    """One new solution for each target, then the conflicts."""
    priced, costs = targets_of(problem), []
    for rank, target in enumerate(priced, 1):
        costs.append(process.run(price, problem, solution.amounts, target))
        progress(SOLVED + (PRICED - SOLVED) * rank // len(priced))
    found, is_proved = process.run(conflicts, problem)
    return Targets(tuple(costs), found, is_proved)


def ask_least_change(db: Session, scenario: Scenario, dossier_id: int, actor: Actor, now: datetime) -> Task:
    """Puts the least change that would serve this dossier in the queue; its result is `LeastChange.to_json()`."""
    require_writable(db, scenario.seance, actor)
    payload = {"scenario": scenario.id, "dossier": dossier_id}
    return enqueue(db, LEAST_CHANGE, payload, now, scenario.seance.contract_id)


def tell_least_change(application: Host, payload: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """The handler of that task: the change as JSON, with its French sentences."""
    progress(ASKED)
    try:
        with application.read() as db:
            scenario = db.get(Scenario, payload["scenario"])
            if scenario is None:
                raise UnknownReferenceError("Ce scénario n’existe plus.")
            names = names_for(scenario.seance.contract)
            problem, amounts = scenario_problem(db, scenario, application.now())
        change = least_change(problem, amounts, payload["dossier"])
    except WorkflowError as error:
        return {"refused": error.message}
    return {**change.to_json(), "sentences": least_change_sentences(change, names)}


def least_change(problem: Problem, amounts: Mapping[int, Decimal], dossier_id: int) -> LeastChange:
    """The least change, found in a spawned process. Raises UnknownReferenceError for a dossier that is not in the problem."""
    if all(candidate.id != dossier_id for candidate in problem.candidates):
        raise UnknownReferenceError("Ce dossier n’est pas de ceux que cette séance peut servir.")
    with Spawned() as process:
        return process.run(find_least_change, problem, amounts, dossier_id)


def scenario_problem(db: Session, scenario: Scenario, now: datetime) -> tuple[Problem, dict[int, Decimal]]:
    """The problem of a scenario's séance with its locks, and its amounts; a line it does not name keeps its proposal.

    What lines that nobody judges hold is counted in the problem already: on its envelopes and remainders.
    """
    asked = problem_of(db, scenario.seance, now, parent=scenario)
    present = {line.id: line.proposed or ZERO for line in agenda_lines(db, scenario.seance).values()}
    present |= {one.line_id: one.amount for one in scenario.amounts}
    return asked.problem, {
        line_id: present.get(line_id, ZERO) if line_id in asked.writable else ZERO
        for line_id in asked.problem.lines
    }


def names_for(contract: Contract) -> dict[str, str]:
    """What people call each organisation and each neighbourhood, by code."""
    quarters = {qpv.code: qpv.label for qpv in territory_of(contract).geography.qpv}
    return {**names_of(contract), **quarters}


def write_scenario(
    db: Session,
    seance: Seance,
    name: str,
    actor: Actor,
    now: datetime,
    asked: SeanceProblem,
    solution: Solution,
    *,
    parent: Scenario | None = None,
    task: int | None = None,
) -> Scenario:
    """The solution as a scenario of the séance; what its parent says of other lines is kept, and all that was locked."""
    fallen = faults_of(agenda_lines(db, seance), asked.kept).keys()
    amounts = {line_id: solution.amounts[line_id] for line_id in asked.writable}
    amounts |= {line_id: amount for line_id, amount in asked.kept.items() if line_id not in fallen}
    locked = asked.locked & amounts.keys()
    said = _said(asked, solution, task)
    return create_scenario(
        db, seance, name, actor, now, amounts=amounts, locked=locked, parent=parent, solution=said
    )


def _said(asked: SeanceProblem, solution: Solution, task: int | None) -> dict[str, Any]:
    """What is kept with the scenario."""
    return {**solution.to_json(), "year": asked.year, "task": task}


def _solved(process: Spawned, problem: Problem, names: Mapping[str, str]) -> Solution:
    """The solution; the solver's refusals in French."""
    try:
        return process.run(solve, problem)
    except InfeasibleError as error:
        raise NotAllowedHereError(
            f"Aucune répartition ne garde ce qui est verrouillé. {conflict_sentence(error.constraints, names)}"
        ) from None
    except UnfinishedError:
        raise NotAllowedHereError(NOTHING_PROVED) from None


def _problem(db: Session, seance_id: int, parent_id: int | None, now: datetime) -> SeanceProblem:
    return problem_of(db, get_seance(db, seance_id), now, parent=_parent(db, parent_id))


def _parent(db: Session, parent_id: int | None) -> Scenario | None:
    """The scenario whose locks were to be kept. Raises UnknownReferenceError: without it the answer would forget them."""
    found = None if parent_id is None else db.get(Scenario, parent_id)
    if parent_id is not None and found is None:
        raise UnknownReferenceError(
            "Le scénario dont les lignes verrouillées devaient être gardées n’existe plus."
        )
    return found


def _written(db: Session, payload: Mapping[str, Any]) -> int | None:
    """The scenario that another run of this very task wrote: its worker died since, or was believed dead."""
    mine = Scenario.solution["task"].as_integer() == payload["task"]
    return db.scalar(select(Scenario.id).where(Scenario.seance_id == payload["seance"], mine))


def _write(
    db: Session, payload: Mapping[str, Any], asked: SeanceProblem, solution: Solution, now: datetime
) -> int:
    """Writes the scenario once; its id. What was locked comes from the problem: the parent may be gone by now."""
    actor = SCHEDULER
    if payload["person"] is not None:
        person = db.get_one(Person, payload["person"])
        actor = actor_for(db, person, now.astimezone(PARIS).date())
    seance = get_seance(db, payload["seance"])
    require_writable(
        db, seance, actor
    )  # holds the séance: a second run waits here, then finds what the first wrote
    written = _written(db, payload)
    if written is None:
        parent = None if payload["parent"] is None else db.get(Scenario, payload["parent"])
        name, task = payload["name"], payload["task"]
        written = write_scenario(db, seance, name, actor, now, asked, solution, parent=parent, task=task).id
        db.execute(update(Task).where(Task.id == task).values(result={"scenario": written}))
    return written


register(TASK, arbitrate)
register(LEAST_CHANGE, tell_least_change)
