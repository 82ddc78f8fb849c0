# SPDX-License-Identifier: EUPL-1.2
"""`init`: brings the database to this version and to the configuration. Never deletes: what disappeared is closed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bootstrap import Application
from app.database import upgrade
from app.errors import RefusedChangeError
from app.installation_uses import uses_of_credit, uses_of_organisation, uses_of_settings, uses_of_the_contract
from app.official_qpv import load_official_codes
from migrations import REVISIONS
from workflow import names
from workflow.answer_links import draw_key
from workflow.contracts import settings_digest
from workflow.models import Contract, Credit, Envelope, Organisation
from workflow.territory import EnvelopeSettings, OrganisationSettings, Territory

CREATED, UPDATED, CLOSED, REOPENED = "created", "updated", "closed", "reopened"


@dataclass(frozen=True, slots=True)
class Change:
    """One row created, updated, closed or reopened: its kind, its code, and what changed."""

    action: str
    kind: str
    code: str
    fields: tuple[str, ...] = ()


@dataclass(slots=True)
class Installation:
    """What one `init` did. `refusals` stop it: nothing is written."""

    revision_before: str | None = None
    revision: str = REVISIONS[-1]
    changes: list[Change] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)


def install(application: Application) -> Installation:
    """Upgrade the database, then load every contract of the configuration, in one transaction.

    Raises RefusedChangeError, naming every use, if something that disappeared is still used.
    """
    done = Installation(revision_before=upgrade(application.engine))
    official = {t.code: _official_list(application, t) for t in application.config.contracts}
    with application.write() as db:
        load_contracts(db, application.config.contracts, done, application.now(), official)
        draw_key(db, application.now())
        if done.refusals:
            raise RefusedChangeError(
                "la configuration retire ce qui sert encore ; rien n’a été modifié :\n"
                + "\n".join(f"- {refusal}" for refusal in done.refusals)
            )
    return done


def load_contracts(
    db: Session,
    territories: tuple[Territory, ...],
    done: Installation,
    now: datetime,
    official: Mapping[str, list[str] | None] | None = None,
) -> None:
    """Create, update, close and reopen rows so that they follow the configuration; `done` collects what was done."""
    _Loading(db, done, now.date()).run(territories, official or {})


def _official_list(application: Application, territory: Territory) -> list[str] | None:
    name = territory.geography.official_list
    return sorted(load_official_codes(application.config.beside(name))) if name else None


class _Loading:
    """One loading: rows found by code, and the list of what was done."""

    def __init__(self, db: Session, done: Installation, today: date) -> None:
        self.db = db
        self.done = done
        self.today = today
        self.organisations = {
            row.code: row for row in db.scalars(select(Organisation).where(Organisation.code.is_not(None)))
        }

    def run(self, territories: tuple[Territory, ...], official: Mapping[str, list[str] | None]) -> None:
        rows = {row.code: row for row in self.db.scalars(select(Contract))}
        for territory in territories:
            for organisation in territory.organisations:
                self._organisation(organisation)
            contract = self._contract(rows.get(territory.code), territory, official.get(territory.code))
            self._credits(contract, territory)
            self._envelopes(contract, territory)
        named = {territory.code for territory in territories}
        for code, contract in rows.items():
            if code not in named:
                self._close_contract(contract)
        self._close_organisations({o.code for territory in territories for o in territory.organisations})

    def _close_organisations(self, kept: set[str]) -> None:
        for code, row in self.organisations.items():
            if code not in kept and row.closed_on is None:
                self.done.refusals += uses_of_organisation(self.db, row)
                self._close("organisation", str(code), row)

    def _contract(self, row: Contract | None, territory: Territory, official: list[str] | None) -> Contract:
        digest = settings_digest(territory, official)
        values: dict[str, Any] = {
            "label": territory.label,
            "settings": territory.model_dump(mode="json"),
            "settings_digest": digest,
            "official_qpv": official,
        }
        if row is None:
            row = Contract(code=territory.code, **values)
            self.db.add(row)
            self.db.flush()
            self._tell(CREATED, "contract", row.code)
            return row
        self._reopen("contract", row.code, row)
        if row.settings_digest != digest:
            self.done.refusals += uses_of_settings(self.db, row, territory)
            _assign(row, values)
            self._tell(UPDATED, "contract", row.code, ("settings",))
        return row

    def _organisation(self, settings: OrganisationSettings) -> None:
        values = {
            "name": settings.name,
            "name_key": names.organisation_key(settings.name),
            "kind": str(settings.kind),
            "siret": settings.siret,
            "email": settings.email,
            "commune": settings.commune,
        }
        row = self.organisations.get(settings.code)
        if row is None:
            row = Organisation(code=settings.code, **values)
            self.db.add(row)
            self.organisations[settings.code] = row
            self._tell(CREATED, "organisation", settings.code)
            return
        self._reopen("organisation", settings.code, row)
        told = {
            name: value for name, value in values.items() if value is not None
        }  # what config leaves out, we keep
        self._update("organisation", settings.code, row, told)

    def _credits(self, contract: Contract, territory: Territory) -> None:
        self.db.flush()
        rows = {c.code: c for c in self.db.scalars(select(Credit).where(Credit.contract_id == contract.id))}
        for rank, (key, settings) in enumerate(territory.credits.items()):
            financer = key.partition(":")[0]
            organisation = self.organisations[financer]
            values = {"label": settings.label, "rank": rank, "organisation_id": organisation.id}
            row = rows.get(key)
            if row is None:
                nature = str(settings.nature)
                row = Credit(contract_id=contract.id, code=key, financer=financer, nature=nature, **values)
                self.db.add(row)
                self._tell(CREATED, "credit", key)
                continue
            self._reopen("credit", key, row)
            self._update("credit", key, row, values)
        for key, row in rows.items():
            if key not in territory.credits:
                self._close_credit(row)

    def _envelopes(self, contract: Contract, territory: Territory) -> None:
        self.db.flush()
        query = select(Envelope).join(Credit).where(Credit.contract_id == contract.id)
        rows = {(row.credit.code, row.year, row.held_by): row for row in self.db.scalars(query)}
        credits = {
            c.code: c for c in self.db.scalars(select(Credit).where(Credit.contract_id == contract.id))
        }
        wanted = {(e.credit, e.year, str(e.held_by)): e for e in territory.envelopes}
        for key, settings in wanted.items():
            self._envelope(rows.get(key), credits[settings.credit], settings)
        for key, row in rows.items():
            if key not in wanted and not row.edited:
                self._close("envelope", _envelope_code(row.credit.code, row.year), row)

    def _envelope(self, row: Envelope | None, credit: Credit, settings: EnvelopeSettings) -> None:
        code = _envelope_code(settings.credit, settings.year)
        values = {"status": str(settings.status), "amount": settings.amount}
        if row is None:
            held_by = str(settings.held_by)
            self.db.add(Envelope(credit=credit, year=settings.year, held_by=held_by, **values))
            self._tell(CREATED, "envelope", code)
            return
        self._reopen("envelope", code, row)
        if not row.edited:
            self._update("envelope", code, row, values)

    def _close_contract(self, contract: Contract) -> None:
        if contract.closed_on is None:
            self.done.refusals += uses_of_the_contract(self.db, contract)
            self._close("contract", contract.code, contract)
            for credit in self.db.scalars(select(Credit).where(Credit.contract_id == contract.id)):
                self._close("credit", credit.code, credit)

    def _close_credit(self, credit: Credit) -> None:
        if credit.closed_on is None:
            self.done.refusals += uses_of_credit(self.db, credit)
            self._close("credit", credit.code, credit)

    def _close(self, kind: str, code: str, row: Any) -> None:
        if row.closed_on is None:
            row.closed_on = self.today
            self._tell(CLOSED, kind, code)

    def _reopen(self, kind: str, code: str, row: Any) -> None:
        if row.closed_on is not None:
            row.closed_on = None
            self._tell(REOPENED, kind, code)

    def _update(self, kind: str, code: str, row: Any, values: Mapping[str, Any]) -> None:
        changed = _assign(row, values)
        if changed:
            self._tell(UPDATED, kind, code, changed)

    def _tell(self, action: str, kind: str, code: str, fields: tuple[str, ...] = ()) -> None:
        self.done.changes.append(Change(action, kind, code, fields))


def _assign(row: Any, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Set the columns that differ; their names."""
    changed = tuple(name for name, value in values.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, values[name])
    return changed


def _envelope_code(credit: str, year: int) -> str:
    return f"{credit} {year}"


def describe(done: Installation) -> Iterator[str]:
    """What `init` did, in French, one line each."""
    kinds = {
        "contract": "contrat",
        "organisation": "organisation",
        "credit": "crédit",
        "envelope": "enveloppe",
    }
    actions = {CREATED: "+", UPDATED: "~", CLOSED: "✕", REOPENED: "↺"}
    if done.revision_before is None:
        yield f"Base de données créée (révision {done.revision})."
    elif done.revision_before != done.revision:
        yield f"Base de données mise à jour ({done.revision_before} → {done.revision})."
    for change in done.changes:
        fields = f" ({', '.join(change.fields)})" if change.fields else ""
        yield f"{actions[change.action]} {kinds[change.kind]} {change.code}{fields}"
    if not done.changes:
        yield "La base suit déjà la configuration : rien à faire."
