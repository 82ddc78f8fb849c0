# SPDX-License-Identifier: EUPL-1.2
"""Beginning a request: a draft with its reference, new or copied from the same action's dossier of another year."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload, load_only, selectinload
from uuid6 import uuid7

from workflow.completion import LONGEST
from workflow.contracts import territory_of
from workflow.errors import InvalidInputError, NotAllowedHereError, NotPermittedError, UnknownReferenceError
from workflow.firing import PARIS
from workflow.journal import record_on
from workflow.living import living_dossier
from workflow.models import Action, BudgetLine, Contract, Dossier, FundingLine, Organisation
from workflow.names import key
from workflow.organisations import named_or_added
from workflow.permissions import Actor
from workflow.request.steps import BUDGET, FUNDING, TO_CHECK
from workflow.sight import own_porteurs
from workflow.stages import Role, Stage
from workflow.submission import REGISTER
from workflow.territory import CallKind

PREFIX = "DEM"
COPIED = "copied_from"  # in `dossier.follow_up`: the reference of the dossier it was copied from
FOUND_AT_MOST = 20
CHECKED_AFTER_COPY = ["organisme", "appel", "public", FUNDING, BUDGET]
COPIED_COLUMNS = (
    "title",
    "summary",
    "scheme",
    "themes",
    "objectives",
    "publics",
    "qpv",
    "poches",
    "has_individual_beneficiaries",
    "beneficiaries_total",
    "beneficiaries_qpv",
    "beneficiaries_poches",
    "total_cost",
    "own_resources",
    "other_resources",
    "volunteering",
    "cpo",
    "cpo_years",
    "cpo_reason",
    "cpo_indicators",
    "cpo_trajectory",
)


def may_begin(actor: Actor, contract_id: int) -> bool:
    """A porteur of the contract, or its secretary on a porteur's behalf."""
    return bool(own_porteurs(actor, contract_id)) or files_for_others(actor, contract_id)


def files_for_others(actor: Actor, contract_id: int) -> bool:
    """True for the secretary, who files for any porteur."""
    return actor.has(Role.SECRETARY, contract_id)


def check_may_begin(actor: Actor, contract_id: int) -> None:
    """Raises NotPermittedError."""
    if not may_begin(actor, contract_id):
        raise NotPermittedError(
            "Seuls un porteur, ou le secrétariat pour son compte, peuvent déposer une demande. Si vous agissez pour "
            "un porteur, demandez au pilote du contrat de vous donner ce mandat."
        )


def years_to_request(contract: Contract, today: date) -> list[int]:
    """The years a request may be for, the one whose call is open first; else this year, then the next."""
    territory = territory_of(contract)
    first, last = territory.starts_on.year, territory.ends_on.year
    opened = [
        call.year
        for call in territory.calls
        if call.kind is not CallKind.RESERVED and call.opens_on <= today <= call.closes_on
    ]
    years = dict.fromkeys([*sorted(opened, reverse=True), today.year, today.year + 1])
    return [year for year in years if first <= year <= last]


def begin_request(
    db: Session, contract: Contract, porteur: Organisation, title: str, year: int, actor: Actor, now: datetime
) -> Dossier:
    """A draft of this porteur. The same title begun twice for one year is the same draft. Raises WorkflowError."""
    check_may_begin(actor, contract.id)
    if not files_for_others(actor, contract.id) and porteur.id not in own_porteurs(actor, contract.id):
        raise NotPermittedError("Vous n’avez pas de mandat pour cet organisme.")
    if year not in years_to_request(contract, now.astimezone(PARIS).date()):
        raise InvalidInputError("Année : à choisir parmi celles qui sont ouvertes.", "year")
    title = " ".join(title.split())
    if not title or len(title) > LONGEST["title"]:
        raise InvalidInputError(f"Intitulé : à renseigner, {LONGEST['title']} signes au plus.", "title")
    one_at_a_time(db, contract)
    known = _same_draft(db, contract, porteur, title, year)
    if known is not None:
        return known
    action = Action(uuid=str(uuid7()), contract_id=contract.id, porteur_id=porteur.id, title=title)
    return _add(db, contract, action, porteur, year, actor, now, title=title)


def _same_draft(
    db: Session, contract: Contract, porteur: Organisation, title: str, year: int
) -> Dossier | None:
    drafts = select(Dossier).where(
        Dossier.contract_id == contract.id,
        Dossier.porteur_id == porteur.id,
        Dossier.year == year,
        Dossier.stage == Stage.DRAFT.value,
    )
    return next((draft for draft in db.scalars(drafts) if key(draft.title) == key(title)), None)


def copy_request(db: Session, source: Dossier, year: int, actor: Actor, now: datetime) -> Dossier:
    """Next year's draft of the same action: facts kept, dates moved, amounts of last year to be checked.

    Asked twice, it is the same draft. Raises NotPermittedError, InvalidInputError, NotAllowedHereError.
    """
    contract = source.contract
    check_may_begin(actor, contract.id)
    if year not in years_to_request(contract, now.astimezone(PARIS).date()) or year <= source.year:
        raise InvalidInputError("Année : à choisir parmi celles qui sont ouvertes.", "year")
    one_at_a_time(db, contract)
    known = living_dossier(db, source.action_id, year)
    if known is not None and known.stage == Stage.DRAFT:
        return known
    if known is not None:
        raise NotAllowedHereError(
            f"Cette action a déjà un dossier pour {year} : {known.reference}. Il n’y en a qu’un par action et par an."
        )
    kept = {TO_CHECK: CHECKED_AFTER_COPY, COPIED: source.reference}
    dossier = copy_facts(db, source, year, actor, now, follow_up=kept)
    for line in source.lines:
        if line.requested is not None and line.credit.closed_on is None:
            asked = FundingLine(credit=line.credit, key=line.key, year=year, requested=line.requested)
            dossier.lines.append(asked)
    db.flush()
    return dossier


def copy_facts(
    db: Session, source: Dossier, year: int, actor: Actor, now: datetime, **columns: Any
) -> Dossier:
    """A draft of the same action in another year: its facts and its planned budget, dates moved; no line yet."""
    copied = {name: getattr(source, name) for name in COPIED_COLUMNS}
    moved = {name: _moved(getattr(source, name), year - source.year) for name in ("starts_on", "ends_on")}
    stated = {**copied, **moved, "renewal": True, **columns}
    dossier = _add(db, source.contract, source.action, source.porteur, year, actor, now, **stated)
    dossier.budget = [
        BudgetLine(side=b.side, account=b.account, payer=b.payer, planned=b.planned)
        for b in source.budget
        if b.planned is not None
    ]
    db.flush()
    return dossier


def _moved(day: date | None, years: int) -> date | None:
    """The same day so many years later; the 29th of February becomes the 28th."""
    if day is None:
        return None
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + years, day=28 if is_leap_day else day.day)


def _add(
    db: Session,
    contract: Contract,
    action: Action,
    porteur: Organisation,
    year: int,
    actor: Actor,
    now: datetime,
    **columns: Any,
) -> Dossier:
    reference = _next_reference(db, contract, year)
    dossier = Dossier(
        contract=contract,
        action=action,
        porteur=porteur,
        year=year,
        reference=reference,
        search_key=key(" ".join((reference, str(columns["title"]), porteur.name))),
        created_at=now,
        stage_since=now,
        lines=[],
        budget=[],
        **columns,
    )
    db.add(dossier)
    db.flush()
    stated = {"reference": reference, "year": year, "title": dossier.title, "porteur_name": porteur.name}
    record_on(db, dossier, REGISTER, actor, now, {"values": stated}, to_state=dossier.stage)
    return dossier


def one_at_a_time(db: Session, contract: Contract) -> None:
    """References and « one dossier an action and a year » are decided one after the other in a contract."""
    db.execute(select(Contract.id).where(Contract.id == contract.id).with_for_update(key_share=True))


def _next_reference(db: Session, contract: Contract, year: int) -> str:
    start = f"{PREFIX}-{year}-"
    used = db.scalars(
        select(Dossier.reference).where(
            Dossier.contract_id == contract.id, Dossier.year == year, Dossier.reference.startswith(start)
        )
    )
    numbers = (reference.removeprefix(start) for reference in used)
    return f"{start}{max((int(n) for n in numbers if n.isascii() and n.isdigit()), default=0) + 1:04d}"


def copyable(
    db: Session, contract: Contract, porteurs: frozenset[int], years: Sequence[int]
) -> list[Dossier]:
    """The newest filed dossier of each of these porteurs' actions, when no open year has one of it yet."""
    if not porteurs or not years:
        return []
    query = (
        select(Dossier)
        .where(Dossier.contract_id == contract.id, Dossier.porteur_id.in_(porteurs))
        .options(
            load_only(
                Dossier.action_id,
                Dossier.porteur_id,
                Dossier.year,
                Dossier.reference,
                Dossier.title,
                Dossier.stage,
            ),
            joinedload(Dossier.porteur).load_only(Organisation.name),
        )
        .order_by(Dossier.year, Dossier.id)
    )
    newest = {dossier.action_id: dossier for dossier in db.scalars(query)}
    gone = (Stage.DRAFT, Stage.WITHDRAWN)
    found = [one for one in newest.values() if one.stage not in gone and one.year < max(years)]
    return sorted(found, key=lambda one: (-one.year, one.title))


def source_of(db: Session, id_: int) -> Dossier:
    """A dossier with all that a copy reads. Raises UnknownReferenceError."""
    query = select(Dossier).where(Dossier.id == id_)
    found = db.scalar(
        query.options(
            selectinload(Dossier.lines).joinedload(FundingLine.credit),
            selectinload(Dossier.budget),
            joinedload(Dossier.porteur),
            joinedload(Dossier.action),
            joinedload(Dossier.contract),
        )
    )
    if found is None:
        raise UnknownReferenceError(f"Dossier inconnu : n° {id_}.")
    return found


def porteurs_found(db: Session, words: str) -> list[Organisation]:
    """Organisations whose name or SIRET holds these words: for the secretary, who files for them."""
    query = select(Organisation).where(Organisation.closed_on.is_(None))
    bare = "".join(words.split())
    for word in key(words).split():
        named = Organisation.name_key.contains(word, autoescape=True)
        query = query.where(or_(named, Organisation.siret.startswith(bare, autoescape=True)))
    return list(
        db.scalars(query.order_by(func.length(Organisation.name), Organisation.id).limit(FOUND_AT_MOST))
    )


def own_organisations(db: Session, actor: Actor, contract_id: int) -> list[Organisation]:
    """The organisations this person files for."""
    ids = own_porteurs(actor, contract_id)
    return list(db.scalars(select(Organisation).where(Organisation.id.in_(ids)).order_by(Organisation.name)))


def porteur_named(
    db: Session, actor: Actor, contract: Contract, id_: int | None, new_name: str, now: datetime
) -> Organisation:
    """The organisation chosen; for the secretary, by its name when none was, added if need be. Raises InvalidInputError."""
    contract_id = contract.id
    if id_ is None and new_name and files_for_others(actor, contract_id):
        try:
            return named_or_added(db, contract, new_name, actor, now)
        except InvalidInputError as error:
            raise InvalidInputError(error.message, "new_porteur") from error
    ids = own_porteurs(actor, contract_id)
    wanted = next(iter(ids)) if id_ is None and len(ids) == 1 else id_
    found = None if wanted is None else db.get(Organisation, wanted)
    is_open = found is not None and (files_for_others(actor, contract_id) or found.id in ids)
    if found is None or not is_open or found.closed_on is not None:
        raise InvalidInputError("Organisme : à choisir.", "porteur")
    return found
