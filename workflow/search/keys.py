# SPDX-License-Identifier: EUPL-1.2
"""The words of the search, in one table: what each one means, what it takes, an example. Help and parser read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What follows the word."""

    CHOICE = "choice"  # one of the words of the contract
    TEXT = "text"  # any text
    AMOUNT = "amount"  # euros, with `:`, `>`, `>=`, `<` or `<=`
    YEAR = "year"
    FLAG = "flag"  # nothing: the word alone, or `oui`, `non`


@dataclass(frozen=True, slots=True)
class Key:
    """One word of the search. `personal`: it means something only when the one who searches is known."""

    name: str
    kind: Kind
    meaning: str
    example: str
    alias: str = ""
    personal: bool = False


C, A = Kind.CHOICE, Kind.AMOUNT
KEYS = (
    Key("etape", C, "l’étape ou la phase où se trouve le dossier", "etape:conference"),
    Key("qpv", C, "le quartier, par son code ou son nom ; aucun", "qpv:QN05934M"),
    Key("financeur", C, "le financeur qui a une ligne sur le dossier", "financeur:caf"),
    Key("porteur", Kind.TEXT, "des mots du nom du porteur", 'porteur:"les jardins"'),
    Key("theme", C, "le groupe thématique qui instruit ; aucun", "theme:aucun"),
    Key("objectif", C, "l’objectif du contrat ; un objectif général vaut aussi pour ceux qu’il contient", "objectif:1.1"),
    Key("annee", Kind.YEAR, "l’exercice ; sans ce mot, l’année choisie au-dessus", "annee>=2025"),
    Key("instructeur", C, "l’instructeur chef de file ; moi, aucun", "instructeur:moi"),
    Key("avis", C, "un avis attendu, rendu, d’une valeur, ou demandé à ce partenaire", "avis:attendu"),
    Key("sans-reponse", C, "qui n’a pas encore répondu : avis ou droit commun demandé ; moi", "sans-reponse:caf"),
    Key("demande", A, "le total demandé, en euros", "montant>5000", alias="montant"),
    Key("propose", A, "le total proposé en conférence", "propose>=2000"),
    Key("retenu", A, "le total retenu en comité", "retenu<10000"),
    Key("accorde", A, "le total accordé par les financeurs", "accorde>0"),
    Key("cout", A, "le coût total de l’action", "cout>20000"),
    Key("cpo", Kind.FLAG, "convention pluriannuelle d’objectifs demandée", "cpo"),
    Key("retard", Kind.FLAG, "un avis demandé est en retard", "retard"),
    Key("nonlu", Kind.FLAG, "jamais ouvert par vous, ou du nouveau depuis votre dernière visite", "nonlu", alias="non-lu", personal=True),
)  # fmt: skip
BY_NAME: Mapping[str, Key] = {name: key for key in KEYS for name in (key.name, key.alias) if name}
