# SPDX-License-Identifier: EUPL-1.2
"""Saving a step of a request: whole or as far as it can be read, without overwriting what a colleague has just saved."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from rules.themes.pieces import PIECES
from workflow.completion import PORTEUR_STAGES, check_may_complete, complete_request, fields_of, texts_of
from workflow.contracts import territory_of
from workflow.errors import ConflictError, InvalidInputError, NotAllowedHereError
from workflow.journal import record_on
from workflow.models import Dossier
from workflow.permissions import Actor
from workflow.request.budget import accounts_of, follow_requests, read_amounts, write_budget
from workflow.request.steps import BUDGET, FUNDING, TO_CHECK, Step
from workflow.sight import standing_of
from workflow.stages import Stage

WRITING = "writing"  # in `dossier.follow_up`: who saved last, and since which version without anybody else
BUDGET_TRIGGER = "write_budget"


@dataclass(frozen=True, slots=True)
class Saved:
    """What a saving did. `faults`: the sentence of each field left as it was, because it cannot be read yet."""

    changed: bool
    faults: Mapping[str, str] = field(default_factory=dict)


def check_may_write(dossier: Dossier, actor: Actor) -> None:
    """The request is in its porteur's hands, and this person may write it.

    Raises NotPermittedError, NotAllowedHereError.
    """
    check_may_complete(dossier, actor)
    if dossier.stage not in PORTEUR_STAGES:
        raise NotAllowedHereError(f"{standing_of(actor, dossier)} : la demande ne s’écrit plus ici.")


def save_step(
    db: Session,
    dossier: Dossier,
    step: Step,
    typed: Mapping[str, str],
    actor: Actor,
    now: datetime,
    *,
    expected_version: int | None = None,
    page: str = "",
) -> Saved:
    """Everything that was typed, or nothing: raises InvalidInputError naming each field that cannot be read.

    Raises ConflictError when somebody else saved after this version, NotPermittedError, NotAllowedHereError.
    """
    check_may_write(dossier, actor)
    check_nobody_else_wrote(dossier, actor, expected_version, step.code, page)
    before = dossier.version
    changed = _write(db, dossier, step, typed, actor, now)
    looked_at = _looked_at(dossier, step)
    if changed or looked_at:
        keep_writer(db, dossier, actor, before, step.code, page)
    return Saved(changed)


def save_readable(
    db: Session,
    dossier: Dossier,
    step: Step,
    typed: Mapping[str, str],
    actor: Actor,
    now: datetime,
    *,
    expected_version: int | None = None,
    page: str = "",
) -> Saved:
    """What can be read of what was typed so far, while it is being typed; the rest is told field by field."""
    check_may_write(dossier, actor)
    check_nobody_else_wrote(dossier, actor, expected_version, step.code, page)
    before = dossier.version
    saved = as_far_as_read(typed, lambda left: _write(db, dossier, step, left, actor, now))
    if saved.changed:
        keep_writer(db, dossier, actor, before, step.code, page)
    return saved


def as_far_as_read(typed: Mapping[str, str], write: Callable[[Mapping[str, str]], bool]) -> Saved:
    """Writes what was typed without the fields that cannot be read. `write` writes nothing when it refuses."""
    faults: dict[str, str] = {}
    while True:
        left = {name: text for name, text in typed.items() if name not in faults}
        try:
            return Saved(write(left), faults)
        except InvalidInputError as error:
            told = error.faults or {error.field: error.message}
            if faults.keys() >= told.keys():
                raise
            faults |= told


def check_nobody_else_wrote(
    dossier: Dossier, actor: Actor, expected_version: int | None, place: str = "", page: str = ""
) -> None:
    """Raises ConflictError when the page is older than what somebody else saved, or the same person in another tab.

    The savings of one page (`page`, drawn when it is opened) of one place (a step, the report) follow each other.
    """
    if expected_version is None or expected_version == dossier.version:
        return
    writer = dossier.follow_up.get(WRITING) or {}
    is_own = writer.get("by") == actor.email and writer.get("version") == dossier.version
    if not is_own or expected_version < writer.get("since", 0):
        raise ConflictError(
            "Une autre personne a enregistré cette demande depuis que vous avez ouvert la page\u00a0: rien n’a été écrasé. "
            "Comparez ci-dessous, puis enregistrez de nouveau ce qui vaut toujours."
        )
    last = writer.get("pages", {}).get(place, {})
    if last.get("page", page) != page and last["version"] > expected_version:
        raise ConflictError(
            "Vous avez enregistré cette page depuis un autre onglet après avoir ouvert celui-ci\u00a0: rien n’a été écrasé. "
            "Comparez ci-dessous, puis enregistrez de nouveau ce qui vaut toujours."
        )


def keep_writer(db: Session, dossier: Dossier, actor: Actor, before: int, place: str, page: str) -> None:
    """Notes who saves now, from which page of which place, and since which version without anybody else.

    `before`: the version this saving began from.
    """
    writer = dossier.follow_up.get(WRITING) or {}
    goes_on = writer.get("by") == actor.email and writer.get("version") == before
    kept = {
        "by": actor.email,
        "since": writer["since"] if goes_on else before,
        "version": dossier.version + 1,
        "pages": {
            **(writer.get("pages", {}) if goes_on else {}),
            place: {"page": page, "version": dossier.version + 1},
        },
    }
    dossier.follow_up = {**dossier.follow_up, WRITING: kept}
    db.flush()


def _write(
    db: Session, dossier: Dossier, step: Step, typed: Mapping[str, str], actor: Actor, now: datetime
) -> bool:
    is_draft = dossier.stage == Stage.DRAFT  # its porteur's own paper: filing journals the whole of it
    if step.code == BUDGET:
        labels = {account.key: f"{account.code} {account.label}" for account in accounts_of(dossier)}
        amounts = read_amounts({n: t for n, t in typed.items() if n in labels}, labels)
        changed = write_budget(dossier, amounts)
        if changed and not is_draft:
            record_on(db, dossier, BUDGET_TRIGGER, actor, now, {})
        if changed:
            flag_modified(dossier, "search_key")
        return changed
    _check_choices(dossier, typed)
    changed = bool(complete_request(db, dossier, typed, actor, now, journalled=not is_draft))
    if changed and step.code == FUNDING:
        follow_requests(dossier)
    return changed


def _looked_at(dossier: Dossier, step: Step) -> bool:
    """The step was copied from last year and its porteur has now saved it."""
    waiting = dossier.follow_up.get(TO_CHECK, [])
    if step.code not in waiting:
        return False
    dossier.follow_up = {**dossier.follow_up, TO_CHECK: [code for code in waiting if code != step.code]}
    return True


def _check_choices(dossier: Dossier, typed: Mapping[str, str]) -> None:
    """A code that the page does not offer, and that the dossier does not hold already, is no choice."""
    texts, offered, faults = texts_of(dossier), choices_of(dossier), {}
    for name in typed.keys() & offered.keys():
        allowed = {*offered[name], *texts.get(name, "").split("|")}
        strange = [code for code in typed[name].split("|") if code and code not in allowed]
        if strange:
            label = fields_of(dossier)[name].label if name in texts else name
            faults[name] = f"{label[:1].upper()}{label[1:]} : « {strange[0][:60]} » n’est pas l’un des choix."
    if faults:
        name, message = next(iter(faults.items()))
        raise InvalidInputError(message, name, faults)


def choices_of(dossier: Dossier) -> dict[str, Iterable[str]]:
    """The codes a person may choose, by field."""
    territory = territory_of(dossier.contract)
    return {
        "themes": territory.theme_by_code,
        "objectives": territory.objective_labels,
        "qpv": territory.qpv_by_code,
        "poches": [poche.code for poche in territory.geography.poches],
        "call": [call.code for call in territory.calls],
        "pieces": PIECES,
    }
