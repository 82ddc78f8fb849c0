# SPDX-License-Identifier: EUPL-1.2
"""The national list of QPV, a CSV the administrator downloads: its codes."""

import csv
import re
from pathlib import Path

from app.errors import ConfigurationError, ConfigurationFault
from workflow.territory import QPV_PATTERN

CODE_COLUMN = "code_qp"
MAX_BYTES = 50_000_000


def load_official_codes(path: Path) -> frozenset[str]:
    """The codes of the column `code_qp`; UTF-8 or cp1252, any usual separator. Raises ConfigurationError."""
    lines = [line for line in _text_of(path).splitlines() if line.strip()]
    if not lines:
        raise _refused(path, "la liste officielle des QPV est vide")
    separator = max(";,\t|", key=lines[0].count)
    try:
        rows = list(csv.reader(lines, delimiter=separator))
    except csv.Error:
        raise _refused(path, "la liste officielle des QPV n’est pas un fichier CSV lisible") from None
    header = [cell.strip().lower() for cell in rows[0]]
    if CODE_COLUMN not in header:
        raise _refused(path, f"colonne « {CODE_COLUMN} » absente de la liste officielle des QPV")
    column = header.index(CODE_COLUMN)
    codes = {row[column].strip().upper() for row in rows[1:] if len(row) > column}
    official = frozenset(code for code in codes if re.fullmatch(QPV_PATTERN, code))
    if not official:
        raise _refused(path, f"aucun code de QPV dans la colonne « {CODE_COLUMN} »")
    return official


def _refused(path: Path, message: str) -> ConfigurationError:
    return ConfigurationError(str(path), [ConfigurationFault("", message)])


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _refused(path, "fichier trop gros pour une liste de QPV")
        content = path.read_bytes()
    except OSError:
        raise _refused(path, "liste officielle des QPV introuvable ou illisible") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
