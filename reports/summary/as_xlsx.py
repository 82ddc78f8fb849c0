# SPDX-License-Identifier: EUPL-1.2
"""The summary as an XLSX workbook."""

from reports.summary.sheets import summary_sheets
from reports.summary.structure import Summary
from reports.xlsx import write_xlsx


def render_xlsx(summary: Summary) -> bytes:
    """Bytes of the workbook; text cells are never formulas, totals follow the filters."""
    header = summary.header
    return write_xlsx(
        summary_sheets(summary), title=f"Synthèse d’arbitrage – {header.label}", created=header.prepared_at
    )
