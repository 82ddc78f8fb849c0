# SPDX-License-Identifier: EUPL-1.2
"""A letter as a paper: all that was said, without what speaks of the mail."""

import pytest

from reports.papers.letter import letter
from tests.factories import NOW


@pytest.mark.parametrize(
    ("text", "last"),
    [
        (
            "Bonjour,\n\nConditions :\n--\nPublic à suivre.\n\n--\nMessage envoyé par l’outil.",
            "Public à suivre.",
        ),
        ("Bonjour,\r\n\r\nCordialement\r\n\r\n--\r\nMessage envoyé par l’outil.", "Cordialement"),
        ("Bonjour,\n\nSans pied.", "Sans pied."),
    ],
)
def test_only_the_foot_of_the_mail_is_left_out(text: str, last: str) -> None:
    paper = letter("Titre", "D-1", "Contrat", "a@b.test", NOW, text)
    said = paper.parts[0].paragraphs
    assert said[0] == "Bonjour," and said[-1].endswith(last)
