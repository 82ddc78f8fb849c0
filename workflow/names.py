# SPDX-License-Identifier: EUPL-1.2
"""How names are compared: without accents, case, or the ways of typing a space, a quote or a ligature."""

import unicodedata

_SAME = str.maketrans(
    {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "’": "'", "‘": "'", "`": "'", "–": "-", "—": "-"}
)


def key(text: str) -> str:
    """The text in lower case, without accents, single-spaced: equal keys are taken for the same name."""
    plain = unicodedata.normalize("NFKD", text.translate(_SAME))
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(bare.casefold().split())
