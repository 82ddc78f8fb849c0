# SPDX-License-Identifier: EUPL-1.2
"""The readable cases (`cases/*.yaml`): name, date, facts, expected finding, source. Tests hold them, pages show them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter

from rules.catalogue import RULES
from rules.engine import evaluate, evaluate_programme
from rules.facts import DossierFacts, ProgrammeFacts, TerritoryFacts
from rules.findings import Finding, Scope
from rules.parameters import Parameters

# The territory on which every case is played, unless it changes a part of it.
TERRITORY = TerritoryFacts(
    contract="essai",
    qpv=frozenset({"QN05994I", "QN05936M", "QN05901A"}),
    printed_as={"QN05993M": "QN05994I"},
    objectives=frozenset({"OG1.1", "OG1.2", "OG2.1"}),
    qpv_majority_credits=frozenset({"etat:specifique", "region:specifique"}),
    departement_policies={"departement:droit_commun": frozenset({"OG1.1"})},
    epci_priorities={"epci:specifique": frozenset({"OG2.1"})},
)
Facts = TypeVar("Facts")
_DOSSIER, _PROGRAMME = TypeAdapter(DossierFacts), TypeAdapter(ProgrammeFacts)
_TERRITORY = TypeAdapter(TerritoryFacts)


@dataclass(frozen=True, slots=True)
class Case:
    """One case as written: `facts` and `territory` hold only what it says; `expected` the answer.

    `local`: the parameters that its contract chooses itself.
    """

    file: str
    name: str
    rule: str
    on: date
    facts: Mapping[str, Any]
    territory: Mapping[str, Any]
    expected: Mapping[str, Any]
    source: str
    local: Mapping[str, Any] = field(default_factory=dict)

    def finding(self) -> Finding:
        """What the rule answers on these facts, with the parameters of the case's day."""
        chosen = {name: _parameter(value) for name, value in self.local.items()}
        parameters = Parameters.load().at(self.on).with_local(chosen)
        territory = territory_of(self.territory)
        if RULES[self.rule].scope is Scope.PROGRAMME:
            found = evaluate_programme(programme_of(self.facts), territory, parameters)
        else:
            found = evaluate(dossier_of(self.facts), territory, parameters)
        return next(one for one in found if one.rule == self.rule)


@cache
def read_cases() -> tuple[Case, ...]:
    """Every case of every file, read once."""
    folder = files("rules") / "cases"
    paths = sorted((path for path in folder.iterdir() if path.name.endswith(".yaml")), key=lambda p: p.name)
    return tuple(
        _case(path.name.removesuffix(".yaml"), given)
        for path in paths
        for given in yaml.safe_load(path.read_text(encoding="utf-8"))
    )


def _case(file: str, given: dict[str, Any]) -> Case:
    return Case(
        file,
        given["name"],
        given["rule"],
        given["date"],
        given["facts"],
        given.get("territory", {}),
        given["expected"],
        given["source"],
        given.get("local", {}),
    )


def _parameter(value: object) -> Decimal | tuple[str, ...]:
    """A local choice as the parameters hold it: an exact number, or words."""
    return tuple(str(word) for word in value) if isinstance(value, list) else Decimal(str(value))


def territory_of(changes: Mapping[str, Any]) -> TerritoryFacts:
    """The territory of the cases, with what one of them changes."""
    return _built(_TERRITORY, {**asdict(TERRITORY), **changes})


def dossier_of(given: Mapping[str, Any]) -> DossierFacts:
    """A dossier that says nothing but what is given; a line needs only its key."""
    lines = [_line(line) for line in given.get("lines", ())]
    base = {"reference": "D1", "year": 2026, "stage": "submitted"}
    return _built(_DOSSIER, {**base, **given, "lines": lines})


def _line(given: Mapping[str, Any]) -> dict[str, Any]:
    financer, _, nature = given["key"].partition(":")
    return {"financer": financer, "nature": nature, "state": "asked", **given}


def programme_of(given: Mapping[str, Any]) -> ProgrammeFacts:
    """A programme year; `repeat: 5` in an action stands for five of them."""
    actions: list[dict[str, Any]] = []
    for number, action in enumerate(given.get("actions", ())):
        content = {"title": "Action", "porteur": "Porteur", **action}
        times = content.pop("repeat", 1)
        actions.extend({"reference": f"A{number}-{rank}", **content} for rank in range(times))
    envelopes = [{"year": 2026, **envelope} for envelope in given.get("envelopes", ())]
    base = {"contract": "essai", "year": 2026}
    year = {**base, **given, "actions": actions, "envelopes": envelopes}
    return _built(_PROGRAMME, year | {"previous": _previous_of(given.get("previous"))})


def _previous_of(given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The year before; an action needs only what the case is about."""
    if given is None:
        return None
    actions = [
        {"reference": f"P{rank}", "title": f"Action {rank}", "porteur": "Porteur", "granted": 0, **action}
        for rank, action in enumerate(given.get("actions", ()))
    ]
    return {"year": 2025, **given, "actions": actions}


def _built(kind: TypeAdapter[Facts], given: Mapping[str, Any]) -> Facts:
    """The facts, refusing a misspelt key that would otherwise change nothing in silence."""
    facts = kind.validate_python(given)
    _refuse_unknown(given, asdict(facts))  # type: ignore[call-overload]
    return facts


def _refuse_unknown(given: Any, known: Any) -> None:
    """Raises ValueError on the first key that is no fact."""
    if isinstance(given, Mapping) and isinstance(known, Mapping):
        for key, value in given.items():
            if key not in known:
                raise ValueError(f"« {key} » is no fact")
            _refuse_unknown(value, known[key])
    elif isinstance(given, list) and isinstance(known, list | tuple):
        for value, other in zip(given, known, strict=True):
            _refuse_unknown(value, other)
