# SPDX-License-Identifier: EUPL-1.2
"""Which reader a file calls for, told by its first bytes and never by its name."""

from pathlib import Path

from workflow.imports.csv_file import open_csv
from workflow.imports.parquet import open_parquet
from workflow.imports.source import Table, UnreadableFileError
from workflow.imports.workbook import open_workbook

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def open_table(path: Path) -> Table:
    """The file as headers and rows. Raises UnreadableFileError with one French sentence."""
    try:
        if not path.is_file():
            raise UnreadableFileError(
                "C’est un dossier, pas un fichier." if path.is_dir() else "Fichier introuvable."
            )
        with path.open("rb") as handle:
            start = handle.read(8)
        if start.startswith(_ZIP):
            return open_workbook(path)
        if start == _OLE:
            raise UnreadableFileError(
                "Classeur protégé par un mot de passe, ou à l’ancien format .xls : enregistrez-le en .xlsx sans protection."
            )
        return open_parquet(path) if start.startswith(b"PAR1") else open_csv(path)
    except OSError as error:
        raise UnreadableFileError(f"Le fichier ne peut pas être ouvert ({error.strerror}).") from error
