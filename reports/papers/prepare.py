# SPDX-License-Identifier: EUPL-1.2
"""From a séance to its papers: the agenda as convoked, the minutes as closed."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reports.papers.structure import Paper, Part
from reports.summary.words import Words, words_of
from rules import wording
from workflow.contracts import territory_of
from workflow.models import Person, Seance, SeanceItem
from workflow.stages import MINUTED_LABELS

PRESENCES = {
    "present": "présent",
    "remote": "à distance",
    "represented": "représenté",
    "absent": "absent",
}


def agenda(seance: Seance, now: datetime) -> Paper:
    """The agenda: each dossier, its porteur, what it asks of each financer."""
    words = words_of(territory_of(seance.contract))
    parts = []
    if seance.agenda_note:
        parts.append(Part("Note", tuple(filter(None, seance.agenda_note.splitlines()))))
    rows = tuple(_item(rank, item, words) for rank, item in enumerate(seance.items, 1))
    if rows:
        said = ("Aucun des montants demandés ne préjuge de la décision des financeurs.",)
        heads = ("N°", "Dossier", "Porteur", "Montants demandés")
        parts.append(Part("Dossiers", said, heads, rows, (1, 6, 4, 6)))
    return _paper("Ordre du jour", seance, tuple(parts), now)


def _item(rank: int, item: SeanceItem, words: Words) -> tuple[str, ...]:
    dossier = item.dossier
    asked = [line for line in dossier.lines if line.requested is not None]
    amounts = [f"{words.line(line.key)} : {wording.euros(line.requested)}" for line in asked]
    total = sum((line.requested or Decimal(0) for line in asked), Decimal(0))
    shown = "\n".join([*amounts, f"Total : {wording.euros(total)}"]) if asked else "non précisés"
    return str(rank), f"{dossier.reference} – {dossier.title}", dossier.porteur.name, shown


def minutes(db: Session, seance: Seance, now: datetime) -> Paper:
    """The minutes as they were written at closing, nothing added."""
    words = words_of(territory_of(seance.contract))
    kept: dict[str, Any] = seance.minutes or {}
    parts = [_presence(kept), *_decisions(db, kept, words)]
    facts = tuple(_convocation(kept.get("convocation", {})))
    return _paper("Relevé de décisions", seance, tuple(parts), now, facts)


def _convocation(told: dict[str, Any]) -> Iterable[tuple[str, str]]:
    if told.get("told_on"):
        late = told.get("days_late") or 0
        said = f"adressée le {_day(told['told_on'])}"
        if late:
            due, days = _day(told["due_on"]), "jour" if late == 1 else "jours"
            said += f", soit {late} {days} après la date prévue ({due})"
        yield "Convocation", said


def _day(text: str) -> str:
    return wording.day(date.fromisoformat(text))


def _presence(kept: dict[str, Any]) -> Part:
    people = kept.get("present", ())
    if not people:
        return Part("Présences", ("Présences non relevées.",))
    rows = tuple(
        (
            person["name"],
            person["organisation"],
            "invité" if person.get("kind") == "invited" else "membre",
            PRESENCES.get(person["presence"], person["presence"])
            + (f" par {person['by']}" if person["presence"] == "represented" and person.get("by") else ""),
        )
        for person in people
    )
    return Part("Présences", (), ("Nom", "Organisme", "Qualité", "Présence"), rows, (4, 5, 2, 4))


def _decisions(db: Session, kept: dict[str, Any], words: Words) -> Iterable[Part]:
    decisions = kept.get("decisions", ())
    if not decisions:
        return
    emails = {email for made in decisions for email in made.get("recused") or ()}
    names = {p.email: p.name for p in db.scalars(select(Person).where(Person.email.in_(emails)))}
    said = ("Les montants retenus le sont sous réserve de la décision de chaque financeur.",)
    heads = ("Dossier", "Porteur", "Décision", "Montants retenus")
    rows = tuple(_decision(made, words, names) for made in decisions)
    yield Part("Décisions", said, heads, rows, (6, 4, 5, 6))


def _decision(made: dict[str, Any], words: Words, names: dict[str, str]) -> tuple[str, ...]:
    said = [MINUTED_LABELS[made["decision"]]]
    if made.get("reason"):
        said.append(f"Motif : {made['reason']}")
    if made.get("conditions"):
        said.append(f"Conditions : {made['conditions']}")
    if made.get("recused"):
        said.append("Déports : " + ", ".join(names.get(email, email) for email in made["recused"]))
    amounts = [f"{words.line(key)} : {wording.euros(Decimal(v))}" for key, v in made["amounts"].items()]
    if made["retained"]:
        amounts.append(f"Total : {wording.euros(Decimal(made['retained']))}")
    return (
        f"{made['reference']} – {made['title']}",
        made["porteur"],
        "\n".join(said),
        "\n".join(amounts) or "—",
    )


def _paper(
    title: str,
    seance: Seance,
    parts: tuple[Part, ...],
    now: datetime,
    facts: tuple[tuple[str, str], ...] = (),
) -> Paper:
    held = (
        ("Date", wording.moment(seance.starts_at)),
        ("Durée", f"{seance.duration_minutes} minutes"),
        ("Lieu", seance.place or "à préciser"),
    )
    made = f"Établi le {wording.moment(now)}"
    return Paper(title, seance.label, seance.contract.label, (*held, *facts), parts, now, made)
