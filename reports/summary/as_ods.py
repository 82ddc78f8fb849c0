# SPDX-License-Identifier: EUPL-1.2
"""The summary as an ODS workbook."""

from reports.ods import write_ods
from reports.summary.sheets import summary_sheets
from reports.summary.structure import Summary


def render_ods(summary: Summary) -> bytes:
    """Bytes of the workbook, with the sheets of the XLSX one."""
    return write_ods(summary_sheets(summary))
