# SPDX-License-Identifier: EUPL-1.2
"""The grid of an opinion: what partners are asked to weigh, on which scale, for which groups and organisations."""

from typing import Annotated

from pydantic import Field

from workflow.territory_base import Code, OrganisationKind, Strict, Text


class Criterion(Strict):
    """One row of the grid. `scale`: from the weakest to the strongest; an answer is its rank, the first being 0.

    Asked of every partner on every dossier, unless `themes` or `kinds` name some.
    """

    code: Code
    label: Text
    help: Text | None = None
    scale: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=60)], ...], Field(min_length=2, max_length=11)
    ]
    themes: tuple[Code, ...] = ()
    kinds: tuple[OrganisationKind, ...] = ()

    def is_asked(self, theme: str | None, kind: str) -> bool:
        """True when it concerns a dossier of this thematic group and an organisation of this kind."""
        return (not self.themes or theme in self.themes) and (not self.kinds or kind in self.kinds)

    def word(self, rank: int) -> str:
        """The word of an answer; its rank when the scale was shortened since."""
        return self.scale[rank] if 0 <= rank < len(self.scale) else str(rank)
