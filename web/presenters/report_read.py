# SPDX-License-Identifier: EUPL-1.2
"""A report read back: what was done, who was reached, planned and realised accounts, the interim one and the final one."""

from typing import Any

from web.presenters.history import written_day
from web.presenters.indicators import readings_said
from web.presenters.report import realised_table
from web.presenters.request_budget import TITLES
from workflow.models import Dossier
from workflow.request.realised import REPORT, realised_of
from workflow.request.reporting import FILED_STAGES, INTERIM_SENT


def filed_report(dossier: Dossier) -> dict[str, Any] | None:
    """What its readers find of the reports sent; None when none was."""
    if dossier.stage in FILED_STAGES:
        return final_report(dossier)
    interim = _interim(dossier)
    if interim is None:
        return None
    return {"interim": interim, "final": None, "tables": (), "readings": readings_said(dossier)}


def final_report(dossier: Dossier) -> dict[str, Any]:
    """The final report, as it is written, with the interim one before it."""
    answers, kept, figures = dossier.follow_up.get(REPORT, {}), dossier.follow_up, realised_of(dossier)
    tables = [realised_table(dossier, side) for side in TITLES]
    return {
        "interim": _interim(dossier),
        "final": {
            "activity": answers.get("activity") or kept.get("activity_report", ""),
            "reached": (answers.get("reached_total"), answers.get("reached_qpv")),
            "financial": "" if answers else kept.get("financial_report", ""),
            "explanation": answers.get("explanation") or "",
            "gap": figures.charges - figures.resources,
        },
        "planned": (dossier.beneficiaries_total, dossier.beneficiaries_qpv),
        "tables": [table for table in tables if table["rows"]],
        "readings": readings_said(dossier),
    }


def _interim(dossier: Dossier) -> dict[str, Any] | None:
    sent, received = dossier.follow_up.get(INTERIM_SENT), dossier.follow_up.get("interim_report_on")
    if not sent or not received:
        return None
    return {
        "on": written_day(str(received)),
        "activity": sent.get("activity") or "",
        "reached": (sent.get("reached_total"), sent.get("reached_qpv")),
    }
