# SPDX-License-Identifier: EUPL-1.2
"""The summary as JSON: stable keys, amounts as decimal strings in euros, ISO dates; and the digest of its content."""

import hashlib
import json
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from reports.summary.structure import Summary

NOT_CONTENT = ("prepared_at", "digest", "status", "status_label")


def to_document(summary: Summary) -> dict[str, Any]:
    """The whole summary as plain values that JSON can carry."""
    return {field.name: plain(getattr(summary, field.name)) for field in fields(summary)}


def render_json(summary: Summary) -> bytes:
    """The summary as indented UTF-8 JSON, ended by a newline."""
    return (json.dumps(to_document(summary), ensure_ascii=False, indent=2) + "\n").encode()


def content_digest(summary: Summary) -> str:
    """SHA-256 of what the summary says, whenever it is prepared and whatever the status of the séance."""
    document = to_document(summary)
    document["header"] = {key: value for key, value in document["header"].items() if key not in NOT_CONTENT}
    canonical = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def plain(value: object) -> object:
    """A value of the structure as JSON writes it."""
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return value


def decimal_text(value: Decimal) -> str:
    """A decimal string: cents for an amount, as many digits as there are for a share; never an exponent."""
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent >= -2:
        return f"{value:.2f}"
    return f"{value:f}"
