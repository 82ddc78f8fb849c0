# SPDX-License-Identifier: EUPL-1.2
"""A territory as values: the faults between its parts, all at once, and what it answers."""

import contextlib
import copy
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from tests.factories.contract import QPV_BAS, QPV_HAUT, toy_settings, toy_territory
from workflow.territory import Territory
from workflow.territory_checks import dotted, territory_faults


def changed(path: str, value: Any) -> dict[str, Any]:
    """The toy contract with one place changed (`geography.qpv.1.code`); a list's length appends."""
    settings = toy_settings() | {"local_parameters": [dict(LOCAL)]}
    *above, last = path.split(".")
    place: Any = settings
    for part in above:
        place = place[int(part)] if isinstance(place, list) else place[part]
    if isinstance(place, list):
        place[int(last) : int(last) + 1] = [value]
    else:
        place[last] = value
    return settings


def faults(settings: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        Territory.model_validate(settings)
    return {dotted(detail["loc"]): detail["msg"] for detail in caught.value.errors()}


CALL = {"code": "aap-2026", "label": "x", "kind": "ami", "year": 2026}
AGAIN = CALL | {"opens_on": "2026-01-01", "closes_on": "2026-02-01"}
BACKWARDS = {**CALL, "code": "b", "opens_on": "2026-02-01", "closes_on": "2026-01-01"}
LOCAL = {"name": "qpv.majority_share", "value": "0.6", "source": "Avenant d’essai"}
QPV = {"label": "x", "communes": ["59901"]}
CASES: list[tuple[str, Any, str, str]] = [
    ("pilot", "ecpi", "pilot", "pilote"),
    ("ends_on", "2023-12-31", "ends_on", "avant de commencer le 01/01/2024"),
    ("geography.qpv.0.communes", ["59999"], "geography.qpv[0].communes[0]", "59999"),
    (
        "geography.qpv.2",
        QPV | {"code": QPV_HAUT},
        "geography.qpv[2].code",
        "déjà donné par geography.qpv[0].code",
    ),
    ("geography.qpv.0.printed_as", [QPV_BAS], "geography.qpv[0].printed_as[0]", "code officiel"),
    ("geography.communes.2", {"insee": "59901", "name": "x"}, "geography.communes[2].insee", "déjà donné"),
    ("framework.0.objectives.0.code", "2.7", "framework[0].objectives[0].code", "rangé sous « 1 »"),
    ("framework.0.objectives.0.code", "8.1", "framework[0].objectives[0].code", "l’axe 8, qui n’existe pas"),
    (
        "framework.0.objectives.0.operational.0.code",
        "1.2.3",
        "framework[0].objectives[0].operational[0].code",
        "1.1.N",
    ),
    (
        "framework.0.objectives.0.operational.1.code",
        "1.1.1",
        "framework[0].objectives[0].operational[1].code",
        "déjà donné",
    ),
    ("framework.1.code", "1.5", "framework[1].code", "un seul nombre"),
    ("themes.0.partners", ["cfa"], "themes[0].partners[0]", "organisation inconnue : « cfa »"),
    ("themes.0.objectives", ["9.9"], "themes[0].objectives[0]", "objectif inconnu : « 9.9 »"),
    ("themes.1.code", "education", "themes[1].code", "déjà donné par themes[0].code"),
    ("calls.1", AGAIN, "calls[1].code", "déjà donné par calls[0].code"),
    ("calls.1", BACKWARDS, "calls[1].closes_on", "avant d’ouvrir"),
    ("organisations.5.code", "etat", "organisations[5].code", "déjà donné"),
    ("organisations.4.commune", "59999", "organisations[4].commune", "absente"),
    ("organisations.4.commune", None, "organisations[4].commune", "obligatoire"),
    ("organisations.5.credits.0.concerns", ["9.1"], "organisations[5].credits[0].concerns[0]", "inconnu"),
    ("organisations.2.credits.0.supports", ["emploi"], "organisations[2].credits[0].supports[0]", "inconnu"),
    ("organisations.0.credits.1.nature", "specifique", "organisations[0].credits[1].nature", "déjà donné"),
    ("envelopes.0.credit", "caf:specifique", "envelopes[0].credit", "crédit inconnu"),
    ("envelopes.1.credit", "etat:specifique", "envelopes[1]", "déjà donnée par envelopes[0]"),
    ("envelopes.0.status", "none", "envelopes[0].amount", "« none »"),
    ("envelopes.0.amount", None, "envelopes[0].amount", "absent"),
    ("bodies.3.members", ["etat", "cfa"], "bodies[3].members[1]", "« cfa »"),
    ("bodies.3.members", ["etat", "etat"], "bodies[3].members[1]", "deux fois"),
    ("bodies.3.chair", "cfa", "bodies[3].chair", "« cfa »"),
    ("bodies.1.theme", "sport", "bodies[1].theme", "thème inconnu"),
    ("bodies.3.quorum", 40, "bodies[3].quorum", "quorum de 40 pour 6 membre(s)"),
    ("bodies.3.code", "conference", "bodies[3].code", "déjà donné"),
    ("bodies.3.cadence.weekday", None, "bodies[3].cadence.weekday", "vont ensemble"),
    ("bodies.3.cadence.per_year_max", 2, "bodies[3].cadence.per_year_max", "sous le minimum"),
    ("bodies.3.cadence.months", [1, 1], "bodies[3].cadence.months", "deux fois"),
    (
        "local_parameters.0.name",
        "qpv.part",
        "local_parameters[0].value",
        "paramètre local inconnu : qpv.part",
    ),
    ("local_parameters.0.value", "1.2", "local_parameters[0].value", "entre 0 et 1"),
    ("local_parameters.0.value", ["a"], "local_parameters[0].value", "nombre attendu"),
    ("local_parameters.0.value", {"a": 1}, "local_parameters[0].value", "nombre ou liste de mots"),
    ("criteria.3", {"code": "besoin", "label": "x", "scale": ["0", "1"]}, "criteria[3].code", "déjà donné"),
    ("criteria.0.themes", ["sport"], "criteria[0].themes[0]", "thème inconnu"),
    ("criteria.0.scale", ["faible", "faible"], "criteria[0].scale[1]", "deux fois sur l’échelle"),
    ("local_parameters.1", LOCAL | {"value": "0.7"}, "local_parameters[1].name", "déjà donné"),
]


@pytest.mark.parametrize(("place", "value", "path", "words"), CASES)
def test_fault_between_parts(place: str, value: Any, path: str, words: str) -> None:
    found = faults(changed(place, value))
    assert words in found[path]


def test_faults_of_form_and_between_parts_come_together() -> None:
    settings = changed("pilot", "ecpi") | {"opinion_days": 0, "inconnu": 1}
    assert faults(settings).keys() == {"pilot", "opinion_days", "inconnu"}


def test_sound_territory_has_no_fault_and_survives_the_database() -> None:
    territory = toy_territory()
    assert territory_faults(toy_settings()) == []
    assert Territory.model_validate(territory.model_dump(mode="json")) == territory
    assert Territory.model_validate_json(territory.model_dump_json()) == territory
    assert Territory.model_validate(territory) is territory


@pytest.mark.parametrize("code", ["QN05934M", "QN02A01M", "QN97101I", "QN97651C"])
def test_official_codes_of_every_kind_of_departement(code: str) -> None:
    Territory.model_validate(changed("geography.qpv.0.code", code))


@pytest.mark.parametrize("code", ["QM05936M", "QP059034", "QN2A0101M", "QN05934X", "qn05934m", "QN05934M\n"])
def test_codes_that_are_not_official(code: str) -> None:
    settings = changed("geography.qpv.0.code", code)
    if code.strip() == "QN05934M":
        assert Territory.model_validate(settings).geography.qpv[0].code == "QN05934M"
    else:
        assert "geography.qpv[0].code" in faults(settings)


def test_holders_concerned_follow_objectives_themes_and_qpv() -> None:
    territory = toy_territory()
    everyone = ("departement:droit_commun", "commune-valmont:droit_commun", "caf:droit_commun")
    assert territory.holders_concerned(("1.1.1",), ("education",)) == everyone
    assert territory.holders_concerned(("1.1.1",), ("education",), (QPV_HAUT,)) == everyone
    away = territory.holders_concerned(("1.1.1",), ("education",), (QPV_BAS,))
    assert away == ("departement:droit_commun", "caf:droit_commun")
    assert territory.holders_concerned(("1.1.1",), (), ("QN99999M",)) == everyone[:2]


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inside:
        yield from _places(item, (*path, key))


@pytest.mark.parametrize("odd", [None, 3, "x", [], {}, [[]], [{}], {"a": []}, True, 1.5], ids=repr)
def test_odd_value_anywhere_is_accepted_or_reported_and_never_breaks(odd: Any) -> None:
    for path in _places(toy_settings()):
        settings = copy.deepcopy(toy_settings())
        place: Any = settings
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = odd
        with contextlib.suppress(ValidationError):
            Territory.model_validate(settings)
