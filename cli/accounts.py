# SPDX-License-Identifier: EUPL-1.2
"""`account create`: a person, a password shown once, a mandate."""

import sys

import click

from cli.command import Invocation, command


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
