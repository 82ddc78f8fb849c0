# SPDX-License-Identifier: EUPL-1.2
"""The pieces of a dossier: those that count, those replaced or withdrawn, those still missing, and the form to add one."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from web.forms import Field, FormView, choices
from web.presenters.reader import Reader
from web.uploads import SHOWABLE
from workflow.contents import ACCEPTED, CHECKS, LARGEST
from workflow.models import Dossier, Piece
from workflow.pieces import PIECE_LABELS, may_read, may_withdraw, pieces_due, pieces_of, why_not

FORMS = {
    "application/pdf": "PDF",
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "text/csv": "CSV",
    "text/plain": "texte",
}
HINT = f"{ACCEPTED}, {LARGEST // 1_000_000}\u00a0Mo au plus, sans macros."
TYPES = ",".join(f".{extension}" for extension in CHECKS)


def pieces_block(db: Session, dossier: Dossier, reader: Reader) -> dict[str, Any]:
    """What the dossier page and the page of pieces show; one statement."""
    pieces = pieces_of(db, dossier)
    current = [piece for piece in pieces if piece.is_current]
    refused = why_not(db, dossier, reader.actor)
    due = pieces_due(dossier, reader.today).facts
    return {
        "current": [_row(piece, dossier, reader, may=not refused) for piece in current],
        "older": [
            _row(piece, dossier, reader, may=not refused)
            for piece in reversed(pieces)
            if not piece.is_current
        ],
        "missing": due.get("missing", due.get("expected", ()) if dossier.pieces is None else ()),
        "noted": _noted(dossier, current),
        "form": None if refused else _form(dossier, current),
        "why_not": refused,
        "address": f"/dossiers/{dossier.id}/pieces",
    }


def _noted(dossier: Dossier, current: Sequence[Piece]) -> list[str]:
    """Noted as received, on paper or elsewhere, without a file here."""
    there = {piece.code for piece in current}
    return [PIECE_LABELS.get(code, code) for code in dossier.pieces or () if code not in there]


def _row(piece: Piece, dossier: Dossier, reader: Reader, *, may: bool) -> dict[str, Any]:
    document = piece.document
    return {
        "id": piece.id,
        "label": PIECE_LABELS.get(piece.code, piece.code),
        "name": document.name,
        "form": FORMS.get(document.media_type, document.name.rpartition(".")[2].upper()),
        "size": size_text(piece.size),
        "added_at": piece.added_at,
        "added_by": piece.added_by,
        "address": f"/dossiers/{dossier.id}/pieces/{piece.id}"
        if may_read(dossier, piece, reader.actor)
        else "",
        "showable": document.media_type in SHOWABLE,
        "withdrawn_at": piece.withdrawn_at,
        "withdrawn_by": piece.withdrawn_by,
        "withdrawn_reason": piece.withdrawn_reason,
        "withdrawal": _withdrawal(dossier, piece)
        if may and may_withdraw(dossier, piece, reader.actor)
        else None,
    }


def size_text(size: int) -> str:
    """« 340 ko », « 1,2 Mo »."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))}\u00a0ko"
    return f"{size / 1_000_000:.1f}".replace(".", ",") + "\u00a0Mo"


def _form(dossier: Dossier, current: Sequence[Piece]) -> FormView:
    kinds = choices(
        {code: label[:1].upper() + label[1:] for code, label in PIECE_LABELS.items()}, empty="Choisir"
    )
    fields = [
        Field("code", "Nature de la pièce", "choice", ("",), True, choices=kinds),
        Field("file", "Fichier", "file", required=True, hint=HINT, accept=TYPES),
    ]
    if current:
        known = {
            piece.id: f"remplace « {piece.document.name} » ({PIECE_LABELS[piece.code]})" for piece in current
        }
        added = choices(known, empty="s’ajoute aux autres")
        fields.insert(1, Field("replaces", "Cette pièce", "choice", ("",), choices=added))
    return FormView(f"/dossiers/{dossier.id}/pieces", "Envoyer la pièce", tuple(fields))


def _withdrawal(dossier: Dossier, piece: Piece) -> FormView:
    field = Field(
        "reason",
        "Motif du retrait",
        "text",
        required=True,
        hint="Journalisé. Le fichier reste consultable par l’instruction.",
    )
    return FormView(
        f"/dossiers/{dossier.id}/pieces/{piece.id}/retrait", "Retirer la pièce", (field,), look="danger"
    )


def said_of(piece: Piece, *, is_new: bool) -> str:
    """What is announced after a sending."""
    label, name = PIECE_LABELS[piece.code], piece.document.name
    if is_new:
        return f"Pièce reçue : {label}, « {name} »."
    return f"« {name} » était déjà au dossier, à l’identique : rien n’a changé."
