# SPDX-License-Identifier: EUPL-1.2
"""The years of a CPO that no dossier carries yet, as projected actions of a programme. One statement."""

from collections.abc import Iterator
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from rules.facts import ActionFacts
from rules.money import ZERO
from workflow.bodies import is_private
from workflow.forecasts import holding
from workflow.models import Contract, Credit, Dossier, Forecast, Organisation
from workflow.names import public_code
from workflow.previous_year import IN_SCHEME, action_keys
from workflow.territory import Nature

STATE_SPECIFIC = "etat:specifique"


def forecast_actions(db: Session, contract: Contract, year: int) -> Iterator[ActionFacts]:
    """Each action with what its financers forecast for that year; the porteur's own share is no grant."""
    rows = db.execute(
        select(
            Forecast.amount,
            Credit.code,
            Credit.organisation_id,
            Dossier.id,
            Dossier.action_id,
            Dossier.porteur_id,
            Dossier.reference,
            Dossier.year,
            Dossier.title,
            Dossier.scheme,
            Dossier.qpv,
            Dossier.objectives,
            Dossier.theme,
            Dossier.themes,
            Dossier.publics,
            Organisation.name,
            Organisation.siret,
            Organisation.legal_form,
            Organisation.kind,
        )
        .join(Forecast.dossier)
        .join(Forecast.credit)
        .join(Organisation, Organisation.id == Dossier.porteur_id)
        .where(Dossier.contract_id == contract.id, Forecast.year == year, holding())
        .order_by(Dossier.id, Forecast.id)
    )
    for _, group in groupby(rows, key=lambda row: row.id):
        lines = list(group)
        first, siren = lines[0], (lines[0].siret or "")[:9] or None
        given = [(row.code, row.amount) for row in lines if row.organisation_id != row.porteur_id]
        yield ActionFacts(
            reference=first.reference,
            title=first.title,
            porteur=first.name,
            granted=sum((amount for _, amount in given), ZERO),
            cpo=True,
            cpo_from=first.year,
            inside=first.scheme == IN_SCHEME,
            source="forecast",
            specific=sum((amount for code, amount in given if code == STATE_SPECIFIC), ZERO),
            ordinary=sum((a for code, a in given if code.endswith(Nature.DROIT_COMMUN)), ZERO),
            own_share=sum((row.amount for row in lines if row.organisation_id == row.porteur_id), ZERO),
            by_financer=tuple((code.partition(":")[0], amount) for code, amount in given),
            qpv=tuple(first.qpv or ()),
            objectives=tuple(first.objectives or ()),
            themes=(first.theme,) if first.theme else tuple(first.themes or ()),
            publics=None if first.publics is None else tuple(map(public_code, first.publics)),
            siren=siren,
            is_private=is_private(first.legal_form, first.kind, siren),
            keys=action_keys(first.action_id, siren, first.name, first.title),
            projected=True,
        )
