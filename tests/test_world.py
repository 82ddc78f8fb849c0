# SPDX-License-Identifier: EUPL-1.2
"""The toy world stands on both engines, and its dossier says what its factory promises."""

from decimal import Decimal

from sqlalchemy import func, select

from tests.factories.world import World
from workflow.models import Credit, Dossier, Mandate
from workflow.stages import Role


def test_world_holds_everybody_and_every_credit(world: World) -> None:
    assert list(world.financers) == ["etat", "region", "departement", "epci", "commune-valmont", "caf"]
    assert len(world.credits) == 8
    assert world.db.scalar(select(func.count(Credit.id))) == 16  # the stranger's contract has its own
    seats = world.db.scalars(
        select(Mandate.body).where(
            Mandate.person_id == world.financers["caf"].id, Mandate.role == Role.MEMBER
        )
    )
    assert sorted(body for body in seats if body) == [
        "comite",
        "conference",
        "groupe-education",
        "pilotage",
        "repartition",
    ]


def test_world_dossier_is_balanced(world: World) -> None:
    dossier = world.dossier(beneficiaries_qpv=20)
    world.db.commit()

    read = world.db.get_one(Dossier, dossier.id)

    asked = sum((line.requested or Decimal(0) for line in read.lines), Decimal(0))
    assert read.total_cost == asked + (read.own_resources or 0) + (read.other_resources or 0)
    assert read.beneficiaries_qpv == 20
    assert read.reference == "D001"
