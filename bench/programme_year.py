# SPDX-License-Identifier: EUPL-1.2
"""A programme year of any size as rule facts, spread as real ones are: financers, neighbourhoods, CPO, awards, N-1."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from rules.facts import ActionFacts, ConventionFacts, EnvelopeFacts, ProgrammeFacts
from rules.programme_details import PreviousActionFacts, PreviousYearFacts
from workflow.territory import Territory

YEAR = 2026
ZERO = Decimal(0)
STATE = "etat:specifique"
LINES = (
    (STATE, "epci:specifique"),
    (STATE, "region:specifique", "departement:droit_commun"),
    (STATE, "epci:specifique", "caf:droit_commun", "commune-aniche:droit_commun"),
    (STATE,),
    ("departement:droit_commun", "ars:droit_commun"),
    (STATE, "epci:droit_commun", "commune-somain:droit_commun"),
)
CPO = (True, False, False, True, None, False, False)
QPV_EACH = (1, 1, 2, 1, 3, 0, 8, 1)  # how many neighbourhoods an action names
OBJECTIVES_EACH = (1, 2, 1, 3)
THEMES = ("emploi", "sante", "education", "cadre-de-vie", "citoyennete")
PUBLICS = (
    ("jeunes",),
    None,
    ("femmes", "familles"),
    ("seniors",),
    ("jeunes", "familles"),
    ("demandeurs_emploi",),
)
WAVES = (1500, 3000, 7500, 12_000, 25_000)


def year_of(territory: Territory, number: int) -> ProgrammeFacts:
    """Six actions in ten funded, two under instruction, two awards without dossier; some outside or unclassified."""
    actions = tuple(_actions(territory, number))
    return ProgrammeFacts(
        contract=territory.code,
        year=YEAR,
        actions=actions,
        envelopes=tuple(_envelopes(actions)),
        conventions=ConventionFacts(number // 3, number // 7),
        populations={
            qpv.code: qpv.population for qpv in territory.geography.qpv if qpv.population is not None
        },
        previous=PreviousYearFacts(
            YEAR - 1,
            tuple(
                PreviousActionFacts(one.reference, one.title, one.porteur, one.granted, one.keys)
                for one in actions[::2]
            ),
        ),
    )


def _actions(territory: Territory, number: int) -> Iterator[ActionFacts]:
    codes = [qpv.code for qpv in territory.geography.qpv]
    objectives = sorted(territory.objective_labels)
    for rank in range(number):
        if rank % 10 < 2:
            yield _award(rank)
        else:
            qpv = _some(codes, rank, QPV_EACH[rank % len(QPV_EACH)])
            yield _dossier(rank, qpv, _some(objectives, rank, OBJECTIVES_EACH[rank % len(OBJECTIVES_EACH)]))


def _some(codes: Sequence[str], rank: int, number: int) -> tuple[str, ...]:
    return tuple(codes[(rank + place) % len(codes)] for place in range(min(number, len(codes))))


def _dossier(rank: int, qpv: tuple[str, ...], objectives: tuple[str, ...]) -> ActionFacts:
    by_line = {key: _amount(rank + place) for place, key in enumerate(LINES[rank % len(LINES)])}
    by_financer: dict[str, Decimal] = {}
    for key, amount in by_line.items():
        financer = key.partition(":")[0]
        by_financer[financer] = by_financer.get(financer, ZERO) + amount
    return ActionFacts(
        reference=f"D{rank:05}",
        title=f"Action {rank}",
        porteur=f"Porteur {rank % 300}",
        granted=sum(by_line.values(), ZERO),
        cpo=CPO[rank % len(CPO)],
        inside=rank % 50 != 49,
        specific=by_line.get(STATE, ZERO),
        ordinary=sum((amount for key, amount in by_line.items() if key.endswith("droit_commun")), ZERO),
        own_share=_amount(rank) if rank % 11 == 0 else ZERO,
        by_financer=tuple(by_financer.items()),
        qpv=qpv,
        qpv_beneficiaries=tuple((code, 5 + rank % 40) for code in qpv) if rank % 3 == 0 else (),
        objectives=objectives,
        themes=(THEMES[rank % len(THEMES)],),
        publics=PUBLICS[rank % len(PUBLICS)],
        convention=f"C{rank}" if rank % 3 == 0 else None,
        siren=f"{100_000_000 + rank % 300}",
        is_private=True,
        keys=(f"action:{rank}",),
        projected=rank % 10 >= 8,
    )


def _award(rank: int) -> ActionFacts:
    """A published award: one financer, neither neighbourhood nor objective; the marker may be empty."""
    amount = _amount(rank)
    return ActionFacts(
        reference=f"A{rank:05}",
        title=f"Subvention {rank}",
        porteur=f"Porteur {rank % 300}",
        granted=amount,
        cpo=CPO[rank % len(CPO)],
        inside=(True, True, False, None)[rank // 10 % 4],
        source="award",
        specific=amount,
        by_financer=(("etat", amount),),
        siren=f"{100_000_000 + rank % 300}",
        keys=(f"{100_000_000 + rank % 300}:subvention {rank}",),
    )


def _amount(rank: int) -> Decimal:
    """Whole euros mostly, cents now and then."""
    cents = Decimal("0.37") if rank % 6 == 0 else ZERO
    return Decimal(WAVES[rank % len(WAVES)] + rank % 90) + cents


def _envelopes(actions: Sequence[ActionFacts]) -> Iterator[EnvelopeFacts]:
    """One per credit, the first notified, all known."""
    spent = sum((action.specific for action in actions), ZERO)
    for place, key in enumerate(sorted({key for keys in LINES for key in keys})):
        status = "notified" if key == STATE else "provisional"
        retained = spent if key == STATE else Decimal(100_000 * place)
        yield EnvelopeFacts(
            key,
            YEAR,
            status,
            Decimal(30_000_000),
            retained=retained,
            granted=retained // 2,
            committed=retained,
        )
