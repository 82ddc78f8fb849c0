# SPDX-License-Identifier: EUPL-1.2
"""Dated parameters: what applies each day, repeal, local choices, and the file and line of every fault."""

import re
from datetime import date
from decimal import Decimal

import pytest

from rules.errors import ParameterError
from rules.parameters import Parameters

FILE = """\
label: Essai
unit: part
kind: circulaire
values:
  2024-01-01:
    value: 0.5
    text: Circulaire
    article: "1"
    reading: texte
    seen: 2026-01-01
  2026-07-01:
    value: null
    text: Circulaire abrogée
    article: "2"
    reading: secondaire
    seen: 2026-01-01
"""


def read(text: str) -> Parameters:
    return Parameters.read({"essai.part.yaml": text})


@pytest.mark.parametrize(
    ("on", "value"),
    [
        (date(2023, 12, 31), None),
        (date(2024, 1, 1), Decimal("0.5")),
        (date(2026, 6, 30), Decimal("0.5")),
        (date(2026, 7, 1), None),
    ],
)
def test_value_applies_from_its_date_until_the_next(on: date, value: Decimal | None) -> None:
    assert read(FILE).at(on).values == {"essai.part": value}


def test_numbers_are_exact() -> None:
    assert read(FILE.replace("0.5", "0.025")).at(date(2025, 1, 1)).values["essai.part"] == Decimal("0.025")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    value: 0.5\n", "", "essai.part.yaml, ligne 5 : clé absente : values.2024-01-01.value"),
        ("value: 0.5", "value: oui", "essai.part.yaml, ligne 6 : nombre attendu : values.2024-01-01.value"),
        ("value: 0.5", "value: 1.5", "essai.part.yaml, ligne 6 : une part est comprise entre 0 et 1"),
        ("unit: part", "unit: pourcent", "essai.part.yaml, ligne 2 : mot inconnu : unit"),
        ("kind: circulaire", "kind: usage", "essai.part.yaml, ligne 3 : mot inconnu : kind"),
        ("label: Essai", "libelle: Essai", "essai.part.yaml, ligne 1 : clé absente : label"),
        ("2026-07-01", "2024-01-01", "essai.part.yaml, ligne 11 : clé donnée deux fois : 2024-01-01"),
        ("  2026-07-01:", "  juillet:", "essai.part.yaml, ligne 11 : date attendue"),
        ('article: "1"', 'article: ""', "essai.part.yaml, ligne 8 : texte vide"),
        ("seen: 2026-01-01", "seen: 2026-02-30", "essai.part.yaml, ligne 10 : valeur illisible : 2026-02-30"),
        ("value: 0.5", "value: [a, 2]", "essai.part.yaml, ligne 6 : liste de mots attendue"),
        ("value: 0.5", "value: [a, b]", "essai.part.yaml, ligne 6 : nombre attendu"),
        ("value: 0.5", "value: -0.5", "essai.part.yaml, ligne 6 : nombre positif attendu"),
        ("unit: part", "unit: liste", "essai.part.yaml, ligne 6 : liste de mots attendue"),
        (
            "reading: texte",
            "reading: oui-dire",
            "essai.part.yaml, ligne 9 : mot inconnu : values.2024-01-01.reading",
        ),
        ("unit: part", "unit: [part", "essai.part.yaml, ligne 3 : YAML illisible"),
    ],
)
def test_fault_names_the_file_and_the_line(old: str, new: str, message: str) -> None:
    with pytest.raises(ParameterError) as caught:
        read(FILE.replace(old, new, 1))

    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("until", "message"),
    [
        ("2026-06-29", "ligne 11 : trou après le 2026-06-29"),
        ("2026-07-01", "ligne 11 : dates qui se chevauchent : 2026-07-01"),
        ("2023-12-31", "ligne 11 : fin d’effet (2023-12-31) avant la date d’effet"),
    ],
)
def test_gap_and_overlap_between_dates_are_refused(until: str, message: str) -> None:
    text = FILE.replace("    seen: 2026-01-01\n", f"    seen: 2026-01-01\n    until: {until}\n", 1)

    with pytest.raises(ParameterError, match=re.escape(message)):
        read(text)


def test_last_day_followed_by_its_repeal_is_accepted() -> None:
    text = FILE.replace("    seen: 2026-01-01\n", "    seen: 2026-01-01\n    until: 2026-06-30\n", 1)

    assert read(text).at(date(2026, 7, 1)).values == {"essai.part": None}


def test_last_day_without_what_follows_is_a_gap() -> None:
    text = FILE[: FILE.index("  2026-07-01")] + "    until: 2026-06-30\n"

    with pytest.raises(ParameterError, match="ligne 11 : trou après le 2026-06-30"):
        read(text)


def test_list_is_read_in_order_and_replaced_locally() -> None:
    text = FILE.replace("unit: part", "unit: liste").replace("value: 0.5", "value: [statuts, rib]")
    day = read(text).at(date(2025, 1, 1))

    assert day.lists == {"essai.part": ("statuts", "rib")} and day.values == {}
    assert read(text).at(date(2026, 7, 1)).lists == {"essai.part": None}


@pytest.mark.parametrize("text", ["", "- a", "texte", "values: {}"])
def test_file_that_is_no_parameter_is_refused(text: str) -> None:
    with pytest.raises(ParameterError, match=r"essai\.part\.yaml, ligne 1"):
        read(text)


def test_digest_changes_with_the_files_and_with_local_choices() -> None:
    first, second = read(FILE), read(FILE.replace("0.5", "0.6"))
    day = Parameters.load().at(date(2026, 1, 1))

    assert first.digest == read(FILE).digest != second.digest
    assert len(first.digest) == 64
    assert day.with_local({"qpv.majority_share": Decimal("0.6")}).digest != day.digest
    assert day.with_local({}) is day


def test_local_choice_replaces_the_value_and_says_so() -> None:
    day = Parameters.load().at(date(2026, 1, 1)).with_local({"qpv.majority_share": Decimal("0.6")})

    assert day.values["qpv.majority_share"] == Decimal("0.6")
    assert day.local == {"qpv.majority_share"}


@pytest.mark.parametrize(
    "chosen",
    [{"inconnu": Decimal(1)}, {"qpv.majority_share": Decimal(2)}, {"qpv.majority_share": Decimal("NaN")}],
)
def test_impossible_local_choice_is_refused(chosen: dict[str, Decimal]) -> None:
    with pytest.raises(ParameterError):
        Parameters.load().at(date(2026, 1, 1)).with_local(chosen)


def test_shipped_parameters_are_read_once_and_cite_their_text() -> None:
    parameters = Parameters.load()

    assert parameters is Parameters.load()
    assert {"qpv.majority_share", "cpo.target_actions", "cpo.target_conventions"} <= set(parameters.by_name)
    for parameter in parameters.by_name.values():
        assert all(value.text and value.article for value in parameter.values.values())
