# SPDX-License-Identifier: EUPL-1.2
"""The projection: the item that the secretary shows, in large type; no person is named, nothing internal is shown."""

from typing import Any

from reports.summary.words import words_of
from web.presenters.reader import Reader
from web.presenters.session import dossier_shown, findings_shown
from workflow.contracts import territory_of
from workflow.guards.commitment import organisations_here
from workflow.models import Dossier, Seance, SeanceItem


def projection_view(seance: Seance, item: SeanceItem, dossier: Dossier, reader: Reader) -> dict[str, Any]:
    """One item for everybody."""
    words = words_of(territory_of(seance.contract))
    present = organisations_here(seance)
    found = findings_shown(dossier, reader, words, projected=True)
    return dossier_shown(item, dossier, words, present) | {
        "recusals": len(item.recused or ()),
        "findings": [shown for shown in found if shown["blocks"]],
    }
