# SPDX-License-Identifier: EUPL-1.2
"""What still uses a thing the configuration no longer names: sentences that refuse the change."""

from collections.abc import Iterable, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.models import Contract, Credit, Dossier, FundingLine, Opinion, Organisation, Seance
from workflow.stages import SEANCE_OVER, LineState, OpinionState, Stage
from workflow.territory import Territory

ENDED = (
    Stage.INADMISSIBLE,
    Stage.REJECTED,
    Stage.REORIENTED,
    Stage.CLOSED,
    Stage.CANCELLED,
    Stage.WITHDRAWN,
)
SHOWN = 5


def uses_of_credit(db: Session, credit: Credit) -> list[str]:
    """Open dossiers with a live line of this credit."""
    query = (
        select(Dossier.reference)
        .join(FundingLine)
        .where(FundingLine.credit_id == credit.id, FundingLine.state != LineState.CANCELLED)
        .where(Dossier.stage.not_in(ENDED))
        .order_by(Dossier.reference)
    )
    return _sentence(f"le crédit « {credit.code} »", db.scalars(query))


def uses_of_organisation(db: Session, organisation: Organisation) -> list[str]:
    """Open dossiers that still wait for its opinion."""
    query = (
        select(Dossier.reference)
        .join(Opinion)
        .where(Opinion.organisation_id == organisation.id, Opinion.state == OpinionState.REQUESTED)
        .where(Dossier.stage.not_in(ENDED))
        .order_by(Dossier.reference)
    )
    return _sentence(f"l’organisation « {organisation.code} » (avis attendu)", db.scalars(query))


def uses_of_the_contract(db: Session, contract: Contract) -> list[str]:
    """Open dossiers of this contract."""
    return _sentence(f"le contrat « {contract.code} »", (d.reference for d in _open_dossiers(db, contract)))


def uses_of_settings(db: Session, contract: Contract, new: Territory) -> list[str]:
    """Open dossiers that name a theme, a QPV, an objective or a call that disappears; séances of a body that does."""
    old = Territory.model_validate(contract.settings)
    gone = {
        "le groupe thématique": set(old.theme_by_code) - set(new.theme_by_code),
        "le QPV": set(old.qpv_by_code) - set(new.qpv_by_code),
        "l’objectif": set(old.objective_labels) - set(new.objective_labels),
        "l’appel": {call.code for call in old.calls} - {call.code for call in new.calls},
    }
    refusals: list[str] = []
    if any(gone.values()):
        dossiers = list(_open_dossiers(db, contract))
        for what, codes in gone.items():
            for code in sorted(codes):
                users = (d.reference for d in dossiers if code in _codes_of(d, what))
                refusals += _sentence(f"{what} « {code} »", users)
    return refusals + list(_bodies(db, contract, set(old.body_by_code) - set(new.body_by_code)))


def _open_dossiers(db: Session, contract: Contract) -> Iterable[Dossier]:
    query = select(Dossier).where(Dossier.contract_id == contract.id, Dossier.stage.not_in(ENDED))
    return db.scalars(query.order_by(Dossier.reference))


def _codes_of(dossier: Dossier, what: str) -> Iterable[str | None]:
    """The codes of that kind named by the dossier."""
    named: dict[str, Iterable[str | None]] = {
        "le groupe thématique": [*(dossier.themes or ()), dossier.theme],
        "le QPV": dossier.qpv or (),
        "l’objectif": dossier.objectives or (),
        "l’appel": [dossier.call],
    }
    return named[what]


def _bodies(db: Session, contract: Contract, codes: set[str]) -> Iterator[str]:
    for code in sorted(codes):
        query = select(Seance.label).where(Seance.contract_id == contract.id, Seance.body == code)
        labels = db.scalars(query.where(Seance.status.not_in(SEANCE_OVER))).all()
        if labels:
            yield f"l’instance « {code} » a {len(labels)} séance(s) à venir ou ouverte(s)"


def _sentence(what: str, references: Iterable[str]) -> list[str]:
    """One sentence naming the first dossiers, or nothing."""
    found = list(dict.fromkeys(references))
    if not found:
        return []
    more = f" et {len(found) - SHOWN} autre(s)" if len(found) > SHOWN else ""
    return [f"{what} sert à {len(found)} dossier(s) ouvert(s) : {', '.join(found[:SHOWN])}{more}"]
