# SPDX-License-Identifier: EUPL-1.2
"""Registering a request: an action, its dossier in draft, its funding lines and budget; and correcting it later."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from workflow.continuity import KnownActions
from workflow.errors import InvalidInputError, NotAllowedHereError
from workflow.journal import record_on
from workflow.models import Action, BudgetLine, Contract, Credit, Dossier, FundingLine, Journal, Organisation
from workflow.names import key
from workflow.permissions import Actor
from workflow.porteurs import PorteurBook
from workflow.request_values import DOSSIER_COLUMNS, PORTEUR_COLUMNS, RequestValues
from workflow.stages import NOT_YET_DISPATCHED, STAGE_LABELS, LineState, Stage

REGISTER, UPDATE = "register", "update"
PERSONAL = frozenset({"porteur_email"})  # never into a journal that nobody can rewrite
DEFAULT_SCHEME = "contrat_de_ville"


class Registry:
    """What registering needs of a contract, read once for one request or a whole file."""

    def __init__(self, db: Session, contract: Contract, requests: Iterable[RequestValues]) -> None:
        self.db, self.contract = db, contract
        self.porteurs = PorteurBook(db, requests)
        open_credits = select(Credit).where(Credit.contract_id == contract.id, Credit.closed_on.is_(None))
        self.credits = {credit.code: credit for credit in db.scalars(open_credits)}
        self._known: KnownActions | None = None

    def action(self, values: RequestValues, porteur: Organisation) -> Action:
        """The action this request renews when it says so and one is known, else a new one."""
        if values.renewal:
            self._known = self._known or KnownActions(self.db, self.contract)
            known = self._known.renewed(porteur.id, values.title, values.year)
            if known is not None:
                return known
        return Action(
            uuid=str(uuid7()), contract_id=self.contract.id, porteur_id=porteur.id, title=values.title
        )

    def porteur(self, values: RequestValues) -> Organisation:
        """The porteur's row, flushed. Call it on a whole batch first and the batch costs one flush."""
        porteur = self.porteurs.find_or_add(values)
        if porteur.id is None:
            self.db.flush()
        return porteur

    def credit(self, line_key: str) -> Credit:
        """The open credit of this line key. Raises InvalidInputError."""
        if line_key not in self.credits:
            raise InvalidInputError(
                f"Crédit inconnu dans ce contrat : « {line_key} ».", f"demande:{line_key}"
            )
        return self.credits[line_key]


def register_request(
    db: Session,
    contract: Contract,
    values: RequestValues,
    now: datetime,
    actor: Actor,
    registry: Registry | None = None,
) -> Dossier:
    """A new action and its dossier in draft, journalled; not submitted. Raises InvalidInputError on an unknown credit."""
    dossier = add_dossier(registry or Registry(db, contract, [values]), values, now)
    db.flush()
    record_registered(db, dossier, values, now, actor)
    return dossier


def add_dossier(registry: Registry, values: RequestValues, now: datetime) -> Dossier:
    """The rows of a new request, added and not flushed: a file adds many before one flush."""
    contract, porteur = registry.contract, registry.porteur(values)
    action = registry.action(values, porteur)
    dossier = Dossier(
        contract=contract,
        action=action,
        porteur=porteur,
        search_key=search_key(values, porteur),
        year=values.year,
        reference=values.reference,
        stage=Stage.DRAFT.value,
        created_at=now,
        stage_since=now,
        imported_digest=values.digest(),
        scheme=values.scheme or DEFAULT_SCHEME,
    )
    for column in DOSSIER_COLUMNS:
        if column != "scheme":
            setattr(dossier, column, _stored(getattr(values, column)))
    for line_key, requested in values.requests.items():
        _add_line(registry, dossier, line_key, requested, values.references)
    dossier.budget = [_budget_line(*account) for account in _accounts(values)]
    registry.db.add(dossier)
    return dossier


def search_key(values: RequestValues, porteur: Organisation) -> str:
    """What the board's search looks into: reference, Dauphin number, title and porteur, without accents or case."""
    return key(" ".join(filter(None, (values.reference, values.dauphin_number, values.title, porteur.name))))


def record_registered(
    db: Session, dossier: Dossier, values: RequestValues, now: datetime, actor: Actor
) -> None:
    """The journal's first line: what the request stated."""
    _record(db, dossier, REGISTER, values, now, actor)


def record_stated(db: Session, dossier: Dossier, values: RequestValues, now: datetime, actor: Actor) -> None:
    """What a request states when its porteur files it."""
    _record(db, dossier, UPDATE, values, now, actor)


def update_request(
    db: Session,
    dossier: Dossier,
    values: RequestValues,
    now: datetime,
    actor: Actor,
    registry: Registry | None = None,
) -> bool:
    """Applies what changed since the request was last stated; what people completed in between is kept.

    False when nothing changed. Raises NotAllowedHereError once the dossier is dispatched.
    """
    if dossier.imported_digest == values.digest():
        return False
    if Stage(dossier.stage) not in NOT_YET_DISPATCHED:
        label = STAGE_LABELS[Stage(dossier.stage)].lower()
        raise NotAllowedHereError(
            f"Le dossier {dossier.reference} est « {label} » : la demande ne se modifie plus."
        )
    registry = registry or Registry(db, dossier.contract, [values])
    changed = _changed(_last_stated(db, dossier), values.stated())
    _apply(registry, dossier, values, changed)
    dossier.imported_digest = values.digest()
    db.flush()
    _record(db, dossier, UPDATE, values, now, actor)
    return True


def differences(db: Session, dossier: Dossier, values: RequestValues) -> list[tuple[str, Any, Any]]:
    """What this request states otherwise than the last one did: name, before, after (None: unknown)."""
    before, after = _last_stated(db, dossier), values.stated()
    return [(name, before.get(name), after.get(name)) for name in sorted(_changed(before, after))]


def _last_stated(db: Session, dossier: Dossier) -> dict[str, Any]:
    """What the request stated last time, from the journal; empty when it never came from a request."""
    lines = select(Journal.details).where(
        Journal.chain == f"dossier:{dossier.id}", Journal.trigger.in_((REGISTER, UPDATE))
    )
    details = db.scalar(lines.order_by(Journal.seq.desc()).limit(1))
    return dict((details or {}).get("values", {}))


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    return {name for name in (*before, *after) if before.get(name) != after.get(name)}


def _apply(registry: Registry, dossier: Dossier, values: RequestValues, changed: set[str]) -> None:
    for column in changed.intersection(DOSSIER_COLUMNS):
        value = _stored(getattr(values, column))
        if column == "filed_on" and value is None:
            continue  # the day it was submitted stays
        setattr(dossier, column, value if column != "scheme" else value or DEFAULT_SCHEME)
    if not changed.isdisjoint(PORTEUR_COLUMNS):
        dossier.porteur = registry.porteur(values)
    _apply_lines(registry, dossier, values, changed)
    _apply_budget(dossier, values, changed)
    dossier.action.porteur_id, dossier.action.title = dossier.porteur.id, dossier.title
    dossier.search_key = search_key(values, dossier.porteur)


def _apply_lines(registry: Registry, dossier: Dossier, values: RequestValues, changed: set[str]) -> None:
    for name in sorted(changed):
        prefix, _, line_key = name.partition(":")
        if prefix != "request":
            continue
        line, requested = dossier.line(line_key), values.requests.get(line_key)
        if line is None and requested is not None:
            _add_line(registry, dossier, line_key, requested, values.references)
        elif line is not None and requested is None and line.state in (LineState.NOT_ASKED, LineState.ASKED):
            dossier.lines.remove(line)
        elif line is not None:
            line.requested = requested
    for line in dossier.lines:
        if f"reference:{line.financer}" in changed:
            line.external_reference = values.references.get(line.financer)


def _apply_budget(dossier: Dossier, values: RequestValues, changed: set[str]) -> None:
    planned = {(side, account): amount for side, account, amount in _accounts(values)}
    known = {(line.side, _key_of(line)): line for line in dossier.budget}
    for name in sorted(changed):
        side, _, account = name.partition(":")
        if side not in ("charge", "produit"):
            continue
        line, amount = known.get((side, account)), planned.get((side, account))
        if line is None:
            if amount is not None:
                dossier.budget.append(_budget_line(side, account, amount))
        elif amount is None and line.realised is None:
            dossier.budget.remove(line)
        else:
            line.planned = amount


def _budget_line(side: str, key_: str, planned: Decimal) -> BudgetLine:
    account, _, payer = key_.partition(":")
    return BudgetLine(side=side, account=account, payer=payer, planned=planned)


def _key_of(line: BudgetLine) -> str:
    """How a request names this account: `74`, or `74:caf` for one financer's part."""
    return f"{line.account}:{line.payer}" if line.payer else line.account


def _accounts(values: RequestValues) -> list[tuple[str, str, Decimal]]:
    charges = [("charge", account, amount) for account, amount in values.charges.items()]
    return charges + [("produit", account, amount) for account, amount in values.produits.items()]


def request_amount(db: Session, dossier: Dossier, line_key: str, requested: Decimal | None) -> None:
    """What is asked of one credit; a line asked no more goes while nobody but its porteur has touched it.

    Raises InvalidInputError.
    """
    line = dossier.line(line_key)
    in_hand = dossier.stage in (Stage.DRAFT, Stage.INCOMPLETE)
    if line is None and requested is not None:
        open_credit = select(Credit).where(Credit.contract_id == dossier.contract_id, Credit.code == line_key)
        credit = db.scalar(open_credit.where(Credit.closed_on.is_(None)))
        if credit is None:
            raise InvalidInputError("Ce crédit n’existe plus dans le contrat.", f"request:{line_key}")
        _new_line(dossier, credit, requested, None)
    elif line is not None and requested is None and in_hand and _is_untouched(line):
        dossier.lines.remove(line)
    elif line is not None:
        line.requested = requested


def _is_untouched(line: FundingLine) -> bool:
    return line.state in (LineState.NOT_ASKED, LineState.ASKED) and line.proposed is None


def _add_line(
    registry: Registry, dossier: Dossier, line_key: str, requested: Decimal, references: Mapping[str, str]
) -> None:
    credit = registry.credit(line_key)
    _new_line(dossier, credit, requested, references.get(credit.financer))


def _new_line(dossier: Dossier, credit: Credit, requested: Decimal, reference: str | None) -> None:
    line = FundingLine(credit=credit, key=credit.code, year=dossier.year, requested=requested)
    submitted = (
        dossier.stage != Stage.DRAFT
    )  # `submit` asks the lines that are there; a later one starts asked
    line.state = (LineState.ASKED if submitted else LineState.NOT_ASKED).value
    line.external_reference = reference
    dossier.lines.append(line)


def _record(
    db: Session, dossier: Dossier, trigger: str, values: RequestValues, now: datetime, actor: Actor
) -> None:
    stated = {name: value for name, value in values.stated().items() if name not in PERSONAL}
    to_state = dossier.stage if trigger == REGISTER else None
    record_on(db, dossier, trigger, actor, now, {"values": stated}, to_state=to_state)


def _stored(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
