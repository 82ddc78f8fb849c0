# SPDX-License-Identifier: EUPL-1.2
"""The only file that knows the solver (HiGHS by highspy): a programme in, values out; one thread, one seed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf
from typing import Any

from workflow.arbitration.constraints import Constraint
from workflow.arbitration.programme import Column, Programme

# 2, from the relaxation (0 gives an empty answer, 1 an error), and 4, reduced until no row is spare.
NONE_SPARE = 2 + 4
OPTIMAL, NODES, TIME, INFEASIBLE, STOPPED = "optimal", "nodes", "time", "infeasible", "stopped"
# Of the relaxation: 2,000 dossiers take 5,400 to 5,800, half a second. Steps and not time: each machine finds the same.
RELAXED_STEPS = 50_000
GAP = "gap"  # stopped on purpose, within the gap of the best


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop, and the seed: the same programme with the same limits gives the same values, unless time stopped it."""

    gap: float
    nodes: int
    seconds: float
    seed: int


@dataclass(frozen=True, slots=True)
class Answer:
    """How it ended, the value of each column, the objective and how far the proof is from it (relative)."""

    status: str
    values: tuple[float, ...] = ()
    objective: float = 0.0
    gap: float = inf


def maximise(programme: Programme, limits: Limits, start: Mapping[int, float] | None = None) -> Answer:
    """The best values found within the limits. `start`: a known allocation, so that the answer is never worse."""
    import highspy  # noqa: PLC0415 (86 ms and numpy: only the process that solves pays them)

    solver = _solver(highspy, limits)
    solver.passModel(_model(highspy, programme))
    if start:
        solver.setSolution(len(start), list(start), list(start.values()))
    solver.run()
    info, status = solver.getInfo(), _status(highspy, solver)
    if status == INFEASIBLE or info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return Answer(INFEASIBLE if status in (INFEASIBLE, OPTIMAL) else status)
    values = tuple(solver.getSolution().col_value)
    return Answer(status, values, info.objective_function_value, max(0.0, info.mip_gap))


def relaxed(programme: Programme, limits: Limits) -> tuple[float, ...]:
    """The best values when none needs to be whole: nearly all are, and they come much sooner.

    Empty when none were found in so many steps.
    """
    import highspy  # noqa: PLC0415 (idem)

    solver = _solver(highspy, replace(limits, seconds=inf))
    solver.setOptionValue("solver", "simplex")
    solver.setOptionValue("simplex_iteration_limit", RELAXED_STEPS)
    model = _model(highspy, programme)
    model.integrality_ = []
    solver.passModel(model)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return ()
    return tuple(solver.getSolution().col_value)


def conflict(programme: Programme, limits: Limits) -> tuple[Constraint, ...]:
    """The named rows and bounds that cannot hold together, none of them spare; empty when whole numbers alone conflict."""
    import highspy  # noqa: PLC0415 (idem)

    solver = _solver(highspy, limits)
    model = _model(highspy, programme)
    model.integrality_ = []
    solver.passModel(model)
    solver.setOptionValue("iis_strategy", NONE_SPARE)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kInfeasible:
        return ()
    _, found = solver.getIis()
    rows = [programme.rows[number].name for number in found.row_index_]
    sides = zip(found.col_index_, found.col_bound_, strict=True)
    columns = [_bound_name(highspy, programme.columns[number], side) for number, side in sides]
    return tuple(dict.fromkeys(name for name in (*rows, *columns) if name is not None))


def _bound_name(highspy: Any, column: Column, side: int) -> Constraint | None:
    """The name of a bound in conflict; None for a column that is free there, or only not negative."""
    kinds = highspy.IisBoundStatus
    holds = side in (int(kinds.kIisBoundStatusUpper), int(kinds.kIisBoundStatusBoxed))
    holds = holds or (side == int(kinds.kIisBoundStatusLower) and column.lower > 0)
    return column.name if holds else None


def _solver(highspy: Any, limits: Limits) -> Any:
    solver = highspy.Highs()
    options = {
        "output_flag": False,
        "threads": 1,
        "parallel": "off",
        "random_seed": limits.seed,
        "mip_rel_gap": limits.gap,
        "mip_abs_gap": 1e-6,
        "mip_max_nodes": limits.nodes,
        "time_limit": limits.seconds,
    }
    for name, value in options.items():
        solver.setOptionValue(name, value)
    return solver


def _model(highspy: Any, programme: Programme) -> Any:
    model, columns = highspy.HighsLp(), programme.columns
    model.num_col_, model.num_row_ = len(columns), len(programme.rows)
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = [column.gain for column in columns]
    model.col_lower_ = [column.lower for column in columns]
    model.col_upper_ = [column.upper for column in columns]
    model.integrality_ = [_kind(highspy, column) for column in columns]
    model.row_lower_ = [row.lower for row in programme.rows]
    model.row_upper_ = [row.upper for row in programme.rows]
    starts, indices, values = [0], list[int](), list[float]()
    for row in programme.rows:
        indices.extend(row.terms)
        values.extend(row.terms.values())
        starts.append(len(indices))
    matrix = model.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    matrix.start_, matrix.index_, matrix.value_ = starts, indices, values
    return model


def _kind(highspy: Any, column: Column) -> Any:
    return highspy.HighsVarType.kInteger if column.whole else highspy.HighsVarType.kContinuous


def _status(highspy: Any, solver: Any) -> str:
    known = highspy.HighsModelStatus
    names = {
        known.kOptimal: OPTIMAL,
        known.kSolutionLimit: NODES,
        known.kTimeLimit: TIME,
        known.kInfeasible: INFEASIBLE,
        known.kUnboundedOrInfeasible: INFEASIBLE,
    }
    return names.get(solver.getModelStatus(), STOPPED)
