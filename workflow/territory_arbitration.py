# SPDX-License-Identifier: EUPL-1.2
"""How the solver of scenarios weighs dossiers in one contract. Nothing here is law: all of it is a local choice."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from workflow.territory_base import Amount, Strict

Points = Annotated[int, Field(ge=0, le=100)]
Share = Annotated[Decimal, Field(ge=0, le=1, decimal_places=4)]


class OpinionPoints(Strict):
    """What each opinion is worth; a dossier has the mean of those given, the synthesis counted `synthesis_weight` times."""

    favourable: Points = 10
    favourable_with_reservations: Points = 6
    no_opinion: Points = 4
    unfavourable: Points = 0


class Priority(Strict):
    """An objective (with those under it) that adds points; a dossier with several has the most of them."""

    objective: str
    points: Annotated[int, Field(ge=1, le=100)]


class QpvMinimumSettings(Strict):
    """Specific euros that a neighbourhood should receive in one year, or in each year without `year`."""

    qpv: str
    amount: Amount
    year: int | None = None


class Arbitration(Strict):
    """The weights of the solver and its limits. Points are those of a hundred euros given to the dossier."""

    opinions: OpinionPoints = OpinionPoints()
    synthesis_weight: Annotated[int, Field(ge=0, le=20)] = 2
    continuity_points: Points = 3
    priorities: tuple[Priority, ...] = ()
    ceiling: Literal["requested", "suggested"] = "requested"
    floor_share: Share = Decimal("0.6")
    floor_least: Amount = Decimal(1000)
    line_least: Amount = Decimal(500)
    served_bonus: Amount = Decimal(1000)
    qpv_minimums: tuple[QpvMinimumSettings, ...] = ()
    qpv_weight: Annotated[int, Field(ge=0, le=10_000)] = 1000
    cpo_weight: Amount = Decimal(30_000)
    cpo_years: Annotated[int, Field(ge=2, le=6)] = 3
    gap: Annotated[Decimal, Field(ge=0, le=Decimal("0.1"))] = Decimal("0.001")
    seconds: Annotated[int, Field(ge=1, le=300)] = 60
