# SPDX-License-Identifier: EUPL-1.2
"""Who reads a page, and when."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from rules import wording
from workflow.firing import PARIS
from workflow.models import Dossier, Organisation
from workflow.permissions import Actor
from workflow.queries import may_speak_instead


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the page, and when."""

    actor: Actor
    now: datetime

    @property
    def today(self) -> date:
        """The legal day."""
        return self.now.astimezone(PARIS).date()


def replacements(db: Session, dossier: Dossier, organisation: Organisation, reader: Reader) -> str:
    """Who speaks for this organisation in the reader's place, in one sentence."""
    people = may_speak_instead(db, dossier, organisation.id, reader.today)
    if not people:
        return (
            f"Personne d’autre n’a de compte pour {organisation.name}\u00a0: "
            "demandez à l’administrateur d’en ouvrir un à une personne sans lien avec le porteur."
        )
    names = wording.listing(person.name for person in people)
    can = "peuvent" if len(people) > 1 else "peut"
    return f"{names} {can} le faire à votre place, pour {organisation.name}."
