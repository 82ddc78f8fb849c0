# SPDX-License-Identifier: EUPL-1.2
"""Parquet files, one row group in memory at a time; the library is an optional extra of the project."""

import importlib
from collections.abc import Iterator
from math import isnan
from pathlib import Path
from typing import IO, Any

from workflow.imports.source import Cell, Row, Table, UnreadableFileError, checked_headers


def open_parquet(path: Path) -> Table:
    """The file as a table. Raises UnreadableFileError when it is damaged or the extra is not installed."""
    try:
        reader = importlib.import_module("fastparquet")
    except ImportError as error:
        raise UnreadableFileError(
            "Lire un fichier Parquet demande l’option « parquet » : pip install 'coinstruction[parquet]'."
        ) from error
    files = _Files()
    try:
        source = reader.ParquetFile(str(path), open_with=files.open)
    except Exception as error:  # the library has no root error of its own
        raise UnreadableFileError("Fichier Parquet illisible.") from error
    finally:
        files.close()
    return Table(checked_headers(source.columns), _rows(source, files), int(source.count()))


class _Files:
    """The files the library opens, which it leaves to the garbage collector: closed here, group by group."""

    def __init__(self) -> None:
        self._opened: list[IO[bytes]] = []

    def open(self, name: str, mode: str = "rb") -> IO[bytes]:
        """The file, remembered."""
        handle: IO[bytes] = Path(name).open(mode)  # noqa: SIM115 - closed by close()
        self._opened.append(handle)
        return handle

    def close(self) -> None:
        """Closes what was opened since the last time."""
        while self._opened:
            self._opened.pop().close()


def _rows(source: Any, files: _Files) -> Iterator[Row]:
    number = 1
    groups = iter(source.iter_row_groups())
    while True:
        try:
            frame = next(groups)
        except StopIteration:
            return
        except Exception as error:  # a damaged group: the library raises what its decoders raise
            raise UnreadableFileError("Fichier Parquet endommagé.") from error
        finally:
            files.close()
        for cells in zip(*(_column(frame[name]) for name in source.columns), strict=True):
            number += 1
            yield Row(number, cells)


def _column(series: Any) -> list[Cell]:
    """Plain Python values; what is missing is None, a NaN included."""
    return [
        None if value is None or (isinstance(value, float) and isnan(value)) else value
        for value in series.tolist()
    ]
