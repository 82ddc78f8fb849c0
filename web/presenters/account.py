# SPDX-License-Identifier: EUPL-1.2
"""One's own account: the mandates held, and the browsers signed in."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from web.presenters.mandates import mandate_rows
from web.sessions import IDLE, LASTS, sessions_of
from workflow.models import Person
from workflow.queries_accounts import contracts_named, mandates_of

MEANS = {"password": "mot de passe", "link": "lien reçu par courriel"}


def account_view(db: Session, person: Person, token_hash: str, now: datetime, on: date) -> dict[str, Any]:
    """What the page of one's account shows; `token_hash` tells the present session."""
    held = mandates_of(db, person)
    sessions = [
        {
            "id": row.id,
            "device": row.device or "navigateur inconnu",
            "means": row.means,
            "created_at": row.created_at,
            "seen_at": row.seen_at,
            "is_this_one": row.token_hash == token_hash,
        }
        for row in sessions_of(db, person.id, now)
    ]
    return {
        "person": person,
        "mandates": mandate_rows(contracts_named(db, held), held, on),
        "sessions": sorted(sessions, key=lambda row: not row["is_this_one"]),
        "means": MEANS,
        "hours": int(LASTS.total_seconds() // 3600),
        "idle_hours": int(IDLE.total_seconds() // 3600),
    }
