# SPDX-License-Identifier: EUPL-1.2
"""Typed text to values, for the inputs of a transition: one way for the command line and the pages."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from workflow.db import CENT
from workflow.errors import InvalidInputError
from workflow.firing import PARIS, Input, Table

LARGEST = Decimal(10) ** 12
TRUE, FALSE = frozenset({"oui", "true", "1", "on"}), frozenset({"non", "false", "0", ""})


def parse_inputs(table: Table, trigger: str, typed: Mapping[str, str]) -> dict[str, Any]:
    """Values by input name; absent or empty ones are left out. Raises InvalidInputError naming the input."""
    known = {item.name: item for row in table.rows if row.trigger == trigger for item in row.inputs}
    unknown = [name for name in typed if name not in known]
    if unknown:
        names = ", ".join(known) or "aucune"
        raise InvalidInputError(
            f"Information inconnue pour cette étape : {', '.join(unknown)} (attendues : {names})."
        )
    return {name: parse_value(known[name], text.strip()) for name, text in typed.items() if text.strip()}


def parse_value(item: Input, text: str) -> Any:
    """One value. Raises InvalidInputError naming the input."""
    try:
        return _PARSERS[item.kind](item, text)
    except (ValueError, ArithmeticError) as error:
        raise InvalidInputError(
            f"{item.label[:1].upper()}{item.label[1:]} : « {text} » n’est pas lisible ({error}).", item.name
        ) from None


def _text(item: Input, text: str) -> str:
    return text


def parse_date(text: str) -> date:
    """A date typed `2026-03-31` or `31/03/2026`. Raises ValueError in French."""
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=PARIS).date()
        except ValueError:
            continue
    raise ValueError("date attendue sous la forme 31/03/2026")


def parse_moment(text: str) -> datetime:
    """A local moment typed `2026-03-31 14:30` (or with T). Raises ValueError in French."""
    for form in ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%d/%m/%Y %H:%M"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=PARIS)
        except ValueError:
            continue
    raise ValueError("moment attendu sous la forme 2026-03-31 14:30")


def parse_amount(text: str) -> Decimal:
    """An amount typed `1 234,56` or `1234.56`, to the cent, not negative. Raises ValueError in French."""
    plain = _CURRENCY.sub("", re.sub(r"\s", "", text)).replace(",", ".")
    try:
        amount = Decimal(plain)
    except ArithmeticError:
        raise ValueError("montant attendu sous la forme 1 234,56") from None
    if not amount.is_finite() or amount < 0 or amount >= LARGEST:
        raise ValueError("montant positif attendu")
    if amount != amount.quantize(CENT):
        raise ValueError("deux décimales au plus")
    return abs(amount.quantize(CENT))


def check_amount(amount: Decimal, what: str) -> None:
    """An amount given by a caller: a number, not negative, to the cent. Raises InvalidInputError."""
    if not amount.is_finite() or amount < 0:
        raise InvalidInputError(f"{what} ne peut pas être négatif.", "amount")
    if amount >= LARGEST or amount != amount.quantize(CENT):
        raise InvalidInputError(f"{what} a deux décimales au plus et moins de treize chiffres.", "amount")


def _boolean(item: Input, text: str) -> bool:
    lowered = text.lower()
    if lowered in TRUE:
        return True
    if lowered in FALSE:
        return False
    raise ValueError("oui ou non attendu")


def _choice(item: Input, text: str) -> str:
    if item.choices and text not in item.choices:
        raise ValueError(f"choix possibles : {', '.join(item.choices)}")
    return text


def _integer(item: Input, text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise ValueError("nombre entier attendu, comme 12")
    return int(text)


_CURRENCY = re.compile(r"(€|euros?)$", re.IGNORECASE)
_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_PARSERS: Mapping[str, Callable[[Input, str], Any]] = {
    "text": _text,
    "person": _text,
    "choice": _choice,
    "date": lambda item, text: parse_date(text),
    "moment": lambda item, text: parse_moment(text),
    "amount": lambda item, text: parse_amount(text),
    "boolean": _boolean,
    "integer": _integer,
    "list": lambda item, text: [part.strip() for part in text.split("|") if part.strip()],
}
