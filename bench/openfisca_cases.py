# SPDX-License-Identifier: EUPL-1.2
"""The dossiers both engines receive: whole euros (OpenFisca keeps 32-bit floats), nothing unknown (it has no unknown)."""

from datetime import date
from decimal import Decimal

from rules.catalogue import RULES
from rules.facts import DossierFacts, LineFacts, TerritoryFacts
from rules.findings import Outcome
from rules.parameters import ParametersOfDay

DOSSIERS, YEAR = 60, 2026
FOUR = ("qpv.majority", "funding.balanced", "droit_commun.remainder", "framework.objective")
FUNCTIONS = tuple(RULES[name].formulas[-1].function for name in FOUR)
STATE, REGION, DEPARTEMENT = "etat:specifique", "region:specifique", "departement:droit_commun"
FRAMEWORK = tuple(f"{axis}{number}" for axis in "ABCD" for number in range(1, 5))
STRANGE = ("Z1", "Z2")
TERRITORY = TerritoryFacts(
    contract="bench",
    qpv=frozenset({"QN05990A"}),
    objectives=frozenset(FRAMEWORK),
    qpv_majority_credits=frozenset({STATE, REGION}),
)
OUTCOMES = {Outcome.SATISFIED: True, Outcome.VIOLATED: False}
Values = dict[str, int]


def values_of(rank: int) -> Values:
    """One dossier as a form gives it. Each rule is satisfied, violated, and exactly at its limit, in turn."""
    beneficiaries = 20 + rank
    own, other, state, region, departement = 300 + rank, 120, 1_500 + 10 * rank, 500, 2_000
    cost = own + other + state + region + departement + (0, 0, 150, -150)[rank % 4]
    promised = departement * (rank % 3) // 2
    left = cost - own - other - promised
    return {
        "beneficiaries": beneficiaries,
        "beneficiaries_qpv": beneficiaries // 2 + rank % 3 - 1,
        "cost": cost,
        "own": own,
        "other": other,
        "volunteering_charges": 400,
        "volunteering_resources": 350 if rank % 5 == 0 else 400,
        "requested_state": state,
        "requested_region": region,
        "requested_departement": departement,
        "proposed_state": left - 200 + (-100, 0, 1)[rank // 3 % 3],
        "proposed_region": 200,
        "promised_departement": promised,
        "objectives_known": rank % 5,
        "objectives_strange": (0, 0, 0, 2)[rank // 2 % 4],
    }


def facts_of(values: Values) -> DossierFacts:
    """The same as our rules read it: three lines, exact euros, codes."""
    return DossierFacts(
        reference="bench",
        year=YEAR,
        stage="commitment",
        objectives=FRAMEWORK[: values["objectives_known"]] + STRANGE[: values["objectives_strange"]],
        beneficiaries_total=values["beneficiaries"],
        beneficiaries_qpv=values["beneficiaries_qpv"],
        filed_on=date(YEAR, 1, 15),
        total_cost=Decimal(values["cost"]),
        own_resources=Decimal(values["own"]),
        other_resources=Decimal(values["other"]),
        volunteering_charges=Decimal(values["volunteering_charges"]),
        volunteering_resources=Decimal(values["volunteering_resources"]),
        lines=(
            _specific(STATE, "etat", values["requested_state"], values["proposed_state"]),
            _specific(REGION, "region", values["requested_region"], values["proposed_region"]),
            LineFacts(
                key=DEPARTEMENT,
                financer="departement",
                nature="droit_commun",
                state="firm",
                requested=Decimal(values["requested_departement"]),
                promised=Decimal(values["promised_departement"]),
            ),
        ),
    )


def _specific(key: str, financer: str, requested: int, proposed: int) -> LineFacts:
    return LineFacts(
        key=key,
        financer=financer,
        nature="specifique",
        state="asked",
        requested=Decimal(requested),
        proposed=Decimal(proposed),
    )


def inputs_of(values: Values) -> dict[str, int]:
    """The same as OpenFisca reads it, on one entity: sums and counts already made, which our rules make themselves."""
    kept = ("beneficiaries", "beneficiaries_qpv", "cost", "own", "other", "objectives_known")
    return {
        **{name: values[name] for name in (*kept, "volunteering_charges", "volunteering_resources")},
        "requests": sum(values[f"requested_{who}"] for who in ("state", "region", "departement")),
        "specific": values["proposed_state"] + values["proposed_region"],
        "ordinary": values["promised_departement"],
        "objectives": values["objectives_known"] + values["objectives_strange"],
    }


def outcomes_of(dossier: DossierFacts, parameters: ParametersOfDay) -> list[bool]:
    """Satisfied or not, by the findings of the four rules. Raises KeyError on another outcome."""
    return [OUTCOMES[function(dossier, TERRITORY, parameters).outcome] for function in FUNCTIONS]
