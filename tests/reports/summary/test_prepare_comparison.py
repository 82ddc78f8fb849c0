# SPDX-License-Identifier: EUPL-1.2
"""What the agenda is read beside: the last séance of the body, the year before, partners, later years, the adopted scenario."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.closings import FROZEN
from app.documents import JSON, store_document
from reports.summary.digest import canonical_json
from reports.summary.prepare import prepare
from reports.summary.prepare_comparison import statement_of
from reports.summary.sheets import summary_sheets
from reports.summary.sheets_analysis import ENVELOPES
from reports.summary.structure import Summary
from tests.factories import NOW, YEAR
from tests.factories.dossier import add_line
from tests.factories.world import World
from workflow.arbitration.solution import Solution
from workflow.models import Dossier, Forecast, Opinion, Scenario, Seance, SeanceAmount, SeanceItem

STATE, CAF = "etat:specifique", "caf:droit_commun"


def _seance(world: World, *dossiers: Dossier, day: int = 7, **changes: Any) -> Seance:
    values = {"uid": f"seance-{day}@test", "body": "comite", "label": f"Comité {day}"} | changes
    items = [SeanceItem(dossier=dossier, rank=rank) for rank, dossier in enumerate(dossiers, start=1)]
    seance = Seance(contract=world.contract, starts_at=NOW + timedelta(days=day), items=items, **values)
    world.db.add(seance)
    world.db.flush()
    return seance


def _dossier(world: World, **changes: Any) -> Dossier:
    values = {"stage": "commitment", "lead_instructor_id": world.instructor.id, "theme": "education"}
    return world.dossier(**{**values, **changes})


def _solved(status: str, gap: str) -> dict[str, Any]:
    """What a scenario keeps of the solver."""
    return Solution(status, Decimal(gap), Decimal(9), Decimal(8), {}, (), ()).to_json()


def _propose(dossier: Dossier, amount: str) -> None:
    line = dossier.line(STATE)
    assert line is not None
    line.proposed = Decimal(amount)


def _prepared(world: World, seance: Seance) -> Summary:
    world.db.commit()
    world.db.expunge_all()
    return prepare(world.db, seance.id, NOW)


def test_the_last_closed_seance_of_the_same_body_is_compared(world: World) -> None:
    put_off, kept = _dossier(world), _dossier(world)
    _propose(kept, "4500.00")
    line = kept.line(STATE)
    assert line is not None
    past = _seance(world, put_off, kept, day=-21, status="closed")
    past.items[0].decision, past.items[1].decision = "deferred", "retained"
    past.items[1].amounts.append(SeanceAmount(line=line, amount=Decimal("4000.00")))
    _seance(world, day=-50, status="closed")
    _seance(world, day=-14, status="cancelled")
    _seance(world, day=-10, status="closed", body="pilotage")

    found = _prepared(world, _seance(world, put_off)).past_seance

    assert found is not None
    assert (found.label, found.dossiers, found.again) == ("Comité -21", 2, 1)
    assert found.decisions == (("retenu", 1), ("ajourné", 1))
    assert (found.requested, found.proposed, found.retained) == (
        Decimal("16000.00"), Decimal("4500.00"), Decimal("4000.00")
    )  # fmt: skip


def test_the_seance_before_is_told_as_it_was_frozen(world: World) -> None:
    """Its amounts are those of its closing, whatever its lines became."""
    dossier = _dossier(world)
    _propose(dossier, "4500.00")
    past = _seance(world, dossier, day=-21, status="closed")
    read = prepare(world.db, past.id, NOW)
    kept = store_document(world.db, past, FROZEN, "figee.json", canonical_json(read), NOW, JSON)
    past.summary_document_id = kept.id
    _propose(dossier, "10.00")

    found = _prepared(world, _seance(world)).past_seance

    assert found is not None
    assert (found.dossiers, found.requested, found.proposed) == (1, Decimal("8000.00"), Decimal("4500.00"))


def test_the_first_seance_of_a_body_is_compared_with_nothing(world: World) -> None:
    summary = _prepared(world, _seance(world, _dossier(world)))

    assert (summary.past_seance, summary.adopted, summary.last_year) == (None, None, ())


def test_the_programme_with_the_agenda_is_their_sum(world: World) -> None:
    here, elsewhere = _dossier(world), _dossier(world, stage="contracted")
    _propose(here, "4500.00")
    line = elsewhere.line(STATE)
    assert line is not None
    line.state, line.granted = "granted", Decimal("3000.00")

    summary = _prepared(world, _seance(world, here))

    [agenda], [programme], [together] = summary.agenda, summary.programmes, summary.together
    assert (agenda.granted, programme.granted, together.granted) == (
        Decimal("4500.00"), Decimal("3000.00"), Decimal("7500.00")
    )  # fmt: skip
    assert (agenda.actions, programme.actions, together.actions) == (1, 1, 2)
    assert together.cpo is not None
    assert together.cpo.actions == 2


def test_years_and_the_year_before_are_read(world: World) -> None:
    here, before = _dossier(world), _dossier(world, year=YEAR - 1, stage="contracted")
    _propose(here, "4500.00")
    line = before.line(STATE)
    assert line is not None
    line.state, line.granted = "granted", Decimal("4200.00")
    world.db.add_all(
        Forecast(
            dossier=before,
            credit=world.credits[STATE],
            year=YEAR + after,
            amount=Decimal("5000.00"),
            state=state,
            changed_at=NOW,
        )
        for after, state in ((0, "held"), (1, "held"), (2, "released"))
    )
    here.action = before.action  # this year's dossier carries what was forecast for it

    summary = _prepared(world, _seance(world, here))

    assert [(one.year, one.granted, one.proposed, one.forecast) for one in summary.years] == [
        (YEAR - 1, Decimal("4200.00"), Decimal(0), Decimal(0)),
        (YEAR, Decimal(0), Decimal("4500.00"), Decimal(0)),
        (YEAR + 1, Decimal(0), Decimal(0), Decimal("5000.00")),
    ]
    assert summary.years[-1].forecast_actions == 1
    [last_year] = summary.last_year
    assert (last_year.year, last_year.actions, last_year.granted) == (YEAR - 1, 1, Decimal("4200.00"))


def test_ordinary_law_is_told_by_partner(world: World) -> None:
    here, before = (
        _dossier(world, holders=[CAF, "departement:droit_commun"]),
        _dossier(world, year=YEAR - 1, stage="contracted"),
    )
    answer = here.line(CAF)
    assert answer is not None
    answer.state, answer.promised, answer.firm = "firm", Decimal("2500.00"), True
    past = before.line(CAF)
    assert past is not None
    past.state, past.granted = "granted", Decimal("1800.00")

    summary = _prepared(world, _seance(world, here))

    caf = next(one for one in summary.partners if one.code == "caf")
    assert (caf.asked, caf.unanswered, caf.obtained, caf.last_year) == (
        1, 0, Decimal("2500.00"), Decimal("1800.00")
    )  # fmt: skip
    silent = next(one for one in summary.partners if one.code == "departement")
    assert (silent.asked, silent.unanswered, silent.obtained) == (1, 1, Decimal(0))
    assert sum((one.obtained for one in summary.partners), Decimal(0)) == summary.totals.ordinary_law.obtained


def test_partners_of_the_programme_add_up_to_its_ordinary_law(world: World) -> None:
    done = _dossier(world, stage="contracted")
    for key, amount in ((CAF, "1200.00"), ("departement:droit_commun", "800.00")):
        line = done.line(key) or add_line(world.db, done, key)
        line.state, line.granted = "granted", Decimal(amount)

    summary = _prepared(world, _seance(world, _dossier(world)))

    assert summary.programmes[0].ordinary_law == Decimal("2000.00")
    assert sum((one.programme for one in summary.partners), Decimal(0)) == Decimal("2000.00")


def test_criteria_are_the_mean_of_the_opinions_of_the_last_round(world: World) -> None:
    dossier = _dossier(world)
    for code, round_, ranks in (
        ("departement", 1, {"ancrage": 0}),
        ("caf", 2, {"ancrage": 1, "gone": 2}),
        ("region", 2, {"ancrage": 2}),
    ):
        world.db.add(
            Opinion(
                dossier=dossier,
                organisation=world.organisations[code],
                round=round_,
                state="given",
                value="favourable",
                criteria=ranks,
                requested_at=NOW,
                given_at=NOW,
                due_on=NOW.date(),
            )
        )

    [block] = _prepared(world, _seance(world, dossier)).dossiers

    found = {one.code: (one.mean, one.lowest, one.highest, one.answers) for one in block.criteria}
    assert found == {"ancrage": (Decimal("1.5"), 1, 2, 2), "gone": (Decimal(2), 2, 2, 1)}
    assert all(one.top >= one.highest for one in block.criteria)


def test_the_adopted_scenario_is_named_with_what_the_solver_says(world: World) -> None:
    seance = _seance(world, _dossier(world))
    for name, adopted_at, solution in (
        ("À la main", None, None),
        ("Équilibre", NOW, _solved("optimal", "0")),
    ):
        world.db.add(
            Scenario(
                seance=seance,
                name=name,
                created_at=NOW,
                created_by="Sacha",
                adopted_at=adopted_at,
                solution=solution,
            )
        )

    adopted = _prepared(world, seance).adopted

    assert adopted is not None
    assert (adopted.name, adopted.statement) == ("Équilibre", "Meilleure répartition possible, démontrée.")


@pytest.mark.parametrize(
    ("solution", "said"),
    [
        (None, None),
        (_solved("optimal", "0"), "Meilleure répartition possible, démontrée."),
        (
            _solved("gap", "0.004"),
            "Répartition proche de la meilleure, à l’écart indiqué près (écart 0,4\xa0% au plus).",
        ),
    ],
)
def test_the_solver_is_read_as_it_is_kept(solution: dict[str, Any] | None, said: str | None) -> None:
    assert statement_of(solution) == said


def test_an_envelope_says_what_would_be_left(world: World) -> None:
    """A proposal is taken from what is left; typed in session its amount counts instead; put off, nothing."""
    dossiers = [_dossier(world) for _ in range(3)]
    for dossier in dossiers:
        _propose(dossier, "4500.00")
    seance = _seance(world, *dossiers)
    typed, put_off = seance.items[1], seance.items[2]
    line = dossiers[1].line(STATE)
    assert line is not None
    typed.decision, put_off.decision = "retained", "deferred"
    typed.amounts.append(SeanceAmount(line=line, amount=Decimal("4000.00")))

    found = next(one for one in _prepared(world, seance).envelopes if one.credit == STATE)

    assert found.left is not None and found.after is not None
    assert found.left - found.after == Decimal("8500.00")
    assert (found.seance_proposed, found.seance_retained) == (Decimal("13500.00"), Decimal("4000.00"))


def test_what_the_session_decided_counts_as_the_closing_would(world: World) -> None:
    """Kept otherwise, left pending, rectified, put off, taken back: what it adds, to envelopes and to the programme."""
    stages = ("commitment", "commitment", "committed", "commitment", "rejected")
    dossiers = [_dossier(world, stage=stage) for stage in stages]
    otherwise, pending, rectified, _, rejected = dossiers
    for dossier in dossiers:
        _propose(dossier, "4500.00")
    old, denied, common = rectified.line(STATE), rectified.line(CAF), pending.line(CAF)
    assert old is not None and denied is not None
    old.state, old.retained = "retained", Decimal("4500.00")
    denied.state, denied.retained, denied.granted = "refused", Decimal("500.00"), Decimal(0)  # by a nil act
    seance = _seance(world, *dossiers)
    typed = [
        (0, otherwise.line(STATE), "4000.00"),
        (1, common, "300.00"),
        (2, old, "3500.00"),
        (2, denied, "250.00"),
        (4, rejected.line(STATE), "2000.00"),
    ]
    for rank, line, amount in typed:
        assert line is not None
        seance.items[rank].decision = "retained"
        seance.items[rank].amounts.append(SeanceAmount(line=line, amount=Decimal(amount)))
    seance.items[3].decision = "deferred"

    summary = _prepared(world, seance)

    state = next(one for one in summary.envelopes if one.credit == STATE)
    assert (state.left, state.after) == (Decimal("95500.00"), Decimal("90500.00"))  # 6,000 more, 1,000 less
    assert [block.retained for block in summary.dossiers] == [
        Decimal("4000.00"), Decimal("300.00"), Decimal("3750.00"), Decimal(0), Decimal("2000.00")
    ]  # fmt: skip
    [agenda], [programme], [together] = summary.agenda, summary.programmes, summary.together
    assert (programme.actions, programme.granted) == (1, Decimal("4500.00"))
    assert (together.actions, together.granted) == (4, Decimal("10050.00"))
    assert (agenda.actions, agenda.granted) == (4, Decimal("10050.00"))
    assert summary.years[-1].proposed == Decimal("5550.00")


def test_an_envelope_says_what_conventions_hold_on_it(world: World) -> None:
    before = _dossier(world, year=YEAR - 1, stage="contracted")
    forecast = Forecast(credit=world.credits[STATE], year=YEAR, amount=Decimal("5000.00"), state="held")
    forecast.dossier, forecast.changed_at = before, NOW
    world.db.add(forecast)

    summary = _prepared(world, _seance(world, _dossier(world)))

    state = next(one for one in summary.envelopes if one.credit == STATE)
    assert (state.held, state.left) == (Decimal("5000.00"), state.amount)
    [row] = [
        row
        for sheet in summary_sheets(summary)
        for row in sheet.rows
        if sheet.name == "Enveloppes" and row[0] == STATE
    ]
    assert row[[column.label for column in ENVELOPES].index("Tenu en convention")] == Decimal("5000.00")
