# SPDX-License-Identifier: EUPL-1.2
"""The programmes worked by hand (cases/*.yaml, the reasoning in their comments): amounts, points, and what stopped whom."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.workflow.arbitration.toy import by_name, named, problem_of
from workflow.arbitration.pricing import price, targets_of
from workflow.arbitration.solve import solve

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_case_has_the_answer_found_by_hand(path: Path) -> None:
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    problem, expected = problem_of(case), case["expected"]

    found = solve(problem)

    assert found.status == expected["status"]
    assert by_name(problem, found.amounts) == expected["amounts"]
    assert (found.points, found.greedy_points) == (expected["points"], expected["greedy_points"])
    assert sorted(one.credit for one in found.envelopes if one.binds) == expected["binding"]
    stops = {one.reference: [named(stop) for stop in one.stops] for one in found.dossiers if one.stops}
    assert stops == expected["stops"]
    served = {one.reference: one.served for one in found.dossiers}
    assert served == {**served, **expected.get("served", {})}


@pytest.mark.parametrize("path", [p for p in CASES if "cpo" in p.stem], ids=lambda path: path.stem)
def test_case_has_the_conversions_found_by_hand(path: Path) -> None:
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    cpo, expected = solve(problem_of(case)).cpo, case["expected"]["cpo"]

    assert cpo is not None
    assert {
        "missing": cpo.missing,
        "conversions": [one.reference for one in cpo.conversions],
        "gap": cpo.gap,
        "cost": cpo.cost,
        "too_dear": cpo.too_dear,
    } == expected


@pytest.mark.parametrize("path", [p for p in CASES if "minimum" in p.stem], ids=lambda path: path.stem)
def test_case_has_the_prices_found_by_hand(path: Path) -> None:
    case: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    problem = problem_of(case)
    amounts = solve(problem).amounts

    prices = {named(target): price(problem, amounts, target) for target in targets_of(problem)}

    assert {name: {"displaced": one.displaced, "points": one.points} for name, one in prices.items()} == {
        name: {key: Decimal(value) for key, value in values.items()}
        for name, values in case["expected"]["prices"].items()
    }
