# SPDX-License-Identifier: EUPL-1.2
"""`seance`: the calendar, the convocations, the agenda, the minutes; what is done in session is in `seance_session`."""

from typing import TYPE_CHECKING, Any

import click

from cli.command import Invocation, command, euros, table

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from workflow.models import Seance, SeanceItem
    from workflow.permissions import Actor


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def seance() -> None:
    """Séances : calendrier, convocations, ordre du jour, clôture, relevé de décisions."""


ACTING = click.option(
    "--as", "email", metavar="ADRESSE", help="La personne qui agit (sinon : le planificateur)."
)


def acting(cx: Invocation, db: "Session", email: str | None) -> "Actor":
    """The person named by --as, else the scheduler, which may plan and convoke and nothing more."""
    from workflow.permissions import SCHEDULER, actor_for, person_by_email

    return actor_for(db, person_by_email(db, email), cx.application.today()) if email else SCHEDULER


def at_paris(moment: "datetime") -> str:
    """`2026-03-10 09:30`, Paris time."""
    from workflow.firing import PARIS

    return f"{moment.astimezone(PARIS):%Y-%m-%d %H:%M}"


def shape(row: "Seance", dossiers: int) -> dict[str, Any]:
    """A séance in JSON."""
    from workflow.firing import PARIS

    local = row.starts_at.astimezone(PARIS)
    return {
        "id": row.id,
        "body": row.body,
        "date": local.date().isoformat(),
        "status": row.status,
        "dossiers": dossiers,
        "label": row.label,
        "starts_at": local.isoformat(),
        "place": row.place,
        "mode": row.mode,
        "reason": row.reason,
    }


@command("list", parent=seance)
@click.option("--body", metavar="CODE", help="Une seule instance.")
def list_(cx: Invocation, body: str | None) -> None:
    """Liste les séances dans l’ordre des dates."""
    from workflow.contracts import get_contract
    from workflow.queries import list_seances

    with cx.application.read() as db:
        rows = list_seances(db, get_contract(db, cx.contract_code), body=body)
        cx.answer([shape(row, count) for row, count in rows], lambda: _calendar([r for r, _ in rows]))


def _calendar(rows: "list[Seance]") -> list[str]:
    from workflow.stages import SEANCE_LABELS, SeanceStatus

    if not rows:
        return ["Aucune séance."]
    cells = [
        (row.id, at_paris(row.starts_at), row.label, SEANCE_LABELS[SeanceStatus(row.status)], len(row.items))
        for row in rows
    ]
    return table(("n°", "date", "instance", "état", "dossiers"), cells)


@command(parent=seance)
@click.argument("number", metavar="ID", type=int)
@click.option("--fill", is_flag=True, help="Inscrit d’abord les dossiers parvenus à cette instance.")
@ACTING
def convoke(cx: Invocation, number: int, fill: bool, email: str | None) -> None:
    """Convoque les membres : un message chacun, avec l’ordre du jour, envoyé par « worker »."""
    from app.seance_documents import ask_documents
    from app.tasks import drain_tasks
    from app.worker import plan_waiting, worker_name
    from workflow.machine import fire
    from workflow.queries import get_seance
    from workflow.seances import fill_agenda
    from workflow.stages import SeanceStatus

    with cx.application.write() as db:
        row, actor, now = get_seance(db, number), acting(cx, db, email), cx.application.now()
        again = row.status == SeanceStatus.CONVOKED
        if not again:
            if fill:
                fill_agenda(db, row, actor, now)
            fire(db, row, "convoke", actor, None, now)
            ask_documents(db, row, "convoke", now)
    drain_tasks(cx.application, worker_name())  # the papers that the messages carry
    written = plan_waiting(cx.application)
    with cx.application.read() as db:
        row = get_seance(db, number)
        data = _convoked(row, already=again) | {"messages": written}
        cx.answer(data, lambda: _told(row, again, written))


def _told(row: "Seance", again: bool, written: int) -> list[str]:
    if again:
        return ["Séance déjà convoquée : rien n’est envoyé une seconde fois."]
    people = len(row.convocations)
    return [
        f"{row.label}, {at_paris(row.starts_at)} : {people} personne(s) convoquée(s).",
        f"{written} message(s) dans la boîte d’envoi ; « coinstruction worker » les envoie.",
    ]


def _convoked(row: "Seance", *, already: bool) -> dict[str, Any]:
    return shape(row, len(row.items)) | {
        "already": already,
        "convoked": [{"name": c.person.name, "organisation": c.organisation.name} for c in row.convocations],
    }


@command(parent=seance)
@click.argument("number", metavar="ID", type=int)
@click.option("--fill", is_flag=True, help="Inscrit les dossiers parvenus à cette instance.")
@ACTING
def agenda(cx: Invocation, number: int, fill: bool, email: str | None) -> None:
    """Montre l’ordre du jour d’une séance (avec --fill : le complète d’abord)."""
    from workflow.queries import get_seance
    from workflow.seances import fill_agenda

    with cx.application.write() if fill else cx.application.read() as db:
        row = get_seance(db, number)
        if fill:
            fill_agenda(db, row, acting(cx, db, email), cx.application.now())
        items = [_item(item) for item in row.items]
        cx.answer(
            shape(row, len(items)) | {"note": row.agenda_note, "items": items}, lambda: _agenda(row, items)
        )


def _item(item: "SeanceItem") -> dict[str, Any]:
    asked = [line.requested for line in item.dossier.lines if line.requested is not None]
    proposed = [line.proposed for line in item.dossier.lines if line.proposed is not None]
    return {
        "rank": item.rank,
        "reference": item.dossier.reference,
        "title": item.dossier.title,
        "porteur": item.dossier.porteur.name,
        "requested": sum(asked) if asked else None,
        "proposed": sum(proposed) if proposed else None,
        "decision": item.decision,
    }


def _agenda(row: "Seance", items: list[dict[str, Any]]) -> list[str]:
    head = [f"{row.label}, {at_paris(row.starts_at)}", *filter(None, [row.agenda_note])]
    if not items:
        return [*head, "Aucun dossier à l’ordre du jour."]
    cells = [
        (i["rank"], i["reference"], i["title"], i["porteur"], euros(i["requested"]), euros(i["proposed"]))
        for i in items
    ]
    return [*head, *table(("n°", "référence", "action", "porteur", "demandé", "proposé"), cells)]


@command(parent=seance)
@click.argument("number", metavar="ID", type=int)
def minutes(cx: Invocation, number: int) -> None:
    """Montre le relevé de décisions d’une séance close."""
    from workflow.queries import get_seance

    with cx.application.read() as db:
        row = get_seance(db, number)
        kept = row.minutes or {"decisions": [], "present": []}
        cx.answer(shape(row, len(row.items)) | kept, lambda: _minutes(row, kept))


def _minutes(row: "Seance", kept: dict[str, Any]) -> list[str]:
    from decimal import Decimal

    from workflow.stages import MINUTED_LABELS

    head = f"{row.label}, {at_paris(row.starts_at)}"
    if row.minutes is None:
        return [head, "La séance n’est pas close : aucune décision n’est arrêtée."]
    present = [f"- {p['name']} ({p['organisation']})" for p in kept["present"] if p["presence"] != "absent"]
    cells = []
    for each in kept["decisions"]:
        amount = euros(Decimal(each["retained"])) if each["retained"] is not None else "—"
        cells.append(
            (
                each["reference"],
                each["title"],
                MINUTED_LABELS[each["decision"]],
                amount,
                each["reason"] or "",
            )
        )
    shown = (
        table(("référence", "action", "décision", "retenu", "motif"), cells) if cells else ["Aucun dossier."]
    )
    told = kept.get("convocation") or {}
    late = told.get("days_late")
    if late:
        head += f"\nConvocation tardive : {late} jour(s) après le {told['due_on']}."
    if row.mode == "written":
        return [head, "", *_written(kept["written"])]
    return [head, "", "Présents :", *(present or ["- non relevés"]), "", *shown]


def _written(financers: list[dict[str, Any]]) -> list[str]:
    """Who answered in writing and when, then who did not."""
    cells = [
        (f["name"], a["reference"], a["line"], a["answer"], a["amount"] or "—", a["at"][:10])
        for f in financers
        for a in f["answers"]
    ]
    silent = [
        f"- {f['name']} : {', '.join(m['reference'] for m in f['missing'])}"
        for f in financers
        if f["missing"]
    ]
    shown = table(("financeur", "dossier", "ligne", "réponse", "montant", "le"), cells) if cells else []
    return ["Réponses :", *(shown or ["- aucune"]), "", "Sans réponse :", *(silent or ["- personne"])]


import cli.seance_calendar  # noqa: E402
import cli.seance_session  # noqa: E402, F401 (both add their commands to the group above)
