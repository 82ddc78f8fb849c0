# SPDX-License-Identifier: EUPL-1.2
"""What a search that finds nothing may have meant."""

import pytest

from tests.factories.contract import toy_territory
from workflow.search.nearest import meant
from workflow.search.reading import read_search
from workflow.search.vocabulary import Vocabulary

VOCABULARY = Vocabulary(toy_territory(), [(4, "Inès Instructrice")], 4, ("caf",))


@pytest.mark.parametrize(
    ("text", "word", "search"),
    [
        ("retrad", "retard", "retard"),
        ("soir -nonlus cpo", "nonlu", "soir -nonlu cpo"),
        ("conférance", "etape:conference", "etape:conference"),
        ("conference", "etape:conference", "etape:conference"),
        ("departemnt", "financeur:departement", "financeur:departement"),
        ("défavorabl", "avis:defavorable", "avis:defavorable"),
    ],
)
def test_a_bare_word_close_to_a_known_one_is_proposed(text: str, word: str, search: str) -> None:
    (one,) = meant(text, VOCABULARY)

    assert (one.word, one.search) == (word, search)
    assert read_search(one.search, VOCABULARY).faults == ()


@pytest.mark.parametrize("text", ["", "soir", '"retrad"', "retard", "etape:conferance", "-", "qpv:", "١٢"])
def test_nothing_else_is(text: str) -> None:
    assert meant(text, VOCABULARY) == []


def test_who_is_nobody_is_not_sent_to_a_personal_word() -> None:
    assert meant("nonlus", Vocabulary(toy_territory())) == []
