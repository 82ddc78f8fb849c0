# SPDX-License-Identifier: EUPL-1.2
"""From a séance to its papers: the agenda as convoked, the minutes as closed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from reports.papers.structure import Paper, Part
from reports.summary.words import Words, words_of
from rules import wording
from workflow.contracts import territory_of
from workflow.models import Person, Seance, SeanceItem
from workflow.queries_corrections import Correction, later_corrections
from workflow.stages import MINUTED_LABELS, PRESENCE_LABELS


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
        parts.append(Part("Dossiers", said, heads, rows, (1, 5, 3, 8)))
    return seance_paper("Ordre du jour", seance, tuple(parts), now)


def _item(rank: int, item: SeanceItem, words: Words) -> tuple[str, ...]:
    dossier = item.dossier
    asked = [line for line in dossier.lines if line.requested is not None]
    amounts = [f"{words.line(line.key)} : {wording.euros(line.requested)}" for line in asked]
    total = sum((line.requested or Decimal(0) for line in asked), Decimal(0))
    shown = "\n".join([*amounts, f"Total : {wording.euros(total)}"]) if asked else "non précisés"
    return str(rank), f"{dossier.reference} – {dossier.title}", dossier.porteur.name, shown


def minutes(db: Session, seance: Seance, now: datetime) -> Paper:
    """The minutes as they were written at closing; what a later séance has rectified is told apart."""
    words = words_of(territory_of(seance.contract))
    kept: dict[str, Any] = seance.minutes or {}
    parts = [_presence(kept), *_decisions(db, kept, words), *_corrections(later_corrections(db, seance))]
    facts = tuple(_convocation(kept.get("convocation", {})))
    return seance_paper("Relevé de décisions", seance, tuple(parts), now, facts)


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
            PRESENCE_LABELS.get(person["presence"], person["presence"])
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
    yield Part("Décisions", said, heads, rows, (5, 3, 5, 8))


def _decision(made: dict[str, Any], words: Words, names: dict[str, str]) -> tuple[str, ...]:
    said = [MINUTED_LABELS[made["decision"]]]
    if made.get("scheme"):
        said.append(f"Vers : {made['scheme']}")
    if made.get("rectifies"):
        said.append(correction_told(made["rectifies"]))
    if made.get("votes"):
        said.append(votes_told(made["votes"]))
    if made.get("reason"):
        said.append(f"Motif : {made['reason']}")
    if made.get("conditions"):
        said.append(f"Conditions : {made['conditions']}")
    if made.get("recused"):
        said.append("Déports : " + ", ".join(names.get(email, email) for email in made["recused"]))
    if made.get("statement"):
        said.append(f"Parole de leur organisme : {made['statement']}")
    return (
        f"{made['reference']} – {made['title']}",
        made["porteur"],
        "\n".join(said),
        "\n".join(amounts_told(made, words)) or "—",
    )


def votes_told(votes: dict[str, int]) -> str:
    """« Vote : 5 pour, 1 contre, aucune abstention »."""
    abstained = votes["abstained"]
    silent = f"{abstained} abstention{'s' if abstained > 1 else ''}" if abstained else "aucune abstention"
    return f"Vote : {votes['in_favour']} pour, {votes['against']} contre, {silent}"


def correction_told(corrected: dict[str, Any]) -> str:
    """« Rectifie la décision du 14 avril 2026 : retenu, 7 000,00 € »."""
    was = MINUTED_LABELS[corrected["decision"]]
    amount = f", {wording.euros(Decimal(corrected['retained']))}" if corrected["retained"] else ""
    return f"Rectifie la décision du {_day(corrected['held_on'])} : {was}{amount}"


class MinutedTotals(NamedTuple):
    """What a séance retained: by its first decisions, then on the dossiers it rectified, with what they had before."""

    first: Decimal
    rectified: Decimal
    before: Decimal
    is_rectifying: bool

    @property
    def net(self) -> Decimal:
        """What it adds to, or takes from, what earlier minutes already count."""
        return self.first + self.rectified - self.before


def minuted_totals(decisions: Sequence[Mapping[str, Any]]) -> MinutedTotals:
    """A rectification leaves what it does not name: its dossier's whole amount is not new money."""
    first, rectified, before, is_rectifying = Decimal(0), Decimal(0), Decimal(0), False
    for made in decisions:
        retained, corrected = Decimal(made["retained"] or 0), made.get("rectifies")
        if corrected:
            rectified, before, is_rectifying = (
                rectified + retained,
                before + Decimal(corrected["retained"] or 0),
                True,
            )
        else:
            first += retained
    return MinutedTotals(first, rectified, before, is_rectifying)


def amounts_told(made: dict[str, Any], words: Words) -> list[str]:
    """Each line retained, those that wait for their financer, the total."""
    told = [f"{words.line(key)} : {wording.euros(Decimal(v))}" for key, v in made["amounts"].items()]
    told += [f"{words.line(key)} : en attente de son financeur" for key in made.get("pending", ())]
    if made["retained"]:
        told.append(f"Total : {wording.euros(Decimal(made['retained']))}")
    return told


def _corrections(corrections: Sequence[Correction]) -> Iterable[Part]:
    if not corrections:
        return
    rows = tuple(
        (one.reference, f"{one.label}, {wording.day(one.held_on)}", one.reason, wording.euros(one.retained))
        for one in corrections
    )
    said = (
        "Ces décisions ont été rectifiées depuis, par une décision datée et motivée d’une séance suivante.",
    )
    heads = ("Dossier", "Séance", "Motif", "Retenu depuis")
    yield Part("Rectifications", said, heads, rows, (3, 5, 7, 3))


def seance_paper(
    title: str,
    seance: Seance,
    parts: tuple[Part, ...],
    now: datetime,
    facts: tuple[tuple[str, str], ...] = (),
) -> Paper:
    """A paper headed by its séance: when, where."""
    held = (
        ("Date", wording.moment(seance.starts_at)),
        ("Durée", f"{seance.duration_minutes} minutes"),
        ("Lieu", seance.place or "à préciser"),
    )
    made = f"Établi le {wording.moment(now)}"
    return Paper(title, seance.label, seance.contract.label, (*held, *facts), parts, now, made)
