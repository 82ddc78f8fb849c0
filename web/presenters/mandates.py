# SPDX-License-Identifier: EUPL-1.2
"""Mandates in French: role, organisation, body, dates, and whether they are in force."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from workflow.contracts import territory_of
from workflow.models import Contract, Mandate
from workflow.permissions import INTEREST
from workflow.stages import ROLE_LABELS, Role

INTEREST_LABEL = "intérêt déclaré"


def role_label(role: str) -> str:
    """« instructeur »; a declared interest is no role."""
    return INTEREST_LABEL if role == INTEREST else ROLE_LABELS[Role(role)]


def mandate_rows(
    contracts: Mapping[int, Contract], mandates: Sequence[Mandate], on: date
) -> list[dict[str, Any]]:
    """Those in force first, then the others, newest first."""
    rows = [
        _row(mandate, contracts.get(mandate.contract_id or 0), mandate.is_in_force(on))
        for mandate in mandates
    ]
    return sorted(rows, key=lambda row: (not row["in_force"], -row["mandate"].id))


def in_short(rows: Sequence[dict[str, Any]]) -> list[str]:
    """One line a role and organisation: a member of twelve bodies reads « 12 instances »."""
    bodies: dict[str, list[str]] = {}
    for row in rows:
        bodies.setdefault(f"{row['label']}, {row['organisation']}", []).append(row["body"] or "")
    return [f"{held}{_seats([name for name in seats if name])}" for held, seats in bodies.items()]


def _seats(names: Sequence[str]) -> str:
    if not names:
        return ""
    return f" ({names[0]})" if len(names) == 1 else f" ({len(names)} instances)"


def _row(mandate: Mandate, contract: Contract | None, in_force: bool) -> dict[str, Any]:
    body = territory_of(contract).body_by_code.get(mandate.body or "") if contract else None
    return {
        "mandate": mandate,
        "label": role_label(mandate.role),
        "title": mandate.title,
        "organisation": mandate.organisation.name,
        "body": body.label if body else mandate.body,
        "contract": contract.label if contract else "tous les contrats",
        "in_force": in_force,
    }
