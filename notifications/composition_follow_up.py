# SPDX-License-Identifier: EUPL-1.2
"""Rows → contexts, continued: reminders of what is awaited, financers' own acts, the convention to sign."""

from datetime import date
from decimal import Decimal
from typing import Any

from notifications import context as ctx
from notifications.composition import dossier_values, lead_of, total_of
from notifications.errors import NotComposableError
from notifications.reading import Reading
from notifications.recipients import Recipient
from workflow.models import FundingLine, Opinion


def opinion_reminder(reading: Reading, recipient: Recipient, opinion: Opinion) -> ctx.OpinionReminder:
    """One opinion still awaited."""
    return ctx.OpinionReminder(
        **dossier_values(reading, recipient, opinion.dossier, page=f"/avis/{opinion.id}"),
        organisation=opinion.organisation.name,
        due_on=opinion.due_on,
        lead_instructor=lead_of(opinion.dossier),
    )


def droit_commun_reminder(
    reading: Reading, recipient: Recipient, line: FundingLine, due_on: date
) -> ctx.DroitCommunReminder:
    """One ordinary-law answer still awaited."""
    return ctx.DroitCommunReminder(
        **dossier_values(reading, recipient, line.dossier, page=f"/lignes/{line.id}"),
        organisation=recipient.organisation,
        credit=reading.credit_label(line),
        due_on=due_on,
        lead_instructor=lead_of(line.dossier),
    )


def report_reminder(reading: Reading, recipient: Recipient, due_on: date) -> ctx.ReportReminder:
    """The report of a year: final once it is over, interim while its CPO runs."""
    return ctx.ReportReminder(
        **dossier_values(reading, recipient, reading.dossier, linked=False), due_on=due_on
    )


def convention_to_sign(reading: Reading, recipient: Recipient) -> ctx.ConventionToSign:
    """What was granted, and by whom."""
    granted = [line for line in reading.dossier.lines if line.granted]
    return ctx.ConventionToSign(
        **dossier_values(reading, recipient, reading.dossier, linked=False),
        amounts=tuple(
            ctx.Requested(label=reading.credit_label(line), amount=line.granted) for line in granted
        ),
        total=total_of(line.granted for line in granted) or Decimal(0),
        financers=tuple(dict.fromkeys(line.credit.organisation.name for line in granted)),
    )


def acted_line(reading: Reading) -> FundingLine:
    """The line whose act the event records."""
    key = str(reading.event.payload.get("subject", "")).removeprefix("line:")
    line = reading.dossier.line(key)
    if line is None or line.act is None:
        raise NotComposableError(
            f"Aucun acte n’est enregistré pour « {key} » au dossier {reading.dossier.reference}."
        )
    return line


def _act(reading: Reading, recipient: Recipient, line: FundingLine) -> dict[str, Any]:
    act = line.act or {}
    return dossier_values(reading, recipient, reading.dossier, linked=False) | {
        "financer": line.credit.organisation.name,
        "credit": reading.credit_label(line),
        "retained": line.retained,
        "authority": act.get("authority", ""),
        "act_on": date.fromisoformat(act["date"]),
        "act_number": act.get("number", ""),
    }


def line_granted(reading: Reading, recipient: Recipient) -> ctx.LineGranted:
    """The amount of the financer's own act: now it is granted."""
    line = acted_line(reading)
    return ctx.LineGranted(**_act(reading, recipient, line), granted=line.granted or Decimal(0))


def line_refused(reading: Reading, recipient: Recipient) -> ctx.LineRefused:
    """The financer's own act grants nothing."""
    line = acted_line(reading)
    return ctx.LineRefused(**_act(reading, recipient, line), reason=line.reason)
