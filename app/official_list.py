# SPDX-License-Identifier: EUPL-1.2
"""The national list of QPV, a file the administrator downloads: every official code found in it, whatever its columns."""

import re
from pathlib import Path

from app.errors import AppError

QPV_CODE = re.compile(r"\bQN\d{2}[\dAB]\d{2}[NMIC]\b")
LARGEST_FILE = 200_000_000


def read_official_list(path: Path) -> list[str]:
    """The QPV codes of the file (CSV or GeoJSON), sorted. Raises AppError if it is unreadable or names none."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise AppError(f"liste officielle des QPV trop grande pour en être une : {path}")
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise AppError(f"liste officielle des QPV introuvable ou illisible : {path}") from error
    codes = sorted(set(QPV_CODE.findall(text)))
    if not codes:
        raise AppError(f"aucun code de QPV dans la liste officielle : {path}")
    return codes
