# SPDX-License-Identifier: EUPL-1.2
"""The visit: who asks, for which contract, and whether the table of access lets them in. Runs before every route."""

import logging
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, BinaryIO, cast

from fastapi import Depends, Request
from python_multipart.multipart import parse_options_header
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from app.bootstrap import Application
from web.access import ACCESS, ROLES, Who
from web.forms import Typed
from web.merge import merged
from web.sessions import SEEN_EVERY, find_session, form_token, note_seen
from workflow.errors import InvalidInputError
from workflow.models import Contract
from workflow.permissions import Actor, actor_for
from workflow.sight import contracts_of, own_porteurs, sees_contract
from workflow.stages import Role

log = logging.getLogger(__name__)
FILE = "file"  # the one name of a file in a form
TYPED = "application/x-www-form-urlencoded"
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class SignInNeededError(Exception):
    """Nobody is signed in, and the page needs somebody."""


class ForgedFormError(Exception):
    """The form's token is not this session's: the page is old, or another site sent it."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks. `contracts`: (id, code, label) of those they may open, the present one first in `contract_id`."""

    actor: Actor | None = None
    token: str = ""
    contract_id: int = 0
    contracts: tuple[tuple[int, str, str], ...] = ()
    is_to_note: bool = False  # not noted as seen for a while

    @property
    def who(self) -> Actor:
        """The person signed in; the table of access has checked that there is one."""
        assert self.actor is not None
        return self.actor

    @property
    def person_id(self) -> int:
        """The person signed in, by number."""
        assert self.who.person_id is not None
        return self.who.person_id

    @property
    def form_token(self) -> str:
        """The token each form carries."""
        return form_token(self.token) if self.token else ""

    @property
    def sees_contract(self) -> bool:
        """True for everybody but strangers and porteurs."""
        return self.actor is not None and sees_contract(self.actor, self.contract_id)

    def holds_one_of(self, roles: frozenset[Role]) -> bool:
        """True when a mandate gives one of these roles in the present contract."""
        return self.actor is not None and any(self.actor.has(role, self.contract_id) for role in roles)

    @property
    def porteurs(self) -> frozenset[int] | None:
        """None: sees every dossier; else the only porteurs whose dossiers they see."""
        return None if self.sees_contract else own_porteurs(self.who, self.contract_id)

    def contract(self, db: Session) -> Contract:
        """The present contract."""
        found = db.get(Contract, self.contract_id)
        assert found is not None
        return found


def application_of(request: Request) -> Application:
    """The application this page is served by."""
    return cast("Application", request.app.state.application)


def cookie_name(application: Application) -> str:
    """`__Host-` binds the cookie to this very host, where https allows it."""
    return "__Host-session" if is_https(application) else "session"


def is_https(application: Application) -> bool:
    """True when people reach the product by https."""
    return application.config.deployment.base_address.startswith("https:")


def _read_visit(application: Application, token: str) -> Visit:
    now = application.now()
    with application.read() as db:
        found = find_session(db, token, now)
        if found is None:
            log.info("session cookie of no living session")
            return Visit()
        actor = actor_for(db, found.person, application.today())
        contracts = _contracts(db, actor)
        wanted = found.data.get("contract")
        chosen = next((c for c in contracts if c[0] == wanted), contracts[0] if contracts else (0, "", ""))
        return Visit(actor, token, chosen[0], contracts, found.seen_at <= now - SEEN_EVERY)


def _note_seen(application: Application, token: str) -> None:
    application.note(lambda db: note_seen(db, token, application.now()))


# Built once: each page asks it.
OPEN_CONTRACTS = (
    select(Contract.id, Contract.code, Contract.label)
    .where(Contract.closed_on.is_(None))
    .order_by(Contract.id)
)


MINE = OPEN_CONTRACTS.where(Contract.id.in_(bindparam("known", expanding=True)))


def _contracts(db: Session, actor: Actor) -> tuple[tuple[int, str, str], ...]:
    known = contracts_of(actor)
    rows = db.execute(OPEN_CONTRACTS) if known is None else db.execute(MINE, {"known": sorted(known)})
    return tuple((row[0], row[1], row[2]) for row in rows)


async def authorise(request: Request) -> AsyncIterator[None]:
    """Reads the visit, then asks the table. Raises SignInNeededError, ForgedFormError, HTTPException 403 or 404.

    A file sent with the form lives in memory, or beyond 1 MB in a file without a name, until the answer is made.
    """
    application = application_of(request)
    token = request.cookies.get(cookie_name(application), "")
    visit = await run_in_threadpool(_read_visit, application, token) if token else Visit()
    request.state.visit = visit
    try:
        _let_in(ACCESS.get((request.method, request.scope["route"].path)), visit, application)
    except SignInNeededError:
        await _keep_typed(request)
        raise
    if request.method not in UNSAFE:
        yield
    else:
        _check_alphabet(request)
        async with request.form() as form:
            request.state.typed, request.state.files = Typed(merged(_texts(form))), _files(form)
            if visit.actor is not None and not _is_ours(visit, request.state.typed):
                raise ForgedFormError
            yield
    if visit.is_to_note:  # once the answer has left: nobody waits for this writing
        await run_in_threadpool(_note_seen, application, token)


async def _keep_typed(request: Request) -> None:
    """What was typed before the session ended, to be shown with the refusal; never a file."""
    if request.method in UNSAFE and request.headers.get("content-type", "").startswith(TYPED):
        async with request.form() as form:
            request.state.typed = Typed(_texts(form))


def _let_in(who: Who | None, visit: Visit, application: Application) -> None:
    if who is Who.ANYONE:
        return
    if who is None or (who is Who.DEMO and application.config.deployment.environment != "demo"):
        raise HTTPException(404)
    if who is Who.DEMO:
        return
    if visit.actor is None:
        raise SignInNeededError
    if who is Who.CONTRACT and not visit.sees_contract:
        raise HTTPException(403)
    if who is Who.PORTEUR and not visit.sees_contract and not visit.porteurs:
        raise HTTPException(403)
    if who in ROLES and not visit.holds_one_of(ROLES[who]):
        raise HTTPException(403)


def may_open(path: str, visit: Visit, application: Application) -> bool:
    """True when the table of access lets this visit read this address."""
    try:
        _let_in(ACCESS.get(("GET", path)), visit, application)
    except (HTTPException, SignInNeededError):
        return False
    return True


def _check_alphabet(request: Request) -> None:
    """Raises HTTPException 400 on a form that names another alphabet than UTF-8.

    No browser does, and some alphabets hold signs that no page can show.
    """
    _, options = parse_options_header(request.headers.get("content-type"))
    if options.get(b"charset", b"utf-8").lower() != b"utf-8":
        raise HTTPException(400)


def _is_ours(visit: Visit, typed: Typed) -> bool:
    return secrets.compare_digest(visit.form_token.encode(), typed.text("jeton").encode())


def _texts(form: FormData) -> Mapping[str, tuple[str, ...]]:
    """Every text field with all its values; a file where a text is expected is left out."""
    names = dict.fromkeys(form.keys())
    return {name: tuple(v for v in form.getlist(name) if isinstance(v, str)) for name in names}


def _files(form: FormData) -> Mapping[str, UploadFile]:
    """The files chosen; a file field left empty sends one without a name."""
    return {name: found for name, found in form.items() if isinstance(found, UploadFile) and found.filename}


def present_visit(request: Request) -> Visit:
    """The visit read by `authorise`."""
    return cast("Visit", getattr(request.state, "visit", Visit()))


def present_typed(request: Request) -> Typed:
    """The form read by `authorise`."""
    found: Any = getattr(request.state, "typed", None)
    return found if isinstance(found, Typed) else Typed({})


def chosen_file(request: Request) -> BinaryIO:
    """The file of the form read by `authorise`. Raises InvalidInputError when none was chosen."""
    found: Mapping[str, UploadFile] = getattr(request.state, "files", {})
    if FILE not in found:
        raise InvalidInputError("Fichier\u00a0: à choisir.", FILE)
    return found[FILE].file


def chosen_name(request: Request) -> str:
    """Its name, as its sender calls it."""
    found: Mapping[str, UploadFile] = getattr(request.state, "files", {})
    return (found[FILE].filename or "") if FILE in found else ""


Visited = Annotated[Visit, Depends(present_visit)]
App = Annotated[Application, Depends(application_of)]
Form = Annotated[Typed, Depends(present_typed)]
