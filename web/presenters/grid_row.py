# SPDX-License-Identifier: EUPL-1.2
"""The sheet of one dossier of the round table: last year's amounts and report, and all that keeps it from the committee."""

from typing import Any

from sqlalchemy.orm import Session

from reports.summary.words import words_of
from web.presenters.funding import total
from web.presenters.reader import Reader
from web.presenters.report_read import filed_report
from web.presenters.seance import seance_heading
from web.presenters.transitions import actions_of
from workflow.contracts import territory_of
from workflow.grid.previous import awards_of, last_dossier
from workflow.models import Dossier, Seance
from workflow.stages import LINE_LABELS, OPINION_LABELS, STAGE_LABELS, LineState, OpinionValue, Stage

SEND = "send_to_commitment"
AMOUNTS = (
    ("requested", "Demandé"),
    ("retained", "Retenu"),
    ("granted", "Accordé"),
    ("paid", "Versé"),
    ("spent", "Réalisé"),
)


def row_view(db: Session, seance: Seance, dossier: Dossier, reader: Reader) -> dict[str, Any]:
    """The page, and the popover that shows a part of it."""
    words, address = words_of(territory_of(seance.contract)), f"/dossiers/{dossier.id}"
    actions = actions_of(db, dossier, reader.actor, reader.now, address, names=words.names)
    synthesis = dossier.synthesis or {}
    opinion = synthesis.get("opinion")
    before = last_dossier(db, dossier)
    return seance_heading(seance) | {
        "dossier": dossier,
        "stage": STAGE_LABELS[Stage(dossier.stage)],
        "sending": next((action for action in actions if action["trigger"] == SEND), None),
        "synthesis": synthesis,
        "opinion": OPINION_LABELS[OpinionValue(opinion)] if opinion else "",
        "before": before,
        "heads": AMOUNTS,
        "lines": [
            {
                "label": words.line(line.key),
                "state": LINE_LABELS[LineState(line.state)],
                "amounts": [getattr(line, name) for name, _ in AMOUNTS],
            }
            for line in (before.lines if before else ())
        ],
        "totals": [
            total(getattr(line, name) for line in before.lines) if before else None for name, _ in AMOUNTS
        ],
        "report": filed_report(before) if before else None,
        "awards": [
            {"title": award.title, "financer": words.line(award.credit), "granted": award.granted}
            for award in awards_of(db, dossier)
        ],
    }
