# SPDX-License-Identifier: EUPL-1.2
"""The journal: one hash-chained line per act, one chain per dossier or séance. Rewriting one line breaks its chain."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import event, func, select
from sqlalchemy.orm import Session, SessionTransaction

from workflow.models import Dossier, Journal, Seal
from workflow.permissions import Actor

ORIGIN = "0" * 64
_HEADS = "journal_heads"


@event.listens_for(Session, "after_transaction_end")
def _forget_heads(session: Session, transaction: SessionTransaction) -> None:
    """At the end of a transaction or of a savepoint; a flush is a transaction of its own here, and changes no head."""
    if transaction.parent is None or transaction.nested:
        session.info.pop(_HEADS, None)


def _heads(db: Session) -> dict[str, tuple[int, str]]:
    heads: dict[str, tuple[int, str]] = db.info.setdefault(_HEADS, {})
    return heads


def preload_heads(db: Session, chains: Iterable[str]) -> None:
    """Reads the last line of many chains in one query, before firing on a batch."""
    wanted = list(chains)
    last = select(Journal.chain, func.max(Journal.seq).label("seq")).where(Journal.chain.in_(wanted))
    newest = last.group_by(Journal.chain).subquery()
    rows = db.execute(
        select(Journal.chain, Journal.seq, Journal.hash).join(
            newest, (Journal.chain == newest.c.chain) & (Journal.seq == newest.c.seq)
        )
    )
    heads = _heads(db)
    heads.update(dict.fromkeys(wanted, (0, ORIGIN)))
    heads.update((chain, (seq, hash_)) for chain, seq, hash_ in rows)


def head_of(db: Session, chain: str) -> tuple[int, str]:
    """Number and hash of the chain's last line; (0, ORIGIN) for a new chain."""
    heads = _heads(db)
    if chain not in heads:
        query = select(Journal.seq, Journal.hash).where(Journal.chain == chain).order_by(Journal.seq.desc())
        row = db.execute(query.limit(1)).first()
        heads[chain] = (row[0], row[1]) if row else (0, ORIGIN)
    return heads[chain]


def digest_of(line: Journal) -> str:
    """The hash this line must carry: its own content and the hash of the line before."""
    content = [
        line.previous_hash,
        line.chain,
        line.seq,
        line.subject,
        line.at.isoformat(),
        line.actor,
        line.automatic,
        line.trigger,
        line.from_state,
        line.to_state,
        line.reason,
        line.details,
    ]
    return sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def record(
    db: Session,
    *,
    contract_id: int,
    chain: str,
    subject: str | None = None,
    actor: Actor,
    trigger: str,
    now: datetime,
    from_state: str | None = None,
    to_state: str | None = None,
    reason: str | None = None,
    details: dict[str, Any] | None = None,
) -> Journal:
    """Appends one line to the chain, about `subject` (else what the chain is of). `details`: JSON values, amounts as text."""
    seq, previous = head_of(db, chain)
    line = Journal(
        contract_id=contract_id,
        chain=chain,
        seq=seq + 1,
        subject=subject or chain,
        at=now.astimezone(UTC),  # the hash reads it as the database will give it back
        actor=actor.email,
        automatic=actor.automatic,
        trigger=trigger,
        from_state=from_state,
        to_state=to_state,
        reason=reason or None,
        details=details or {},
        previous_hash=previous,
    )
    line.hash = digest_of(line)
    db.add(line)
    _heads(db)[chain] = (line.seq, line.hash)
    return line


def record_on(
    db: Session,
    dossier: Dossier,
    trigger: str,
    actor: Actor,
    now: datetime,
    details: dict[str, Any],
    *,
    reason: str | None = None,
    to_state: str | None = None,
) -> Journal:
    """The same for an act on a dossier that is no transition: an amount, a piece, a settlement."""
    return record(
        db,
        contract_id=dossier.contract_id,
        chain=f"dossier:{dossier.id}",
        actor=actor,
        trigger=trigger,
        now=now,
        to_state=to_state,
        reason=reason,
        details=details,
    )


def verify_chain(db: Session, chain: str) -> list[str]:
    """French faults of one chain: a missing, moved or rewritten line. Empty when it is unbroken."""
    faults: list[str] = []
    previous = ORIGIN
    lines = db.scalars(select(Journal).where(Journal.chain == chain).order_by(Journal.seq))
    for expected, line in enumerate(lines, start=1):
        if line.seq != expected:
            return [*faults, f"{chain} : la ligne {expected} du journal manque"]
        if line.previous_hash != previous or digest_of(line) != line.hash:
            faults.append(f"{chain} : la ligne {line.seq} du journal a été modifiée")
        previous = line.hash
    return faults


def verify_all(db: Session) -> list[str]:
    """French faults of every chain, and of every seal whose sealed head is no longer in its chain."""
    chains = db.scalars(select(Journal.chain).distinct().order_by(Journal.chain)).all()
    faults = [fault for chain in chains for fault in verify_chain(db, chain)]
    for seal in db.scalars(select(Seal).order_by(Seal.id)):
        if digest_heads(seal.heads) != seal.digest:
            faults.append(f"Sceau {seal.id} : son empreinte ne correspond plus à son contenu")
        hashes = list(seal.heads.values())
        known = set(db.scalars(select(Journal.hash).where(Journal.hash.in_(hashes))))
        faults.extend(
            f"{chain} : la ligne scellée le {seal.at:%d/%m/%Y} n’est plus dans le journal"
            for chain, value in seal.heads.items()
            if value not in known
        )
    return faults


def digest_heads(heads: dict[str, Any]) -> str:
    """sha256 of sealed heads."""
    return sha256(json.dumps(heads, sort_keys=True).encode()).hexdigest()


def seal_heads(
    db: Session, *, contract_id: int, seance_id: int, chains: Iterable[str], now: datetime
) -> Seal:
    """Seals the present heads of these chains at a closing."""
    heads = {chain: head_of(db, chain)[1] for chain in sorted(set(chains))}
    seal = Seal(contract_id=contract_id, seance_id=seance_id, at=now, heads=heads, digest=digest_heads(heads))
    db.add(seal)
    return seal
