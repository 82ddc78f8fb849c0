# SPDX-License-Identifier: EUPL-1.2
"""The year before as rule facts, and the CPO that run on from one year to the next. A constant number of queries."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rules.programme_details import PreviousActionFacts, PreviousYearFacts
from workflow.envelope_facts import DEAD
from workflow.forecasts import covering
from workflow.models import Award, Contract, Credit, Dossier, FundingLine, Organisation
from workflow.names import key
from workflow.stages import FUNDED_STAGES

ZERO = Decimal(0)
FUNDED = [stage.value for stage in FUNDED_STAGES]
IN_SCHEME = "contrat_de_ville"
YEAR = re.compile(r"\b20\d\d\b")


def action_keys(action_id: int | None, siren: str | None, porteur: str, title: str) -> tuple[str, ...]:
    """What recognises an action from year to year: the product's own action, or its porteur and title without the year."""
    bare = key(title)
    timeless = " ".join(YEAR.sub(" ", bare).split()) or bare
    keys = [] if action_id is None else [f"action:{action_id}"]
    keys += [f"{body}:{timeless}" for body in (siren, key(porteur)) if body]
    return tuple(keys)


class RunningCpo:
    """Which actions a CPO of an earlier year still covers, and since when."""

    def __init__(self, db: Session, contract: Contract, year: int) -> None:
        rows = db.execute(
            select(Dossier.action_id, Dossier.year, Dossier.cpo_years, Dossier.cpo_trajectory).where(
                Dossier.contract_id == contract.id,
                Dossier.year < year,
                Dossier.cpo.is_(True),
                Dossier.stage.in_(FUNDED),
            )
        )
        self._since = covering(rows, year)

    def since(self, action_id: int) -> int | None:
        """The year of the dossier that opened the CPO covering this year; None when none does."""
        return self._since.get(action_id)


def previous_year(
    db: Session, contract: Contract, year: int, running: RunningCpo
) -> PreviousYearFacts | None:
    """The programme of the year before `year`: funded dossiers, and awards without dossier; None when nothing is known."""
    filed = set(
        db.scalars(select(Dossier.action_id).where(Dossier.contract_id == contract.id, Dossier.year == year))
    )
    actions = [*_dossiers(db, contract, year - 1, running, filed), *_awards(db, contract, year - 1)]
    return PreviousYearFacts(year - 1, tuple(actions)) if actions else None


def _dossiers(
    db: Session, contract: Contract, year: int, running: RunningCpo, filed: set[int]
) -> Iterator[PreviousActionFacts]:
    amounts = _amounts(db, contract, year)
    rows = db.execute(
        select(
            Dossier.id,
            Dossier.action_id,
            Dossier.reference,
            Dossier.title,
            Organisation.name,
            Organisation.siret,
        )
        .join(Organisation, Organisation.id == Dossier.porteur_id)
        .where(Dossier.contract_id == contract.id, Dossier.year == year)
        .where(Dossier.stage.in_(FUNDED), Dossier.scheme == IN_SCHEME)
        .order_by(Dossier.id)
    )
    for id_, action_id, reference, title, porteur, siret in rows:
        yield PreviousActionFacts(
            reference=reference,
            title=title,
            porteur=porteur,
            granted=amounts.get(id_, ZERO),
            keys=action_keys(action_id, (siret or "")[:9] or None, porteur, title),
            covered=running.since(action_id) is not None,
            filed=action_id in filed,
        )


def _amounts(db: Session, contract: Contract, year: int) -> Mapping[int, Decimal]:
    """Granted, else retained, by dossier, the porteur's own share excluded."""
    rows = db.execute(
        select(Dossier.id, func.sum(func.coalesce(FundingLine.granted, FundingLine.retained)))
        .join(FundingLine, FundingLine.dossier_id == Dossier.id)
        .join(Credit, Credit.id == FundingLine.credit_id)
        .where(Dossier.contract_id == contract.id, Dossier.year == year, Dossier.stage.in_(FUNDED))
        .where(FundingLine.year == year, FundingLine.state.not_in([state.value for state in DEAD]))
        .where(Credit.organisation_id != Dossier.porteur_id)
        .group_by(Dossier.id)
    )
    return {id_: total or ZERO for id_, total in rows}


def _awards(db: Session, contract: Contract, year: int) -> Iterator[PreviousActionFacts]:
    rows = db.execute(
        select(Award.line_key, Award.title, Award.beneficiary, Award.siren, Award.granted)
        .where(Award.contract_id == contract.id, Award.year == year)
        .where(Award.dossier_id.is_(None), Award.inside.is_(True))
        .order_by(Award.id)
    )
    for line_key, title, beneficiary, siren, granted in rows:
        keys = action_keys(None, siren, beneficiary or "", title)
        porteur = beneficiary or siren or ""
        yield PreviousActionFacts(line_key, title, porteur, granted, keys, published=True)
