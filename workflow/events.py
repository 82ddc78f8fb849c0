# SPDX-License-Identifier: EUPL-1.2
"""Events: rows that say what happened. Who is told, and how, is decided later and elsewhere."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from workflow.models import Event


def emit(
    db: Session, contract_id: int, kind: str, subject: str, payload: dict[str, Any], now: datetime
) -> Event:
    """Adds one event. `payload` must be JSON values."""
    row = Event(contract_id=contract_id, kind=kind, subject=subject, payload=payload, at=now)
    db.add(row)
    return row
