# SPDX-License-Identifier: EUPL-1.2
"""What a search that finds nothing may have meant: a bare word close to a word of the search, or to one of its choices."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from workflow.search.keys import Kind
from workflow.search.reading import bare_word, tokens
from workflow.search.vocabulary import Vocabulary, slug

CLOSE = 0.75  # closer than for a word that is surely of the search: any word of a title can be typed bare
# The words whose choices people type without their word.
BARE = ("etape", "qpv", "theme", "financeur", "instructeur", "avis")


@dataclass(frozen=True, slots=True)
class Meant:
    """One bare word, what it may have been, and the whole search with that instead."""

    typed: str
    word: str
    search: str


def meant(text: str, vocabulary: Vocabulary) -> list[Meant]:
    """One proposal for each bare word that is close to something the search knows."""
    pieces, known, found = tokens(text), _known(vocabulary), []
    for rank, piece in enumerate(pieces):
        word = bare_word(piece, vocabulary)
        near = get_close_matches(slug(word), list(known), n=1, cutoff=CLOSE) if word else []
        if near:
            minus = "-" if piece.startswith("-") else ""
            corrected = [*pieces[:rank], f"{minus}{known[near[0]]}", *pieces[rank + 1 :]]
            found.append(Meant(word, known[near[0]], " ".join(corrected)))
    return found


def _known(vocabulary: Vocabulary) -> Mapping[str, str]:
    """Everything that could be meant, by its plain form: words that stand alone first, then choices with their word."""
    known = {slug(key.name): key.name for key in vocabulary.keys if key.kind is Kind.FLAG}
    for name in BARE:
        for choice in vocabulary.choices[name]:
            for plain in choice.slugs[:2]:
                known.setdefault(plain, f"{name}:{choice.word}")
    return known
