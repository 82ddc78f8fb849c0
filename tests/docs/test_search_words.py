# SPDX-License-Identifier: EUPL-1.2
"""The guide names every word of the search, as the table that reads them does."""

import re

import pytest

from tests.docs.pages import text_of
from workflow.search.keys import KEYS, Key

GUIDE = text_of("docs/guide/instructeur.md")


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_the_guide_says_each_word_with_its_meaning_and_example(key: Key) -> None:
    alias = f" ou `{key.alias}`" if key.alias else ""

    assert f"| `{key.name}`{alias} | {key.meaning} | `{key.example}` |" in GUIDE


def test_the_guide_names_no_other_word() -> None:
    section = GUIDE.split("## Retrouver des dossiers")[1].split("\n## ")[0]

    assert set(re.findall(r"^\| `([\w-]+)`", section, re.MULTILINE)) == {key.name for key in KEYS}
