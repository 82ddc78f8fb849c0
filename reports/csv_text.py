# SPDX-License-Identifier: EUPL-1.2
"""CSV that a spreadsheet can open without running anything: text that looks like a formula is made inert."""

import csv
import io
from collections.abc import Iterable, Sequence

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")


def inert(text: str) -> str:
    """The same text, with a leading apostrophe when a spreadsheet would run it as a formula."""
    return f"'{text}" if text.lstrip(" \u00a0").startswith(RISKY) or text.startswith(RISKY) else text


def write_csv(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, delimiter: str = ";", mark: bool = True
) -> bytes:
    """UTF-8 bytes; `mark` writes the byte-order mark that spreadsheets need to see the accents.

    Headers are made `inert`. Cells are text already: the caller makes the free ones so, and negative numbers stay numbers.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow([inert(name) for name in header])
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8-sig" if mark else "utf-8")
