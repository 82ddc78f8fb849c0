# SPDX-License-Identifier: EUPL-1.2
"""Where a rule or a figure comes from: kind of text, text, article, and how sure we are of having read it."""

from dataclasses import dataclass
from typing import Literal

SourceKind = Literal[
    "loi", "reglement_europeen", "decret", "arrete", "circulaire", "formulaire",
    "contrat", "reglement_local", "choix_du_produit",
]  # fmt: skip
Reading = Literal["texte", "secondaire", "a_verifier"]

KINDS: dict[SourceKind, str] = {
    "loi": "loi",
    "reglement_europeen": "règlement européen",
    "decret": "décret",
    "arrete": "arrêté",
    "circulaire": "circulaire",
    "formulaire": "formulaire officiel",
    "contrat": "contrat de ville",
    "reglement_local": "règlement local",
    "choix_du_produit": "choix du produit, sans base légale",
}
READINGS: dict[Reading, str] = {
    "texte": "lu dans le texte",
    "secondaire": "lu dans une source secondaire",
    "a_verifier": "à vérifier dans le texte",
}
# Whoever wrote these may make an exception to them; nobody here may make one to a law.
LOCAL: frozenset[SourceKind] = frozenset({"contrat", "reglement_local", "choix_du_produit"})


@dataclass(frozen=True, slots=True)
class Source:
    """One text. `text` carries its number and date, `article` the place in it."""

    kind: SourceKind
    text: str
    article: str = ""
    reading: Reading | None = None  # left out: a text of ours is read, a text of law is still to be read

    @property
    def is_local(self) -> bool:
        """True for the contract, a local rule or the product's own choice; False for law."""
        return self.kind in LOCAL

    @property
    def read(self) -> Reading:
        """How surely it was read: never more than what was said."""
        return self.reading or ("texte" if self.is_local else "a_verifier")

    def __str__(self) -> str:
        return f"{self.text}, {self.article}" if self.article else self.text
