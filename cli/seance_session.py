# SPDX-License-Identifier: EUPL-1.2
"""`seance`, in session: open, presence, decide, close; and moving or cancelling one that is ahead."""

from typing import TYPE_CHECKING, Any

import click

from cli.command import Invocation, command
from cli.seances import acting, at_paris, seance, shape

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from workflow.votes import Votes

DECISIONS = ("retained", "rejected", "deferred", "reoriented", "validated", "sent_back")
AS = click.option("--as", "email", metavar="ADRESSE", required=True, help="La personne qui agit.")
NUMBER = click.argument("number", metavar="ID", type=int)


def _fire(
    cx: Invocation, number: int, trigger: str, email: str, reason: str | None, said: str, **details: Any
) -> None:
    from app.closings import fire_seance
    from workflow.queries import get_seance

    with cx.application.write() as db:
        row = get_seance(db, number)
        fire_seance(db, row, trigger, acting(cx, db, email), reason, cx.application.now(), **details)
        cx.answer(shape(row, len(row.items)), lambda: f"{row.label}, {at_paris(row.starts_at)} : {said}.")


@command("open", parent=seance)
@NUMBER
@AS
def open_(cx: Invocation, number: int, email: str) -> None:
    """Ouvre une séance convoquée."""
    _fire(cx, number, "open", email, None, "séance ouverte")


@command(parent=seance)
@NUMBER
@AS
def close(cx: Invocation, number: int, email: str) -> None:
    """Clôt la séance : applique une fois pour toutes les décisions saisies.

    Une conférence tenue par écrit se clôt à sa date, ou quand chaque financeur a répondu : son relevé dit qui l’a fait.
    """
    from workflow.guards.written import WRITTEN
    from workflow.queries import get_seance

    with cx.application.read() as db:
        written = get_seance(db, number).mode == WRITTEN
    said = "consultation close, relevé arrêté" if written else "séance close, décisions appliquées"
    _fire(cx, number, "close_written" if written else "close", email, None, said)


@command(parent=seance)
@NUMBER
@AS
@click.option("--reason", metavar="TEXTE", required=True, help="Le motif, donné aux membres convoqués.")
def cancel(cx: Invocation, number: int, email: str, reason: str) -> None:
    """Annule une séance ; les membres convoqués en sont avertis."""
    _fire(cx, number, "cancel", email, reason, "séance annulée")


@command(parent=seance)
@NUMBER
@AS
@click.option("--at", "moment", metavar="AAAA-MM-JJTHH:MM", help="Nouvelle date, heure de Paris.")
@click.option("--place", metavar="LIEU", help="Nouveau lieu.")
def move(cx: Invocation, number: int, email: str, moment: str | None, place: str | None) -> None:
    """Déplace une séance ; les membres convoqués reçoivent la mise à jour."""
    details: dict[str, Any] = {"place": place} if place else {}
    if moment:
        details["starts_at"] = moment_of(moment)
    _fire(cx, number, "move", email, None, "séance déplacée", **details)


@command("hold-in-writing", parent=seance)
@NUMBER
@AS
@click.option(
    "--until", "moment", metavar="AAAA-MM-JJTHH:MM", required=True, help="Date limite des réponses."
)
def hold_in_writing(cx: Invocation, number: int, email: str, moment: str) -> None:
    """Tient par écrit une conférence des financeurs prévue : pas de réunion, une réponse par financeur."""
    said = "conférence tenue par écrit, réponses attendues jusqu’à cette date"
    _fire(cx, number, "hold_in_writing", email, None, said, starts_at=moment_of(moment))


def moment_of(text: str) -> "datetime":
    """A moment typed in Paris time."""
    from datetime import datetime

    from workflow.firing import PARIS

    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"date illisible : « {text} » (exemple : 2026-12-08T09:30)") from error
    return found if found.tzinfo else found.replace(tzinfo=PARIS)


@command(parent=seance)
@NUMBER
@click.argument("persons", metavar="ADRESSE…", nargs=-1)
@AS
@click.option("--all", "everybody", is_flag=True, help="Tous les membres convoqués.")
def presence(cx: Invocation, number: int, persons: tuple[str, ...], email: str, everybody: bool) -> None:
    """Note la présence de membres convoqués, puis les déports qui en découlent."""
    from workflow.queries import get_seance
    from workflow.session import apply_recusals, record_presence

    wanted = {person.strip().lower() for person in persons}
    with cx.application.write() as db:
        row, actor, now = get_seance(db, number), acting(cx, db, email), cx.application.now()
        known = {c.person.email for c in row.convocations}
        if wanted - known:
            raise click.BadParameter(f"pas convoqué(e) à cette séance : {', '.join(sorted(wanted - known))}")
        here = [c for c in row.convocations if everybody or c.person.email in wanted]
        for convocation in here:
            record_presence(db, convocation, "present", actor, now)
        recused = apply_recusals(db, row, actor, now)
        cx.answer(
            {"present": len(here), "recused": recused},
            lambda: f"{len(here)} présent(s), {recused} déport(s).",
        )


@command(parent=seance)
@NUMBER
@click.argument("reference", metavar="REF")
@click.argument("decision", metavar="DÉCISION", type=click.Choice(DECISIONS))
@AS
@click.option("--reason", metavar="TEXTE", help="Motif, obligatoire sauf pour retenir ou valider.")
@click.option("--scheme", metavar="DISPOSITIF", help="L’autre dispositif, pour « reoriented ».")
@click.option("--votes", metavar="POUR/CONTRE/ABSTENTIONS", help="Par exemple 5/1/0, si l’instance vote.")
@click.option(
    "--amount", "amounts", metavar="LIGNE=MONTANT", multiple=True, help="Par exemple etat:specifique=5000."
)
def decide(
    cx: Invocation,
    number: int,
    reference: str,
    decision: str,
    email: str,
    reason: str | None,
    scheme: str | None,
    votes: str | None,
    amounts: tuple[str, ...],
) -> None:
    """Saisit ce que la séance décide d’un dossier ; rien ne change avant la clôture.

    Un comité d’engagement retient, ajourne, ne retient pas ou réoriente ; un comité de pilotage valide ou renvoie.
    """
    from workflow.errors import UnknownReferenceError
    from workflow.queries import get_seance
    from workflow.session import decide as write_decision
    from workflow.session import retain
    from workflow.stages import DECISION_LABELS, Decision

    with cx.application.write() as db:
        row, actor, now = get_seance(db, number), acting(cx, db, email), cx.application.now()
        item = next((each for each in row.items if each.dossier.reference == reference), None)
        if item is None:
            raise UnknownReferenceError(
                f"Le dossier « {reference} » n’est pas à l’ordre du jour de cette séance."
            )
        for typed in amounts:
            key, amount = _amount(typed)
            line = item.dossier.line(key)
            if line is None:
                raise UnknownReferenceError(f"Le dossier {reference} n’a pas de ligne « {key} ».")
            retain(db, item, line, amount, actor, now, reason=reason)
        counted = _votes(votes) if votes else None
        write_decision(db, item, decision, reason, actor, now, scheme=scheme, votes=counted)
        word = DECISION_LABELS[Decision(decision)]
        cx.answer({"reference": reference, "decision": decision}, lambda: f"{reference} : {word}.")


def _votes(typed: str) -> "Votes":
    from workflow.votes import Votes

    counts = typed.split("/")
    if len(counts) != 3 or not all(
        count.isascii() and count.isdigit() and len(count) < 4 for count in counts
    ):
        raise click.BadParameter(f"votes illisibles : « {typed} » (exemple : 5/1/0)")
    return Votes(*map(int, counts))


def _amount(typed: str) -> "tuple[str, Decimal]":
    from workflow.inputs import parse_amount

    key, _, value = typed.partition("=")
    try:
        return key, parse_amount(value)
    except ValueError as error:
        raise click.BadParameter(
            f"montant illisible : « {typed} » (exemple : etat:specifique=5000,50)"
        ) from error
