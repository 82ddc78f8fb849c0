# SPDX-License-Identifier: EUPL-1.2
"""Saved views of the board: kept by a person, shared or not, one of them opened first."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflow.errors import InvalidInputError, UnknownReferenceError
from workflow.models import Contract, SavedView
from workflow.names import key as name_key

LONGEST_NAME, MOST = 80, 50


def views_of(db: Session, contract: Contract, person_id: int) -> Sequence[SavedView]:
    """The person's own views, then those that others share with the contract."""
    query = (
        select(SavedView)
        .where(SavedView.contract_id == contract.id)
        .where(or_(SavedView.person_id == person_id, SavedView.is_shared))
        .order_by((SavedView.person_id != person_id), SavedView.name, SavedView.id)
    )
    return db.scalars(query).all()


def own_view(db: Session, contract: Contract, person_id: int, view_id: int) -> SavedView:
    """One of the person's own views. Raises UnknownReferenceError."""
    found = db.get(SavedView, view_id)
    if found is None or (found.contract_id, found.person_id) != (contract.id, person_id):
        raise UnknownReferenceError("Cette vue n’existe pas, ou elle est à quelqu’un d’autre.")
    return found


def default_view(db: Session, contract: Contract, person_id: int) -> SavedView | None:
    """The view this person opens first, if any."""
    mine = select(SavedView).where(SavedView.contract_id == contract.id, SavedView.person_id == person_id)
    return db.scalars(mine.where(SavedView.is_default)).first()


def save_view(
    db: Session, contract: Contract, person_id: int, name: str, query: str, now: datetime, *, is_shared: bool
) -> SavedView:
    """Keeps a new view. Raises InvalidInputError."""
    mine = _own(db, contract, person_id)
    if len(mine) >= MOST:
        raise InvalidInputError(f"Vous gardez déjà {MOST} vues\u00a0: supprimez-en une d’abord.", "name")
    view = SavedView(contract_id=contract.id, person_id=person_id, query=query, created_at=now)
    _set(mine, view, name, is_shared=is_shared)
    db.add(view)
    return view


def change_view(
    db: Session, contract: Contract, view: SavedView, name: str, *, is_shared: bool, is_default: bool
) -> None:
    """Its name, who sees it, whether it is opened first. Raises InvalidInputError."""
    mine = _own(db, contract, view.person_id)
    _set(mine, view, name, is_shared=is_shared)
    for other in mine:
        other.is_default = is_default if other.id == view.id else other.is_default and not is_default


def _own(db: Session, contract: Contract, person_id: int) -> Sequence[SavedView]:
    mine = select(SavedView).where(SavedView.contract_id == contract.id, SavedView.person_id == person_id)
    return db.scalars(mine.order_by(SavedView.id)).all()


def _set(mine: Sequence[SavedView], view: SavedView, name: str, *, is_shared: bool) -> None:
    name = " ".join(name.split())
    if not name:
        raise InvalidInputError("Nom de la vue\u00a0: à renseigner.", "name")
    if len(name) > LONGEST_NAME:
        raise InvalidInputError(f"Nom de la vue\u00a0: au plus {LONGEST_NAME} signes.", "name")
    if any(other is not view and name_key(other.name) == name_key(name) for other in mine):
        raise InvalidInputError(
            f"Nom de la vue\u00a0: vous en avez déjà une nommée «\u00a0{name}\u00a0».", "name"
        )
    view.name, view.is_shared = name, is_shared
