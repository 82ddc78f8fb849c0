# SPDX-License-Identifier: EUPL-1.2
"""The files the demonstration reads: shipped in the wheel beside this package, or those of the checkout."""

from pathlib import Path

from app.errors import AppError

BESIDE = Path(__file__).resolve().parent / "data"
CHECKOUT = Path(__file__).resolve().parents[2]
PLACES = {
    "config.yaml": Path("config.yaml"),
    "programme.csv": Path("examples/programme.csv"),
    "subventions.csv": Path("examples/subventions.csv"),
}


def demo_file(name: str) -> Path:
    """The file of this name. Raises AppError when the installation lacks it."""
    for path in (CHECKOUT / PLACES[name], BESIDE / name):
        if path.is_file():
            return path
    raise AppError(f"il manque à l’installation le fichier de démonstration « {name} »")
