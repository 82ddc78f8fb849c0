# SPDX-License-Identifier: EUPL-1.2
"""The transition `complete` as somebody would write it by hand in SQLAlchemy Core: the same reads, the same rows."""

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Engine, Row, Table, bindparam, func, insert, select, update

from tests.factories import NOW
from workflow.db import Base
from workflow.journal import ORIGIN

TABLES = Base.metadata.tables
DOSSIER, CONTRACT, LINE = TABLES["dossier"], TABLES["contract"], TABLES["funding_line"]
JOURNAL, EVENT, CREDIT = TABLES["journal"], TABLES["event"], TABLES["credit"]
ORGANISATION, OPINION = TABLES["organisation"], TABLES["opinion"]
WAIVER, BUDGET = TABLES["waiver"], TABLES["budget_line"]
MANDATE, PERSON = TABLES["mandate"], TABLES["person"]
ACTOR = "secretariat@epci.test"
Head = tuple[int, str]

# Built once, parameters given apart: Core at its best, hence the hardest to compare with.
READ = select(DOSSIER).where(DOSSIER.c.id == bindparam("of"))
READ_CONTRACT = select(CONTRACT).where(CONTRACT.c.id == bindparam("of"))
READ_HEAD = (
    select(JOURNAL.c.seq, JOURNAL.c.hash)
    .where(JOURNAL.c.chain == bindparam("of"))
    .order_by(JOURNAL.c.seq.desc())
    .limit(1)
)
CHANGE = (
    update(DOSSIER)
    .where(DOSSIER.c.id == bindparam("of"), DOSSIER.c.version == bindparam("was"))
    .values(stage="submitted", stage_since=NOW, completion=None, version=bindparam("becomes"))
)
ADD_LINE, ADD_EVENT = insert(JOURNAL), insert(EVENT)


def one(engine: Engine, id_: int) -> None:
    """One transition in its own transaction."""
    with engine.begin() as connection:
        dossier = connection.execute(READ, {"of": id_}).one()
        connection.execute(READ_CONTRACT, {"of": dossier.contract_id}).one()
        head = connection.execute(READ_HEAD, {"of": f"dossier:{id_}"}).first()
        assert connection.execute(CHANGE, change_of(dossier)).rowcount == 1
        line = journal_line(dossier, (head.seq, head.hash) if head else (0, ORIGIN))
        connection.execute(ADD_LINE, line)
        connection.execute(ADD_EVENT, event_of(dossier))


def batch(engine: Engine, ids: Sequence[int], *, many: bool) -> None:
    """A hundred in one transaction: read together, then written row by row, or by three `executemany`."""
    with engine.begin() as connection:
        dossiers = _read_together(connection, ids)
        heads = _heads(connection, ids)
        changes = [change_of(d) for d in dossiers]
        lines = [journal_line(d, heads.get(f"dossier:{d.id}", (0, ORIGIN))) for d in dossiers]
        events = [event_of(d) for d in dossiers]
        if many:
            connection.execute(CHANGE, changes)
            connection.execute(ADD_LINE, lines)
            connection.execute(ADD_EVENT, events)
            return
        for changed, line, told in zip(changes, lines, events, strict=True):
            assert connection.execute(CHANGE, changed).rowcount == 1
            connection.execute(ADD_LINE, line)
            connection.execute(ADD_EVENT, told)


def _read_together(connection: Connection, ids: Sequence[int]) -> Sequence[Row[Any]]:
    """What `load_for_examination` reads: dossiers, porteurs, contracts, lines, credits, their holders, and so on."""
    dossiers = connection.execute(select(DOSSIER).where(DOSSIER.c.id.in_(ids))).all()
    porteurs = {d.porteur_id for d in dossiers}
    _by_id(connection, ORGANISATION, porteurs)
    held = connection.execute(select(MANDATE).where(MANDATE.c.organisation_id.in_(list(porteurs)))).all()
    persons = _by_id(connection, PERSON, {mandate.person_id for mandate in held})
    connection.execute(select(MANDATE).where(MANDATE.c.person_id.in_([p.id for p in persons]))).all()
    _by_id(connection, CONTRACT, {d.contract_id for d in dossiers})
    lines = _of_dossiers(connection, LINE, ids)
    credits = _by_id(connection, CREDIT, {line.credit_id for line in lines})
    _by_id(connection, ORGANISATION, {credit.organisation_id for credit in credits})
    for table in (OPINION, WAIVER, BUDGET):
        _of_dossiers(connection, table, ids)
    return dossiers


def _by_id(connection: Connection, table: Table, ids: Iterable[int]) -> Sequence[Row[Any]]:
    return connection.execute(select(table).where(table.c.id.in_(list(ids)))).all()


def _of_dossiers(connection: Connection, table: Table, ids: Sequence[int]) -> Sequence[Row[Any]]:
    return connection.execute(select(table).where(table.c.dossier_id.in_(ids)).order_by(table.c.id)).all()


def _heads(connection: Connection, ids: Sequence[int]) -> dict[str, Head]:
    chains = [f"dossier:{id_}" for id_ in ids]
    newest = (
        select(JOURNAL.c.chain, func.max(JOURNAL.c.seq).label("seq"))
        .where(JOURNAL.c.chain.in_(chains))
        .group_by(JOURNAL.c.chain)
        .subquery()
    )
    rows = connection.execute(
        select(JOURNAL.c.chain, JOURNAL.c.seq, JOURNAL.c.hash).join(
            newest, (JOURNAL.c.chain == newest.c.chain) & (JOURNAL.c.seq == newest.c.seq)
        )
    )
    return {row.chain: (row.seq, row.hash) for row in rows}


def journal_line(dossier: Row[Any], head: Head) -> dict[str, Any]:
    """The journal's row, with its hash of the row before."""
    seq, previous = head
    chain, after = f"dossier:{dossier.id}", "submitted"
    content = [
        previous, chain, seq + 1, chain, NOW.isoformat(), ACTOR, False, "complete", dossier.stage, after, None, {},
    ]  # fmt: skip
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return {
        "contract_id": dossier.contract_id,
        "chain": chain,
        "seq": seq + 1,
        "subject": chain,
        "at": NOW,
        "actor": ACTOR,
        "automatic": False,
        "trigger": "complete",
        "from_state": dossier.stage,
        "to_state": after,
        "reason": None,
        "details": {},
        "previous_hash": previous,
        "hash": sha256(text.encode()).hexdigest(),
    }


def change_of(dossier: Row[Any]) -> dict[str, int]:
    """The parameters of the dossier's change."""
    return {"of": dossier.id, "was": dossier.version, "becomes": dossier.version + 1}


def event_of(dossier: Row[Any]) -> dict[str, Any]:
    """The event's row."""
    chain = f"dossier:{dossier.id}"
    return {
        "contract_id": dossier.contract_id,
        "kind": "dossier.complete",
        "subject": chain,
        "payload": {"subject": chain},
        "at": NOW,
    }
