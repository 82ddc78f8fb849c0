# SPDX-License-Identifier: EUPL-1.2
"""The pieces of a dossier: received, replaced, withdrawn; the file itself is never changed nor thrown away."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from rules.findings import Finding
from rules.themes.pieces import PIECES, check_due
from workflow.completion import STAFF
from workflow.contents import Received
from workflow.contracts import territory_of
from workflow.errors import InvalidInputError, NotAllowedHereError, NotPermittedError, UnknownReferenceError
from workflow.examination import parameters_of
from workflow.facts import dossier_facts, territory_facts
from workflow.journal import record_on
from workflow.models import Document, Dossier, Piece
from workflow.permissions import Actor, holds
from workflow.queries_own import told_of
from workflow.sight import standing_of
from workflow.stages import FUNDED_STAGES, NOT_YET_DISPATCHED, OPEN_STAGES, Role, Stage

ADD, WITHDRAW = "add_piece", "withdraw_piece"
KIND = "piece"  # of its document
OTHER = "autre"
PIECE_LABELS: Mapping[str, str] = {**PIECES, OTHER: "autre pièce"}
# The staff until the end; the porteur until the conference discusses its amounts, then once the action is retained.
STAFF_STAGES = frozenset({Stage.DRAFT}) | OPEN_STAGES | FUNDED_STAGES
PORTEUR_STAGES = NOT_YET_DISPATCHED | {Stage.DISPATCHED, Stage.CO_INSTRUCTION} | FUNDED_STAGES


def may_add(db: Session, dossier: Dossier, actor: Actor) -> bool:
    """Secretary, instructors and pilot; the porteur on its own dossier, while the stage it is told allows."""
    if dossier.stage in STAFF_STAGES and is_staff(dossier, actor):
        return True
    return holds(actor, Role.PORTEUR, dossier) and told_of(db, [dossier])[dossier.id].stage in PORTEUR_STAGES


def is_staff(dossier: Dossier, actor: Actor) -> bool:
    """Who keeps the dossier's papers."""
    return any(holds(actor, role, dossier) for role in STAFF)


def why_not(db: Session, dossier: Dossier, actor: Actor) -> str:
    """Why this person brings no piece now; empty when they may."""
    if may_add(db, dossier, actor):
        return ""
    if not is_staff(dossier, actor) and not holds(actor, Role.PORTEUR, dossier):
        return "Le porteur, les instructeurs, le secrétariat et le pilote déposent les pièces de ce dossier."
    return f"{standing_of(actor, dossier)} : à cette étape, vous n’y ajoutez plus de pièce."


def check_may_add(db: Session, dossier: Dossier, actor: Actor) -> None:
    """Raises NotPermittedError, or NotAllowedHereError when only the stage forbids it."""
    reason = why_not(db, dossier, actor)
    if not reason:
        return
    concerned = is_staff(dossier, actor) or holds(actor, Role.PORTEUR, dossier)
    raise NotAllowedHereError(reason) if concerned else NotPermittedError(reason)


def add_piece(
    db: Session,
    dossier: Dossier,
    code: str,
    received: Received,
    actor: Actor,
    now: datetime,
    *,
    replaces: int | None = None,
) -> tuple[Piece, bool]:
    """Keeps a piece and notes it among those received; (the one already there, False) when the same file is sent again."""
    check_may_add(db, dossier, actor)
    if code not in PIECE_LABELS:
        raise InvalidInputError("Nature de la pièce : à choisir dans la liste.", "code")
    current = [piece for piece in pieces_of(db, dossier) if piece.is_current]
    digest = sha256(received.content).hexdigest()
    same = next((p for p in current if p.code == code and p.document.sha256 == digest), None)
    if same is not None:
        return same, False
    old = _replaced(current, replaces, code)
    document = keep_document(db, dossier, KIND, received, now)
    piece = Piece(
        dossier=dossier, document=document, code=code, size=len(received.content), added_at=now,
        person_id=actor.person_id, added_by=actor.name,
    )  # fmt: skip
    db.add(piece)
    db.flush()
    if old is not None:
        old.replaced_by_id = piece.id
    # No file name in the journal: it may name somebody, and nobody could take it out.
    details = {"piece": PIECE_LABELS[code], "sha256": digest, "piece_id": piece.id}
    details |= {"replaces": old.id} if old is not None else {}
    _note(dossier, {*(p.code for p in current), code})
    record_on(db, dossier, ADD, actor, now, details)
    db.flush()
    return piece, True


def keep_document(db: Session, dossier: Dossier, kind: str, received: Received, now: datetime) -> Document:
    """The file as an immutable row about this dossier."""
    document = Document(
        contract_id=dossier.contract_id,
        kind=kind,
        subject=f"dossier:{dossier.id}",
        name=received.name,
        media_type=received.media_type,
        sha256=sha256(received.content).hexdigest(),
        content=received.content,
        created_at=now,
    )
    db.add(document)
    return document


def _replaced(current: Sequence[Piece], replaces: int | None, code: str) -> Piece | None:
    if replaces is None:
        return None
    old = next((piece for piece in current if piece.id == replaces), None)
    if old is None:
        raise InvalidInputError(
            "La pièce à remplacer vient d’être remplacée ou retirée : relisez la liste.", "replaces"
        )
    if old.code != code:
        raise InvalidInputError(
            f"Une pièce en remplace une de même nature : ici « {PIECE_LABELS[old.code]} ».", "code"
        )
    return old


def _note(dossier: Dossier, codes: set[str]) -> None:
    """The rules read the codes of the pieces received: those noted by hand stay, those that came are added."""
    known = list(dossier.pieces or ())
    added = [code for code in PIECES if code in codes and code not in known]
    if added:
        dossier.pieces = [*known, *added]


def may_withdraw(dossier: Dossier, piece: Piece, actor: Actor) -> bool:
    """Who keeps the papers, and whoever sent it; while this person may add pieces."""
    own = piece.person_id is not None and piece.person_id == actor.person_id
    return piece.is_current and (own or is_staff(dossier, actor))


def withdraw_piece(
    db: Session, dossier: Dossier, piece: Piece, reason: str, actor: Actor, now: datetime
) -> None:
    """Sent by mistake: it no longer counts, its line stays. Raises NotPermittedError, NotAllowedHereError."""
    if not piece.is_current:
        raise NotAllowedHereError("Cette pièce a déjà été remplacée ou retirée.")
    check_may_add(db, dossier, actor)
    if not may_withdraw(dossier, piece, actor):
        raise NotPermittedError("Vous retirez les pièces que vous avez envoyées ; les autres, l’instruction.")
    if not reason:
        raise InvalidInputError("Motif : à renseigner.", "reason")
    piece.withdrawn_at, piece.withdrawn_by, piece.withdrawn_reason = now, actor.name, reason
    left = {p.code for p in pieces_of(db, dossier) if p.is_current}
    if piece.code not in left and piece.code in (dossier.pieces or ()):
        dossier.pieces = [code for code in dossier.pieces or () if code != piece.code]
    details = {"piece": PIECE_LABELS[piece.code], "piece_id": piece.id}
    record_on(db, dossier, WITHDRAW, actor, now, details, reason=reason)
    db.flush()


def pieces_of(db: Session, dossier: Dossier) -> Sequence[Piece]:
    """Every piece with its document (not its bytes), oldest first: one statement."""
    query = select(Piece).where(Piece.dossier_id == dossier.id).options(joinedload(Piece.document))
    return db.scalars(query.order_by(Piece.id)).all()


def piece_of(db: Session, dossier: Dossier, piece_id: int) -> Piece:
    """One piece of this dossier. Raises UnknownReferenceError."""
    query = select(Piece).where(Piece.id == piece_id, Piece.dossier_id == dossier.id)
    found = db.scalars(query.options(joinedload(Piece.document))).first()
    if found is None:
        raise UnknownReferenceError("Cette pièce n’est pas de ce dossier.")
    return found


def may_read(dossier: Dossier, piece: Piece, actor: Actor) -> bool:
    """Withdrawn, a piece stays with who keeps the papers: it may be somebody else's."""
    return piece.withdrawn_at is None or is_staff(dossier, actor)


def pieces_due(dossier: Dossier, on: date) -> Finding:
    """Which pieces are expected of this porteur that day, and which are missing."""
    contract = dossier.contract
    facts = dossier_facts(dossier, territory_of(contract), on)  # nothing around the dossier counts here
    return check_due(facts, territory_facts(contract), parameters_of(contract, on))
