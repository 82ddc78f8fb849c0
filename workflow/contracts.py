# SPDX-License-Identifier: EUPL-1.2
"""Contracts as they run: the territory kept with the contract's row, parsed once per version."""

from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.errors import UnknownReferenceError
from workflow.models import Contract
from workflow.territory import Territory

_PARSED: dict[str, Territory] = {}


def settings_digest(territory: Territory, official_qpv: Iterable[str] | None = None) -> str:
    """sha256 of the territory's canonical JSON and of the official QPV list: the configuration that runs."""
    digest = sha256(territory.model_dump_json().encode())
    if official_qpv is not None:
        digest.update("|".join(sorted(official_qpv)).encode())
    return digest.hexdigest()


def territory_of(contract: Contract) -> Territory:
    """The territory of this contract, parsed once per digest."""
    found = _PARSED.get(contract.settings_digest)
    if found is None:
        found = Territory.model_validate(contract.settings)
        _PARSED[contract.settings_digest] = found
    return found


def get_contract(db: Session, code: str | None = None) -> Contract:
    """The contract of this code, or the only one. Raises UnknownReferenceError naming the choices."""
    contracts = db.scalars(select(Contract).where(Contract.closed_on.is_(None)).order_by(Contract.id)).all()
    if code is None and len(contracts) == 1:
        return contracts[0]
    for contract in contracts:
        if contract.code == code:
            return contract
    choices = ", ".join(contract.code for contract in contracts) or "aucun (lancez « coinstruction init »)"
    what = (
        f"Contrat inconnu : « {code} »" if code else "Plusieurs contrats ou aucun : précisez --contract CODE"
    )
    raise UnknownReferenceError(f"{what}. Contrats connus : {choices}.")


@lru_cache(maxsize=64)
def body_codes(digest: str, kinds: frozenset[str]) -> frozenset[str]:
    """Codes of the bodies of these kinds in the territory of this digest."""
    return frozenset(body.code for body in _PARSED[digest].bodies if body.kind in kinds)
