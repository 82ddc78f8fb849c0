# SPDX-License-Identifier: EUPL-1.2
"""The beneficiaries' file as the national address service returns it: each row judged, its coordinates passed on in batches."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from workflow.imports.source import Cell, Row, Table, UnreadableFileError, header_key
from workflow.names import key

BATCH = 50_000
MAX_ROWS = 1_000_000
LATITUDE, LONGITUDE, SCORE, TYPE = "latitude", "longitude", "result_score", "result_type"
_DEGREES = re.compile(r"-?[0-9]{1,3}(?:[.,]([0-9]{1,20}))?")
_SCORE = re.compile(r"[0-9](?:[.,][0-9]{1,20})?")


class Doubt(StrEnum):
    """Why a row is « à vérifier », neither in nor out."""

    NEAR_EDGE = "near_edge"
    POOR_SCORE = "poor_score"
    POOR_TYPE = "poor_type"
    NOT_GEOCODED = "not_geocoded"
    UNREADABLE = "unreadable"


DOUBT_LABELS: dict[Doubt, str] = {
    Doubt.NEAR_EDGE: "près d’une limite de quartier",
    Doubt.POOR_SCORE: "géocodage peu sûr",
    Doubt.POOR_TYPE: "adresse imprécise, sans numéro",
    Doubt.NOT_GEOCODED: "adresse non trouvée",
    Doubt.UNREADABLE: "coordonnées illisibles",
}
UNCHECKED_LABELS = {SCORE: "la qualité du géocodage", TYPE: "la précision de l’adresse"}


@dataclass(frozen=True, slots=True)
class Geocoding:
    """Which geocoding is good enough: a least score, and the types that name a house."""

    min_score: float
    precise_types: frozenset[str]


@dataclass(slots=True)
class Batch:
    """Rows read: those good enough as points (`decimals`: as written), and the others by doubt."""

    longitudes: list[float] = field(default_factory=list)
    latitudes: list[float] = field(default_factory=list)
    decimals: list[int] = field(default_factory=list)
    doubts: Counter[Doubt] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self.longitudes) + self.doubts.total()


class AddressFile:
    """The columns of the file, then its rows in batches. Raises UnreadableFileError when it is another file."""

    def __init__(self, table: Table, wanted: Geocoding) -> None:
        self._table, self._wanted = table, wanted
        places = {header_key(header): rank for rank, header in enumerate(table.headers)}
        missing = [name for name in (LATITUDE, LONGITUDE) if name not in places]
        if missing:
            names = " ni ".join(f"« {name} »" for name in missing)
            raise UnreadableFileError(
                f"Le fichier n’a pas de colonne {names} : donnez celui que rend le service national de géocodage, "
                "avec ses en-têtes latitude, longitude, result_score et result_type."
            )
        self._latitude, self._longitude = places[LATITUDE], places[LONGITUDE]
        self._score, self._type = places.get(SCORE), places.get(TYPE)
        self.unchecked = tuple(name for name in (SCORE, TYPE) if name not in places)

    def batches(self) -> Iterator[Batch]:
        """Every row once, in memory by batches."""
        batch = Batch()
        for read, row in enumerate(self._table.rows):
            if read == MAX_ROWS:
                raise UnreadableFileError(f"Fichier de plus de {MAX_ROWS} lignes : découpez-le.")
            self._take(row, batch)
            if len(batch) == BATCH:
                yield batch
                batch = Batch()
        yield batch

    def _take(self, row: Row, batch: Batch) -> None:
        latitude, longitude = _text(row.cells, self._latitude), _text(row.cells, self._longitude)
        if not latitude or not longitude:
            batch.doubts[Doubt.NOT_GEOCODED] += 1
            return
        north, east = _degrees(latitude, 90), _degrees(longitude, 180)
        if north is None or east is None:
            batch.doubts[Doubt.UNREADABLE] += 1
            return
        doubt = self._doubt(row.cells)
        if doubt is not None:
            batch.doubts[doubt] += 1
            return
        batch.latitudes.append(north[0])
        batch.longitudes.append(east[0])
        batch.decimals.append(min(north[1], east[1]))

    def _doubt(self, cells: Sequence[Cell]) -> Doubt | None:
        """What the address service says against its own answer; a score left empty is no score."""
        if self._score is not None:
            score = _text(cells, self._score)
            if not _SCORE.fullmatch(score) or float(score.replace(",", ".")) < self._wanted.min_score:
                return Doubt.POOR_SCORE
        if self._type is not None and key(_text(cells, self._type)) not in self._wanted.precise_types:
            return Doubt.POOR_TYPE
        return None


def _text(cells: Sequence[Cell], rank: int) -> str:
    """The cell as typed, empty when the row is too short."""
    cell = cells[rank] if rank < len(cells) else None
    return "" if cell is None else str(cell).strip()


def _degrees(text: str, limit: int) -> tuple[float, int] | None:
    """The value and how many decimals it is written with; None when it is no degree."""
    found = _DEGREES.fullmatch(text)
    if found is None:
        return None
    value = float(text.replace(",", "."))
    return (value, len(found[1] or "")) if -limit <= value <= limit else None
