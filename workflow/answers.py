# SPDX-License-Identifier: EUPL-1.2
"""What somebody called answers: present, remote, excused, represented; and whether the quorum can still be met."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.errors import InvalidInputError, NotAllowedHereError
from workflow.guards.written import WRITTEN
from workflow.invitations import body_of
from workflow.models import Convocation, Seance
from workflow.permissions import Actor
from workflow.seance_rights import note, require_secretary
from workflow.stages import SeanceStatus

ANSWERS = ("present", "remote", "excused", "represented")
COMING = frozenset({"present", "remote"})


def as_called(convocation: Convocation) -> Actor:
    """Whoever holds the answer link: the person called, without any other right."""
    return Actor(convocation.person_id, convocation.person.name, convocation.person.email)


def record_answer(
    db: Session,
    convocation: Convocation,
    answer: str,
    actor: Actor,
    now: datetime,
    *,
    proxy: Convocation | None = None,
    deputy: str | None = None,
) -> None:
    """What somebody called answers, or the secretary for it; changed as often as wanted until the séance opens.

    Represented: by `proxy`, another member of the same college, or by `deputy`, somebody of the same organisation.
    """
    seance = convocation.seance
    if actor.person_id != convocation.person_id:
        require_secretary(seance.contract_id, seance.body, actor)
    _require_ahead(seance, now)
    if answer not in ANSWERS:
        raise InvalidInputError(f"Réponse inconnue : « {answer} ».", "answer")
    named = (deputy or "").strip()[:200] or None
    if answer != "represented":
        proxy = named = None
    elif (proxy is None) == (named is None):
        text = "Représenté : nommez soit un autre membre, soit une personne de votre organisme."
        raise InvalidInputError(text, "proxy")
    elif proxy is not None:
        _require_may_carry(convocation, proxy)
    said = (convocation.current_answer, convocation.proxy, convocation.deputy)
    if said == (answer, proxy and proxy.person, named):
        return
    convocation.answer, convocation.answered_at = answer, now
    convocation.answered_for = seance.starts_at
    convocation.proxy, convocation.deputy = (proxy.person if proxy else None), named
    db.flush()
    by = proxy.person.email if proxy else named
    note(db, seance, actor, "answer", now, {"person": convocation.person.email, "answer": answer, "by": by})


def _require_ahead(seance: Seance, now: datetime) -> None:
    if seance.status == SeanceStatus.CANCELLED:
        raise NotAllowedHereError("Cette séance est annulée : il n’y a plus à répondre.")
    if seance.status != SeanceStatus.CONVOKED:
        raise NotAllowedHereError("On répond à la convocation d’une séance à venir, jusqu’à son ouverture.")
    if seance.starts_at <= now:
        raise NotAllowedHereError("Cette séance est passée : il n’y a plus à répondre.")


def may_carry(convocation: Convocation) -> list[Convocation]:
    """The other members who may carry its proxy: of its college where there are some, not away, not carrying too many."""
    return [other for other in _colleagues(convocation) if not is_laden(convocation, other)]


def _colleagues(convocation: Convocation) -> list[Convocation]:
    if not convocation.is_member:
        return []
    college = _college(convocation)
    return [
        other
        for other in convocation.seance.convocations
        if other is not convocation
        and other.is_member
        and other.current_answer not in ("excused", "represented")
        and _college(other) == college
    ]


def is_laden(convocation: Convocation, bearer: Convocation) -> bool:
    """True when this bearer already carries as many other proxies as the body allows; on the day, those of its presences."""
    seance = convocation.seance
    body = body_of(seance)
    if body is None or body.proxies_max is None:
        return False
    is_open = seance.status == SeanceStatus.OPEN
    carried = [
        c
        for c in seance.convocations
        if c is not convocation
        and c.proxy_id == bearer.person_id
        and (c.presence if is_open else c.current_answer) == "represented"
    ]
    return len(carried) >= body.proxies_max


def refuse_laden(convocation: Convocation, bearer: Convocation, remedy: str) -> None:
    """Raises InvalidInputError when this bearer can carry no other proxy."""
    if is_laden(convocation, bearer):
        body = body_of(convocation.seance)
        allowed = body.proxies_max if body and body.proxies_max else 0
        limit = f"{allowed} par personne au plus" if allowed else "aucune"
        who, label = bearer.person.name, convocation.seance.label
        text = f"{who} ne peut pas porter une procuration de plus ({label} : {limit}). {remedy}"
        raise InvalidInputError(text, "proxy")


def _college(convocation: Convocation) -> str:
    body = body_of(convocation.seance)
    code = convocation.organisation.code
    return next((c.label for c in (body.colleges if body else ()) if code in c.members), "")


def _require_may_carry(convocation: Convocation, proxy: Convocation) -> None:
    if not convocation.is_member:
        raise InvalidInputError("Un invité n’a pas de voix : il ne donne pas de procuration.", "proxy")
    if proxy not in _colleagues(convocation):
        text = f"{proxy.person.name} ne peut pas porter cette procuration : absent lui-même, ou d’un autre collège."
        raise InvalidInputError(text, "proxy")
    _read_again(convocation.seance)
    refuse_laden(convocation, proxy, "Choisissez un autre membre, ou une personne de l’organisme représenté.")


def _read_again(seance: Seance) -> None:
    """Two members who choose the same bearer at once wait for each other, so that the second is counted."""
    db = Session.object_session(seance)
    if db is not None:
        db.execute(select(Seance.id).where(Seance.id == seance.id).with_for_update())
        mine = select(Convocation).where(Convocation.seance_id == seance.id)
        db.scalars(mine.execution_options(populate_existing=True)).all()


@dataclass(frozen=True, slots=True)
class Forecast:
    """Whether the quorum will be met, from the answers: `sure` will count, `silent` may."""

    outlook: Literal["certain", "possible", "impossible"]
    required: int
    sure: int
    silent: int


def forecast(seance: Seance) -> Forecast | None:
    """The quorum forecast; None where the body has no quorum, in writing, or while nobody is called."""
    body = body_of(seance)
    members = [c for c in seance.convocations if c.is_member]
    if body is None or body.quorum is None or not members or seance.mode == WRITTEN:
        return None
    sure = sum(1 for c in members if _will_count(c, members))
    waiting = sum(1 for c in members if _may_count(c, members))
    outlook: Literal["certain", "possible", "impossible"] = (
        "certain" if sure >= body.quorum else "possible" if sure + waiting >= body.quorum else "impossible"
    )
    return Forecast(outlook, body.quorum, sure, waiting)


def _will_count(convocation: Convocation, members: list[Convocation]) -> bool:
    if convocation.current_answer != "represented":
        return convocation.current_answer in COMING
    return convocation.deputy is not None or _bearer_answer(convocation, members) in COMING


def _may_count(convocation: Convocation, members: list[Convocation]) -> bool:
    """Silent (for the present date), or represented by somebody silent."""
    if convocation.current_answer is None:
        return True
    by_proxy = convocation.current_answer == "represented" and convocation.deputy is None
    return by_proxy and _bearer_answer(convocation, members) is None


def _bearer_answer(convocation: Convocation, members: list[Convocation]) -> str | None:
    """What whoever carries the proxy answered; a bearer who is no longer called counts as away."""
    return next((c.current_answer for c in members if c.person_id == convocation.proxy_id), "excused")
