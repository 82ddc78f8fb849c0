# SPDX-License-Identifier: EUPL-1.2
"""One cell as a value: text, integer, exact euros, date, yes or no, word, list. Empty is None: unknown, never zero."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from workflow.imports.source import Cell
from workflow.names import key

MAX_INTEGER = 2_147_483_647
MAX_AMOUNT = Decimal("99999999999.99")
FIRST_YEAR, LAST_YEAR = 1900, 2100
_SPACES = str.maketrans(dict.fromkeys(" \u00a0\u202f\u2009", " "))
_NUMBER = re.compile(r"-?(?:[0-9]+|[0-9]{1,3}(?: [0-9]{3})+)(?:[.,][0-9]+)?")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_FRENCH_DATE = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_YES, _NO = frozenset({"oui", "vrai", "true"}), frozenset({"non", "faux", "false"})


class CellFault(Exception):  # noqa: N818 - a fault of the file, told to the person who wrote it
    """A cell that cannot be read; `reason` is the French sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def as_text(cell: Cell) -> str | None:
    """What a person reads in the cell, trimmed, or None when there is nothing."""
    if cell is None:
        return None
    if isinstance(cell, str):
        return cell.strip() or None
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, (float, Decimal)):
        return _plain(cell) if isinstance(cell, float) else f"{cell:f}"
    if isinstance(cell, datetime):
        return (cell.date() if cell.time() == time() else cell).isoformat()
    return cell.isoformat() if isinstance(cell, (date, time)) else str(cell)


def _plain(number: float) -> str:
    """The fifteen digits a spreadsheet shows, without an exponent when it can be avoided."""
    shown = f"{number:.15g}"
    return f"{Decimal(shown):f}" if abs(number) < 1e20 and "n" not in shown else shown


def read_text(cell: Cell, limit: int) -> str | None:
    """Text as typed, a formula included. Raises CellFault when too long or holding a control character."""
    text = as_text(cell)
    if text is None:
        return None
    if len(text) > limit:
        raise CellFault(f"texte trop long : {len(text)} caractères, au plus {limit}")
    if _CONTROL.search(text):
        raise CellFault("caractère de contrôle invisible : retapez le texte")
    return text


def _bare(cell: Cell, expected: str) -> str | None:
    """The text of a cell that must hold a value, with plain spaces. Raises CellFault on a formula or an error."""
    text = as_text(cell)
    if text is None:
        return None
    if text.startswith("="):
        raise CellFault(f"formule « {_short(text)} » : collez la valeur calculée, {expected}")
    if text.startswith("#"):
        raise CellFault(f"erreur de calcul « {_short(text)} » : {expected}")
    return " ".join(text.translate(_SPACES).split())


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


def read_amount(cell: Cell) -> Decimal | None:
    """Exact euros, zero or more: `1 234,56`, `1234.56`, with or without €. Raises CellFault."""
    expected = "attendu un montant comme « 1 234,56 » ou « 1234.56 »"
    text = _bare(cell, expected)
    if text is None:
        return None
    if isinstance(cell, (bool, date, time, timedelta)):
        raise CellFault(f"lu « {text} », {expected}")
    number = _number(text.removesuffix("€").rstrip(), expected)
    if number > MAX_AMOUNT:
        raise CellFault(f"montant démesuré : « {_short(text)} »")
    if number != number.quantize(Decimal("0.01")):
        raise CellFault(f"lu « {_short(text)} » : plus de deux décimales, {expected}")
    return number.quantize(Decimal("0.01"))


def read_integer(cell: Cell) -> int | None:
    """A whole number, zero or more. Raises CellFault."""
    expected = "attendu un nombre entier comme « 120 »"
    text = _bare(cell, expected)
    if text is None:
        return None
    if isinstance(cell, (bool, date, time, timedelta)):
        raise CellFault(f"lu « {text} », {expected}")
    number = _number(text, expected)
    if number != number.to_integral_value():
        raise CellFault(f"lu « {_short(text)} », {expected}")
    if number > MAX_INTEGER:
        raise CellFault(f"nombre démesuré : « {_short(text)} »")
    return int(number)


def _number(text: str, expected: str) -> Decimal:
    text = text.replace("−", "-")
    if len(text) > 40 or not _NUMBER.fullmatch(text):
        raise CellFault(f"lu « {_short(text)} », {expected}")
    number = Decimal(text.replace(" ", "").replace(",", "."))
    if number < 0:
        raise CellFault(f"nombre négatif : « {text} », attendu zéro ou plus")
    return abs(number)


def read_year(cell: Cell) -> int | None:
    """A budget year in four digits. Raises CellFault."""
    year = read_integer(cell)
    if year is not None and not 2000 <= year <= LAST_YEAR:
        raise CellFault(f"lu « {year} », attendu une année comme « 2026 »")
    return year


def read_date(cell: Cell) -> date | None:
    """A day: `2026-03-31` or `31/03/2026`, or a spreadsheet's own date. Raises CellFault."""
    expected = "attendu une date comme « 2026-03-31 » ou « 31/03/2026 »"
    if isinstance(cell, date):
        day = cell.date() if isinstance(cell, datetime) else cell
    else:
        text = _bare(cell, expected)
        if text is None:
            return None
        day = _parsed_day(text, expected)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise CellFault(f"année {day.year} hors de {FIRST_YEAR}-{LAST_YEAR}, {expected}")
    return day


def _parsed_day(text: str, expected: str) -> date:
    if match := _ISO_DATE.fullmatch(text):
        year, month, day = map(int, match.groups())
    elif match := _FRENCH_DATE.fullmatch(text):
        day, month, year = map(int, match.groups())
    else:
        raise CellFault(f"lu « {_short(text)} », {expected}")
    try:
        return date(year, month, day)
    except ValueError:
        raise CellFault(f"« {text} » n’existe pas dans le calendrier, {expected}") from None


def read_boolean(cell: Cell) -> bool | None:
    """Yes or no: `oui`, `non`. Raises CellFault."""
    if isinstance(cell, bool):
        return cell
    text = _bare(cell, "attendu « oui » ou « non »")
    if text is None:
        return None
    word = key(text)
    if word in _YES or word in _NO:
        return word in _YES
    raise CellFault(f"lu « {_short(text)} », attendu « oui » ou « non »")


def read_word(cell: Cell, choices: Mapping[str, str]) -> str | None:
    """The value of one of the words, matched without accents or case. Raises CellFault naming the choices."""
    listed = ", ".join(choices)
    text = _bare(cell, f"attendu l’un de : {listed}")
    if text is None:
        return None
    word = key(text).replace(" ", "_").replace("-", "_")
    if word not in choices:
        raise CellFault(f"lu « {_short(text)} », attendu l’un de : {listed}")
    return choices[word]


def read_list(cell: Cell, limit: int = 100) -> list[str] | None:
    """The items of a cell, separated by `|`, each once. Raises CellFault."""
    text = read_text(cell, 20_000)
    if text is None:
        return None
    items = list(dict.fromkeys(item.strip() for item in text.split("|") if item.strip()))
    if len(items) > limit:
        raise CellFault(f"{len(items)} éléments, au plus {limit}")
    for item in items:
        if len(item) > 300:
            raise CellFault("élément de liste de plus de 300 caractères : séparez les éléments par « | »")
    return items
