# SPDX-License-Identifier: EUPL-1.2
"""Accounts as administrators see them: the list, one account with its mandates, what was done and by whom."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from web.forms import Field, FormView
from web.paging import pages_of_list
from web.presenters.mandates import INTEREST_LABEL, in_short, mandate_rows, role_label
from web.presenters.people import named
from workflow.accounts import GIVEN, SEATED
from workflow.contracts import territory_of
from workflow.models import Contract, Journal, Mandate, Organisation, Person
from workflow.permissions import INTEREST, Actor
from workflow.queries_accounts import (
    AccountFilters,
    administration_journal,
    list_accounts,
    open_sessions,
    seats_to_offer,
)

PAGE = 100
STATES = {"": "actifs", "desactives": "désactivés", "tous": "tous"}
ACTS = {
    "account.create": "Compte ouvert",
    "account.deactivate": "Compte désactivé",
    "account.reactivate": "Compte réactivé",
    "account.end_sessions": "Connexions terminées",
    "mandate.give": "Mandat donné",
    "mandate.close": "Mandat clos",
    "organisation.add": "Organisation ajoutée",
    "organisation.correct": "Organisation corrigée",
}


def roles_offered() -> tuple[tuple[str, str], ...]:
    """Every role a mandate may give, and the declared interest."""
    return tuple((str(role), role_label(str(role))) for role in GIVEN)


def accounts_view(
    db: Session, contract: Contract, filters: AccountFilters, state: str, rank: int, now: datetime, on: date
) -> dict[str, Any]:
    """One page of the list, and the form that opens an account."""
    asked = {"q": filters.search, "role": filters.role, "etat": state}
    people, total = list_accounts(db, contract, filters, on, offset=(rank - 1) * PAGE, limit=PAGE)
    seen = open_sessions(db, people, now)
    rows = [
        {
            "person": person,
            "mandates": in_short([row for row in _own(contract, person, on) if row["in_force"]]),
            "sessions": seen.get(person.id, (0, None))[0],
        }
        for person in people
    ]
    return {
        "rows": rows,
        "total": total,
        "filters": filters,
        "state": state,
        "states": STATES,
        "roles": roles_offered(),
        "pages": pages_of_list(rank, total, PAGE, "/administration/comptes", asked),
        "creation": creation_form(db, contract, on),
        "acts": journal_rows(db, contract),
    }


def _own(contract: Contract, person: Person, on: date) -> list[dict[str, Any]]:
    """The person's mandates in this contract, and those that count in all."""
    own = [row for row in person.mandates if row.contract_id in (None, contract.id)]
    return mandate_rows({contract.id: contract}, own, on)


def account_page(
    db: Session, contract: Contract, person: Person, actor: Actor, now: datetime, on: date
) -> dict[str, Any]:
    """One account: what it may do, what may be done with it."""
    count, last = open_sessions(db, [person], now).get(person.id, (0, None))
    address = f"/administration/comptes/{person.id}"
    return {
        "person": person,
        "is_self": person.id == actor.person_id,
        "mandates": [
            {**row, "form": _closing(address, row["mandate"]) if _may_close(row, contract) else None}
            for row in _own(contract, person, on)
        ],
        "elsewhere": sum(row.contract_id not in (None, contract.id) for row in person.mandates),
        "sessions": count,
        "last": last,
        "giving": FormView(f"{address}/mandats", "Donner ce mandat", mandate_fields(db, contract, on)),
        "state": _state_form(address, person),
        "ending": FormView(f"{address}/sessions", "Terminer ses connexions", look="secondary"),
        "acts": journal_rows(db, contract, about=person),
    }


def _may_close(row: dict[str, Any], contract: Contract) -> bool:
    mandate: Mandate = row["mandate"]
    return bool(mandate.contract_id == contract.id and (row["in_force"] or mandate.to_on is None))


def _closing(address: str, mandate: Mandate) -> FormView:
    return FormView(f"{address}/mandats/{mandate.id}/fin", "Clore", look="danger")


def _state_form(address: str, person: Person) -> FormView:
    wanted = Field("active", "", "hidden", ("" if person.is_active else "on",))
    if person.is_active:
        return FormView(f"{address}/etat", "Désactiver le compte", (wanted,), look="danger")
    return FormView(f"{address}/etat", "Réactiver le compte", (wanted,))


def creation_form(db: Session, contract: Contract, on: date) -> FormView:
    """Opens an account with its first mandate."""
    fields = (
        Field("email", "Adresse électronique", required=True),
        Field("name", "Nom et prénom", hint="Tels qu’ils paraissent dans l’historique."),
        *mandate_fields(db, contract, on),
    )
    return FormView("/administration/comptes", "Ouvrir le compte", fields)


def mandate_fields(db: Session, contract: Contract, on: date) -> tuple[Field, ...]:
    """What a mandate is made of."""
    bodies = [(body.code, body.label) for body in territory_of(contract).bodies]
    seats = [(str(row.id), _seat_label(row)) for row in seats_to_offer(db)]
    seated = " ou ".join(role_label(str(role)) for role in SEATED)
    return (
        Field("role", "Rôle", "choice", required=True, choices=(("", "Choisir"), *roles_offered())),
        Field("organisation", "Organisation", "choice", required=True, choices=(("", "Choisir"), *seats)),
        Field(
            "body", "Instance", "choice", hint=f"Pour {seated} seulement.", choices=(("", "Aucune"), *bodies)
        ),
        Field("title", "Fonction", hint=f"Pour un {INTEREST_LABEL} : trésorière, salarié…"),
        Field("from_on", "Du", "date", (on.isoformat(),), required=True),
        Field("to_on", "Au", "date", hint="Vide : sans fin prévue."),
    )


def _seat_label(row: Organisation) -> str:
    return row.name if row.code else f"{row.name} (porteur{f', {row.siret}' if row.siret else ''})"


def journal_rows(db: Session, contract: Contract, *, about: Person | None = None) -> list[dict[str, Any]]:
    """The administration journal, with names."""
    lines = administration_journal(db, contract)
    if about is not None:
        lines = [line for line in lines if line.subject == f"person:{about.id}"]
    names = named(db, _addresses(lines))
    return [
        {
            "at": line.at,
            "actor": names.get(line.actor, line.actor),
            "label": ACTS.get(line.trigger, line.trigger),
            "about": names.get(
                str(line.details.get("person")), line.details.get("person") or line.details.get("name")
            ),
            "details": _details(line),
        }
        for line in lines
    ]


def _addresses(lines: Iterable[Journal]) -> Iterable[str]:
    for line in lines:
        yield line.actor
        yield str(line.details.get("person", ""))


def _details(line: Journal) -> str:
    role = line.details.get("role")
    if role is None:
        return ""
    label = role_label(str(role)) if role in {str(one) for one in GIVEN} or role == INTEREST else str(role)
    parts = (label, line.details.get("organisation"), line.details.get("body"))
    return ", ".join(str(part) for part in parts if part)
