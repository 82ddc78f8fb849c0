# SPDX-License-Identifier: EUPL-1.2
"""Rows to rule facts: the only translation. Reads what is loaded, asks nothing that the loaders below did not fetch."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from rules.details import AccountFacts, AidFacts, CallFacts, CompletionFacts, ConventionRecord
from rules.facts import DossierFacts, LineFacts, LocatedFacts, SettlementFacts, TerritoryFacts
from rules.findings import Settlement
from workflow.bodies import form_of
from workflow.contracts import territory_of
from workflow.located.counts import LocatedCounts
from workflow.models import Contract, Dossier, FundingLine, Mandate, Opinion, Organisation, Person
from workflow.models.contract import Credit
from workflow.permissions import INTEREST
from workflow.stages import OpinionState, Role
from workflow.structured import day_of, trajectory_of
from workflow.surroundings import Surroundings
from workflow.territory import Condition, OrganisationKind, Territory


def _needed(to_one: Callable[..., Any]) -> tuple[ORMOption, ...]:
    """What a dossier's facts read; `to_one`: how the row that a foreign key names is reached."""
    holders = selectinload(Organisation.mandates).options(
        to_one(Mandate.person).selectinload(Person.mandates)
    )
    credit = to_one(FundingLine.credit).options(to_one(Credit.organisation))
    return (
        to_one(Dossier.porteur).options(holders),
        to_one(Dossier.contract),
        to_one(Dossier.lead_instructor).selectinload(Person.mandates),
        selectinload(Dossier.lines).options(credit),
        selectinload(Dossier.opinions).options(to_one(Opinion.organisation)),
        selectinload(Dossier.waivers),
        selectinload(Dossier.budget),
    )


# For many dossiers: each organisation, person and credit is read once, in a constant number of queries.
WITH_FACTS = _needed(selectinload)
# For one: joined, since a statement costs more than reading an organisation twice.
WITH_FACTS_OF_ONE = _needed(joinedload)

ACTING = frozenset({Role.MEMBER, Role.SECRETARY, Role.FINANCER, Role.INSTRUCTOR, Role.PILOT})


def _tuple(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)


def line_facts(line: FundingLine, porteur_id: int) -> LineFacts:
    """One funding line as the rules read it."""
    return LineFacts(
        key=line.key,
        financer=line.financer,
        nature=line.nature,
        state=line.state,
        requested=line.requested,
        proposed=line.proposed,
        retained=line.retained,
        granted=line.granted,
        promised=line.promised,
        in_kind_value=line.in_kind_value,
        firm=line.firm,
        is_own_share=line.credit.organisation_id == porteur_id,
        condition_confirmed=line.condition_confirmed,
        reason=line.reason,
        decided_on=day_of((line.act or {}).get("date")),
    )


def _recusals(dossier: Dossier, on: date) -> tuple[tuple[str, str, str], ...]:
    """Who may not act here: a lead instructor with a mandate or interest in the porteur, the porteur's own opinion."""
    found: list[tuple[str, str, str]] = []
    lead = dossier.lead_instructor
    if lead is not None:
        held = {mandate.organisation_id for mandate in lead.mandates if mandate.is_in_force(on)}
        if dossier.porteur_id in held:
            found.append((lead.name, dossier.porteur.name, Role.LEAD_INSTRUCTOR.value))
    found.extend(_declared(dossier, on))
    found.extend(
        (opinion.given_by or opinion.organisation.name, opinion.organisation.name, "opinion")
        for opinion in dossier.opinions
        if opinion.organisation_id == dossier.porteur_id and opinion.state != OpinionState.CANCELLED
    )
    return tuple(found)


def _declared(dossier: Dossier, on: date) -> Iterator[tuple[str, str, str]]:
    """Persons with a role elsewhere in this contract who declared an interest, or act, for the porteur: they leave."""
    for held in dossier.porteur.mandates:
        if held.role in (INTEREST, Role.PORTEUR) and held.is_in_force(on):
            person = held.person
            roles = {
                m.role
                for m in person.mandates
                if m.contract_id in (None, dossier.contract_id)
                and m.organisation_id != dossier.porteur_id
                and m.is_in_force(on)
            }
            yield from ((person.name, dossier.porteur.name, role) for role in sorted(roles & ACTING))


NOTHING_AROUND = Surroundings()


def dossier_facts(
    dossier: Dossier, territory: Territory, on: date, around: Surroundings = NOTHING_AROUND
) -> DossierFacts:
    """The dossier as known that day. Load it with `WITH_FACTS` first when there are many.

    Without `around` (`surroundings_of`), the rules that look beyond the dossier know nothing of it.
    """
    porteur = dossier.porteur
    return DossierFacts(
        reference=dossier.reference,
        year=dossier.year,
        stage=dossier.stage,
        porteur=porteur.name,
        porteur_form=form_of(porteur),
        porteur_siret=porteur.siret,
        porteur_rna=porteur.rna,
        porteur_commune=porteur.commune,
        porteur_recognition=porteur.recognition,
        economic_activity=porteur.economic_activity,
        de_minimis=_aids(porteur),
        is_small_association=porteur.is_small_association,
        scheme=dossier.scheme,
        title=dossier.title,
        call=dossier.call,
        dauphin_number=dossier.dauphin_number,
        themes=_tuple(dossier.themes),
        objectives=_tuple(dossier.objectives),
        qpv=_tuple(dossier.qpv),
        poches=_tuple(dossier.poches),
        has_individual_beneficiaries=dossier.has_individual_beneficiaries,
        beneficiaries_total=dossier.beneficiaries_total,
        beneficiaries_qpv=dossier.beneficiaries_qpv,
        beneficiaries_poches=dossier.beneficiaries_poches,
        starts_on=dossier.starts_on,
        ends_on=dossier.ends_on,
        filed_on=dossier.filed_on,
        acknowledged_on=around.acknowledged_on,
        completions=completions_of(dossier),
        pieces=_tuple(dossier.pieces),
        renewal=dossier.renewal,
        previous_report=dossier.previous_report,
        previous=around.previous,
        republican_commitment=dossier.republican_commitment,
        convention=_convention(dossier),
        siblings=around.siblings,
        yearly_sums=around.yearly_sums,
        **_cpo(dossier),
        **_plan(dossier),
        lines=tuple(line_facts(line, dossier.porteur_id) for line in dossier.lines),
        holders_concerned=holders_of(dossier, territory),
        recusals=_recusals(dossier, on),
        settlements=tuple(
            SettlementFacts(w.rule, Settlement(w.kind), w.by, w.reason, w.line) for w in dossier.waivers
        ),
        located=_located(dossier),
    )


def _located(dossier: Dossier) -> LocatedFacts | None:
    if dossier.located is None:
        return None
    counts = LocatedCounts.from_json(dossier.located)
    return LocatedFacts(
        total=counts.total,
        by_qpv=tuple(sorted(counts.by_qpv.items())),
        outside=counts.outside,
        to_check=counts.doubtful,
        precision_metres=counts.precision_metres,
        on=counts.on,
    )


def _cpo(dossier: Dossier) -> dict[str, Any]:
    """The multi-year agreement that is asked, or under way."""
    return {
        "cpo": dossier.cpo,
        "cpo_years": dossier.cpo_years,
        "cpo_reason": dossier.cpo_reason,
        "cpo_indicators": _tuple(dossier.cpo_indicators),
        "cpo_trajectory": trajectory_of(dossier.cpo_trajectory),
        "cpo_carried": any(line.forecast is not None for line in dossier.lines),
    }


def _plan(dossier: Dossier) -> dict[str, Any]:
    """The plan of financing, in all and by account."""
    return {
        "total_cost": dossier.total_cost,
        "own_resources": dossier.own_resources,
        "other_resources": dossier.other_resources,
        "detailed_charges": _sum_of(dossier, CHARGE, lambda account: not account.startswith("86")),
        "detailed_resources": _sum_of(dossier, RESOURCE, lambda account: not account.startswith("87")),
        "volunteering_charges": _volunteering(dossier, CHARGE, "86"),
        "volunteering_resources": _volunteering(dossier, RESOURCE, "87"),
        "accounts": _accounts(dossier),
    }


CHARGE, RESOURCE = "charge", "produit"


def _accounts(dossier: Dossier) -> tuple[AccountFacts, ...]:
    return tuple(
        AccountFacts(line.side, line.account, line.planned, line.payer or None)
        for line in dossier.budget
        if line.planned is not None
    )


def _aids(porteur: Organisation) -> tuple[AidFacts, ...] | None:
    if porteur.de_minimis is None:
        return None
    return tuple(
        AidFacts(date.fromisoformat(aid["granted_on"]), Decimal(aid["amount"]), bool(aid.get("sieg")))
        for aid in porteur.de_minimis
    )


def completions_of(dossier: Dossier) -> tuple[CompletionFacts, ...]:
    """Past requests for missing pieces, then the one that waits."""
    asked = [*dossier.completions, *([dossier.completion] if dossier.completion else [])]
    return tuple(
        CompletionFacts(
            date.fromisoformat(one["requested_on"]),
            date.fromisoformat(one["due"]),
            day_of(one.get("completed_on")),
        )
        for one in asked
    )


def _convention(dossier: Dossier) -> ConventionRecord | None:
    kept = dossier.follow_up
    if not kept.get("convention"):
        return None
    return ConventionRecord(
        str(kept["convention"]), day_of(kept.get("convention_signed_on")), day_of(kept.get("published_on"))
    )


def _sum_of(dossier: Dossier, side: str, kept: Callable[[str], bool]) -> Decimal | None:
    """The accounts of one side added up; None when none is detailed."""
    known = [
        b.planned for b in dossier.budget if b.side == side and b.planned is not None and kept(b.account)
    ]
    return sum(known, Decimal(0)) if known else None


def _volunteering(dossier: Dossier, side: str, prefix: str) -> Decimal | None:
    """Account 86 or 87 when detailed, else the single amount declared."""
    detailed = _sum_of(dossier, side, lambda account: account.startswith(prefix))
    return dossier.volunteering if detailed is None else detailed


def holders_of(dossier: Dossier, territory: Territory) -> tuple[str, ...]:
    """Droit-commun credits to ask: those set at dispatch, else those the configuration's themes name."""
    if dossier.holders is not None:
        return tuple(dossier.holders)
    return territory.holders_concerned(
        tuple(dossier.objectives or ()), tuple(dossier.themes or ()), tuple(dossier.qpv or ())
    )


def territory_facts(contract: Contract) -> TerritoryFacts:
    """The contract as the rules read it; built once per version of its settings."""
    found = _TERRITORIES.get(contract.settings_digest)
    if found is None:
        official = None if contract.official_qpv is None else frozenset(contract.official_qpv)
        found = build_territory_facts(territory_of(contract), official)
        _TERRITORIES[contract.settings_digest] = found
    return found


_TERRITORIES: dict[str, TerritoryFacts] = {}


def _is_within(code: str, supported: tuple[str, ...]) -> bool:
    """True when the objective or one of its parents is supported (`1.2` supports `1.2.4`)."""
    return any(code == parent or code.startswith(f"{parent}.") for parent in supported)


def build_territory_facts(territory: Territory, official_qpv: frozenset[str] | None) -> TerritoryFacts:
    """The same from a territory's value, whatever row it came from."""
    labels = territory.objective_labels
    population = {commune.insee: commune.population for commune in territory.geography.communes}
    conditions = {key: credit.condition for key, credit in territory.credits.items()}

    def supported(condition: Condition) -> dict[str, frozenset[str]]:
        return {
            key: frozenset(code for code in labels if _is_within(code, credit.supports))
            for key, credit in territory.credits.items()
            if credit.condition is condition
        }

    return TerritoryFacts(
        contract=territory.code,
        qpv=frozenset(territory.qpv_by_code),
        printed_as={printed: qpv.code for qpv in territory.geography.qpv for printed in qpv.printed_as},
        official_qpv=official_qpv,
        poches=frozenset(poche.code for poche in territory.geography.poches),
        objectives=frozenset(territory.objective_labels),
        qpv_majority_credits=frozenset(k for k, c in conditions.items() if c is Condition.QPV_MAJORITY),
        departement_policies=supported(Condition.DEPARTEMENT_POLICIES),
        epci_priorities=supported(Condition.EPCI_PRIORITIES),
        calls=tuple(
            CallFacts(c.code, c.kind.value, c.year, c.opens_on, c.closes_on) for c in territory.calls
        ),
        communes={
            org.code: population.get(org.commune or "")
            for org in territory.organisations
            if org.kind is OrganisationKind.COMMUNE
        },
    )
