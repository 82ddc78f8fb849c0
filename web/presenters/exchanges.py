# SPDX-License-Identifier: EUPL-1.2
"""The thread of a dossier as its reader may read it, with the forms to write, to whom it goes always said."""

from collections.abc import Sequence
from typing import Any

from web.forms import Field, FormView
from web.presenters.pieces import HINT, TYPES
from web.presenters.reader import Reader
from workflow.exchanges import INTERNAL, PORTEUR, may_correct, may_write, reads_internal
from workflow.models import Dossier, Exchange

RECENT = 3  # on the dossier page


def thread_block(dossier: Dossier, thread: Sequence[Exchange], reader: Reader) -> dict[str, Any]:
    """The messages that `thread_of` gave for this reader, oldest first, and what this reader may write."""
    messages = [_message(message, reader) for message in thread]
    inside = reads_internal(dossier, reader.actor)
    return {
        "messages": messages,
        "recent": messages[-RECENT:],
        "more": max(0, len(messages) - RECENT),
        "inside": inside,
        "forms": [_form(dossier, audience, reader) for audience in (PORTEUR, INTERNAL) if may_write(dossier, reader.actor, audience)],
        "address": f"/dossiers/{dossier.id}/echanges",
    }  # fmt: skip


def _message(message: Exchange, reader: Reader) -> dict[str, Any]:
    internal = message.audience == INTERNAL
    mine = message.person_id == reader.actor.person_id
    return {
        "id": message.id,
        "author": message.author,
        "side": "note interne" if internal else "porteur" if message.from_porteur else "au porteur",
        "tone": "wait" if internal else "plain",
        "klass": "internal" if internal else "porteur" if message.from_porteur else "agent",
        "by": message.person_id,
        "mine": mine,
        "at": message.at,
        "corrected_at": message.corrected_at,
        "text": message.text,
        "document": message.document.name if message.document else "",
        "document_address": f"/dossiers/{message.dossier_id}/echanges/{message.id}/piece",
        "correction": _correction(message) if may_correct(message, reader.actor, reader.now) else None,
        "is_new": False,
    }


def _form(dossier: Dossier, audience: str, reader: Reader) -> FormView:
    inside = reads_internal(dossier, reader.actor)
    label, submit, caution = {
        (INTERNAL, True): ("Note interne", "Ajouter la note interne", ""),
        (PORTEUR, True): (
            "Message au porteur",
            "Envoyer au porteur",
            f"{dossier.porteur.name} le lira sur son dossier et le reçoit aussitôt par courriel.",
        ),
        (PORTEUR, False): ("Votre message à l’instruction", "Envoyer", ""),
    }[audience, inside]
    hint = (
        "Lue par les partenaires seulement ; le porteur ne la voit nulle part."
        if audience == INTERNAL
        else ""
    )
    return FormView(
        action=f"/dossiers/{dossier.id}/echanges",
        submit=submit,
        fields=(
            Field("audience", "", "hidden", (audience,)),
            Field("text", label, "long", required=True, hint=hint),
            Field("file", "Document joint", "file", hint=f"Facultatif. {HINT}", accept=TYPES),
        ),
        confirm=caution,
        look="secondary" if audience == INTERNAL else "",
        key=audience,
    )


def _correction(message: Exchange) -> FormView:
    return FormView(
        action=f"/dossiers/{message.dossier_id}/echanges/{message.id}",
        submit="Corriger",
        fields=(Field("text", "Message corrigé", "long", (message.text,), required=True),),
        look="secondary",
    )
