# SPDX-License-Identifier: EUPL-1.2
"""A letter that has left, as a paper to keep: the words that were sent, nothing added."""

from datetime import datetime

from reports.papers.structure import Paper, Part
from rules import wording

FOOTER = "\n--\n"  # of a mail: what follows speaks of the mail, not of the decision


def letter(title: str, about: str, contract: str, recipient: str, sent_at: datetime, text: str) -> Paper:
    """The letter as it was sent; the same letter always gives the same paper."""
    whole = text.replace("\r\n", "\n")
    words = whole.rpartition(FOOTER)[0] or whole  # the last: a person may have typed one
    paragraphs = tuple(part.strip("\n") for part in words.split("\n\n") if part.strip())
    facts = (("À", recipient), ("Envoyé le", wording.moment(sent_at)))
    made = f"Copie du courrier envoyé le {wording.moment(sent_at)}"
    return Paper(title, about, contract, facts, (Part("", paragraphs),), sent_at, made)
