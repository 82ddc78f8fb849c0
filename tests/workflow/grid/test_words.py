# SPDX-License-Identifier: EUPL-1.2
"""Cells as one types them: amounts, answers in words, what cannot be read; and back to text that can be pasted again."""

from decimal import Decimal

import pytest

from workflow.errors import InvalidInputError
from workflow.grid.rows import GridLine
from workflow.grid.words import CellEdit, read_cell, write_cell


def line(state: str, **values: object) -> GridLine:
    empty = dict.fromkeys(GridLine._fields)
    known = {
        "id": 1,
        "dossier_id": 1,
        "credit_id": 1,
        "key": "caf:droit_commun",
        "version": 1,
        "state": state,
    }
    return GridLine(**{**empty, **known, **values})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("4000", CellEdit("indicative", Decimal("4000.00"))),
        ("4 000,50 €", CellEdit("indicative", Decimal("4000.50"))),
        ("4\u202f000 ferme", CellEdit("firm", Decimal("4000.00"))),
        ("4000 F", CellEdit("firm", Decimal("4000.00"))),
        ("4000 euros i", CellEdit("indicative", Decimal("4000.00"))),
        ("Refus : crédits épuisés", CellEdit("declined", reason="crédits épuisés")),
        ("refus", CellEdit("declined")),
        ("Refusé : crédits épuisés", CellEdit("declined", reason="crédits épuisés")),
        ("refusé", CellEdit("declined")),
        ("REFUSÉE - trop tard", CellEdit("declined", reason="trop tard")),
        ("nature:une salle", CellEdit("in_kind", description="une salle")),
        ("en nature : une salle", CellEdit("in_kind", description="une salle")),
        ("NC", CellEdit("not_concerned")),
        ("sans réponse", CellEdit("no_reply")),
        ("-", CellEdit()),
        ("", CellEdit()),
    ],
)
def test_an_ordinary_law_cell_is_an_answer(text: str, edit: CellEdit) -> None:
    assert read_cell(text, is_ordinary=True, state="asked") == edit


def test_a_bare_amount_keeps_a_firm_answer_firm_and_is_only_proposed_on_a_specific_credit() -> None:
    assert read_cell("10", is_ordinary=True, state="firm").answer == "firm"
    assert read_cell("10", is_ordinary=False, state="firm") == CellEdit(amount=Decimal("10.00"))
    assert read_cell("10 f", is_ordinary=False, state="asked").answer == "firm"


def test_a_description_typed_again_keeps_the_value_of_the_contribution() -> None:
    kept = read_cell("nature : deux salles", is_ordinary=True, state="in_kind", value=Decimal(800))
    assert kept == CellEdit("in_kind", Decimal(800), description="deux salles")
    for state in (
        "firm",
        "declined",
        "asked",
    ):  # what it was worth before another answer says nothing of this one
        again = read_cell("nature : un minibus", is_ordinary=True, state=state, value=Decimal(800))
        assert again == CellEdit("in_kind", description="un minibus")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("-50", "positif"),
        ("4.000", "milliers ou décimales"),
        ("12,345", "milliers ou décimales"),
        ("1e9", "attendu un montant"),
        ("9" * 15, "positif"),
        ("beaucoup", "attendu un montant"),
        ("naturel", "attendu un montant"),
        ("refuser", "attendu un montant"),
        ("4000 peut-être", "attendu un montant"),
        ("=A1", "attendu un montant"),
    ],
)
def test_what_cannot_be_read_says_what_was_expected(text: str, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        read_cell(text, is_ordinary=True, state="asked")


@pytest.mark.parametrize(
    ("held", "text"),
    [
        (None, ""),
        (line("not_asked"), ""),
        (line("asked"), ""),
        (line("asked", proposed=150_000), "1500"),
        (line("firm", promised=150_050), "1500,50"),
        (line("firm", promised=150_000, proposed=100_000), "1000"),
        (line("declined", reason="crédits épuisés"), "refus : crédits épuisés"),
        (line("in_kind", in_kind="une salle"), "en nature : une salle"),
        (line("not_concerned"), "non concerné"),
        (line("no_reply"), "sans réponse"),
        (line("ineligible", proposed=5), "inéligible"),
        (line("granted", granted=0), "0"),
    ],
)
def test_a_cell_is_written_as_it_would_be_typed(held: GridLine | None, text: str) -> None:
    assert write_cell(held) == text


def test_a_refusal_keeps_the_spaces_of_french_from_breaking() -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_cell("4.000", is_ordinary=True, state="asked")
    assert refused.value.message == (
        "Lu «\u00a04.000\u00a0»\u00a0: milliers ou décimales\u00a0? Écrivez «\u00a04000\u00a0» ou «\u00a04000,50\u00a0»."
    )
