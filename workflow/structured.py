# SPDX-License-Identifier: EUPL-1.2
"""Values written as lists of small entries, and back: a yearly trajectory, de minimis aids."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from workflow.inputs import parse_amount, parse_date

FIRST_YEAR, LAST_YEAR = 2000, 2100
_YEAR = re.compile(r"\d{4}", re.ASCII)
_PAIR = re.compile(
    r"(?P<first>[^=:]*)[=:](?P<second>.*)"
)  # `2026=8000`, or « 2026 : 8000 » as people write it
_AID = re.compile(r"(?P<day>[^=:]+)[=:](?P<amount>.+?)(?P<sieg>\s+sieg)?", re.IGNORECASE)


def parse_trajectory(items: Iterable[str]) -> dict[str, str]:
    """Euros by year out of `2026=8000` or « 2026 : 8000 », kept as text with cents. Raises ValueError in French."""
    found: dict[str, str] = {}
    for item in items:
        pair = _PAIR.fullmatch(item)
        year, amount = (part.strip() for part in pair.groups()) if pair else ("", "")
        if not _YEAR.fullmatch(year) or not FIRST_YEAR <= int(year) <= LAST_YEAR:
            raise ValueError(f"« {item} » : attendu une année et un montant, comme « 2026 : 8000 »")
        if year in found:
            raise ValueError(f"année {year} donnée deux fois")
        found[year] = f"{_amount(item, amount):.2f}"
    return dict(sorted(found.items()))


def parse_aids(items: Iterable[str]) -> list[dict[str, Any]]:
    """Aids out of `2024-05-01=12000`, « 01/05/2024 : 12000 », with `sieg` after it or not. Raises ValueError in French."""
    return [_aid(item) for item in items]


def _aid(item: str) -> dict[str, Any]:
    match = _AID.fullmatch(item.strip())
    if match is None:
        raise ValueError(f"« {item} » : attendu une date et un montant, comme « 01/05/2024 : 12000 »")
    try:
        day = parse_date(match["day"].strip())
    except ValueError as error:
        raise ValueError(f"« {item} » : {error}") from None
    amount = _amount(item, match["amount"])
    return {"granted_on": day.isoformat(), "amount": f"{amount:.2f}", "sieg": match["sieg"] is not None}


def _amount(item: str, text: str) -> Decimal:
    """The amount of this entry; the fault names the entry, one of several. Raises ValueError."""
    try:
        return parse_amount(text.strip())
    except ValueError as error:
        raise ValueError(f"« {item} » : {error}") from None


def trajectory_texts(stored: Mapping[str, str]) -> list[str]:
    """The entries as they are typed."""
    return [f"{year}={amount}" for year, amount in sorted(stored.items())]


def aid_texts(stored: Iterable[Mapping[str, Any]]) -> list[str]:
    """The entries as they are typed."""
    return [f"{aid['granted_on']}={aid['amount']}{' sieg' if aid.get('sieg') else ''}" for aid in stored]


def trajectory_of(stored: Mapping[str, str] | None) -> tuple[tuple[int, Decimal], ...] | None:
    """What the rules read: (year, euros) in order; None when unknown."""
    if stored is None:
        return None
    return tuple((int(year), Decimal(amount)) for year, amount in sorted(stored.items()))


def day_of(text: str | None) -> date | None:
    """A stored ISO day, or None."""
    return date.fromisoformat(text) if text else None
