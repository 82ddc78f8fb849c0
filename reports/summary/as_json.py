# SPDX-License-Identifier: EUPL-1.2
"""The summary as JSON: stable keys, amounts as decimal strings in euros, ISO dates, instants in UTC."""

import json
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
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if is_dataclass(value):
        return {name: plain(getattr(value, name)) for name in _names(kind)}
    return value


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def decimal_text(value: Decimal) -> str:
    """A decimal string: cents for an amount, the digits that count for a ratio; never an exponent.

    One value has one text, whatever the calculation or the database it comes from.
    """
    value = value.normalize()
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent >= -2:
        return f"{value:.2f}"
    return f"{value:f}"
