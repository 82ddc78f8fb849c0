# SPDX-License-Identifier: EUPL-1.2
"""Profile p147: published lines of the State's programme 147, read into plain values with their identity."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import NamedTuple

from workflow.imports.cells import CellFault, as_text, read_amount, read_text, read_year
from workflow.imports.filing import Read
from workflow.imports.report import Fault, RowFaults, counted
from workflow.imports.source import Cell, Row, Table, UnreadableFileError, header_key
from workflow.names import key
from workflow.request_values import RequestValues

FINANCER, CREDIT, SOURCE = "etat", "etat:specifique", "p147"
REQUIRED = ("exercice", "siren_beneficiaire", "montant", "objet")
OPTIONAL = ("nom_beneficiaire", "marqueur_contrat", "marqueur_cpo", "marqueurs_dispositif")
IGNORED = frozenset({"source_nom", "id_beneficiaire_compilation", "attribuant", "rn"})
TITLE_WIDTH = 500
_INSIDE = {"cv": True, "hcv": False}
_CPO = {"cpo": True, "oui": True, "non": False}


class P147Line(NamedTuple):
    """One published line. `inside`: True for the contract's programme, False outside, None unclassified."""

    number: int
    year: int
    siren: str | None
    beneficiary: str | None
    amount: Decimal
    title: str
    inside: bool | None
    cpo: bool | None
    markers: str
    identity: str


@dataclass(slots=True)
class P147Reader:
    """Reads lines one by one; counts what deserves one warning at the end. `columns`: those the file has."""

    table: Table
    year: int | None = None
    columns: dict[str, int] = field(default_factory=dict)
    odd_sirens: int = 0
    cut_titles: int = 0
    unclassified: int = 0
    _ranks: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Recognises the headers. Raises UnreadableFileError when a required one is absent."""
        unknown = []
        for index, header in enumerate(self.table.headers):
            name = header_key(header)
            if name in REQUIRED or name in OPTIONAL:
                self.columns[name] = index
            elif header and name not in IGNORED:
                unknown.append(header)
        if unknown:
            self.table.warnings.append(f"Colonnes inconnues, non lues : {', '.join(unknown)}.")
        missing = [name for name in REQUIRED if name not in self.columns]
        if missing:
            raise UnreadableFileError(
                f"Colonnes obligatoires absentes de la première ligne : {', '.join(missing)}."
            )

    def lines(self) -> Iterator[P147Line | list[Fault]]:
        """Each row as a line of the year asked, or as its faults."""
        for row in self.table.rows:
            line = self._line(row)
            if isinstance(line, list) or self.year is None or line.year == self.year:
                yield line

    def _line(self, row: Row) -> P147Line | list[Fault]:
        faults = RowFaults(row.number)
        year = faults.read("exercice", self._cell(row, "exercice"), read_year)
        amount = faults.read("montant", self._cell(row, "montant"), read_exact_amount)
        title = faults.read("objet", self._cell(row, "objet"), lambda cell: read_text(cell, 5_000))
        name = faults.read(
            "nom_beneficiaire", self._cell(row, "nom_beneficiaire"), lambda cell: read_text(cell, 300)
        )
        inside = self._marker(row, "marqueur_contrat", _INSIDE, faults)
        cpo = self._marker(row, "marqueur_cpo", _CPO, faults)
        markers = faults.read(
            "marqueurs_dispositif", self._cell(row, "marqueurs_dispositif"), lambda cell: read_text(cell, 200)
        )
        faulty = {fault.column for fault in faults.found}
        for column, value in (("exercice", year), ("montant", amount), ("objet", title)):
            if value is None and column not in faulty:
                faults.add(column, None, "cellule obligatoire vide")
        if faults.found or year is None or amount is None or title is None:
            return faults.found
        stated = as_text(self._cell(row, "siren_beneficiaire")) or ""
        if self.year is not None and year != self.year:
            return P147Line(row.number, year, None, None, amount, title, None, None, "", "")
        if inside is None:
            self.unclassified += 1
        identity = self._identity(year, stated, title, amount)
        return P147Line(
            row.number,
            year,
            self._siren(stated),
            name,
            amount,
            self._fitting(title),
            inside,
            cpo,
            markers or "",
            identity,
        )

    def _cell(self, row: Row, name: str) -> Cell:
        index = self.columns.get(name)
        return None if index is None or index >= len(row.cells) else row.cells[index]

    def _marker(self, row: Row, name: str, words: dict[str, bool], faults: RowFaults) -> bool | None:
        cell = self._cell(row, name)
        text = as_text(cell)
        if text is None:
            return None
        word = key(text)
        if word not in words:
            faults.add(
                name, cell, f"lu « {text[:60]} », attendu l’un de : {', '.join(words).upper()}, ou rien"
            )
        return words.get(word)

    def _siren(self, stated: str) -> str | None:
        """Nine digits, from a SIREN or a SIRET; anything else is left unknown and counted, never repaired."""
        bare = "".join(stated.split())
        if len(bare) in (9, 14) and bare.isascii() and bare.isdigit():
            return bare[:9]
        self.odd_sirens += bool(bare)
        return None

    def _fitting(self, title: str) -> str:
        if len(title) <= TITLE_WIDTH:
            return title
        self.cut_titles += 1
        return f"{title[: TITLE_WIDTH - 1]}…"

    def _identity(self, year: int, siren: str, title: str, amount: Decimal) -> str:
        """Year, SIREN, title, amount, and rank among identical lines, hashed."""
        same = "\x1f".join((str(year), siren, title, f"{amount:.2f}"))
        short = int.from_bytes(sha256(same.encode()).digest()[:8], "big")  # ranks stay small in memory
        rank = self._ranks[short] = self._ranks.get(short, 0) + 1
        return sha256(f"{same}\x1f{rank}".encode()).hexdigest()

    def warnings(self) -> list[str]:
        """What was counted along the way, one sentence each."""
        told = []
        if self.unclassified:
            lines = counted(self.unclassified, "ligne non classée", "lignes non classées")
            told.append(f"{lines}, ni CV ni HCV : à part dans les comptes du programme.")
        if self.odd_sirens:
            lines = counted(self.odd_sirens, "ligne", "lignes")
            told.append(f"{lines} dont le SIREN n’a pas neuf chiffres : bénéficiaire laissé inconnu.")
        if self.cut_titles:
            titles = counted(self.cut_titles, "intitulé coupé", "intitulés coupés")
            told.append(f"{titles} à {TITLE_WIDTH} caractères.")
        return told


def read_exact_amount(cell: Cell) -> Decimal | None:
    """Euros; a float only if it is exact to the cent. Raises CellFault."""
    if isinstance(cell, float):
        shown = repr(cell)
        _, _, decimals = shown.partition(".")
        if "e" in shown or "n" in shown or len(decimals) > 2:
            raise CellFault(f"lu « {shown} » : ce nombre n’est pas exact au centime")
    return read_amount(cell)


def as_requests(reader: P147Reader) -> Iterator[Read]:
    """The lines as requests to the State's specific credit; what they do not say stays unknown."""
    for line in reader.lines():
        yield (
            Read(line[0].row, None, line) if isinstance(line, list) else Read(line.number, _request(line), [])
        )


def _request(line: P147Line) -> RequestValues:
    reference = f"P147-{line.year}-{line.identity[:10].upper()}"
    unnamed = f"Bénéficiaire SIREN {line.siren}" if line.siren else f"Bénéficiaire non publié ({reference})"
    return RequestValues(
        reference=reference,
        year=line.year,
        title=line.title,
        porteur_name=line.beneficiary or unnamed,
        porteur_siret=line.siren,
        cpo=line.cpo,
        scheme=_scheme(line),
        requests={CREDIT: line.amount},
    )


def _scheme(line: P147Line) -> str | None:
    """Outside the contract, the scheme its marker names; unknown otherwise."""
    if line.inside is not False:
        return "contrat_de_ville" if line.inside else None
    words = line.markers.casefold().replace("|", " ").replace(";", " ").replace(",", " ").split()
    return next((scheme for scheme in ("vvv", "pre") if scheme in words), "autre")
