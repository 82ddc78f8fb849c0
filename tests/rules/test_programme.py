# SPDX-License-Identifier: EUPL-1.2
"""The figures of a programme year, the split of money, and their JSON form."""

import json
from datetime import date
from decimal import Decimal

import pytest

from rules.cases import TERRITORY, programme_of
from rules.coverage import coverage_by_qpv, invested_objectives
from rules.cpo_figures import covered_years
from rules.engine import evaluate_programme
from rules.facts import ActionFacts, ConventionFacts, EnvelopeFacts, ProgrammeFacts
from rules.money import split
from rules.parameters import Parameters
from rules.programme import programme_figures
from rules.programme_json import programme_json

PARAMETERS = Parameters.load().at(date(2026, 3, 1))
REAL_2024 = {
    "year": 2024,
    "actions": [
        {"granted": 18335, "cpo": True, "repeat": 5},
        {"granted": 500314, "cpo": None},
        {"granted": 0, "cpo": None, "repeat": 26},
        {"granted": 1000, "inside": False, "repeat": 22},
        {"granted": 500, "inside": None},
        {"granted": 7000, "cpo": True, "projected": True},
    ],
}


def action(granted: str, **more: object) -> ActionFacts:
    return ActionFacts("A", "t", "p", Decimal(granted), **more)  # type: ignore[arg-type]


def test_known_answer_of_2024() -> None:
    figures = programme_figures(programme_of(REAL_2024), TERRITORY, PARAMETERS)

    assert (figures.actions, figures.granted) == (32, Decimal(591989))
    assert (figures.cpo.actions, figures.cpo.granted, figures.cpo.unknown) == (5, Decimal(91675), 27)
    assert round(figures.cpo.share_actions or 0, 3) == 0.156
    assert round(figures.cpo.share_granted or 0, 3) == 0.155
    assert (figures.cpo.met, figures.cpo.missing_actions, figures.cpo.missing_new_actions) == (False, 12, 23)
    assert (figures.outside.actions, figures.unclassified.actions) == (22, 1)
    assert (figures.projected.actions, figures.projected.with_programme.actions) == (1, 6)


def test_json_has_the_stable_keys() -> None:
    programme = programme_of(REAL_2024)
    findings = evaluate_programme(programme, TERRITORY, PARAMETERS)
    shown = programme_json(programme_figures(programme, TERRITORY, PARAMETERS), findings)

    json.dumps(shown, allow_nan=False)
    stable = (
        "year",
        "actions",
        "granted",
        "cpo",
        "conventions",
        "envelopes",
        "outside",
        "unclassified",
        "projected",
    )
    assert set(stable) | {"findings"} <= set(shown)
    cpo = shown["cpo"]
    assert isinstance(cpo, dict)
    assert cpo["granted"] == "91675.00" and cpo["target"] == 0.5 and cpo["met"] is False
    assert shown["conventions"] is None and shown["granted"] == "591989.00"


def test_json_of_conventions_and_envelopes() -> None:
    envelope = EnvelopeFacts("etat:specifique", 2026, "notified", Decimal(100), retained=Decimal(40))
    programme = ProgrammeFacts("essai", 2026, envelopes=(envelope,), conventions=ConventionFacts(10, 5))
    shown = programme_json(programme_figures(programme, TERRITORY, PARAMETERS))

    assert shown["conventions"] == {
        "count": 10, "cpo": 5, "share": 0.5, "target": 0.5, "met": True,
        "granted": None, "cpo_granted": None, "share_granted": None,
    }  # fmt: skip
    assert shown["envelopes"] == [
        {
            "credit": "etat:specifique", "label": "", "year": 2026, "status": "notified", "amount": "100.00",
            "proposed": "0.00", "retained": "40.00", "granted": "0.00", "committed": "40.00",
            "remaining": "60.00", "exceeded": False, "held_by": "contract", "forecast": "0.00", "overcommitted": False,
        }
    ]  # fmt: skip


def test_empty_programme_has_no_share_and_nothing_to_convert() -> None:
    figures = programme_figures(ProgrammeFacts("essai", 2026), TERRITORY, PARAMETERS)

    assert figures.cpo.share_actions is None and figures.cpo.met is None
    assert (figures.cpo.missing_actions, figures.cpo.missing_new_actions) == (0, 1)


def test_before_the_contract_there_is_no_target() -> None:
    figures = programme_figures(programme_of(REAL_2024), TERRITORY, Parameters.load().at(date(2020, 1, 1)))

    assert (figures.cpo.target, figures.cpo.met, figures.cpo.missing_actions) == (None, None, 0)


def test_cpo_per_financer() -> None:
    both = (("etat", Decimal(10)), ("region", Decimal(5)))
    actions = (action("15", cpo=True, by_financer=both), action("7", by_financer=(("region", Decimal(7)),)))
    figures = programme_figures(ProgrammeFacts("essai", 2026, actions), TERRITORY, PARAMETERS)

    assert figures.cpo_by_financer["etat"].share_actions == 1
    assert figures.cpo_by_financer["region"].share_granted == pytest.approx(5 / 12)


def test_own_share_and_volunteering_stay_out_of_leverage() -> None:
    actions = (action("300", specific=Decimal(100), ordinary=Decimal(50), own_share=Decimal(900)),)
    figures = programme_figures(ProgrammeFacts("essai", 2026, actions), TERRITORY, PARAMETERS)

    assert figures.leverage.ratio == Decimal(2)
    assert (figures.own_share, figures.ordinary_share) == (Decimal(900), pytest.approx(1 / 6))


def test_split_to_the_cent() -> None:
    assert split(Decimal(100), [1, 1, 1]) == [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]
    assert split(Decimal("0.01"), [1, 3]) == [Decimal(0), Decimal("0.01")]
    assert split(Decimal(10), [0, 0]) == [Decimal(5), Decimal(5)]
    assert split(Decimal(-1), [1, 2]) == [Decimal("-0.33"), Decimal("-0.67")]


@pytest.mark.parametrize(("total", "weights"), [("1", []), ("1", [1, -1]), ("NaN", [1]), ("1E+30", [1])])
def test_split_refuses_what_it_cannot_share(total: str, weights: list[int]) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        split(Decimal(total), weights)


def test_coverage_says_how_it_was_split() -> None:
    pair = ("QN05936M", "QN05994I")
    coverage = coverage_by_qpv(
        [
            action("100", qpv=pair, qpv_beneficiaries=(("QN05936M", 30), ("QN05994I", 10))),
            action("90", qpv=pair),
            action("10", qpv=("QN05994I",)),
            action("7"),
        ],
        {"QN05936M": 2000, "QN05994I": 1000},
        TERRITORY.qpv,
    )
    by_code = {one.code: one for one in coverage.qpv}

    masny, hornaing = by_code["QN05936M"], by_code["QN05994I"]
    assert (masny.by_beneficiaries, masny.by_population, masny.single) == (
        Decimal(75),
        Decimal(60),
        Decimal(0),
    )
    assert (hornaing.amount, hornaing.single) == (Decimal(65), Decimal(10))
    assert (coverage.unlocated, coverage.total) == (Decimal(7), Decimal(207))
    assert masny.per_resident == Decimal("0.07")
    assert by_code["QN05901A"].amount == 0


def test_coverage_without_population_splits_evenly_and_says_so() -> None:
    coverage = coverage_by_qpv([action("10", qpv=("a", "b"))], {"a": 5}, ())

    assert [one.by_equal_parts for one in coverage.qpv] == [Decimal(5), Decimal(5)]


def test_objectives_from_most_to_least_invested() -> None:
    found = invested_objectives(
        [action("100", objectives=("OG1.1", "OG2.1")), action("10", objectives=("OG2.1",))],
        TERRITORY.objectives,
    )

    assert [(one.code, one.amount, one.actions) for one in found] == [
        ("OG2.1", Decimal(60), 2),
        ("OG1.1", Decimal(50), 1),
        ("OG1.2", Decimal(0), 0),
    ]


def test_a_duration_that_is_a_typing_error_is_not_counted_year_by_year() -> None:
    assert max(covered_years([(2026, 10**9, None)])) == 2125


def test_the_copy_of_a_trajectory_neither_restarts_nor_lengthens_a_cpo() -> None:
    copied = frozenset({2026, 2027, 2028})

    ended_early = covered_years([(2027, 3, copied), (2026, 2, frozenset({2026, 2027}))])
    begun_again = covered_years([(2026, 2, None), (2028, 2, frozenset({2028, 2029}))])
    silent_on_its_own_year = covered_years([(2026, 2, frozenset({2027, 2028}))])

    assert ended_early == {2026: 2026, 2027: 2026}
    assert begun_again == {2026: 2026, 2027: 2026, 2028: 2028, 2029: 2028}
    assert silent_on_its_own_year == {2026: 2026, 2027: 2026, 2028: 2026}
