# SPDX-License-Identifier: EUPL-1.2
"""The signed link by which somebody called answers without an account: who, until when, and the proof."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.claims import insert_once
from workflow.errors import NotAllowedHereError, UnknownReferenceError
from workflow.firing import PARIS
from workflow.models import Convocation, Secret
from workflow.permissions import actor_for

NAME = "answer-links"
UNREADABLE = (
    "Ce lien est incomplet ou n’est pas de nous : ouvrez-le depuis le message reçu, sans le recopier."
)
CLOSED = "le compte auquel il a été envoyé est fermé. Adressez-vous au secrétariat de l’instance."
ENDED = "votre mandat pour cet organisme a pris fin. S’il devait durer, adressez-vous au secrétariat de l’instance."
NO_KEY = (
    "Les réponses en un clic sont hors service : relancez « coinstruction init », puis renvoyez les messages."
)


def draw_key(db: Session, now: datetime) -> bool:
    """Draws the signing key once; False when there is one already."""
    values = {"name": NAME, "value": secrets.token_urlsafe(32), "created_at": now}
    return insert_once(db, Secret, values) is not None


def signing_key(db: Session) -> bytes | None:
    """The key; None when `init` has not been run since this version."""
    found = db.scalar(select(Secret.value).where(Secret.name == NAME))
    return found.encode() if found else None


def make_token(key: bytes, convocation: Convocation) -> str:
    """`<convocation>-<end>-<proof>`: good until the séance begins."""
    ends = int(convocation.seance.starts_at.timestamp())
    return f"{convocation.id}-{ends}-{_proof(key, convocation, ends)}"


def _proof(key: bytes, convocation: Convocation, ends: int) -> str:
    """Bound to the séance's own name and to the person: a number used again in another database proves nothing."""
    text = f"{convocation.seance.uid}|{convocation.person_id}|{convocation.id}|{ends}"
    return urlsafe_b64encode(hmac.digest(key, text.encode(), hashlib.sha256)[:18]).decode()


def read_token(db: Session, token: str, now: datetime) -> Convocation:
    """The convocation a link names. Raises UnknownReferenceError, or NotAllowedHereError once it is over."""
    key = signing_key(db)
    if key is None:
        raise NotAllowedHereError(NO_KEY)
    number, _, rest = token.partition("-")
    ends, _, proof = rest.partition("-")
    if not (_is_number(number, 2**31) and _is_number(ends, 2**40)):
        raise UnknownReferenceError(UNREADABLE)
    convocation = db.get(Convocation, int(number))
    if convocation is None or not hmac.compare_digest(
        _proof(key, convocation, int(ends)).encode(), proof.encode()
    ):
        raise UnknownReferenceError(UNREADABLE)
    if datetime.fromtimestamp(int(ends), UTC) <= now:
        raise NotAllowedHereError("Ce lien n’est plus valable : la date de la séance est passée ou a changé.")
    if not convocation.person.is_active:
        raise NotAllowedHereError(f"Ce lien n’est plus valable : {CLOSED}")
    if convocation.is_member and not _still_sits(db, convocation, now):
        raise NotAllowedHereError(f"Ce lien n’est plus valable : {ENDED}")
    return convocation


def _still_sits(db: Session, convocation: Convocation, now: datetime) -> bool:
    """A member answers by a seat held today; who succeeds to it has a link of their own."""
    actor = actor_for(db, convocation.person, now.astimezone(PARIS).date())
    seats = actor.seats_for(convocation.seance.contract_id)
    return any(seat.organisation_id == convocation.organisation_id for seat in seats)


def _is_number(text: str, below: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 13 and 0 < int(text) < below
