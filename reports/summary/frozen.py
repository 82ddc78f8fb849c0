# SPDX-License-Identifier: EUPL-1.2
"""A summary frozen at closing: kept as its canonical JSON, whose SHA-256 is its digest; read back into the same structure."""

import json
from datetime import datetime
from decimal import Decimal

from pydantic import TypeAdapter

from reports.summary.structure import Summary
from workflow.stages import SEANCE_LABELS, SeanceStatus

# A field added to the structure later needs a default: summaries frozen before are read back without it.
_SUMMARY = TypeAdapter(Summary)


def amounts_of(content: bytes) -> tuple[Decimal, Decimal, Decimal]:
    """Requested, proposed, retained, as a frozen summary totals them; the rest is left unread."""
    totals = json.loads(content)["totals"]
    return Decimal(totals["requested"]), Decimal(totals["proposed"]), Decimal(totals["retained"])


def restore(content: bytes, digest: str, closed_at: datetime) -> Summary:
    """The summary as it was read, from the content kept."""
    document = json.loads(content)
    about = {
        "prepared_at": closed_at.isoformat(),
        "status": SeanceStatus.CLOSED.value,
        "status_label": SEANCE_LABELS[SeanceStatus.CLOSED],
        "digest": digest,
    }
    document["header"] = document["header"] | about
    return _SUMMARY.validate_python(document)
