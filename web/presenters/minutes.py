# SPDX-License-Identifier: EUPL-1.2
"""The minutes of a closed séance, as they were written at closing."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from reports.papers.prepare import correction_told, minuted_totals, votes_told
from reports.summary.words import words_of
from rules import wording
from web.forms import Field, FormView, choices
from web.presenters.people import named
from web.presenters.reader import Reader
from web.presenters.seance import keeps_seance, seance_heading
from web.presenters.stages import DECISION_TONES
from workflow.contracts import territory_of
from workflow.guards.commitment import is_rectified
from workflow.models import Seance
from workflow.queries_corrections import later_corrections, seances_to_correct_in
from workflow.stages import MINUTED_LABELS, PRESENCE_LABELS


def minutes_view(db: Session, seance: Seance, reader: Reader) -> dict[str, Any]:
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
            "tone": DECISION_TONES.get(decision["decision"] or "", "quiet"),
            "votes": votes_told(decision["votes"]) if decision.get("votes") else "",
            "rectifies": decision.get("rectifies"),
            "corrected": correction_told(decision["rectifies"]) if decision.get("rectifies") else "",
            "pending": [words.line(key) for key in decision.get("pending", ())],
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
    return seance_heading(seance) | {
        "decisions": decisions,
        "present": present,
        "convocation": minutes.get("convocation", {}),
        "corrections": later_corrections(db, seance),
        "correct": _correction_form(db, seance, reader),
        "written": written,
        "totals": minuted_totals(minutes.get("decisions", [])),
    }


def _correction_form(db: Session, seance: Seance, reader: Reader) -> FormView | None:
    """For the secretariat: a decision goes back before a coming séance; nothing is corrected here."""
    if not keeps_seance(reader.actor, seance.contract_id, seance.body):
        return None
    decided = [i for i in seance.items if i.applied_at is not None and is_rectified(i.dossier)]
    ahead = seances_to_correct_in(db, seance) if decided else ()
    if not ahead:
        return None
    dossiers = {item.id: f"{item.dossier.reference} {item.dossier.title}" for item in decided}
    dates = {row.id: f"{row.label}, {wording.moment(row.starts_at)}" for row in ahead}
    return FormView(
        action=f"/seances/{seance.id}/rectifications",
        submit="Inscrire pour rectification",
        fields=(
            Field("item", "Dossier", "choice", ("",), True, choices=choices(dossiers, empty="Choisir")),
            Field("seance", "Séance", "choice", ("",), True, choices=choices(dates, empty="Choisir")),
            Field("reason", "Motif", "long", ("",), True, hint="Pourquoi la décision est à revoir."),
        ),
    )


def _presence(person: dict[str, Any]) -> str:
    """« invité, représenté par Zoé Martin »."""
    label = PRESENCE_LABELS.get(person["presence"], person["presence"])
    if person["presence"] == "represented" and person.get("by"):
        label = f"{label} par {person['by']}"
    return f"invité, {label}" if person.get("kind") == "invited" else label
