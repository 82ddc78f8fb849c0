# SPDX-License-Identifier: EUPL-1.2
"""The summary as JSON: stable keys, amounts as decimal strings in euros, ISO dates, instants in UTC."""

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from reports.summary.structure import Summary


def to_document(summary: Summary) -> dict[str, Any]:
    """The whole summary as plain values that JSON can carry."""
    return {field.name: plain(getattr(summary, field.name)) for field in fields(summary)}


def render_json(summary: Summary) -> bytes:
    """The summary as indented UTF-8 JSON, ended by a newline."""
    return (json.dumps(to_document(summary), ensure_ascii=False, indent=2) + "\n").encode()


def plain(value: object) -> object:
    """A value of the structure as JSON writes it."""
    kind: Any = value.__class__
    if kind is str or value is None or kind is bool or kind is int:  # most of them
        return value
    return _carrier(kind)(value)


@cache
def _carrier(kind: Any) -> Callable[[Any], object]:
    """How the values of this class are written, asked once: a summary holds tens of thousands of them."""
    if issubclass(kind, Decimal):
        return decimal_text
    if issubclass(kind, datetime):
        return lambda value: value.astimezone(UTC).isoformat()
    if issubclass(kind, date):
        return lambda value: value.isoformat()
    if issubclass(kind, tuple | list):
        return lambda value: [plain(item) for item in value]
    if issubclass(kind, dict):
        return lambda value: {str(key): plain(item) for key, item in value.items()}
    if is_dataclass(kind):
        names = tuple(field.name for field in fields(kind))
        return lambda value: {name: plain(getattr(value, name)) for name in names}
    return lambda value: value


def decimal_text(value: Decimal) -> str:
    """A decimal string: cents for an amount, the digits that count for a ratio; never an exponent.

    One value has one text, whatever the calculation or the database it comes from.
    """
    value = value.normalize()
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent >= -2:
        return f"{value:.2f}"
    return f"{value:f}"
