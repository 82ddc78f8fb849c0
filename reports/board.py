# SPDX-License-Identifier: EUPL-1.2
"""The columns of the board, in one table that the screen and the exports read; and the board as a spreadsheet."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from reports.sheet import Cell, Column, Kind, Sheet
from reports.summary.words import Words
from reports.table_file import FORMS
from workflow.queries_board import PER_FINANCER, BoardRow
from workflow.stages import STAGE_LABELS, Stage

PARIS = ZoneInfo("Europe/Paris")
Values = Callable[[BoardRow, Words], tuple[Cell, ...]]


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """One column one can choose. `cells`: what it becomes in a spreadsheet."""

    code: str
    label: str
    cells: tuple[Column, ...]
    values: Values

    @property
    def kind(self) -> Kind:
        """What it holds."""
        return self.cells[0].kind


def _one(
    code: str, label: str, value: Callable[[BoardRow, Words], Cell], kind: Kind = Kind.TEXT, width: int = 14
) -> BoardColumn:  # fmt: skip
    return BoardColumn(code, label, (Column(label, kind, width),), lambda row, w: (value(row, w),))


def _ratio(code: str, label: str, cells: tuple[str, ...], values: Values) -> BoardColumn:
    """« 3/4 » on the screen, one number a cell in a spreadsheet."""
    return BoardColumn(code, label, tuple(Column(text, Kind.COUNT, 11) for text in cells), values)


def _names(codes: Iterable[str], words: Mapping[str, str]) -> str:
    return ", ".join(words.get(code, code) for code in codes)


def _where(row: BoardRow, words: Words) -> str:
    return _names(row.qpv or (), words.qpv)


def _unanswered(row: BoardRow, words: Words) -> str:
    return ", ".join(words.financer(code) for code in row.unanswered)


def _opinions(row: BoardRow, _words: Words) -> tuple[Cell, ...]:
    return row.opinions_in, len(row.opinions), row.opinions_late


COLUMNS = (
    _one("reference", "Référence", lambda row, _: row.reference, width=16),
    _one("titre", "Action", lambda row, _: row.title, width=40),
    _one("porteur", "Porteur", lambda row, _: row.porteur, width=32),
    _one("qpv", "Quartiers", _where, width=30),
    _one("theme", "Groupe", lambda row, w: w.themes.get(row.theme or "", row.theme), width=22),
    _one("etape", "Étape", lambda row, _: STAGE_LABELS[Stage(row.stage)], width=22),
    _one("annee", "Exercice", lambda row, _: row.year, Kind.YEAR, 9),
    _one("instructeur", "Chef de file", lambda row, _: row.lead, width=20),
    _ratio("avis", "Avis", ("Avis rendus", "Avis demandés", "dont en retard"), _opinions),
    _one("manque", "Avis manquants", lambda row, _: ", ".join(row.missing), width=30),
    _one("retard", "Avis en retard", lambda row, _: row.opinions_late, Kind.COUNT, 9),
    _one("droit-commun", "Droit commun sans réponse", _unanswered, width=30),
    _ratio("financeurs", "Financeurs", ("Financeurs ayant répondu", "Lignes"), lambda r, _: (r.answered, len(r.lines))),
    _one("demande", "Demandé", lambda row, _: row.amount("requested"), Kind.EUROS, 13),
    _one("propose", "Proposé", lambda row, _: row.amount("proposed"), Kind.EUROS, 13),
    _one("retenu", "Retenu", lambda row, _: row.amount("retained"), Kind.EUROS, 13),
    _one("accorde", "Accordé", lambda row, _: row.amount("granted"), Kind.EUROS, 13),
    _one("cout", "Coût total", lambda row, _: row.total_cost, Kind.EUROS, 13),
    _one("cpo", "CPO", lambda row, _: row.cpo, width=6),
    _one("beneficiaires", "Bénéficiaires", lambda row, _: row.beneficiaries_total, Kind.COUNT, 9),
    _one("beneficiaires-qpv", "dont en QPV", lambda row, _: row.beneficiaries_qpv, Kind.COUNT, 9),
    _one("echeance", "Échéance", lambda row, _: row.due, Kind.DATE, 11),
    _one("depuis", "Depuis", lambda row, _: row.stage_since.astimezone(PARIS).date(), Kind.DATE, 11),
)  # fmt: skip
BY_CODE: Mapping[str, BoardColumn] = {column.code: column for column in COLUMNS}
# One column a financer: chosen together, by these codes.
SPREAD: Mapping[str, tuple[str, str]] = {
    "demande-par-financeur": ("demande", "Demandé par financeur"),
    "propose-par-financeur": ("propose", "Proposé par financeur"),
    "retenu-par-financeur": ("retenu", "Retenu par financeur"),
    "accorde-par-financeur": ("accorde", "Accordé par financeur"),
}
USUAL = (
    "reference", "titre", "porteur", "qpv", "theme", "etape", "instructeur", "avis", "financeurs",
    "demande", "propose", "retenu", "depuis",
)  # fmt: skip


# Codes and labels of what can be chosen, in the order of the table.
OFFERED: Mapping[str, str] = {column.code: column.label for column in COLUMNS} | {
    code: label for code, (_, label) in SPREAD.items()
}


def board_columns(codes: Iterable[str], financers: Sequence[str], words: Words) -> list[BoardColumn]:
    """The columns of these codes, those by financer spread over `financers`; unknown codes are left out."""
    found: list[BoardColumn] = []
    for code in dict.fromkeys(codes):
        if code in SPREAD:
            found.extend(_of_financer(SPREAD[code][0], financer, words) for financer in financers)
        elif code in BY_CODE:
            found.append(BY_CODE[code])
    return found


def _of_financer(code: str, financer: str, words: Words) -> BoardColumn:
    name, label = PER_FINANCER[code], f"{BY_CODE[code].label} {words.financer(financer)}"
    return _one(f"{code}.{financer}", label, lambda row, _: row.amount(name, financer), Kind.EUROS, 13)


def board_sheets(
    rows: Iterable[BoardRow], columns: Sequence[BoardColumn], words: Words, about: Sequence[tuple[str, str]]
) -> list[Sheet]:
    """The rows as they are on the screen, ready to be used again; what they are is told on a second sheet."""
    heads = tuple(cell for column in columns for cell in column.cells)
    cells = [tuple(cell for column in columns for cell in column.values(row, words)) for row in rows]
    notes = Sheet("À propos", "", (Column("Ce tableau", width=22), Column("Valeur", width=70)), [*about])
    return [Sheet("Dossiers", "", heads, cells), notes]


def write_board(form: str, sheets: Sequence[Sheet], now: datetime) -> tuple[bytes, str]:
    """Bytes and media type of the board as `csv` (the rows alone), `xlsx` or `ods`."""
    writer, media_type = FORMS[form]
    return writer(sheets[:1] if form == "csv" else sheets, "Dossiers", now), media_type
