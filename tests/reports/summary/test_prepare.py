# SPDX-License-Identifier: EUPL-1.2
"""From real rows to the summary: what is read, what N-1 gave, who must leave, and how many queries it costs."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from reports.summary.as_json import render_json
from reports.summary.digest import digest_of
from reports.summary.prepare import prepare
from reports.summary.structure import Summary
from tests.factories import NOW, YEAR
from tests.factories.dossier import add_line
from tests.factories.people import mandate_row
from tests.factories.statements import counted
from tests.factories.world import World
from workflow.errors import UnknownReferenceError
from workflow.models import Award, Convocation, Dossier, Opinion, Seance, SeanceAmount, SeanceItem, Waiver
from workflow.stages import Role


def _seance(world: World, *dossiers: Dossier) -> Seance:
    seance = Seance(
        uid="seance-1@test",
        contract=world.contract,
        body="comite",
        label="Comité d’engagement de mars",
        starts_at=NOW + timedelta(days=7),
        place="Mairie",
        items=[SeanceItem(dossier=dossier, rank=rank) for rank, dossier in enumerate(dossiers, start=1)],
    )
    world.db.add(seance)
    world.db.flush()
    return seance


def _dossier(world: World, **changes: Any) -> Dossier:
    changes = {
        "stage": "commitment",
        "lead_instructor_id": world.instructor.id,
        "theme": "education",
    } | changes
    return world.dossier(**changes)


def _prepare(world: World, seance: Seance) -> Summary:
    """Prepared as a command would: in a session that has nothing in memory."""
    world.db.commit()
    world.db.expunge_all()
    return prepare(world.db, seance.id, NOW)


def test_dossier_block_says_who_asks_what_and_who_instructs(world: World) -> None:
    dossier = _dossier(world, synthesis={
        "opinion": "favourable_with_reservations",
        "strengths": "Ancrage local.",
        "reservations": "Budget à préciser.",
        "suggested": {"etat:specifique": "4500.00"},
    })  # fmt: skip
    line = dossier.line("etat:specifique")
    assert line is not None
    line.proposed = Decimal("4500.00")
    [block] = _prepare(world, _seance(world, dossier)).dossiers

    assert (block.rank, block.reference, block.porteur) == (1, dossier.reference, world.porteur.name)
    assert [item.code for item in block.objectives] == ["1.1.1"]
    assert block.objectives[0].label == "Soutenir les familles"
    assert block.lead_instructor == "Inès Instructrice"
    assert block.citizens_opinion is None
    assert block.synthesis is not None
    assert block.synthesis.label == "favorable avec réserves"
    assert block.synthesis.suggested[0].amount == Decimal("4500.00")
    assert (block.requested, block.proposed) == (Decimal("8000.00"), Decimal("4500.00"))


def test_opinions_given_late_and_awaited_are_told_apart(world: World) -> None:
    dossier = _dossier(world)
    for code, due, value in (
        ("caf", date(2026, 3, 1), "favourable"),
        ("region", date(2026, 3, 1), None),
        ("departement", date(2026, 4, 1), None),
    ):
        world.db.add(
            Opinion(
                dossier=dossier,
                organisation=world.organisations[code],
                state="given" if value else "requested",
                value=value,
                requested_at=NOW - timedelta(days=21),
                given_at=NOW - timedelta(days=12) if value else None,
                due_on=due,
            )
        )
    summary = _prepare(world, _seance(world, dossier))

    shown = [(opinion.label, opinion.is_late) for opinion in summary.dossiers[0].opinions]
    assert shown == [("favorable", False), ("en retard", True), ("non rendu", False)]
    assert summary.totals.late_opinions == 1


def test_ordinary_law_is_obtained_declined_or_unanswered(world: World) -> None:
    dossier = _dossier(world, holders=["caf:droit_commun", "departement:droit_commun", "etat:droit_commun"])
    caf = dossier.line("caf:droit_commun")
    assert caf is not None
    caf.state, caf.promised, caf.firm = "firm", Decimal("2500.00"), True
    add_line(world.db, dossier, "departement:droit_commun", state="declined", reason="Hors politique.")
    law = _prepare(world, _seance(world, dossier)).dossiers[0].ordinary_law

    assert law.obtained == Decimal("2500.00")
    assert law.obtained_lines == ("Caisse d’allocations familiales (droit commun)",)
    assert law.declined_lines == ("Département (droit commun)",)
    assert law.unanswered_lines == ("État (droit commun)",)


def test_last_year_comes_from_the_same_action_first(world: World) -> None:
    dossier = _dossier(world)
    past = world.dossier(year=YEAR - 1, stage="contracted")
    past.action = dossier.action
    line = past.line("etat:specifique")
    assert line is not None
    line.granted = Decimal("4200.00")
    world.db.add(_award(world, Decimal("999.00")))
    [block] = _prepare(world, _seance(world, dossier)).dossiers

    state = next(line for line in block.lines if line.key == "etat:specifique")
    assert (state.granted_last_year, state.last_year_source) == (Decimal("4200.00"), "dossier")


def test_last_year_awards_of_the_porteur_are_counted_once(world: World) -> None:
    dossiers = [_dossier(world), _dossier(world)]
    world.db.add(_award(world, Decimal("1500.00")))
    summary = _prepare(world, _seance(world, *dossiers))

    sources = {line.last_year_source for block in summary.dossiers for line in block.lines}
    assert sources == {"awards", None}
    assert [block.granted_last_year for block in summary.dossiers] == [Decimal("1500.00")] * 2
    assert summary.totals.granted_last_year == Decimal("1500.00")


def _award(world: World, granted: Decimal) -> Award:
    return Award(
        contract_id=world.contract.id,
        year=YEAR - 1,
        siren=(world.porteur.siret or "")[:9],
        beneficiary=world.porteur.name,
        financer="etat",
        credit="etat:specifique",
        granted=granted,
        title="Ateliers",
        inside=True,
        cpo=False,
        source="p147",
        line_key="award-1",
    )


def test_amounts_typed_in_session_are_shown_before_closing(world: World) -> None:
    dossier = _dossier(world)
    seance = _seance(world, dossier)
    line = dossier.line("etat:specifique")
    assert line is not None
    seance.items[0].decision = "retained"
    seance.items[0].amounts.append(SeanceAmount(line=line, amount=Decimal("4000.00")))
    summary = _prepare(world, seance)

    assert summary.totals.retained == Decimal("4000.00")
    assert summary.dossiers[0].decision_label == "retenu"


def test_a_member_with_an_interest_must_leave(world: World) -> None:
    dossier = _dossier(world)
    member = world.financers["caf"]
    world.db.add(mandate_row(member, Role.MEMBER, world.porteur, world.contract))
    seance = _seance(world, dossier)
    seance.convocations.append(Convocation(person=member, organisation=world.organisations["caf"]))
    summary = _prepare(world, seance)

    assert [(item.person, item.organisation) for item in summary.dossiers[0].recusals] == [
        (member.name, world.porteur.name)
    ]
    assert summary.totals.recusals == 1


def test_attestations_and_unsatisfied_findings_are_shown(world: World) -> None:
    dossier = _dossier(world, own_resources=None, cpo=None)
    world.db.add(
        Waiver(
            dossier_id=dossier.id,
            rule="funding.balanced",
            kind="waived",
            reason="Plan reçu par courrier.",
            by="Inès Instructrice",
            at=NOW,
        )
    )
    [block] = _prepare(world, _seance(world, dossier)).dossiers

    assert [settlement.reason for settlement in block.settlements] == ["Plan reçu par courrier."]
    assert {finding.outcome for finding in block.findings} <= {"violated", "undetermined"}
    assert "funding.balanced" in {finding.rule for finding in block.findings}
    assert all(finding.message for finding in block.findings)


def test_envelopes_carry_what_the_agenda_proposes(world: World) -> None:
    dossier = _dossier(world)
    line = dossier.line("etat:specifique")
    assert line is not None
    line.proposed = Decimal("4500.00")
    summary = _prepare(world, _seance(world, dossier))

    state = next(item for item in summary.envelopes if item.credit == "etat:specifique")
    assert state.seance_proposed == state.proposed == Decimal("4500.00")
    assert state.left == (None if state.amount is None else state.amount - state.retained)


def test_a_declined_line_proposes_nothing(world: World) -> None:
    dossier = _dossier(world)
    line = dossier.line("etat:specifique")
    assert line is not None
    line.state, line.proposed, line.reason = "declined", Decimal("4500.00"), "Crédits épuisés."
    summary = _prepare(world, _seance(world, dossier))

    assert summary.totals.proposed == Decimal(0)
    assert {item.seance_proposed for item in summary.envelopes} == {Decimal(0)}
    assert summary.agenda[0].granted == Decimal(0)


def test_agenda_figures_are_those_of_its_dossiers_alone(world: World) -> None:
    dossiers = [_dossier(world), _dossier(world)]
    for dossier in dossiers:
        line = dossier.line("etat:specifique")
        assert line is not None
        line.proposed = Decimal("4500.00")
    [agenda] = _prepare(world, _seance(world, dossiers[0])).agenda

    assert (agenda.actions, agenda.granted) == (1, Decimal("4500.00"))
    assert [item.amount for item in agenda.qpv if item.actions] == [Decimal("4500.00")]
    assert agenda.qpv_share == 1.0


def test_an_empty_seance_has_a_summary(world: World) -> None:
    summary = _prepare(world, _seance(world))
    assert summary.dossiers == ()
    assert summary.totals.dossiers == 0
    assert summary.header.years == (YEAR,)


def test_an_unknown_seance_is_refused(world: World) -> None:
    with pytest.raises(UnknownReferenceError):
        prepare(world.db, 404, NOW)


def test_digest_is_that_of_the_content_not_of_the_hour(world: World) -> None:
    seance = _seance(world, _dossier(world))
    first = _prepare(world, seance)
    later: datetime = NOW + timedelta(minutes=5)
    second = prepare(world.db, seance.id, later)

    assert first.header.digest == digest_of(first) == second.header.digest
    assert render_json(first) != render_json(second)


def test_queries_do_not_grow_with_the_agenda(world: World) -> None:
    counts = []
    for size in (1, 3):
        seance = Seance(
            uid=f"seance-{size}@test",
            contract=world.contract,
            body="comite",
            label="Comité",
            starts_at=NOW + timedelta(days=size),
            items=[SeanceItem(dossier=_dossier(world), rank=rank) for rank in range(size)],
        )
        world.db.add(seance)
        world.db.commit()
        world.db.expunge_all()
        with counted(world.db.get_bind()) as statements:
            prepare(world.db, seance.id, NOW)
        counts.append(len(statements))
        world.db.rollback()
        for name in ("contract", "porteur", "instructor"):
            setattr(world, name, world.db.merge(getattr(world, name)))
    assert counts[0] == counts[1]
