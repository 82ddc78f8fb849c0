# SPDX-License-Identifier: EUPL-1.2
"""What is confirmed before an act on a séance: how many people it writes to, or a day that is not the expected one."""

from datetime import datetime

from sqlalchemy.orm import Session

from notifications.addresses import is_readable
from notifications.recipients import of_person
from rules import wording
from workflow.contracts import territory_of
from workflow.firing import PARIS, Subject
from workflow.invitations import to_remind
from workflow.models import Seance
from workflow.queries import seated_persons

CONFIRMED = "confirmed"  # the box that confirms a day to avoid


def to_confirm(db: Session, subject: Subject, trigger: str, now: datetime) -> str:
    """The sentence before the button; empty when nothing needs one."""
    if not isinstance(subject, Seance):
        return ""
    if trigger == "convoke":
        return _convoked(db, subject, now)
    if trigger == "remind":
        return _reminded(subject, now)
    return _unexpected_day(subject, now) if trigger == "open" else ""


def _convoked(db: Session, seance: Seance, now: datetime) -> str:
    today = now.astimezone(PARIS).date()
    seated = seated_persons(db, seance.contract_id, seance.body, today)
    body = territory_of(seance.contract).body_by_code.get(seance.body)
    guests = len(body.guests) if body else 0
    said = f"{_people(len(seated), 'membre')}" + (
        f" et {_people(guests, 'organisme invité')}" if guests else ""
    )
    lost = [p.name for p, organisation in seated if not is_readable(of_person(p, organisation).address)]
    unread = f" Sans adresse utilisable : {wording.listing(lost)}." if lost else ""
    return f"Un message part à {said}, avec l’ordre du jour et l’entrée d’agenda.{unread}"


def _reminded(seance: Seance, now: datetime) -> str:
    silent = [called.person.name for called in to_remind(seance, now)]
    if not silent:
        return ""
    return f"Un message part à {_people(len(silent), 'personne')} sans réponse : {wording.listing(silent)}."


def _unexpected_day(seance: Seance, now: datetime) -> str:
    """Before opening a séance on another day than its own."""
    planned, today = (at.astimezone(PARIS).date() for at in (seance.starts_at, now))
    return "" if planned == today else f"Prévue le {wording.day(planned)} : ouvrir aujourd’hui ?"


def _people(number: int, words: str) -> str:
    return f"{number} {words}" if number < 2 else f"{number} " + " ".join(f"{w}s" for w in words.split())
