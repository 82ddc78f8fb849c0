# SPDX-License-Identifier: EUPL-1.2
"""The programme table: every dossier of a year with its funding lines, as XLSX, ODS, CSV or JSON."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from reports.ods import write_ods
from reports.sheet import Cell, Column, Formula, Kind, Sheet, cell_name, column_range, head_row
from reports.table_file import sheet_csv
from reports.xlsx import write_xlsx
from rules.money import total
from rules.wording import NATURES, credit
from workflow.models import Dossier, FundingLine
from workflow.stages import LINE_LABELS, STAGE_LABELS, LineState, Stage
from workflow.territory import Territory

AMOUNTS = ("requested", "proposed", "retained", "granted", "paid", "spent")
AMOUNT_COLUMNS = tuple(
    Column(label, Kind.EUROS, 15, total=True)
    for label in ("Demandé", "Proposé", "Retenu", "Accordé", "Versé", "Réalisé")
)
IDENTITY = (
    Column("Référence", width=16),
    Column("Exercice", Kind.TEXT, 9),
    Column("Étape", width=20),
    Column("Porteur", width=32),
    Column("SIRET", width=16),
    Column("Intitulé", width=40),
)
DOSSIERS = (
    *IDENTITY,
    Column("Groupe thématique", width=22),
    Column("Chef de file", width=20),
    Column("Quartiers", width=30),
    Column("Objectifs", width=30),
    Column("CPO", width=6),
    Column("Coût total", Kind.EUROS, 15, total=True),
    *AMOUNT_COLUMNS,
)
LINES = (
    *IDENTITY,
    Column("Financeur", width=26),
    Column("Nature", width=18),
    Column("État", width=20),
    *AMOUNT_COLUMNS,
    Column("En nature", width=30),
    Column("Valeur en nature", Kind.EUROS, 15, total=True),
    Column("Acte", width=16),
    Column("Date de l’acte", width=12),
)


def programme_sheets(dossiers: Sequence[Dossier], territory: Territory, *, title: str) -> list[Sheet]:
    """Two sheets: one row per dossier, whose amounts are summed again from its lines; one row per funding line."""
    names = {org.code: org.name for org in territory.organisations}
    themes = {theme.code: theme.label for theme in territory.themes}
    lines = Sheet("Lignes de financement", title, LINES)
    lines.rows.extend(_line(dossier, line, names) for dossier in dossiers for line in dossier.lines)
    sums = [column_range(lines, column.label) for column in AMOUNT_COLUMNS]
    references = column_range(lines, "Référence")
    table = Sheet("Dossiers", title, DOSSIERS)
    for row, dossier in enumerate(dossiers, start=head_row(table) + 1):
        told = f"{references},{cell_name(0, row)}"
        amounts = (
            _summed(dossier, name, f"SUMIFS({column},{told})")
            for name, column in zip(AMOUNTS, sums, strict=True)
        )
        table.rows.append((*_about(dossier, themes), *amounts))
    return [table, lines]


def programme_xlsx(sheets: Iterable[Sheet], *, title: str, now: datetime) -> bytes:
    """The workbook."""
    return write_xlsx(sheets, title=title, created=now)


def programme_ods(sheets: Iterable[Sheet]) -> bytes:
    """The workbook as ODS."""
    return write_ods(sheets)


def programme_csv(sheets: Sequence[Sheet]) -> bytes:
    """The funding lines, one per row."""
    return sheet_csv(sheets[-1])


def programme_json(dossiers: Iterable[Dossier]) -> bytes:
    """Dossiers with their funding, in the form of `dossier show`; `action` is the identifier common to all financers."""
    document = [_document(dossier) for dossier in dossiers]
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def _document(dossier: Dossier) -> dict[str, Any]:
    return {
        "reference": dossier.reference,
        "year": dossier.year,
        "stage": dossier.stage,
        "action": dossier.action.uuid,
        "porteur": dossier.porteur.name,
        "siret": dossier.porteur.siret,
        "title": dossier.title,
        "theme": dossier.theme,
        "qpv": dossier.qpv,
        "objectives": dossier.objectives,
        "cpo": dossier.cpo,
        "total_cost": _text(dossier.total_cost),
        "funding": [
            {"financer": line.financer, "nature": line.nature, "state": line.state, "firm": line.firm}
            | {name: _text(getattr(line, name)) for name in AMOUNTS}
            for line in dossier.lines
        ],
    }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def _identity(dossier: Dossier) -> tuple[Cell, ...]:
    return (
        dossier.reference,
        str(dossier.year),
        STAGE_LABELS[Stage(dossier.stage)],
        dossier.porteur.name,
        dossier.porteur.siret,
        dossier.title,
    )


def _about(dossier: Dossier, themes: dict[str, str]) -> tuple[Cell, ...]:
    return (
        *_identity(dossier),
        themes.get(dossier.theme or "", dossier.theme),
        dossier.lead_instructor.name if dossier.lead_instructor else None,
        " ; ".join(dossier.qpv or ()),
        " ; ".join(dossier.objectives or ()),
        dossier.cpo,
        dossier.total_cost,
    )


def _summed(dossier: Dossier, name: str, formula: str) -> Cell:
    """The sum of what is known; an amount that no line has stays empty."""
    known = [amount for line in dossier.lines if (amount := getattr(line, name)) is not None]
    return Formula(formula, total(known)) if known else None


def _line(dossier: Dossier, line: FundingLine, names: dict[str, str]) -> tuple[Cell, ...]:
    act = line.act or {}
    return (
        *_identity(dossier),
        names.get(line.financer) or credit(line.financer),
        NATURES.get(line.nature, line.nature),
        LINE_LABELS[LineState(line.state)],
        *(getattr(line, name) for name in AMOUNTS),
        line.in_kind,
        line.in_kind_value,
        act.get("number"),
        act.get("date"),
    )
