# SPDX-License-Identifier: EUPL-1.2
"""What changed since the reader last looked, marked where it is; who else has the dossier open."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from rules.wording import NBSP, PARIS
from web.presenters.history import history
from web.presenters.people import named_in
from web.presenters.reader import Reader
from workflow.attention import Present, Seen, last_act_since, present_on

LONGEST = 12
# The parts of the page that somebody may be writing in, by their anchor.
PARTS = {
    "demande": "la demande",
    "financement": "le financement",
    "constats": "les constats",
    "avis": "les avis",
    "synthese": "la synthèse",
    "pieces": "les pièces",
    "echanges": "les échanges",
    "attendu": "une action",
    "actions": "une action",
    "reponse": "la réponse d’un financeur",
    "proposition": "un montant proposé",
}


def news_block(
    acts: Sequence[dict[str, Any]], messages: Sequence[dict[str, Any]], seen: Seen, reader: Reader
) -> dict[str, Any] | None:
    """What others did since: marks each act and message, and lists them newest first. None on a first visit."""
    if seen.at is None:
        return None
    found = []
    for act in acts:
        if act["seq"] > seen.seq and act["by"] != reader.actor.email:
            act["is_new"] = True
            found.append((act["at"], _of_act(act)))
    for message in messages:
        if message["id"] > seen.exchange and not message["mine"]:
            message["is_new"] = True
            found.append((message["at"], _of_message(message)))
    found.sort(key=lambda one: one[0], reverse=True)
    items = [item for _, item in found]
    return {"since": seen.at, "items": items[:LONGEST], "more": max(0, len(items) - LONGEST)}


def _of_act(act: dict[str, Any]) -> dict[str, Any]:
    about = act["about"] or ", ".join(act["details"][:1])
    said = f"{act['label']}{f' – {about}' if about else ''}{' → ' + act['to'] if act['to'] else ''}"
    return {"at": act["at"], "who": act["actor"], "said": said, "anchor": f"acte-{act['seq']}"}


def _of_message(message: dict[str, Any]) -> dict[str, Any]:
    text = message["text"].replace("\n", " ")
    said = (
        f"{message['side'][:1].upper()}{message['side'][1:]} : « {text[:90]}{'…' if len(text) > 90 else ''} »"
    )
    return {"at": message["at"], "who": message["author"], "said": said, "anchor": "echanges"}


def presence_view(db: Session, dossier_id: int, reader: Reader, seq: int | None = None) -> dict[str, Any]:
    """« Karim Haddad est sur ce dossier depuis 10 h 02 », and what others saved after this line of the journal."""
    said = [_presence(one) for one in present_on(db, dossier_id, reader.actor, reader.now)]
    line = None if seq is None else last_act_since(db, dossier_id, seq, reader.actor)
    saved = history([line], named_in(db, [line]), {})[0] if line else None
    return {
        "address": f"/dossiers/{dossier_id}/presence",
        "here": said,
        "saved": saved,
        "known": "|".join([*said, str(line.seq) if line else ""]),
    }


def _presence(one: Present) -> str:
    since = one.since.astimezone(PARIS)
    part = PARTS.get(one.doing)
    doing = f" et écrit dans {part}" if part else ""
    hour = f"{since.hour}{NBSP}h{NBSP}{since.minute:02d}"
    return f"{one.name} est sur ce dossier depuis {hour}{doing}."
