# SPDX-License-Identifier: EUPL-1.2
"""The minutes of a closed séance, as they were written at closing."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from reports.summary.words import words_of
from web.presenters.called import PRESENCE_LABELS
from web.presenters.people import named
from web.presenters.seance import seance_heading
from workflow.contracts import territory_of
from workflow.models import Seance
from workflow.stages import MINUTED_LABELS

TONES = {"retained": "good", "rejected": "bad", "deferred": "wait"}


def minutes_view(db: Session, seance: Seance) -> dict[str, Any]:
    """Decisions and presences."""
    words = words_of(territory_of(seance.contract))
    minutes = seance.minutes or {}
    people = named(db, (who for made in minutes.get("decisions", []) for who in made.get("recused") or ()))
    authors = named(db, (a["by"] for each in minutes.get("written", []) for a in each["answers"] if a["by"]))
    decisions = [
        {
            **decision,
            "recused": [people.get(email, email) for email in decision.get("recused") or ()],
            "label": MINUTED_LABELS[decision["decision"]],
            "tone": TONES.get(decision["decision"] or "", "quiet"),
            "retained": Decimal(decision["retained"]) if decision["retained"] else None,
            "lines": [(words.line(key), Decimal(amount)) for key, amount in decision["amounts"].items()],
        }
        for decision in minutes.get("decisions", [])
    ]
    present = [{**person, "label": _presence(person)} for person in minutes.get("present", [])]
    written = [
        {
            **each,
            "answers": [
                {
                    **answer,
                    "line": words.line(answer["line"]),
                    "amount": Decimal(answer["amount"]) if answer["amount"] else None,
                    "at": datetime.fromisoformat(answer["at"]) if answer["at"] else None,
                    "by": authors.get(answer["by"], answer["by"]),
                }
                for answer in each["answers"]
            ],
            "missing": [{**line, "line": words.line(line["line"])} for line in each["missing"]],
        }
        for each in minutes.get("written", [])
    ]
    sums = [decision["retained"] for decision in decisions if decision["retained"] is not None]
    return seance_heading(seance) | {
        "decisions": decisions,
        "present": present,
        "convocation": minutes.get("convocation", {}),
        "written": written,
        "retained": sum(sums, Decimal(0)),
    }


def _presence(person: dict[str, Any]) -> str:
    """« invité, représenté par Zoé Martin »."""
    label = PRESENCE_LABELS.get(person["presence"], person["presence"])
    if person["presence"] == "represented" and person.get("by"):
        label = f"{label} par {person['by']}"
    return f"invité, {label}" if person.get("kind") == "invited" else label
