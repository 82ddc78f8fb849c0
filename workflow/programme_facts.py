# SPDX-License-Identifier: EUPL-1.2
"""A programme year as rule facts: dossiers with their lines, awards without dossier, envelopes, the year before.

A constant number of queries, whatever the number of actions.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from rules.cpo_figures import conventions_of
from rules.facts import ActionFacts, EnvelopeFacts, ProgrammeFacts
from rules.poches import poches_share
from rules.programme_details import PreviousYearFacts
from workflow.bodies import is_private, private_by_siren
from workflow.contracts import territory_of
from workflow.envelope_facts import DEAD, envelope_facts
from workflow.forecast_facts import STATE_SPECIFIC, forecast_actions
from workflow.models import Award, Contract, Credit, Dossier, FundingLine, Organisation
from workflow.names import key, public_code
from workflow.previous_year import IN_SCHEME, RunningCpo, action_keys, previous_year
from workflow.stages import FUNDED_STAGES, OPEN_STAGES, LineState
from workflow.territory import Nature

ZERO = Decimal(0)
COUNTED = [stage.value for stage in FUNDED_STAGES | OPEN_STAGES]
DEAD_STATES = [state.value for state in DEAD]
Decided = Mapping[
    int, Mapping[int, Decimal]
]  # dossier → funding line → what a séance retains and has not applied yet
NOTHING_DECIDED: Decided = MappingProxyType({})


class Amounts(Protocol):
    """What tells the money of a line: a mapped one, or a row of these columns."""

    state: Any
    granted: Any
    retained: Any
    proposed: Any
    promised: Any


def programme_facts(db: Session, contract: Contract, year: int) -> ProgrammeFacts:
    """Granted or retained dossiers, those still under instruction or only forecast (projected), and awards not linked to one."""
    return read_programme(db, contract, year).facts()


@dataclass(frozen=True, slots=True)
class ProgrammeRows:
    """The rows of a programme year, read once: its facts, and the same under other amounts than those proposed."""

    contract: Contract
    year: int
    running: RunningCpo
    dossiers: Sequence[Any]
    lines: Mapping[int, list[Any]]
    others: Sequence[ActionFacts]  # published awards, and years of CPO that no dossier carries yet
    envelopes: Sequence[EnvelopeFacts]
    previous: PreviousYearFacts | None

    def facts(
        self,
        proposed: Mapping[int, Decimal] = MappingProxyType({}),
        decided: Decided = NOTHING_DECIDED,
        *,
        known: ProgrammeFacts | None = None,
    ) -> ProgrammeFacts:
        """The year; `proposed`: by funding line, in the place of what is proposed on it today (a scenario, a session).

        `decided`: read as if it were applied.
        `known`: the year as these same rows tell it without either; what neither touches is taken from it.
        """
        geography = territory_of(self.contract).geography
        retained = frozenset(poche.code for poche in geography.poches)
        reading = _Reading(self.running, retained, self.lines, proposed, decided)
        if known is None:
            actions = [reading.action_of(dossier) for dossier in self.dossiers]
        else:
            mine = known.actions[: len(self.dossiers)]  # others come after
            reading.spelling |= {key(one.convention): one.convention for one in mine if one.convention}
            actions = [
                reading.action_of(dossier) if reading.is_touched(dossier) else action
                for dossier, action in zip(self.dossiers, mine, strict=True)
            ]
        signed = [(one.convention, one.cpo, one.granted) for one in actions if not one.projected]
        return ProgrammeFacts(
            contract=self.contract.code,
            year=self.year,
            actions=(*actions, *self.others),
            envelopes=tuple(self.envelopes),
            conventions=conventions_of(signed),
            populations={qpv.code: qpv.population for qpv in geography.qpv if qpv.population is not None},
            previous=self.previous,
        )


def read_programme(
    db: Session, contract: Contract, year: int, *, taken_back: Decided = NOTHING_DECIDED
) -> ProgrammeRows:
    """A constant number of queries. `taken_back`: rejected dossiers and refused lines that a séance retains, read too."""
    retained = frozenset(poche.code for poche in territory_of(contract).geography.poches)
    running = RunningCpo(db, contract, year)
    return ProgrammeRows(
        contract=contract,
        year=year,
        running=running,
        dossiers=_dossiers(db, contract, year, taken_back),
        lines=_lines(db, contract, year, taken_back),
        others=(*_awards(db, contract, year, retained), *forecast_actions(db, contract, year)),
        envelopes=envelope_facts(db, contract, year),
        previous=previous_year(db, contract, year, running),
    )


def _counted(contract: Contract, year: int, taken_back: Decided) -> ColumnElement[bool]:
    """The dossiers of the year that are retained, may still be, or are taken back."""
    alive = or_(Dossier.stage.in_(COUNTED), Dossier.id.in_(taken_back))
    return and_(Dossier.contract_id == contract.id, Dossier.year == year, alive)


def _dossiers(db: Session, contract: Contract, year: int, taken_back: Decided) -> Sequence[Any]:
    """The dossiers as rows of columns: mapped objects would take three times as long on a whole programme."""
    return db.execute(
        select(
            Dossier.id,
            Dossier.action_id,
            Dossier.porteur_id,
            Dossier.stage,
            Dossier.scheme,
            Dossier.reference,
            Dossier.title,
            Dossier.cpo,
            Dossier.follow_up,
            Dossier.located,
            Dossier.qpv,
            Dossier.objectives,
            Dossier.theme,
            Dossier.themes,
            Dossier.publics,
            Dossier.poches,
            Dossier.beneficiaries_poches,
            Dossier.beneficiaries_total,
            Organisation.name.label("porteur"),
            Organisation.siret,
            Organisation.legal_form,
            Organisation.kind,
        )
        .join(Organisation, Organisation.id == Dossier.porteur_id)
        .where(_counted(contract, year, taken_back))
        .order_by(Dossier.id)
    ).all()


def _lines(db: Session, contract: Contract, year: int, taken_back: Decided) -> Mapping[int, list[Any]]:
    """Their lines of the year that are living or taken back, by dossier."""
    again = {line for amounts in taken_back.values() for line in amounts}
    rows = db.execute(
        select(
            FundingLine.id,
            FundingLine.dossier_id,
            FundingLine.key,
            FundingLine.state,
            FundingLine.granted,
            FundingLine.retained,
            FundingLine.proposed,
            FundingLine.promised,
            FundingLine.in_kind_value,
            Credit.organisation_id,
        )
        .join(Credit, Credit.id == FundingLine.credit_id)
        .join(Dossier, Dossier.id == FundingLine.dossier_id)
        .where(_counted(contract, year, taken_back), FundingLine.year == year)
        .where(or_(FundingLine.state.not_in(DEAD_STATES), FundingLine.id.in_(again)))
        .order_by(FundingLine.id)
    )
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.dossier_id].append(row)
    return found


def _by_qpv(dossier: Any) -> tuple[tuple[str, int], ...]:
    """Beneficiaries by neighbourhood: counted from their addresses when they were located; unknown otherwise."""
    located = dossier.located or {}
    return tuple((code, count) for code, count in located.get("by_qpv", {}).items() if count)


def amount_of(line: Amounts, simulated: Decimal | None = None) -> Decimal:
    """What a line brings today: granted, else retained, else (projected) proposed, else promised; nothing if dead.

    `simulated`: what a scenario says of it, in the place of the proposal.
    """
    if line.state in DEAD:
        return ZERO
    for amount in (line.granted, line.retained, simulated, line.proposed, line.promised):
        if amount is not None:
            return Decimal(amount)
    return ZERO


def kept_of(line: Amounts, typed: Decimal | None = None) -> Decimal:
    """What a retained action keeps of a line: granted, else retained; nothing once the line is dead.

    `typed`: what a séance retains on it and has not applied yet; on a refused line, it takes the refusal back.
    """
    if line.state == LineState.REFUSED and typed is not None:
        return typed
    if line.state in DEAD:
        return ZERO
    for amount in (line.granted, typed, line.retained):
        if amount is not None:
            return Decimal(amount)
    return ZERO


@dataclass(slots=True)
class _Money:
    """What the lines of one dossier bring."""

    by_financer: dict[str, Decimal] = field(default_factory=dict)
    in_kind: dict[str, Decimal] = field(default_factory=dict)
    specific: Decimal = ZERO
    ordinary: dict[str, Decimal] = field(default_factory=dict)
    own: Decimal = ZERO

    def add(self, line: Any, amount: Decimal, *, is_own: bool) -> None:
        """One line; the porteur's own share is no grant."""
        if is_own:
            self.own += amount
            return
        financer, _, nature = line.key.partition(":")
        self.by_financer[financer] = self.by_financer.get(financer, ZERO) + amount
        if line.key == STATE_SPECIFIC:
            self.specific += amount
        if nature == Nature.DROIT_COMMUN:
            self.ordinary[financer] = self.ordinary.get(financer, ZERO) + amount
        if line.state == LineState.IN_KIND and line.in_kind_value:
            self.in_kind[financer] = self.in_kind.get(financer, ZERO) + line.in_kind_value


@dataclass(slots=True)
class _Reading:
    """What is needed to read the dossiers of one year; a convention spelt two ways is one."""

    running: RunningCpo
    poches: frozenset[str]
    lines: Mapping[int, list[Any]]
    proposed: Mapping[int, Decimal]
    decided: Decided
    spelling: dict[str, str] = field(default_factory=dict)

    def is_touched(self, dossier: Any) -> bool:
        """True when what is proposed or decided elsewhere changes what this dossier brings."""
        return dossier.id in self.decided or any(
            line.id in self.proposed for line in self.lines.get(dossier.id, ())
        )

    def action_of(self, dossier: Any) -> ActionFacts:
        retained = self.decided.get(dossier.id)
        projected = retained is None and dossier.stage not in FUNDED_STAGES
        money = _Money()
        for line in self.lines.get(dossier.id, ()):
            if projected:
                amount = amount_of(line, self.proposed.get(line.id))
            else:
                amount = kept_of(line, (retained or {}).get(line.id))
            money.add(line, amount, is_own=line.organisation_id == dossier.porteur_id)
        since, siren = self.running.since(dossier.action_id), (dossier.siret or "")[:9] or None
        return ActionFacts(
            reference=dossier.reference,
            title=dossier.title,
            porteur=dossier.porteur,
            granted=sum(money.by_financer.values(), ZERO),
            cpo=True if since is not None else dossier.cpo,
            cpo_from=None if dossier.cpo else since,
            convention=self._convention(dossier),
            inside=dossier.scheme == IN_SCHEME,
            source="dossier",
            specific=money.specific,
            ordinary=sum(money.ordinary.values(), ZERO),
            ordinary_by=tuple(money.ordinary.items()),
            own_share=money.own,
            by_financer=tuple(money.by_financer.items()),
            in_kind=tuple(money.in_kind.items()),
            qpv=tuple(dossier.qpv or ()),
            qpv_beneficiaries=_by_qpv(dossier),
            objectives=tuple(dossier.objectives or ()),
            themes=(dossier.theme,) if dossier.theme else tuple(dossier.themes or ()),
            publics=None if dossier.publics is None else tuple(map(public_code, dossier.publics)),
            siren=siren,
            is_private=is_private(dossier.legal_form, dossier.kind, siren),
            poches_share=self._poches(dossier, money.specific),
            keys=action_keys(dossier.action_id, siren, dossier.porteur, dossier.title),
            projected=projected,
        )

    def _convention(self, dossier: Any) -> str | None:
        written = str(dossier.follow_up.get("convention") or "").strip()
        return self.spelling.setdefault(key(written), written) if written else None

    def _poches(self, dossier: Any, specific: Decimal) -> Decimal | None:
        return poches_share(
            specific,
            poches=dossier.poches,
            qpv=dossier.qpv,
            retained=self.poches,
            in_poches=dossier.beneficiaries_poches,
            beneficiaries=dossier.beneficiaries_total,
        )


def _awards(db: Session, contract: Contract, year: int, poches: frozenset[str]) -> Iterable[ActionFacts]:
    """Awards of the year; those of a body to itself are its own share, not a grant. Nothing tells where they go."""
    private = private_by_siren(db)
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
    for line_key, title, beneficiary, siren, financer, credit, granted, inside, cpo in rows:
        own = siren is not None and sirens.get(financer) == siren
        specific = ZERO if own or credit != STATE_SPECIFIC else granted
        ordinary = ZERO if own or not credit.endswith(Nature.DROIT_COMMUN) else granted
        yield ActionFacts(
            reference=line_key,
            title=title,
            porteur=beneficiary or siren or "",
            granted=ZERO if own else granted,
            cpo=cpo,
            inside=inside,
            source="award",
            specific=specific,
            ordinary=ordinary,
            ordinary_by=((financer, ordinary),) if ordinary else (),
            own_share=granted if own else ZERO,
            by_financer=() if own else ((financer, granted),),
            siren=siren,
            is_private=private.get(siren or "", is_private(None, None, siren)),
            poches_share=None if poches and specific else ZERO,
            keys=action_keys(None, siren, beneficiary or "", title),
        )
