# SPDX-License-Identifier: EUPL-1.2
"""`account`: a person, a password shown once, a mandate; the accounts, closed and opened again."""

import sys
from collections.abc import Callable, Iterator
from typing import Any

import click

from cli.command import Invocation, command, table


@click.group()
def account() -> None:
    """Comptes et mandats."""


@command(parent=account)
@click.argument("email", metavar="ADRESSE")
@click.option(
    "--role",
    required=True,
    metavar="RÔLE",
    help="administrator, pilot, secretary, instructor, financer, member, citizen_council ou porteur.",
)
@click.option(
    "--organisation", metavar="CODE", help="Code de l’organisation (par défaut : le pilote du contrat)."
)
@click.option("--body", metavar="CODE", help="Instance où la personne siège.")
@click.option("--name", metavar="NOM", help="Nom affiché.")
@click.option("--password-stdin", is_flag=True, help="Lit le mot de passe sur l’entrée standard.")
def create(
    cx: Invocation,
    email: str,
    role: str,
    organisation: str | None,
    body: str | None,
    name: str | None,
    password_stdin: bool,
) -> None:
    """Crée un compte, ou ajoute un mandat à une personne connue.

    Sans --password-stdin, un mot de passe est tiré au sort et affiché une seule fois.
    """
    from app.accounts import create_account
    from workflow.contracts import get_contract

    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    application = cx.application
    with application.write() as db:
        contract = get_contract(db, cx.contract_code)
        made = create_account(
            db,
            contract,
            email=email,
            role=role,
            on=application.today(),
            now=application.now(),
            organisation=organisation,
            body=body,
            name=name,
            password=password,
        )
        address = made.person.email
    data = {
        "email": address,
        "created": made.is_new,
        "mandate_added": made.is_new_mandate,
        "password": made.password,
    }
    cx.answer(data, lambda: _told(data))


def _told(data: dict[str, object]) -> list[str]:
    lines = [f"Compte créé : {data['email']}" if data["created"] else f"Compte connu : {data['email']}"]
    lines.append("Mandat ajouté." if data["mandate_added"] else "Ce mandat existait déjà.")
    if data["password"]:
        lines.append(f"Mot de passe, affiché une seule fois : {data['password']}")
    return lines


@command("list", parent=account)
@click.option("--all", "has_inactive", is_flag=True, help="Avec les comptes désactivés.")
def list_(cx: Invocation, has_inactive: bool) -> None:
    """Liste les comptes du contrat et leurs mandats en vigueur."""
    from workflow.contracts import get_contract
    from workflow.queries_accounts import AccountFilters, list_accounts

    application = cx.application
    today, filters = application.today(), AccountFilters(active=None if has_inactive else True)
    with application.read() as db:
        people, _ = list_accounts(db, get_contract(db, cx.contract_code), filters, today, limit=None)
        data = [
            {
                "email": person.email,
                "name": person.name,
                "active": person.is_active,
                "mandates": [
                    {"role": held.role, "organisation": held.organisation.name, "body": held.body}
                    for held in person.mandates
                    if held.is_in_force(today)
                ],
            }
            for person in people
        ]
    cx.answer(data, lambda: table(("Adresse", "Nom", "Actif", "Mandats"), _rows(data)))


def _rows(data: list[dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    for row in data:
        held = sorted({f"{one['role']} ({one['organisation']})" for one in row["mandates"]})
        yield row["email"], row["name"], "oui" if row["active"] else "non", ", ".join(held)


@command(parent=account)
@click.argument("email", metavar="ADRESSE")
def deactivate(cx: Invocation, email: str) -> None:
    """Désactive un compte : il ne se connecte plus, ses connexions se terminent, ses actes restent."""
    from workflow.accounts import deactivate as act

    _change(cx, email, act, is_active=False)


@command(parent=account)
@click.argument("email", metavar="ADRESSE")
def reactivate(cx: Invocation, email: str) -> None:
    """Réactive un compte, avec ses mandats en vigueur."""
    from workflow.accounts import reactivate as act

    _change(cx, email, act, is_active=True)


def _change(cx: Invocation, email: str, act: Callable[..., None], *, is_active: bool) -> None:
    from workflow.accounts import COMMAND_LINE
    from workflow.contracts import get_contract
    from workflow.queries_accounts import account_by_email

    application = cx.application
    with application.write() as db:
        contract, person = get_contract(db, cx.contract_code), account_by_email(db, email)
        act(db, contract, person, COMMAND_LINE, application.now(), application.today())
        data = {"email": person.email, "active": person.is_active}
    cx.answer(data, lambda: f"Compte {'réactivé' if is_active else 'désactivé'} : {data['email']}")
