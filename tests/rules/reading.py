# SPDX-License-Identifier: EUPL-1.2
"""Reads the YAML cases: plain mappings become the frozen facts that rules read."""

from dataclasses import fields
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args, get_type_hints

import yaml

from rules.facts import (
    ActionFacts,
    ConventionFacts,
    DossierFacts,
    EnvelopeFacts,
    LineFacts,
    ProgrammeFacts,
    SettlementFacts,
    TerritoryFacts,
)
from rules.findings import Settlement

CASES = Path(__file__).parent / "cases"

TERRITORY = TerritoryFacts(
    contract="essai",
    qpv=frozenset({"QN05994I", "QN05936M", "QN05901A"}),
    printed_as={"QN05993M": "QN05994I"},
    objectives=frozenset({"OG1.1", "OG1.2", "OG2.1"}),
    qpv_majority_credits=frozenset({"etat:specifique", "region:specifique"}),
    departement_policies={"departement:droit_commun": frozenset({"OG1.1"})},
    epci_priorities={"epci:specifique": frozenset({"OG2.1"})},
)


def read_cases() -> list[dict[str, Any]]:
    """Every case of every file, with the file's name."""
    cases = []
    for path in sorted(CASES.glob("*.yaml")):
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
        cases.extend({"file": path.stem, **case} for case in found)
    return cases


def territory_of(case: dict[str, Any]) -> TerritoryFacts:
    """The test territory with what the case changes."""
    base = {field.name: getattr(TERRITORY, field.name) for field in fields(TERRITORY)}
    return TerritoryFacts(**{**base, **_typed(TerritoryFacts, case.get("territory", {}))})


def dossier_of(facts: dict[str, Any]) -> DossierFacts:
    """A dossier that says nothing but what the case gives."""
    given = dict(facts)
    lines = tuple(_line(line) for line in given.pop("lines", ()))
    settlements = tuple(
        SettlementFacts(**{**one, "kind": Settlement(one["kind"])}) for one in given.pop("settlements", ())
    )
    base = {"reference": "D1", "year": 2026, "stage": "submitted"}
    return DossierFacts(**{**base, **_typed(DossierFacts, given)}, lines=lines, settlements=settlements)


def programme_of(facts: dict[str, Any]) -> ProgrammeFacts:
    """A programme year; `repeat: 5` in an action stands for five of them."""
    given = dict(facts)
    actions = []
    for number, action in enumerate(given.pop("actions", ())):
        content = {"title": "Action", "porteur": "Porteur", **action}
        times = content.pop("repeat", 1)
        actions.extend(
            ActionFacts(**_typed(ActionFacts, {"reference": f"A{number}-{rank}", **content}))
            for rank in range(times)
        )
    envelopes = tuple(
        EnvelopeFacts(**_typed(EnvelopeFacts, {"year": 2026, **e})) for e in given.pop("envelopes", ())
    )
    conventions = given.pop("conventions", None)
    return ProgrammeFacts(
        contract="essai",
        year=given.pop("year", 2026),
        actions=tuple(actions),
        envelopes=envelopes,
        conventions=ConventionFacts(**conventions) if conventions else None,
        populations=given.pop("populations", {}),
    )


def _line(given: dict[str, Any]) -> LineFacts:
    financer, nature = given["key"].split(":")
    return LineFacts(financer=financer, nature=nature, **_typed(LineFacts, {"state": "asked", **given}))


def _typed(kind: type, given: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {name: _value(hints[name], value) for name, value in given.items()}


def _value(hint: Any, value: Any) -> Any:
    accepted = get_args(hint) or (hint,)
    if value is None or isinstance(value, date):
        return value
    if Decimal in accepted:
        return Decimal(str(value))
    if hint == dict[str, frozenset[str]]:
        return {key: frozenset(codes) for key, codes in value.items()}
    if isinstance(value, list):
        return frozenset(value) if "frozenset" in str(hint) else tuple(_tupled(item) for item in value)
    return value


def _tupled(item: Any) -> Any:
    if not isinstance(item, list):
        return item
    return tuple(Decimal(str(one)) if isinstance(one, float) else one for one in item)
