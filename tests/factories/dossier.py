# SPDX-License-Identifier: EUPL-1.2
"""A dossier that satisfies every rule of its own; each test changes only what it is about."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories import NOW, YEAR
from tests.factories.contract import QPV_HAUT
from workflow.models import Action, Contract, Credit, Dossier, FundingLine, Organisation
from workflow.names import key as name_key

REQUESTS: Mapping[str, Decimal | None] = {
    "etat:specifique": Decimal("5000.00"),
    "caf:droit_commun": Decimal("3000.00"),
}


def dossier_values() -> dict[str, Any]:
    """What a complete request says: 10,000 € balanced, 30 residents of QPV out of 40, one objective."""
    return {
        "title": "Ateliers du soir",
        "summary": "Aide aux devoirs deux soirs par semaine.",
        "stage": "draft",
        "call": "aap-2026",
        "filed_on": date(2026, 1, 15),
        "themes": ["education"],
        "objectives": ["1.1.1"],
        "qpv": [QPV_HAUT],
        "poches": [],
        "has_individual_beneficiaries": True,
        "beneficiaries_total": 40,
        "beneficiaries_qpv": 30,
        "beneficiaries_poches": 0,
        "starts_on": date(2026, 2, 1),
        "ends_on": date(2026, 12, 31),
        "total_cost": Decimal("10000.00"),
        "own_resources": Decimal("1500.00"),
        "other_resources": Decimal("500.00"),
        "cpo": False,
        "renewal": False,
        "previous_report": "sans_objet",
        "republican_commitment": True,
        "created_at": NOW,
        "stage_since": NOW,
    }


def make_dossier(
    db: Session,
    contract: Contract,
    porteur: Organisation,
    *,
    requests: Mapping[str, Decimal | None] = REQUESTS,
    year: int = YEAR,
    reference: str | None = None,
    **changes: Any,
) -> Dossier:
    """A dossier in draft with one `asked` line per request; `changes` are columns of Dossier."""
    values = dossier_values() | changes
    reference = reference or f"D{(db.scalar(select(func.count(Dossier.id))) or 0) + 1:03}"
    action = Action(uuid=str(uuid4()), contract_id=contract.id, porteur_id=porteur.id, title=values["title"])
    dossier = Dossier(
        contract=contract, action=action, porteur=porteur, year=year, reference=reference, **values
    )
    dossier.search_key = name_key(f"{reference} {values['title']} {porteur.name}")
    db.add(dossier)
    for key, requested in requests.items():
        add_line(db, dossier, key, requested=requested)
    db.flush()
    return dossier


def add_line(db: Session, dossier: Dossier, key: str, *, state: str = "asked", **amounts: Any) -> FundingLine:
    """A funding line of this credit on the dossier; `amounts` are columns of FundingLine."""
    credit = db.scalars(
        select(Credit).where(Credit.contract_id == dossier.contract.id, Credit.code == key)
    ).one()
    line = FundingLine(dossier=dossier, credit=credit, key=key, year=dossier.year, state=state, **amounts)
    db.add(line)
    db.flush()
    return line
