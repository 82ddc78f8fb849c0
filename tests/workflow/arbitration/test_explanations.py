# SPDX-License-Identifier: EUPL-1.2
"""What the solver says beside amounts: conflicts by name, prices, least changes, limits, and French sentences."""

import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from math import inf
from typing import Any

import pytest

from bench.arbitration_problem import conference
from tests.workflow.arbitration.toy import by_name, named, problem_of
from workflow.arbitration.constraints import Constraint, faults
from workflow.arbitration.greedy import greedy
from workflow.arbitration.highs import Answer, relaxed
from workflow.arbitration.least_change import LeastChange, Move, least_change
from workflow.arbitration.pricing import conflicts, price, targets_of
from workflow.arbitration.problem import Policy, Problem, points
from workflow.arbitration.programme import programme_of
from workflow.arbitration.solve import InfeasibleError, UnfinishedError, limits_of, proved_gap, solve
from workflow.arbitration.targets import TargetCost, Targets
from workflow.arbitration.wording import (
    EXCLUSIONS,
    STATUS_LABELS,
    UNPROVED_CONFLICTS,
    conflict_sentence,
    cost_sentence,
    least_change_sentences,
    row_name,
    sentence,
    target_sentences,
)

NAMES = {"etat": "État", "epci": "Intercommunalité", "N1": "Quartier un"}


def shared(*dossiers: dict[str, Any], **more: Any) -> Problem:
    return problem_of({"envelopes": {"etat": 5000}, "dossiers": dossiers, **more})


def dossier(name: str, **changes: Any) -> dict[str, Any]:
    return {"id": name, "score": 10, "remainder": 4000, "floor": 1000, "lines": {"etat": 4000}, **changes}


def test_locked_amounts_above_their_envelope_are_refused_by_name() -> None:
    problem = shared(
        dossier("A", locked={"etat": 4000}), dossier("B", locked={"etat": 1500}), dossier("C", remainder=900)
    )

    with pytest.raises(InfeasibleError) as refused:
        solve(problem)

    assert [named(one) for one in refused.value.constraints] == [
        "envelope etat",
        "locked etat",
        "locked etat",
    ]
    assert conflict_sentence(refused.value.constraints, NAMES) == (
        "Ces contraintes ne tiennent pas ensemble\u00a0: l’enveloppe État (5\u202f000\u00a0€ disponibles), "
        "le montant verrouillé à 4\u202f000\u00a0€ sur A, État et le montant verrouillé à 1\u202f500\u00a0€ sur B, État."
    )


@pytest.mark.parametrize(
    ("changes", "rows"),
    [
        ({"locked": {"etat": 3000}, "remainder": 2000}, ["remainder", "locked etat"]),
        ({"locked": {"etat": 4500}}, ["request etat", "locked etat"]),
        ({"locked": {"etat": 800}}, ["floor", "locked etat"]),
        ({"locked": {"etat": 2000}, "unfavourable": ["etat"]}, ["excluded etat", "locked etat"]),
        ({"locked": {"etat": 2000}, "excluded": "synthesis"}, ["excluded", "locked etat"]),
    ],
)
def test_a_locked_amount_that_cannot_be_kept_names_what_forbids_it(
    changes: dict[str, Any], rows: list[str]
) -> None:
    with pytest.raises(InfeasibleError) as refused:
        solve(shared(dossier("A", **changes)))

    assert sorted(named(one) for one in refused.value.constraints) == sorted(rows)


def test_a_lock_that_only_whole_numbers_forbid_is_named_too() -> None:
    # 255 € are locked on the EPCI's line; the floor of 300 € would need 45 € of the State, who gives 200 € or nothing,
    # and only 100 € more may be funded.
    problem = problem_of(
        {
            "envelopes": {"etat": 5000, "epci": 5000},
            "dossiers": [
                dossier("A", remainder=355, floor=300, lines={"epci": 300, "etat": 300}, locked={"epci": 255})
            ],
        }
    )
    (one,) = problem.candidates
    lines = tuple(replace(line, least=Decimal(200)) if line.credit == "etat" else line for line in one.lines)
    problem = replace(problem, candidates=(replace(one, lines=lines),))

    with pytest.raises(InfeasibleError) as refused:
        solve(problem)

    assert [named(row) for row in refused.value.constraints] == ["locked epci", "floor"]


def test_locked_amounts_are_kept_with_their_cents_and_nothing_is_taken_beyond() -> None:
    problem = shared(dossier("A", locked={"etat": "1234.56"}), dossier("B"))

    found = solve(problem)

    assert found.amounts == {1: Decimal("1234.56"), 2: Decimal(3700)}
    assert found.envelopes[0].remaining == Decimal("65.44")


def test_a_lock_has_a_price() -> None:
    problem = shared(dossier("A", score=3, locked={"etat": 4000}), dossier("B", score=9))
    (target,) = targets_of(problem)

    cost = price(problem, solve(problem).amounts, target)

    # With the lock B is left 1 000; without, B has 4 000 and A 1 000: 3 000 € change hands, (9 − 3) × 30 points.
    assert (cost.displaced, cost.total, cost.points) == (Decimal(3000), Decimal(0), Decimal(180))
    assert TargetCost.from_json(cost.to_json()) == cost


def test_minimums_that_cannot_be_held_together_are_named_and_a_proposal_is_still_made() -> None:
    first, second = dossier("A", qpv={"N1": 10_000}), dossier("B", qpv={"N2": 10_000})
    problem = shared(first, second, qpv={"N1": {"amount": 3000}, "N2": {"amount": 2500}})

    found = solve(problem)
    (names,), is_proved = conflicts(problem)

    assert is_proved
    assert sorted(named(one) for one in names) == ["envelope etat", "qpv N1", "qpv N2"]
    assert sum(one.missing for one in found.qpv) == 500
    assert Targets((), (names,)).to_json()["conflicts"] == [[one.to_json() for one in names]]


def test_minimums_that_only_floors_forbid_are_named() -> None:
    # Each neighbourhood asks 1 000 €, each action needs 4 000 € to run, and there are 5 000 €.
    first, second = (
        dossier("A", floor=4000, qpv={"N1": 10_000}),
        dossier("B", floor=4000, qpv={"N2": 10_000}),
    )
    problem = shared(first, second, qpv={"N1": {"amount": 1000}, "N2": {"amount": 1000}})

    (names,), is_proved = conflicts(problem)

    assert is_proved
    assert sorted(named(one) for one in names) == ["qpv N1", "qpv N2"]


def test_minimums_that_hold_have_no_conflict() -> None:
    assert conflicts(shared(dossier("A", qpv={"N1": 10_000}), qpv={"N1": {"amount": 3000}})) == ((), True)


def test_least_change_takes_the_fewest_euros_from_whom_they_cost_least() -> None:
    problem = shared(dossier("A", score=12), dossier("B", score=9), dossier("C", score=2))
    amounts = {1: Decimal(3000), 2: Decimal(2000), 3: Decimal(0)}

    change = least_change(problem, amounts, 3)

    assert (change.now, change.wanted, change.taken) == (Decimal(0), Decimal(1000), Decimal(1000))
    assert [(move.reference, move.before, move.after) for move in change.moves] == [
        ("B", 2000, 1000),
        ("C", 0, 1000),
    ]
    assert change.extra == {"etat": Decimal(1000)}


def test_least_change_counts_a_dossier_that_would_fall_under_its_floor_whole() -> None:
    problem = shared(dossier("A", floor=3000), dossier("B", floor=2000), dossier("C"))
    amounts = {1: Decimal(3000), 2: Decimal(2000), 3: Decimal(0)}

    change = least_change(problem, amounts, 3)

    assert {move.reference: move.after for move in change.moves} == {"B": 0, "C": 1000}
    assert change.taken == 2000


def test_least_change_of_a_dossier_partly_served_brings_all_it_needs() -> None:
    problem = shared(dossier("A"), dossier("B"))

    change = least_change(problem, solve(problem).amounts, 2)

    assert (change.now, change.wanted, change.taken) == (1000, 4000, 3000)
    assert change.to_json()["extra"] == {"etat": "3000.00"}


def test_least_change_says_what_forbids_it() -> None:
    problem = shared(
        dossier("A", locked={"etat": 4000}), dossier("B", floor=2000), dossier("C", excluded="synthesis")
    )
    amounts = solve(problem).amounts

    of_b, of_c = least_change(problem, amounts, 2), least_change(problem, amounts, 3)

    assert sorted(named(one) for one in of_b.blocked) == ["envelope etat", "locked etat"]
    assert of_b.extra == {"etat": Decimal(1000)}
    assert ([named(one) for one in of_c.blocked], of_c.extra) == (["excluded"], None)


def test_least_change_of_a_dossier_fully_served_is_nothing() -> None:
    problem = shared(dossier("A"))

    assert least_change(problem, solve(problem).amounts, 1).moves == ()


def test_a_run_stopped_by_time_says_so_and_keeps_what_a_slower_machine_would() -> None:
    """Of a large agenda, what the relaxation gives: it is bounded by its steps, not by the clock."""
    problem = conference(150)
    hurried = replace(problem, policy=Policy(seconds=0))

    found, programme = solve(hurried), programme_of(problem)

    assert (found.status, found.gap, faults(problem, found.amounts)) == ("time", 1, [])
    assert found.points > found.greedy_points
    assert relaxed(programme, limits_of(hurried)) == relaxed(programme, limits_of(problem)) != ()


def test_a_small_run_stopped_by_time_says_so_and_keeps_the_order_of_opinions() -> None:
    problem = replace(conference(80), policy=Policy(seconds=0))
    first = greedy(problem)
    assert faults(problem, first) == []

    found = solve(problem)

    assert (found.status, found.gap, found.points) == ("time", 1, points(problem, first))
    assert found.amounts == first


def test_a_run_stopped_by_nodes_says_so_and_keeps_what_the_relaxation_gives() -> None:
    """Of a large agenda: the dossiers that it serves whole, then the order of opinions."""
    problem = conference(150)

    found, best = solve(replace(problem, policy=Policy(nodes=0))), solve(problem)

    assert (found.status, faults(problem, found.amounts)) == ("nodes", [])
    assert Decimal("0.9") * best.points < found.points <= best.points
    assert found.points > found.greedy_points


def test_searches_stopped_by_time_prove_nothing_and_say_so() -> None:
    whole = replace(conference(150), poches=None)
    amounts, dossier_id = greedy(whole), whole.candidates[-1].id
    amounts |= {line.id: Decimal(0) for line in whole.candidates[-1].lines}
    problem = replace(whole, policy=Policy(seconds=0))

    change = least_change(problem, amounts, dossier_id)
    cost = price(problem, amounts, targets_of(problem)[0])
    found, is_proved = conflicts(problem)

    assert (change.status, change.moves, change.blocked) == ("time", (), ())
    assert "interrompue, rien n’est prouvé" in least_change_sentences(change, NAMES)[0]
    unknown = replace(change, extra=None, extra_status="time")
    assert all("interrompue, rien n’est prouvé" in said for said in least_change_sentences(unknown, NAMES))
    assert (cost.status, TargetCost.from_json(cost.to_json())) == ("time", cost)
    assert "interrompue" in cost_sentence(cost, NAMES)
    assert (found, is_proved) == ((), False)
    targets = Targets.from_json(Targets((cost,), found, is_proved).to_json())
    assert target_sentences((), None, targets, NAMES) == [cost_sentence(cost, NAMES), UNPROVED_CONFLICTS]


def test_a_search_without_any_bound_proves_nothing() -> None:
    gaps = [proved_gap(Answer("time", (1.0,), 5.0, gap)) for gap in (inf, 0.0012345, 0.0)]

    assert gaps == [1, Decimal("0.001235"), 0]


def test_a_change_that_takes_nothing_or_that_was_cut_is_said_so() -> None:
    moves = (
        Move(1, "A", "etat", Decimal(2000), Decimal(1000)),
        Move(2, "B", "etat", Decimal(0), Decimal(1000)),
    )
    taken = LeastChange(2, "B", Decimal(0), Decimal(1000), "nodes", moves, {"etat": Decimal(500)}, "time")
    free = LeastChange(2, "B", Decimal(0), Decimal(1000), "optimal", moves[1:], {})

    assert [
        said.count("un changement plus petit peut exister") for said in least_change_sentences(taken, NAMES)
    ] == [1, 1]
    assert least_change_sentences(free, NAMES) == [
        "Pour porter B de 0\u00a0€ à 1\u202f000\u00a0€, sans rien prendre à personne\u00a0: B, État, de 0\u00a0€ à 1\u202f000\u00a0€."
    ]


@pytest.mark.parametrize(("floor", "refusal"), [(4000, UnfinishedError), (4400, InfeasibleError)])
def test_a_search_stopped_before_any_allocation_is_told_apart_from_an_impossible_one(
    floor: int, refusal: type[Exception]
) -> None:
    """The last by merit is held by a lock: the order of opinions leaves it under its floor, and 4 389 € are left to fund."""
    problem = conference(80)  # no relaxation, which would find where to start
    held = replace(problem.candidates[0], floor=Decimal(floor), score=1)
    assert held.remainder == 4389
    lines = (replace(held.lines[0], locked=Decimal(100)), *held.lines[1:])
    candidates = (replace(held, lines=lines), *problem.candidates[1:])

    with pytest.raises(refusal):
        solve(replace(problem, candidates=candidates, policy=Policy(seconds=0)))


def test_the_order_of_dossiers_decides_of_ties_and_of_nothing_else() -> None:
    problem = shared(dossier("A"), dossier("B"))
    turned = replace(problem, candidates=problem.candidates[::-1])

    assert by_name(problem, solve(problem).amounts) == {"A": {"etat": 4000}, "B": {"etat": 1000}}
    assert by_name(turned, solve(turned).amounts) == {"B": {"etat": 4000}, "A": {"etat": 1000}}


def test_every_word_has_its_sentence() -> None:
    one = Constraint("excluded", "A", "etat", why="unfavourable")
    assert sentence(one, NAMES) == "État\u00a0: l’avis du financeur est défavorable"
    assert row_name(one, NAMES).startswith("l’exclusion de A")
    assert set(STATUS_LABELS) >= {"optimal", "gap", "nodes", "time"}
    assert set(EXCLUSIONS) == {
        "synthesis", "other_year", "cost_missing", "unfavourable", "ineligible", "closed", "own_share", "no_request"
    }  # fmt: skip
    for kind in ("envelope", "request", "remainder", "floor", "least", "locked", "qpv", "poches", "served"):
        row = Constraint(kind, "A", "etat", "N1", Decimal(100))
        assert "100" in row_name(row, NAMES)
        assert Constraint.from_json(row.to_json()) == row
    for kind in ("envelope", "floor", "poches", "locked", "unfinished"):
        assert sentence(Constraint(kind, "A", "etat", "N1", Decimal(100)), NAMES)


def test_importing_the_package_does_not_load_the_solver() -> None:
    code = "import sys, workflow.arbitration.pricing, workflow.arbitration.least_change; print('highspy' in sys.modules, 'numpy' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "False"]
