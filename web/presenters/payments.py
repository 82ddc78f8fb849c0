# SPDX-License-Identifier: EUPL-1.2
"""The follow-up of a granted line: payments, what was spent, their history, and the forms of who records them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from web.forms import Field, FormView
from web.presenters.opinions import french
from web.presenters.reader import Reader
from workflow.models import FundingLine, Journal
from workflow.payments import CORRECT_PAID, PAY, SPEND, follow_up_of, is_followed, may_follow
from workflow.recovery import to_recover
from workflow.stages import LineState

LABELS = {PAY: "Versement", CORRECT_PAID: "Correction du total versé", SPEND: "Réalisé, d’après le bilan"}


def payments_block(line: FundingLine, acts: Sequence[Journal], reader: Reader) -> dict[str, Any] | None:
    """What was paid and spent; None on a line that was never granted and never paid."""
    past = [_past(act) for act in follow_up_of(acts, line)]
    if line.state != LineState.GRANTED and not past:
        return None
    may = is_followed(line) and may_follow(reader.actor, line)
    left = _left(line)
    return {
        "past": past,
        "left": left,
        "recover": to_recover(line),
        "pay": _payment(line, left, reader) if may and left is not None and left > 0 else None,
        "correct": _correction(line) if may and line.paid is not None else None,
        "spend": _spending(line) if may else None,
    }


def _left(line: FundingLine) -> Decimal | None:
    """What is still to pay; None on a line that is granted no more: nothing is paid on it."""
    if line.state != LineState.GRANTED:
        return None
    return (line.granted or Decimal(0)) - (line.paid or Decimal(0))


def _past(act: Journal) -> dict[str, Any]:
    details = act.details
    return {
        "at": act.at,
        "actor": act.actor,
        "label": LABELS[act.trigger],
        "on": details.get("date"),
        "number": details.get("number") or "",
        "amount": Decimal(details["amount"]) if details.get("amount") else None,
        "total": Decimal(details["total"]),
        "reason": act.reason or "",
    }


def _payment(line: FundingLine, left: Decimal, reader: Reader) -> FormView:
    return FormView(
        f"/dossiers/{line.dossier_id}/lignes/{line.id}/versements",
        "Enregistrer le versement",
        (
            Field("amount", "Montant versé", "amount", (french(left),), required=True),
            Field("on", "Date du versement", "date", (reader.today.isoformat(),), required=True),
            Field("number", "Numéro de mandat ou de paiement", "text", hint="facultatif"),
        ),
        version=line.version,
    )


def _correction(line: FundingLine) -> FormView:
    return FormView(
        f"/dossiers/{line.dossier_id}/lignes/{line.id}/verse",
        "Corriger le total versé",
        (
            Field(
                "total",
                "Total versé",
                "amount",
                (french(line.paid),),
                required=True,
                hint="Un reversement le diminue d’autant." if to_recover(line) else "",
            ),
            Field("reason", "Motif", "text", required=True),
        ),
        version=line.version,
        look="secondary",
    )


def _spending(line: FundingLine) -> FormView:
    return FormView(
        f"/dossiers/{line.dossier_id}/lignes/{line.id}/realise",
        "Enregistrer le réalisé",
        (
            Field("spent", "Dépensé sur cette part", "amount", (french(line.spent),), required=True),
            Field(
                "reason",
                "Motif ou source",
                "text",
                required=True,
                hint="Par exemple : compte rendu financier.",
            ),
        ),
        version=line.version,
        look="secondary",
    )
