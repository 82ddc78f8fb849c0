# SPDX-License-Identifier: EUPL-1.2
"""The search as typed: each word of the table, what is not understood told in French, any text read without a fault."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.contract import QPV_BAS, QPV_HAUT, toy_territory
from workflow.search.conditions import CONDITIONS
from workflow.search.keys import KEYS
from workflow.search.reading import WORD, Term, read_search, tokens, without
from workflow.search.vocabulary import Vocabulary
from workflow.stages import OPEN_STAGES

TERRITORY = toy_territory()
INSIDE = Vocabulary(TERRITORY, [(4, "Inès Instructrice"), (9, "Camille Collègue")], 4, ("caf",))
NOBODY = Vocabulary(TERRITORY)


def one(text: str, vocabulary: Vocabulary = INSIDE) -> Term:
    search = read_search(text, vocabulary)
    assert search.faults == ()
    (term,) = search.terms
    return term


def fault(text: str, vocabulary: Vocabulary = INSIDE) -> str:
    search = read_search(text, vocabulary)
    assert search.terms == ()
    (told,) = search.faults
    return told.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("Écoles", Term(WORD, ("ecoles",))),
        ('"les jardins  du nord"', Term(WORD, ("les jardins du nord",))),
        ("«\u00a0les jardins\u00a0»", Term(WORD, ("les jardins",))),
        ("-vélo", Term(WORD, ("velo",), negated=True)),
        ('"retard"', Term(WORD, ("retard",))),
        ("etape:conférence", Term("etape", ("financers_conference",))),
        ("etape:co_instruction", Term("etape", ("co_instruction",))),
        ('etape:"À compléter"', Term("etape", ("incomplete",))),
        ("ETAPE:depose,recevable", Term("etape", ("submitted", "admissible"))),
        ("etape:en-cours", Term("etape", tuple(sorted(OPEN_STAGES)))),
        (f"-qpv:{QPV_HAUT}", Term("qpv", (QPV_HAUT,), negated=True)),
        ("qpv:aucun", Term("qpv", ("",))),
        ("financeur:caf", Term("financeur", ("caf:",))),
        ("financeur:etat:specifique", Term("financeur", ("etat:specifique",))),
        ("porteur:ateliers,jardins", Term("porteur", ("ateliers", "jardins"))),
        ("objectif:1.1", Term("objectif", ("1.1",))),
        ("annee>=2025", Term("annee", (2025,), ">=")),
        ("annee:2025,2026", Term("annee", (2025, 2026))),
        ("instructeur:moi", Term("instructeur", ("4",))),
        ("instructeur:camille", Term("instructeur", ("9",))),
        ("avis:attendu", Term("avis", ("awaited",))),
        ("avis:caf", Term("avis", ("org:caf",))),
        ("avis:favorable", Term("avis", ("favourable",))),
        ("sans-reponse:moi", Term("sans-reponse", ("caf",))),
        ("montant>5000", Term("demande", (Decimal("5000.00"),), ">")),
        ('retenu<="5 000,50"', Term("retenu", (Decimal("5000.50"),), "<=")),
        ("retenu=1234,5", Term("retenu", (Decimal("1234.50"),))),
        ("retard", Term("retard")),
        ("-cpo", Term("cpo", negated=True)),
        ("cpo:non", Term("cpo", negated=True)),
        ("-cpo:non", Term("cpo")),
    ],
)
def test_each_form_is_read(text: str, term: Term) -> None:
    assert one(text) == term


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("etap:conference", "« etap » n’est pas un mot de la recherche"),
        ("etap:conference", "Le plus proche : « etape »"),
        ("etape:conferance", "Le plus proche : « conference »"),
        ("qpv:QN05903M", "Acceptés : QN05901M, QN05902M, aucun."),
        ("financeur:", "il manque ce qui suit « financeur: »"),
        ("financeur:xy", "« xy » n’est pas connu ici"),
        ("montant>beaucoup", "« demande » attend un montant en euros, et non « beaucoup »"),
        ("montant>-5", "attend un montant en euros"),
        ("annee:26", "« annee » attend une année, et non « 26 »"),
        ("annee>٢٠٢٥", "attend une année"),
        ("etape>conference", "« etape » ne se compare pas"),
        ("retard:demain", "« retard » s’écrit seul"),
    ],
)
def test_what_is_not_understood_is_told(text: str, said: str) -> None:
    assert said in fault(text)


def test_the_rest_of_the_search_is_applied() -> None:
    search = read_search("soir etap:x financeur:caf", INSIDE)

    assert [term.key for term in search.terms] == [WORD, "financeur"]
    assert len(search.faults) == 1


def test_a_personal_word_means_nothing_for_nobody() -> None:
    for text in ("nonlu", "-non-lu", "nonlu:oui"):
        assert "dépend de la personne qui cherche" in fault(text, NOBODY)
    assert one('"nonlu"', NOBODY) == Term(WORD, ("nonlu",))
    assert one("-non-lu") == Term("nonlu", negated=True)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_every_word_has_its_condition_and_an_example_that_is_understood(key: object) -> None:
    assert key.name == "etape" or key.name in CONDITIONS  # type: ignore[attr-defined]
    example = key.example.replace("QN05934M", QPV_BAS)  # type: ignore[attr-defined]
    assert one(example).key == key.name  # type: ignore[attr-defined]


def test_no_condition_is_left_without_a_word() -> None:
    assert {key.name for key in KEYS} == CONDITIONS.keys() - {WORD} | {"etape"}


def test_a_misprinted_code_is_understood_and_never_proposed() -> None:
    qpv = TERRITORY.geography.qpv[0].model_copy(update={"printed_as": ("QM05901M",)})
    geography = TERRITORY.geography.model_copy(update={"qpv": (qpv,)})
    vocabulary = Vocabulary(TERRITORY.model_copy(update={"geography": geography}))

    assert one("qpv:qm05901m", vocabulary).values == (QPV_HAUT,)
    assert "QM05901M" not in fault("qpv:ailleurs", vocabulary)


def test_pieces_about_a_word_can_be_left_out() -> None:
    assert without('soir etape:depose -etape:clos "a b" montant>5', "etape") == 'soir "a b" montant>5'
    assert without("montant>5 demande<9 soir", "demande") == "soir"


KNOWN = st.sampled_from([key.name for key in KEYS] + ["montant", "zzz", "-", '"', ":", ">", ",", "«", " "])


@given(st.one_of(st.text(), st.lists(KNOWN | st.text(max_size=4), max_size=12).map("".join)))
def test_any_text_is_read(text: str) -> None:
    search = read_search(text, INSIDE)

    assert all(term.key in CONDITIONS or term.key == "etape" for term in search.terms)
    assert all(told and "{" not in told.replace(text, "") for told in search.faults)
    assert tokens(" ".join(tokens(text))) == tokens(text)
