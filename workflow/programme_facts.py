# SPDX-License-Identifier: EUPL-1.2
"""A programme year as rule facts: dossiers with their lines, awards without dossier, envelopes. Four queries."""

from collections.abc import Iterable
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from rules.facts import ActionFacts, ConventionFacts, ProgrammeFacts
from rules.forms import PRIVATE
from workflow.contracts import territory_of
from workflow.envelope_facts import DEAD, envelope_facts
from workflow.models import Award, Contract, Credit, Dossier, FundingLine, Organisation
from workflow.stages import FUNDED_STAGES, OPEN_STAGES
from workflow.territory import Nature

STATE_SPECIFIC = "etat:specifique"
ZERO = Decimal(0)
IN_SCHEME = "contrat_de_ville"


def programme_facts(db: Session, contract: Contract, year: int) -> ProgrammeFacts:
    """Granted or retained dossiers, those still under instruction (projected), and awards not linked to a dossier."""
    territory = territory_of(contract)
    stages = [stage.value for stage in FUNDED_STAGES | OPEN_STAGES]
    dossiers = db.scalars(
        select(Dossier)
        .where(Dossier.contract_id == contract.id, Dossier.year == year, Dossier.stage.in_(stages))
        .options(selectinload(Dossier.porteur), selectinload(Dossier.lines).selectinload(FundingLine.credit))
        .order_by(Dossier.id)
    ).all()
    actions = [_action_of(dossier) for dossier in dossiers]
    actions.extend(_awards(db, contract, year))
    return ProgrammeFacts(
        contract=contract.code,
        year=year,
        actions=tuple(actions),
        envelopes=tuple(envelope_facts(db, contract, year)),
        conventions=_conventions(dossiers),
        populations={
            qpv.code: qpv.population for qpv in territory.geography.qpv if qpv.population is not None
        },
    )


def _conventions(dossiers: Iterable[Dossier]) -> ConventionFacts | None:
    """Distinct conventions recorded on the year's dossiers; None when none is recorded yet."""
    signed = [(d.follow_up["convention"], d.cpo) for d in dossiers if d.follow_up.get("convention")]
    if not signed:
        return None
    return ConventionFacts(len({name for name, _ in signed}), len({name for name, cpo in signed if cpo}))


def amount_of(line: FundingLine) -> Decimal:
    """What a line brings today: granted, else retained, else (projected) proposed, else promised; nothing if dead."""
    if line.state in DEAD:
        return ZERO
    for amount in (line.granted, line.retained, line.proposed, line.promised):
        if amount is not None:
            return amount
    return ZERO


def kept_of(line: FundingLine) -> Decimal:
    """What a retained action keeps of a line: granted, else retained; nothing once the line is cancelled."""
    if line.state in DEAD:
        return ZERO
    return line.granted if line.granted is not None else line.retained or ZERO


def _action_of(dossier: Dossier) -> ActionFacts:
    projected = dossier.stage not in FUNDED_STAGES
    specific = ordinary = own = ZERO
    by_financer: dict[str, Decimal] = {}
    for line in dossier.lines:
        amount = amount_of(line) if projected else kept_of(line)
        if line.credit.organisation_id == dossier.porteur_id:
            own += amount
            continue
        by_financer[line.financer] = by_financer.get(line.financer, ZERO) + amount
        if line.key == STATE_SPECIFIC:
            specific += amount
        if line.nature == Nature.DROIT_COMMUN:
            ordinary += amount
    siren = (dossier.porteur.siret or "")[:9] or None
    return ActionFacts(
        reference=dossier.reference,
        title=dossier.title,
        porteur=dossier.porteur.name,
        granted=sum(by_financer.values(), ZERO),
        cpo=dossier.cpo,
        inside=dossier.scheme == IN_SCHEME,
        source="dossier",
        specific=specific,
        ordinary=ordinary,
        own_share=own,
        by_financer=tuple(by_financer.items()),
        qpv=tuple(dossier.qpv or ()),
        qpv_beneficiaries=tuple((dossier.qpv_beneficiaries or {}).items()),
        objectives=tuple(dossier.objectives or ()),
        private_body=siren if dossier.porteur.legal_form in PRIVATE else None,
        projected=projected,
    )


def _awards(db: Session, contract: Contract, year: int) -> Iterable[ActionFacts]:
    """Awards of the year; those of a body to itself are its own share, not a grant."""
    siret_of = db.execute(
        select(Credit.financer, Organisation.siret)
        .join(Organisation, Organisation.id == Credit.organisation_id)
        .where(Credit.contract_id == contract.id, Organisation.siret.is_not(None))
    )
    sirens = {financer: (siret or "")[:9] for financer, siret in siret_of}
    rows = db.execute(
        select(
            Award.line_key,
            Award.title,
            Award.beneficiary,
            Award.siren,
            Award.financer,
            Award.credit,
            Award.granted,
            Award.inside,
            Award.cpo,
        )
        .where(Award.contract_id == contract.id, Award.year == year, Award.dossier_id.is_(None))
        .order_by(Award.id)
    )
    for key, title, beneficiary, siren, financer, credit, granted, inside, cpo in rows:
        own = siren is not None and sirens.get(financer) == siren
        yield ActionFacts(
            reference=key,
            title=title,
            porteur=beneficiary or siren or "",
            granted=ZERO if own else granted,
            cpo=cpo,
            inside=inside,
            source="award",
            specific=ZERO if own or credit != STATE_SPECIFIC else granted,
            ordinary=ZERO if own or not credit.endswith(Nature.DROIT_COMMUN) else granted,
            own_share=granted if own else ZERO,
            by_financer=() if own else ((financer, granted),),
        )
