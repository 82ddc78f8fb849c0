# SPDX-License-Identifier: EUPL-1.2
"""Use cases of a séance in session: presence, recusals, decisions and amounts; nothing moves before the closing."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from workflow.answers import refuse_laden
from workflow.contracts import territory_of
from workflow.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedHereError,
    RefusedError,
)
from workflow.firing import PARIS, refusal
from workflow.guards.commitment import (
    DECIDED_FROM,
    DECISIONS_OF_BODY,
    HERE,
    LEFT,
    has_word,
    here,
    must_leave,
    organisations_held,
    organisations_here,
    short_of_quorum,
    still_there,
)
from workflow.guards.conference import above_ceiling
from workflow.guards.renewal import departs_unsaid
from workflow.inputs import check_amount
from workflow.models import Convocation, FundingLine, Seance, SeanceAmount, SeanceItem
from workflow.permissions import Actor
from workflow.queries_session import agenda_concerned, agenda_proposed
from workflow.seance_rights import note, require_secretary
from workflow.stages import (
    DECISION_LABELS,
    LINE_LABELS,
    PRESENCE_LABELS,
    STAGE_LABELS,
    Decision,
    LineState,
    SeanceStatus,
    Stage,
)
from workflow.territory import Body, BodyKind
from workflow.votes import Votes, votes_against

PRESENCES = tuple(PRESENCE_LABELS)
PROMISING = frozenset({LineState.ASKED, LineState.INDICATIVE, LineState.FIRM, LineState.IN_KIND})
RETAINABLE = PROMISING | {LineState.RETAINED, LineState.REFUSED}  # the last two by a rectification


def record_presence(
    db: Session, convocation: Convocation, presence: str, actor: Actor, now: datetime
) -> None:
    """Who is there on the day."""
    seance = convocation.seance
    require_secretary(seance.contract_id, seance.body, actor)
    _require_open(seance)
    if presence not in PRESENCES:
        raise InvalidInputError(f"Présence inconnue\u00a0: «\u00a0{presence}\u00a0».", "presence")
    if presence == LEFT and convocation.presence not in {*HERE, LEFT}:
        raise InvalidInputError(
            f"{convocation.person.name}\u00a0: à noter d’abord dans la salle, avant un départ en cours de séance.",
            f"presence-{convocation.id}",
        )
    bearer = next((c for c in seance.convocations if c.person_id == convocation.proxy_id), None)
    if presence == "represented" and bearer is not None:
        refuse_laden(convocation, bearer, "Notez la personne absente : sa voix n’est pas portée.")
    if convocation.presence != presence:
        convocation.presence = presence
        note(db, seance, actor, "presence", now, {"person": convocation.person.email, "presence": presence})


def note_presences(
    db: Session,
    seance: Seance,
    presences: Mapping[int, str],
    actor: Actor,
    now: datetime,
    *,
    seen: Mapping[int, str | None] | None = None,
) -> int:
    """The presences by convocation, then the recusals they lead to; the number of recusals noted.

    `seen`: what the page showed. What was left as it was is not written; what somebody else changed since raises ConflictError.
    """
    for convocation in seance.convocations:
        presence, present = presences.get(convocation.id), convocation.presence
        if not presence or (seen is not None and presence == seen.get(convocation.id)):
            continue
        if seen is not None and present not in (presence, seen.get(convocation.id)):
            raise ConflictError
        record_presence(db, convocation, presence, actor, now)
    return apply_recusals(db, seance, actor, now)


def show_item(db: Session, seance: Seance, item: SeanceItem, actor: Actor, now: datetime) -> None:
    """The projection follows; those concerned by this item have left it, whatever was declared since.

    Written beside the séance's version: what a screen shows is nobody's conflict.
    """
    require_secretary(seance.contract_id, seance.body, actor)
    _require_open(seance)
    shown = update(Seance).where(Seance.id == seance.id).values(shown_item_id=item.id)
    db.execute(shown.execution_options(synchronize_session=False))
    apply_recusals(db, seance, actor, now)


def apply_recusals(db: Session, seance: Seance, actor: Actor, now: datetime) -> int:
    """Notes, on each item, who among those present must leave it; the number of recusals noted."""
    require_secretary(seance.contract_id, seance.body, actor)
    _require_open(seance)
    sitting = here(seance)
    today = now.astimezone(PARIS).date()
    held = {c.person_id: organisations_held(c.person, today) for c in sitting}
    noted = 0
    for item in agenda_concerned(db, seance.id):
        leaving = [c.person.email for c in sitting if must_leave(item, c, held[c.person_id])]
        if leaving:
            item.recused = sorted({*(item.recused or ()), *leaving})
            noted += len(leaving)
            note(db, seance, actor, "recuse", now, {"reference": item.dossier.reference, "persons": leaving})
    return noted


def decide(
    db: Session,
    item: SeanceItem,
    decision: str,
    reason: str | None,
    actor: Actor,
    now: datetime,
    *,
    conditions: str | None = None,
    scheme: str | None = None,
    votes: Votes | None = None,
    statement: str | None = None,
    expected_version: int | None = None,
) -> None:
    """Types what the séance decides on one item; nothing moves before the closing.

    An item that is not retained keeps no amount: the totals of the séance and its summary never count one. `statement`:
    what the body of a recused person says it brings.
    """
    seance = _deciding(item, actor, expected_version)
    body, voices = body_of(seance), votes or Votes()
    made, stage = _known(decision, body), Stage(item.dossier.stage)
    if stage not in DECIDED_FROM[made]:
        label, wanted = STAGE_LABELS[stage], DECISION_LABELS[made]
        raise NotAllowedHereError(
            f"Un dossier « {label} » ne peut pas être « {wanted} » : reprenez-le d’abord."
        )
    if made is Decision.REORIENTED and not (scheme or "").strip():
        raise InvalidInputError("Autre dispositif : à nommer, le porteur y est adressé.", "scheme")
    against = [*short_of_quorum(seance, body), *votes_against(item, made, voices, body)]
    if body.kind is BodyKind.COMMITTEE:
        against += still_there(item, now.astimezone(PARIS).date())
    if statement and not item.recused:
        against.append(refusal("guard.statement", field="statement"))
    if against:
        raise RefusedError(f"Décision refusée sur le dossier {item.dossier.reference}.", against)
    item.decision, item.reason, item.conditions = made.value, _text(reason), _text(conditions)
    item.scheme = _text(scheme) if made is Decision.REORIENTED else None
    item.votes, item.statement = voices.plain(), _text(statement)
    if made is not Decision.RETAINED:
        item.amounts.clear()
    note(db, seance, actor, "decide", now, _said(item), reason=item.reason)


def _known(decision: str, body: Body) -> Decision:
    known = DECISIONS_OF_BODY.get(body.kind, ())
    if decision not in known:
        labels = ", ".join(DECISION_LABELS[one] for one in known) or "aucune"
        raise InvalidInputError(
            f"Décision inconnue de cette instance : « {decision} ». Décisions possibles : {labels}.",
            "decision",
        )
    return Decision(decision)


def _text(typed: str | None) -> str | None:
    return (typed or "").strip() or None


def _said(item: SeanceItem) -> dict[str, object]:
    """What the journal keeps of a decision typed; what was not said is left out."""
    told = {"scheme": item.scheme, "votes": item.votes, "statement": item.statement}
    details: dict[str, object] = {name: value for name, value in told.items() if value}
    return {
        "reference": item.dossier.reference,
        "decision": item.decision,
        "conditions": item.conditions,
        **details,
    }


def retain(
    db: Session,
    item: SeanceItem,
    line: FundingLine,
    amount: Decimal | None,
    actor: Actor,
    now: datetime,
    *,
    reason: str | None = None,
    expected_version: int | None = None,
) -> None:
    """Types the amount retained on one line (None: the line stays pending). Refused without its financer's word.

    Another amount than a CPO promised, and than the conference proposed with its reason, asks a reason.
    """
    seance = _deciding(item, actor, expected_version)
    if Decision.RETAINED not in DECISIONS_OF_BODY.get(body_of(seance).kind, ()):
        raise NotAllowedHereError("Cette instance ne retient pas de montants.")
    if line.dossier_id != item.dossier_id:
        raise InvalidInputError("Cette ligne n’est pas de ce dossier.", "line")
    found = next((a for a in item.amounts if a.line_id == line.id), None)
    if amount is None:
        if found is not None:
            item.amounts.remove(found)
            flag_modified(item, "rank")  # its version grows: the other secretary's page is stale
            note(
                db,
                seance,
                actor,
                "retain",
                now,
                {"reference": item.dossier.reference, "line": line.key, "amount": None},
            )
        return
    if item.decision not in (None, Decision.RETAINED):
        label = DECISION_LABELS[Decision(item.decision)]
        raise NotAllowedHereError(
            f"Le dossier {item.dossier.reference} est « {label} » : rien n’y est retenu."
        )
    check_amount(amount, "Un montant retenu")
    too_much = list(above_ceiling(line, amount))
    if too_much:
        raise RefusedError("Ce montant retenu est refusé.", too_much)
    _check_word(seance, line, amount)
    unsaid = [] if amount == line.proposed else list(departs_unsaid(line, amount, reason or item.reason))
    if unsaid:
        raise RefusedError("Ce montant retenu est refusé.", unsaid)
    if found is None:
        item.amounts.append(SeanceAmount(line=line, amount=amount))
    elif found.amount != amount:
        found.amount = amount
    else:
        return
    flag_modified(item, "rank")
    details = {"reference": item.dossier.reference, "line": line.key, "amount": str(amount)}
    note(db, seance, actor, "retain", now, details, reason=reason)


def _check_word(seance: Seance, line: FundingLine, amount: Decimal) -> None:
    if line.state not in RETAINABLE:
        label = LINE_LABELS[LineState(line.state)]
        raise NotAllowedHereError(f"La ligne {line.key} est « {label} » : elle ne reçoit plus de montant.")
    if amount > 0 and not has_word(line, organisations_here(seance)):
        finding = refusal("guard.financer_word", line=line.key, lines=[line.key])
        raise RefusedError("Aucun montant n’est retenu sans la parole de son financeur.", [finding])


class TakenUp(NamedTuple):
    """How many items were retained as proposed, and the dossiers left because somebody concerned still sits."""

    taken: int
    left: list[str]


def take_up_proposals(db: Session, seance: Seance, actor: Actor, now: datetime) -> TakenUp:
    """Retains as proposed on every undecided item whose financers have given their word.

    An item that somebody concerned has not left is left out, and named. Raises RefusedError when nothing else was there.
    """
    require_secretary(seance.contract_id, seance.body, actor)
    _require_open(seance)
    today, taken = now.astimezone(PARIS).date(), 0
    left, against = [], []
    for item in agenda_proposed(db, seance.id):
        if item.decision is not None or item.dossier.stage != Stage.COMMITMENT or not proposals_ready(item):
            continue
        concerned = list(still_there(item, today))
        if concerned:
            left.append(item.dossier.reference)
            against.extend(concerned)
        else:
            retain_as_proposed(db, item, actor, now)
            decide(db, item, Decision.RETAINED, None, actor, now)
            taken += 1
    if left and not taken:
        raise RefusedError(f"Décision refusée\u00a0: {', '.join(left)}.", against)
    return TakenUp(taken, left)


def retain_as_proposed(db: Session, item: SeanceItem, actor: Actor, now: datetime) -> list[str]:
    """Types each proposal whose financer has given its word, and nothing else; the keys of the lines that stay pending."""
    ready = proposals_ready(item)
    for line in item.dossier.lines:
        if line in ready:
            retain(db, item, line, line.proposed, actor, now)
        elif line.state in RETAINABLE:
            retain(db, item, line, None, actor, now)
    return [
        line.key
        for line in item.dossier.lines
        if line.proposed and line.state in PROMISING and line not in ready
    ]


def proposals_ready(item: SeanceItem) -> list[FundingLine]:
    """The proposed lines whose financer is at the table, or has answered in writing."""
    present = organisations_here(item.seance)
    return [
        line
        for line in item.dossier.lines
        if line.proposed and line.state in PROMISING and has_word(line, present)
    ]


def _deciding(item: SeanceItem, actor: Actor, expected_version: int | None) -> Seance:
    seance = item.seance
    require_secretary(seance.contract_id, seance.body, actor)
    _require_open(seance)
    if expected_version is not None and item.version != expected_version:
        raise ConflictError
    return seance


def body_of(seance: Seance) -> Body:
    """The body that sits. Raises NotAllowedHereError when the contract has dropped it."""
    body = territory_of(seance.contract).body_by_code.get(seance.body)
    if body is None:
        raise NotAllowedHereError("Cette instance n’est plus au contrat : rien ne peut y être saisi.")
    return body


def _require_open(seance: Seance) -> None:
    if seance.status != SeanceStatus.OPEN:
        raise NotAllowedHereError("La séance n’est pas ouverte : rien ne peut y être saisi.")
