# SPDX-License-Identifier: EUPL-1.2
"""How names are compared (without accents or case), and how sentences are typeset."""

import re
import unicodedata
from functools import lru_cache

_SAME = str.maketrans(
    {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "’": "'", "‘": "'", "`": "'", "–": "-", "—": "-"}
)
LONGEST_NAME = 300  # of an organisation
_ELIDED = re.compile(r"\b[dl]'")

_GLUED = (("« ", "«\u00a0"), (" »", "\u00a0»"), (" :", "\u00a0:"), (" ;", "\u00a0;"), (" ?", "\u00a0?"))


def typeset(sentence: str) -> str:
    """The sentence with the non-breaking spaces French typography asks for."""
    for plain, glued in _GLUED:
        sentence = sentence.replace(plain, glued)
    return sentence


@lru_cache(maxsize=20_000)
def key(text: str) -> str:
    """The text in lower case, without accents, single-spaced: equal keys are taken for the same name."""
    plain = unicodedata.normalize("NFKD", text.translate(_SAME))
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(bare.casefold().split())


def organisation_key(name: str) -> str:
    """The key that an organisation is found by: equal keys are one organisation, unless their SIRET say otherwise."""
    return key(name)[:LONGEST_NAME]


def public_code(word: str) -> str:
    """A public as the rules compare it: « Demandeurs d’emploi » is `demandeurs_emploi`."""
    return "_".join(_ELIDED.sub("", key(word)).replace("-", " ").replace("_", " ").split())
