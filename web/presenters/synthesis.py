# SPDX-License-Identifier: EUPL-1.2
"""The lead instructor's synthesis: as written, its form, and what the suggested amounts leave of the cost."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from reports.summary.words import Words
from web.forms import Field, FormView, choices
from web.presenters.opinions import french
from web.presenters.reader import Reader
from web.presenters.stages import opinion_tone
from workflow.drafts import may_write
from workflow.inputs import parse_amount
from workflow.models import Dossier
from workflow.stages import OPINION_LABELS

ZERO = Decimal(0)


def synthesis_view(dossier: Dossier, words: Words) -> dict[str, Any] | None:
    """The synthesis written last, whichever round."""
    known = dossier.synthesis
    if not known:
        return None
    return {
        "opinion": OPINION_LABELS.get(known.get("opinion", ""), known.get("opinion", "")),
        "tone": opinion_tone(known.get("opinion")),
        "strengths": known.get("strengths", ""),
        "reservations": known.get("reservations", ""),
        "suggested": [
            (words.line(key), Decimal(amount)) for key, amount in (known.get("suggested") or {}).items()
        ],
        "by": known.get("by", ""),
        "on": date.fromisoformat(known["on"]) if known.get("on") else None,
        "round": known.get("round"),
        "is_current": known.get("round") == dossier.round,
    }


def written_at(dossier: Dossier) -> datetime | None:
    """When it was written last; unknown for a synthesis older than this product."""
    at = (dossier.synthesis or {}).get("at")
    return datetime.fromisoformat(at) if at else None


def synthesis_form(dossier: Dossier, words: Words, reader: Reader) -> FormView | None:
    """The lead instructor's form, filled with the synthesis already written."""
    if not may_write(dossier, reader.actor):
        return None
    known = dossier.synthesis or {}
    suggested = known.get("suggested") or {}
    options = choices(OPINION_LABELS, empty="Choisir")
    amounts = [
        Field(
            f"suggested-{line.id}",
            f"Suggéré : {words.line(line.key)}",
            "amount",
            (french(suggested.get(line.key)),),
        )
        for line in dossier.lines
    ]
    return FormView(
        action=f"/dossiers/{dossier.id}/synthese",
        submit="Enregistrer la synthèse",
        version=dossier.version,
        fields=(
            Field(
                "opinion", "Avis de synthèse", "choice", (known.get("opinion", ""),), True, choices=options
            ),
            Field("strengths", "Points forts", "long", (known.get("strengths", ""),)),
            Field("reservations", "Réserves", "long", (known.get("reservations", ""),)),
            *amounts,
        ),
    )


def sums_of(dossier: Dossier, form: FormView | None) -> dict[str, Any] | None:
    """What the amounts of the form add up to, against the cost, own and other resources; unreadable ones left out."""
    if form is None:
        return None
    typed = [_amount(item.value) for item in form.fields if item.kind == "amount"]
    suggested = sum((amount for amount in typed if amount is not None), ZERO)
    own = (dossier.own_resources or ZERO) + (dossier.other_resources or ZERO)
    left = None if dossier.total_cost is None else dossier.total_cost - own - suggested
    return {
        "suggested": suggested,
        "cost": dossier.total_cost,
        "own": own,
        "left": left,
        "over": -left if left is not None and left < 0 else None,
        "unreadable": sum(1 for item in form.fields if item.kind == "amount" and item.value)
        - len([amount for amount in typed if amount is not None]),
    }


def _amount(text: str) -> Decimal | None:
    try:
        return parse_amount(text)
    except (ValueError, ArithmeticError):
        return None
