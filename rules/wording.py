# SPDX-License-Identifier: EUPL-1.2
"""Figures, dates and lists as French people write them. Shared by every floor that shows something."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite
from zoneinfo import ZoneInfo

NBSP = "\u00a0"
THIN = "\u202f"
MINUS = "\u2212"
UNKNOWN = "non renseigné"
PARIS = ZoneInfo("Europe/Paris")
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
CENT = Decimal("0.01")
LARGEST = 10**20  # beyond, an amount is a typing error
FINANCERS = {
    "etat": "État",
    "region": "Région",
    "departement": "Département",
    "epci": "Intercommunalité",
    "caf": "CAF",
    "ars": "ARS",
}
PUBLICS = {
    "": "sans public particulier",
    "tout_public": "tout public",
    "demandeurs_emploi": "demandeurs d’emploi",
    "personnes_agees": "personnes âgées",
    "personnes_handicapees": "personnes en situation de handicap",
}
NATURES = {"droit_commun": "droit commun", "specifique": "crédits spécifiques"}


def number(value: int) -> str:
    """A whole number: 12 700."""
    return f"{value:,}".replace(",", THIN)


def euros(amount: Decimal | None) -> str:
    """An exact amount: 1 234,56 €, without the cents when there are none."""
    if amount is None:
        return UNKNOWN
    if not amount.is_finite() or abs(amount) >= LARGEST:
        return f"montant illisible ({amount})"
    shown = (
        f"{amount.quantize(CENT, ROUND_HALF_UP):,.2f}".removesuffix(".00")
        .replace(",", THIN)
        .replace(".", ",")
        .replace("-", MINUS)
    )
    return f"{shown}{NBSP}€"


def euros_of_cents(cents: int | None) -> str:
    """The same as `euros` from whole cents, for tables of thousands of amounts; nothing for the unknown."""
    if cents is None:
        return ""
    whole, rest = divmod(abs(cents), 100)
    shown = f"{MINUS if cents < 0 else ''}{whole:,}".replace(",", THIN)
    return f"{shown},{rest:02d}{NBSP}€" if rest else f"{shown}{NBSP}€"


def percent(share: Decimal | float | None, digits: int = 1) -> str:
    """A share between 0 and 1 as a percentage: 15,6 %."""
    if share is None or not isfinite(share):
        return UNKNOWN
    shown = f"{share * 100:.{digits}f}"
    if "." in shown:
        shown = shown.rstrip("0").rstrip(".")
    return f"{shown.replace('.', ',')}{NBSP}%"


def day(on: date) -> str:
    """A date: 3 mars 2026, 1er avril 2026."""
    first = "1er" if on.day == 1 else str(on.day)
    return f"{first}{NBSP}{MONTHS[on.month - 1]} {on.year}"


def moment(at: datetime) -> str:
    """An aware instant, in Paris: 3 mars 2026 à 14 h 30."""
    local = at.astimezone(PARIS)
    return f"{day(local)} à {local.hour}{NBSP}h{NBSP}{local.minute:02d}"


def listing(words: Iterable[str]) -> str:
    """Words joined as in a sentence: a, b et c."""
    *first, last = list(words) or [""]
    return f"{', '.join(first)} et {last}" if first else last


def credit(key: str, names: Mapping[str, str] | None = None) -> str:
    """A funding line for people: `etat:specifique` is « État (crédits spécifiques) ».

    `names`: code → name.
    """
    known = names or {}
    if key in known:
        return known[key]
    financer, _, nature = key.partition(":")
    name = known.get(financer) or FINANCERS.get(financer) or _readable(financer)
    return f"{name} ({NATURES.get(nature, nature)})" if nature else name


def public_word(code: str) -> str:
    """A public as people write it: `demandeurs_emploi` is « demandeurs d’emploi »."""
    return PUBLICS.get(code) or code.replace("_", " ")


def is_financer(code: str) -> bool:
    """True for a code that every contract gives to a financer: `etat`, `caf`, `commune-aniche` and so on."""
    return code in FINANCERS or code.startswith("commune-")


def _readable(code: str) -> str:
    words = code.replace("_", "-").split("-")
    return " ".join(word[:1].upper() + word[1:] for word in words if word)
