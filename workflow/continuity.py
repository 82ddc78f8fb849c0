# SPDX-License-Identifier: EUPL-1.2
"""One action for life: a renewed request is recognised as the next year of an action already known."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.models import Action, Contract, Dossier
from workflow.names import key


class KnownActions:
    """The actions of a contract by porteur and title (accents and case aside), with the years they already have."""

    def __init__(self, db: Session, contract: Contract) -> None:
        rows = db.execute(
            select(Action, Dossier.porteur_id, Dossier.title, Dossier.year)
            .join(Dossier, Dossier.action_id == Action.id)
            .where(Action.contract_id == contract.id)
            .order_by(Dossier.year, Dossier.id)
        )
        self._actions: dict[tuple[int, str], Action] = {}
        self._years: dict[int, set[int]] = {}
        for action, porteur_id, title, year in rows:
            self._actions[porteur_id, key(title)] = action
            self._years.setdefault(action.id, set()).add(year)

    def renewed(self, porteur_id: int, title: str, year: int) -> Action | None:
        """The action that this request renews: same porteur and title, an earlier year, none of this year yet."""
        action = self._actions.get((porteur_id, key(title)))
        if action is None:
            return None
        years = self._years[action.id]
        if year in years or min(years) >= year:
            return None
        years.add(year)
        return action
