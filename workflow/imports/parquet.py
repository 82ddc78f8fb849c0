# SPDX-License-Identifier: EUPL-1.2
"""Parquet files, one row group in memory at a time; the library is an optional extra of the project."""

import importlib
from collections.abc import Iterator
from math import isnan
from pathlib import Path
from typing import Any

from workflow.imports.source import Cell, Row, Table, UnreadableFileError, checked_headers


def open_parquet(path: Path) -> Table:
    """The file as a table. Raises UnreadableFileError when it is damaged or the extra is not installed."""
    try:
        reader = importlib.import_module("fastparquet")
    except ImportError as error:
        raise UnreadableFileError(
            "Lire un fichier Parquet demande l’option « parquet » : pip install 'coinstruction[parquet]'."
        ) from error
    try:
        source = reader.ParquetFile(str(path))
    except Exception as error:  # the library has no root error of its own
        raise UnreadableFileError("Fichier Parquet illisible.") from error
    return Table(checked_headers(source.columns), _rows(source), int(source.count()))


def _rows(source: Any) -> Iterator[Row]:
    number = 1
    groups = iter(source.iter_row_groups())
    while True:
        try:
            frame = next(groups)
        except StopIteration:
            return
        except Exception as error:  # a damaged group: the library raises what its decoders raise
            raise UnreadableFileError("Fichier Parquet endommagé.") from error
        for cells in zip(*(_column(frame[name]) for name in source.columns), strict=True):
            number += 1
            yield Row(number, cells)


def _column(series: Any) -> list[Cell]:
    """Plain Python values; what is missing is None, a NaN included."""
    return [
        None if value is None or (isinstance(value, float) and isnan(value)) else value
        for value in series.tolist()
    ]
