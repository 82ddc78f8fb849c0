# SPDX-License-Identifier: EUPL-1.2
"""The CPO to renew: what each action is promised next year, what it lacks, or the dossier it became."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from rules.money import ZERO
from web.presenters.findings import rendered
from web.presenters.reader import Reader
from web.presenters.stages import tone_of
from workflow.forecasts import RELEASED
from workflow.guards.renewal import readings_of, report_received
from workflow.renewals import Renewable, may_renew
from workflow.stages import STAGE_LABELS, Stage

CONFERENCE_OR_LATER = frozenset(
    {
        Stage.FINANCERS_CONFERENCE,
        Stage.COMMITMENT,
        Stage.COMMITTED,
        Stage.CONTRACTED,
        Stage.REPORTED,
        Stage.CLOSED,
    }
)


def renewals_view(
    rows: Sequence[Renewable], year: int, years: Sequence[int], contract_id: int, reader: Reader
) -> dict[str, Any]:
    """The page of a year: ready first, then what lacks something, then what is made."""
    shown = sorted((_row(row) for row in rows), key=lambda row: (row["rank"], row["dossier"].reference))
    return {
        "year": year,
        "years": years,
        "rows": shown,
        "ready": sum(row["is_ready"] for row in shown),
        "made": sum(row["renewed"] is not None for row in shown),
        "total": sum((row["promised"] for row in shown), ZERO),
        "may": may_renew(reader.actor, contract_id),
    }


def _row(row: Renewable) -> dict[str, Any]:
    dossier, made = row.dossier, row.renewed
    names = dossier.cpo_indicators or []
    read = sum(1 for name in names if readings_of(dossier).get(name))
    return {
        "dossier": dossier,
        "promised": sum((one.amount for one in row.forecasts if one.state != RELEASED), Decimal(0)),
        "report": report_received(dossier),
        "indicators": f"{read} sur {len(names)}" if names else "aucun",
        "are_read": bool(names) and read == len(names),
        "missing": [rendered(one) for one in row.missing],
        "is_ready": row.is_ready,
        "renewed": made,
        "stage": STAGE_LABELS[Stage(made.stage)] if made else "",
        "tone": tone_of(made.stage) if made else "",
        "waits": made is not None and made.stage not in CONFERENCE_OR_LATER,
        "rank": 0 if row.is_ready else 1 if made is None else 2,
    }
