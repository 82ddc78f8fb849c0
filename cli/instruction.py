# SPDX-License-Identifier: EUPL-1.2
"""`dossier complete`, `settle`, `synthesis`, `propose`, `overdue`: what is written on a dossier without changing its stage."""

from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING

import click

from cli.command import Invocation, command
from cli.dossiers import chosen_subject, dossier, typed_pairs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from workflow.models import Dossier
    from workflow.permissions import Actor

__all__ = ["dossier"]

AS = click.option("--as", "email", metavar="ADRESSE", required=True, help="La personne qui agit.")
YEAR = click.option(
    "--year", type=int, metavar="ANNÉE", help="L’exercice, si la référence sert plusieurs années."
)
REFERENCE = click.argument("reference", metavar="RÉFÉRENCE")


@contextmanager
def acting(
    cx: Invocation, reference: str, year: int | None, email: str
) -> "Iterator[tuple[Session, Dossier, Actor, datetime]]":
    """One transaction on one dossier, by one person, now."""
    from workflow.contracts import get_contract
    from workflow.permissions import actor_for, person_by_email
    from workflow.queries import find_dossier

    application = cx.application
    with application.write() as db:
        found = find_dossier(db, get_contract(db, cx.contract_code), reference, year)
        actor = actor_for(db, person_by_email(db, email), application.today())
        yield db, found, actor, application.now()


@command(parent=dossier)
@REFERENCE
@click.option(
    "--set",
    "typed",
    multiple=True,
    required=True,
    metavar="CHAMP=VALEUR",
    help="Un champ de la demande, vide pour inconnu (répétable).",
)
@AS
@YEAR
def complete(cx: Invocation, reference: str, typed: tuple[str, ...], email: str, year: int | None) -> None:
    """Complète ou corrige ce que l’on sait d’un dossier, selon son étape ; les champs non cités restent."""
    from workflow.completion import complete_request

    values = typed_pairs(typed)
    with acting(cx, reference, year, email) as (db, found, actor, now):
        changed = complete_request(db, found, values, actor, now)
    said = f"corrigé : {', '.join(changed)}." if changed else "rien n’a changé."
    cx.answer({"reference": reference, "changed": changed}, lambda: f"{reference} : {said}")


@command(parent=dossier)
@REFERENCE
@click.argument("rule", metavar="RÈGLE")
@click.option(
    "--kind",
    type=click.Choice(("attested", "waived", "overridden")),
    help="Attester ou lever ce qui n’est pas établi ; déroger à une condition locale non remplie.",
)
@click.option("--withdraw", "is_withdrawn", is_flag=True, help="Retirer ce qui avait été réglé.")
@click.option("--reason", metavar="TEXTE", required=True, help="Le motif, imprimé dans la synthèse.")
@click.option("--line", metavar="LIGNE", help="La ligne concernée, par exemple etat:specifique.")
@AS
@YEAR
def settle(
    cx: Invocation,
    reference: str,
    rule: str,
    kind: str | None,
    is_withdrawn: bool,
    reason: str,
    line: str | None,
    email: str,
    year: int | None,
) -> None:
    """Atteste, lève ou déroge : règle un constat, avec un motif journalisé ; ou retire ce qui avait été réglé."""
    from workflow.settlements import settle as settle_rule
    from workflow.settlements import still_stops, withdraw

    if is_withdrawn is (kind is not None):
        raise click.UsageError("donner --kind, ou --withdraw.")
    with acting(cx, reference, year, email) as (db, found, actor, now):
        if kind is not None:
            done = settle_rule(db, found, rule, kind, reason, actor, now, line=line)
            waiver, reinstated = done.waiver, done.reinstated
            said = f"{WORDS[kind]}." + (f" Ligne {reinstated} rétablie." if reinstated else "")
        else:
            waiver = withdraw(db, found, _settlement(found, rule, line), reason, actor, now)
            reinstated = None
            said = f"règlement retiré. {still_stops(found, waiver, now)}".strip()
        data = {
            "reference": reference,
            "rule": rule,
            "kind": waiver.kind,
            "line": line,
            "withdrawn": is_withdrawn,
            "reinstated": reinstated is not None,
        }
    cx.answer(data, lambda: f"{reference}, {rule} : {said}")


WORDS = {
    "attested": "attestation enregistrée",
    "waived": "levée enregistrée",
    "overridden": "dérogation enregistrée",
}


def _settlement(dossier: "Dossier", rule: str, line: str | None) -> int:
    """The number of the settlement of this rule, on this line or on the dossier."""
    from workflow.errors import UnknownReferenceError

    found = next((one for one in reversed(dossier.waivers) if (one.rule, one.line) == (rule, line)), None)
    if found is None:
        where = f" sur la ligne {line}" if line else ""
        raise UnknownReferenceError(f"Rien n’a été réglé pour « {rule} »{where} sur ce dossier.")
    return found.id


@command(parent=dossier)
@REFERENCE
@click.option(
    "--opinion", required=True, metavar="AVIS", help="favourable, favourable_with_reservations, unfavourable."
)
@click.option("--strengths", default="", metavar="TEXTE", help="Points forts.")
@click.option("--reservations", default="", metavar="TEXTE", help="Réserves.")
@click.option(
    "--suggest", "suggested", multiple=True, metavar="LIGNE=MONTANT", help="Montant suggéré (répétable)."
)
@AS
@YEAR
def synthesis(
    cx: Invocation,
    reference: str,
    opinion: str,
    strengths: str,
    reservations: str,
    suggested: tuple[str, ...],
    email: str,
    year: int | None,
) -> None:
    """Écrit la synthèse de l’instructeur chef de file."""
    from workflow.co_instruction import write_synthesis

    amounts = {key: _amount(text) for key, text in typed_pairs(suggested, "--suggest").items()}
    with acting(cx, reference, year, email) as (db, found, actor, now):
        write_synthesis(db, found, opinion, strengths, reservations, amounts, actor, now)
    data = {"reference": reference, "opinion": opinion, "suggested": amounts}
    cx.answer(data, lambda: f"{reference} : synthèse enregistrée.")


@command(parent=dossier)
@REFERENCE
@click.argument("line", metavar="LIGNE")
@click.argument("amount", metavar="MONTANT")
@click.option("--reason", metavar="TEXTE", help="Le motif.")
@AS
@YEAR
def propose(
    cx: Invocation, reference: str, line: str, amount: str, reason: str | None, email: str, year: int | None
) -> None:
    """Propose un MONTANT sur une LIGNE de financement (conférence des financeurs)."""
    from workflow.models import FundingLine
    from workflow.round_table import propose as propose_amount

    value = _amount(amount)
    with acting(cx, reference, year, email) as (db, found, actor, now):
        subject = chosen_subject(found, line, None)
        assert isinstance(subject, FundingLine)
        propose_amount(db, subject, value, actor, now, reason=reason)
    data = {"reference": reference, "line": line, "proposed": value}
    cx.answer(data, lambda: f"{reference}, {line} : proposition enregistrée.")


@command(parent=dossier)
@REFERENCE
@click.argument("organisation", metavar="ORGANISATION")
@AS
@YEAR
def overdue(cx: Invocation, reference: str, organisation: str, email: str, year: int | None) -> None:
    """Constate que l’avis d’une ORGANISATION n’est pas venu à temps."""
    from workflow.co_instruction import note_overdue
    from workflow.models import Opinion

    with acting(cx, reference, year, email) as (db, found, actor, now):
        subject = chosen_subject(found, None, organisation)
        assert isinstance(subject, Opinion)
        note_overdue(db, subject, actor, now)
    data = {"reference": reference, "organisation": organisation}
    cx.answer(data, lambda: f"{reference} : retard de {organisation} constaté.")


def _amount(text: str) -> Decimal:
    from workflow.errors import InvalidInputError
    from workflow.inputs import parse_amount

    try:
        return parse_amount(text)
    except ValueError as error:
        raise InvalidInputError(f"Montant illisible : « {text} » ({error}).", "amount") from None
