# SPDX-License-Identifier: EUPL-1.2
"""The glossary, with the pages it links, names every word of the machines, every rule and every guard."""

import re
from collections.abc import Iterable

import pytest

from rules.catalogue import RULES
from tests.docs.pages import DOCS, LINK, code_words, text_of
from workflow.guards.book import GUARDS
from workflow.names import key
from workflow.stages import (
    DECISION_LABELS,
    LINE_LABELS,
    OPINION_LABELS,
    OPINION_STATE_LABELS,
    ROLE_LABELS,
    SEANCE_LABELS,
    STAGE_LABELS,
    Decision,
    LineState,
    OpinionState,
    OpinionValue,
    Role,
    SeanceStatus,
    Stage,
)
from workflow.transitions import TABLES

GLOSSARY = text_of("docs/glossary.md")
LINKED = [found[0] for found in LINK.findall(GLOSSARY)]
WORDS = {
    "stage": tuple(Stage),
    "line state": tuple(LineState),
    "opinion state": tuple(OpinionState),
    "opinion value": tuple(OpinionValue),
    "séance status": tuple(SeanceStatus),
    "decision": tuple(Decision),
    "role": tuple(Role),
    "trigger": tuple(dict.fromkeys(trigger for table in TABLES for trigger in table.triggers)),
}
SECTIONS = {
    "Les étapes d’un dossier": STAGE_LABELS,
    "Les états d’une ligne de financement": LINE_LABELS,
    "Les avis": OPINION_STATE_LABELS | OPINION_LABELS,
    "Les séances et leurs décisions": SEANCE_LABELS | DECISION_LABELS,
    "Les rôles": ROLE_LABELS,
}


def rows(text: str) -> list[list[str]]:
    """The cells of every row of a text's tables, headers left out."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [row for row in cells if row[0] != "Français"]


@pytest.mark.parametrize("kind", WORDS)
def test_every_word_of_the_machines_is_a_row(kind: str) -> None:
    named = {word for row in rows(GLOSSARY) for word in code_words(row[1])}

    assert [str(word) for word in WORDS[kind] if str(word) not in named] == []


@pytest.mark.parametrize("ids", [RULES, GUARDS], ids=["rules", "guards"])
def test_every_rule_and_guard_is_here_or_in_a_linked_page(ids: Iterable[str]) -> None:
    linked = "\n".join((DOCS / page).read_text(encoding="utf-8") for page in LINKED)
    named = code_words(GLOSSARY) | code_words(linked)

    assert [name for name in ids if name not in named] == []


@pytest.mark.parametrize("section", SECTIONS)
def test_french_words_are_the_labels_people_see(section: str) -> None:
    text = GLOSSARY.split(f"\n## {section}\n")[1].split("\n## ")[0]
    shown = {(row[1].strip("`"), row[0]) for row in rows(text)}

    assert shown == {(str(key), label) for key, label in SECTIONS[section].items()}


def test_every_row_has_a_definition_and_a_source() -> None:
    assert [row[0] for row in rows(GLOSSARY) if len(row) != 4 or not all(row)] == []


def test_a_term_of_the_field_has_one_row() -> None:
    text = re.split(r"\n## ", GLOSSARY)[1]
    names = [row[0] for row in rows(text)]

    assert names == sorted(names, key=lambda name: key(name.replace("-", " ")))
    assert len(names) == len(set(names))
