# SPDX-License-Identifier: EUPL-1.2
"""The columns of the request workbook: one table of header, field and reader; the guide is held to it by a test."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from workflow.imports.cells import (
    CellFault,
    read_amount,
    read_boolean,
    read_date,
    read_integer,
    read_list,
    read_text,
    read_word,
    read_year,
)
from workflow.imports.source import Cell
from workflow.structured import parse_aids, parse_trajectory

FORMS = (
    "association",
    "fondation",
    "commune",
    "ccas",
    "epci",
    "etablissement_public",
    "bailleur",
    "entreprise",
    "autre",
)
CPO_REASONS = ("petite", "parcours", "structurante")
REPORTS = ("recu", "manquant", "sans_objet")
RECOGNITIONS = ("agrement", "utilite_publique", "aucune")
SCHEMES = ("contrat_de_ville", "pre", "vvv", "autre")


def _text(limit: int) -> Callable[[Cell], str | None]:
    return partial(read_text, limit=limit)


def _word(words: tuple[str, ...]) -> Callable[[Cell], str | None]:
    return partial(read_word, choices={word: word for word in words})


def read_number(cell: Cell) -> str | None:
    """A SIRET or an RNA as typed, without the spaces people put in it."""
    text = read_text(cell, 40)
    return "".join(text.split()).upper() if text else None


def _structured(parse: Callable[[list[str]], Any]) -> Callable[[Cell], Any]:
    """A list of small entries: `2026=8000 | 2027=7000`. Its reader raises CellFault."""

    def read(cell: Cell) -> Any:
        items = read_list(cell)
        try:
            return None if items is None else parse(items)
        except ValueError as error:
            raise CellFault(str(error)) from None

    return read


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its header, the field of RequestValues it fills, how it is read, whether it may be empty."""

    header: str
    field: str
    reader: Callable[[Cell], Any]
    required: bool = False


COLUMNS = (
    Column("reference", "reference", _text(80)),
    Column("exercice", "year", read_year, required=True),
    Column("appel", "call", _text(60)),
    Column("date_depot", "filed_on", read_date),
    Column("porteur_nom", "porteur_name", _text(300), required=True),
    Column("porteur_siret", "porteur_siret", read_number),
    Column("porteur_rna", "porteur_rna", read_number),
    Column("porteur_forme", "porteur_form", _word(FORMS)),
    Column("porteur_email", "porteur_email", _text(254)),
    Column("porteur_commune", "porteur_commune", partial(read_text, limit=5)),
    Column("porteur_reconnaissance", "porteur_recognition", _word(RECOGNITIONS)),
    Column("activite_economique", "economic_activity", read_boolean),
    Column("aides_de_minimis", "de_minimis", _structured(parse_aids)),
    Column("petite_association", "is_small_association", read_boolean),
    Column("intitule", "title", _text(500), required=True),
    Column("resume", "summary", _text(20_000)),
    Column("thematiques", "themes", read_list),
    Column("objectifs", "objectives", read_list),
    Column("publics", "publics", read_list),
    Column("quartiers", "qpv", read_list),
    Column("beneficiaires_total", "beneficiaries_total", read_integer),
    Column("beneficiaires_qpv", "beneficiaries_qpv", read_integer),
    Column("beneficiaires_poches", "beneficiaries_poches", read_integer),
    Column("date_debut", "starts_on", read_date),
    Column("date_fin", "ends_on", read_date),
    Column("cout_total", "total_cost", read_amount),
    Column("ressources_propres", "own_resources", read_amount),
    Column("autres_ressources", "other_resources", read_amount),
    Column("contributions_volontaires", "volunteering", read_amount),
    Column("cpo", "cpo", read_boolean),
    Column("cpo_annees", "cpo_years", read_integer),
    Column("cpo_motif", "cpo_reason", _word(CPO_REASONS)),
    Column("cpo_indicateurs", "cpo_indicators", read_list),
    Column("cpo_trajectoire", "cpo_trajectory", _structured(parse_trajectory)),
    Column("renouvellement", "renewal", read_boolean),
    Column("bilan_precedent", "previous_report", _word(REPORTS)),
    Column("contrat_engagement_republicain", "republican_commitment", read_boolean),
    Column("pieces", "pieces", read_list),
    Column("dispositif", "scheme", _word(SCHEMES)),
    Column("numero_dauphin", "dauphin_number", _text(80)),
)
BY_HEADER = {column.header: column for column in COLUMNS}
REQUEST, REFERENCE, CHARGE, PRODUIT = "demande", "reference", "charge", "produit"

_HEADERS = {column.field: column.header for column in COLUMNS}
_KINDS = {"request": REQUEST, "reference": REFERENCE, "charge": CHARGE, "produit": PRODUIT}


def header_of(name: str) -> str:
    """The header of what a request states: `title` is `intitule`, `request:etat:specifique` is `demande:etat:specifique`."""
    kind, colon, rest = name.partition(":")
    return f"{_KINDS[kind]}:{rest}" if colon else _HEADERS.get(name, name)


def as_cell(value: Any) -> str:
    """A value stated, as its cell would read; empty when it is unknown."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, list):
        return " | ".join(str(item) for item in value)
    if isinstance(value, dict):
        return " | ".join(f"{name}={item}" for name, item in value.items())
    return str(value)
