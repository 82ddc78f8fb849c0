# SPDX-License-Identifier: EUPL-1.2
"""What moved since a screen last heard: a mark made of the journal, and the dossiers whose acts came after it."""

import re
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.errors import InvalidInputError
from workflow.models import Journal

WINDOW = (
    256  # acts that may be committed after a later one was read: numbers are given before transactions end
)
_MARK = re.compile(r"(\d{1,15})-(\d{1,4})", re.ASCII)
_DOSSIER = re.compile(r"dossier:(\d+)", re.ASCII)


class Mark(NamedTuple):
    """The last act of a contract, and how many of the last `WINDOW` numbers are acts of it: a late one changes the count."""

    last: int
    near: int

    def __str__(self) -> str:
        return f"{self.last}-{self.near}"


def read_mark(text: str) -> Mark:
    """A mark as a page sent it back. Raises InvalidInputError."""
    found = _MARK.fullmatch(text)
    if found is None:
        raise InvalidInputError("Cette page est trop ancienne\u00a0: rechargez-la.", "depuis")
    return Mark(int(found[1]), int(found[2]))


def present_mark(db: Session, contract_id: int) -> Mark:
    """Where the contract's journal is now. Read it before what it marks: what comes between is told again, never lost."""
    newest = select(Journal.id).where(Journal.contract_id == contract_id).order_by(Journal.id.desc())
    last = db.scalar(newest.limit(1)) or 0
    return Mark(last, _acts_near(db, contract_id, last))


def _acts_near(db: Session, contract_id: int, last: int) -> int:
    near = select(func.count()).where(
        Journal.contract_id == contract_id, Journal.id > last - WINDOW, Journal.id <= last
    )
    return db.scalar(near) or 0


class Moves(NamedTuple):
    """Dossiers acted on, and the other chains (séances, envelopes) that moved."""

    dossiers: frozenset[int]
    others: frozenset[str]


class Heard(NamedTuple):
    """What a screen is told: where the journal is, and what moved since the mark it had. Without one, `since` is None."""

    present: Mark
    since: Mark | None = None
    moves: Moves = Moves(frozenset(), frozenset())

    @property
    def is_silence(self) -> bool:
        """True when nothing moved."""
        return self.present == self.since


def hear(db: Session, contract_id: int, since: Mark | None = None) -> Heard:
    """What moved since a mark. The present is read first of all: what comes after it is told the next time."""
    present = present_mark(db, contract_id)
    if since is None or since == present:
        return Heard(present, since)
    return Heard(present, since, moves_since(db, contract_id, since))


def moves_since(db: Session, contract_id: int, mark: Mark) -> Moves:
    """What was done since this mark; a window earlier when an act of before was committed after it."""
    is_late = _acts_near(db, contract_id, mark.last) != mark.near
    start = mark.last - WINDOW if is_late else mark.last
    chains = db.scalars(
        select(Journal.chain).where(Journal.contract_id == contract_id, Journal.id > start).distinct()
    ).all()
    named = {chain: _DOSSIER.fullmatch(chain) for chain in chains}
    return Moves(
        frozenset(int(found[1]) for found in named.values() if found),
        frozenset(chain for chain, found in named.items() if not found),
    )
