# SPDX-License-Identifier: EUPL-1.2
"""Four of our rules written for OpenFisca-Core; run by `bench.openfisca` with a Python that has it, imported by nobody.

Reads the dossiers on the first line, answers the outcomes; then times every way once for each line it receives.
"""

import json
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from time import perf_counter

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit, period
from openfisca_core.simulations import Simulation, SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

DOSSIER = build_entity(key="dossier", plural="dossiers", label="A dossier", is_person=True)
COUNTS = ("beneficiaries", "beneficiaries_qpv", "objectives", "objectives_known")
AMOUNTS = (
    "cost", "own", "other", "requests", "volunteering_charges", "volunteering_resources", "ordinary", "specific",
)  # fmt: skip
TOGETHER = 1_000
Inputs = dict[str, int]


class QpvMajority(Variable):
    """Strictly more of the public in QPV than the share in force that year."""

    value_type, entity, definition_period, label = bool, DOSSIER, DateUnit.YEAR, "qpv.majority"

    def formula(dossier, period, parameters):  # noqa: N805 - OpenFisca calls it with the population
        """Source: as our rule."""
        share = parameters(period).qpv.majority_share
        return dossier("beneficiaries_qpv", period) > share * dossier("beneficiaries", period)


class FundingBalanced(Variable):
    """Cost = own + other + requests; accounts 86 and 87 equal."""

    value_type, entity, definition_period, label = bool, DOSSIER, DateUnit.YEAR, "funding.balanced"

    def formula(dossier, period):  # noqa: N805
        """Source: as our rule."""
        resources = dossier("own", period) + dossier("other", period) + dossier("requests", period)
        volunteering = dossier("volunteering_charges", period) == dossier("volunteering_resources", period)
        return (resources == dossier("cost", period)) * volunteering


class DroitCommunRemainder(Variable):
    """Specific credits within what the other resources leave to finance, or none."""

    value_type, entity, definition_period, label = bool, DOSSIER, DateUnit.YEAR, "droit_commun.remainder"

    def formula(dossier, period):  # noqa: N805
        """Source: as our rule."""
        own, other = dossier("own", period), dossier("other", period)
        remainder = dossier("cost", period) - own - other - dossier("ordinary", period)
        specific = dossier("specific", period)
        return (specific <= remainder) + (specific == 0)


class FrameworkObjective(Variable):
    """At least one objective, all of the framework; counts, as OpenFisca has no lists of codes."""

    value_type, entity, definition_period, label = bool, DOSSIER, DateUnit.YEAR, "framework.objective"

    def formula(dossier, period):  # noqa: N805
        """Source: as our rule."""
        named = dossier("objectives", period)
        return (named > 0) * (dossier("objectives_known", period) == named)


RULES = (QpvMajority, FundingBalanced, DroitCommunRemainder, FrameworkObjective)
NAMES = tuple(rule.__name__ for rule in RULES)


def country(parameters: dict[str, object]) -> TaxBenefitSystem:
    """The smallest system that holds the four rules."""
    system = TaxBenefitSystem([DOSSIER])
    system.parameters = ParameterNode("", data=parameters)
    inputs = {**dict.fromkeys(COUNTS, int), **dict.fromkeys(AMOUNTS, float)}
    for name, kind in inputs.items():
        described = {
            "value_type": kind,
            "entity": DOSSIER,
            "definition_period": DateUnit.YEAR,
            "label": name,
        }
        system.add_variable(type(name, (Variable,), described))
    for rule in RULES:
        system.add_variable(rule)
    return system


class Ways:
    """The ways to have the outcomes of every dossier, from the least to the most favourable to OpenFisca."""

    def __init__(self, system: TaxBenefitSystem, year: str, dossiers: Sequence[Inputs]) -> None:
        self.system, self.year, self.period, self.dossiers = system, year, period(year), dossiers
        self.kept = SimulationBuilder().build_default_simulation(system, count=1)
        many = [dossiers[rank % len(dossiers)] for rank in range(TOGETHER)]
        self.columns = {name: np.array([inputs[name] for inputs in many]) for name in dossiers[0]}

    def situation(self) -> list[list[bool]]:
        """A fresh simulation per dossier, built from a situation as OpenFisca documents it."""
        found = []
        for inputs in self.dossiers:
            dated = {name: {self.year: value} for name, value in inputs.items()}
            simulation = SimulationBuilder().build_from_dict(self.system, {"dossiers": {"one": dated}})
            found.append([bool(simulation.calculate(name, self.year)[0]) for name in NAMES])
        return found

    def fresh(self) -> list[list[bool]]:
        """A fresh simulation per dossier, built the shortest way: no situation read, the period parsed once."""
        found = []
        for inputs in self.dossiers:
            simulation = SimulationBuilder().build_default_simulation(self.system, count=1)
            found.append(self._asked(simulation, inputs))
        return found

    def reused(self) -> list[list[bool]]:
        """One simulation for all, inputs replaced and the four results forgotten between dossiers."""
        found = []
        for inputs in self.dossiers:
            for name in NAMES:
                self.kept.delete_arrays(name)
            found.append(self._asked(self.kept, inputs))
        return found

    def formulas(self) -> list[list[bool]]:
        """The four formulas alone, as many times: inputs in place, the results forgotten."""
        found = []
        for _dossier in self.dossiers:
            for name in NAMES:
                self.kept.delete_arrays(name)
            found.append([bool(self.kept.calculate(name, self.period)[0]) for name in NAMES])
        return found

    def together(self) -> None:
        """A thousand dossiers in one simulation, columns ready: what OpenFisca is made for."""
        simulation = SimulationBuilder().build_default_simulation(self.system, count=TOGETHER)
        for name, column in self.columns.items():
            simulation.set_input(name, self.period, column)
        for name in NAMES:
            simulation.calculate(name, self.period)

    def _asked(self, simulation: Simulation, inputs: Inputs) -> list[bool]:
        for name, value in inputs.items():
            simulation.set_input(name, self.period, [value])
        return [bool(simulation.calculate(name, self.period)[0]) for name in NAMES]


def main() -> None:
    """One line in, one line out, until the driver closes."""
    asked = json.loads(sys.stdin.readline())
    ways = Ways(country(asked["parameters"]), asked["year"], asked["dossiers"])
    outcomes = ways.situation()
    same = outcomes == ways.fresh() == ways.reused()
    _answer({"version": version("openfisca-core"), "outcomes": outcomes, "same": same})
    number = len(ways.dossiers)
    alone = (ways.situation, ways.fresh, ways.reused, ways.formulas)
    for _turn in sys.stdin:
        each = {way.__name__: _seconds(way) / number for way in alone}
        _answer({**each, "together": _seconds(ways.together) / TOGETHER})


def _seconds(way: Callable[[], object]) -> float:
    start = perf_counter()
    way()
    return perf_counter() - start


def _answer(what: dict[str, object]) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main()
