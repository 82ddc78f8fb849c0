# SPDX-License-Identifier: EUPL-1.2
"""Guards of the commitment: what closing a séance asks, for the whole séance and for each dossier it retains."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from rules.catalogue import RULES
from rules.engine import blocked_lines
from rules.facts import EnvelopeFacts
from rules.findings import Finding
from rules.themes.envelope import DEPARTEMENT
from workflow.envelope_facts import envelope_facts
from workflow.examination import examined
from workflow.firing import Firing, Transition, refusal
from workflow.models import Convocation, Dossier, FundingLine, Person, Seance, SeanceItem
from workflow.stages import FUNDED_STAGES, Decision, LineState, Stage
from workflow.territory import Body, BodyKind, CallKind, Territory
from workflow.typed_amounts import Typed, added_by

ZERO = Decimal(0)
WRITTEN = frozenset({LineState.FIRM, LineState.INDICATIVE, LineState.IN_KIND, LineState.RETAINED})
REPRESENTED = "represented"
IN_PERSON = frozenset({"present", "remote"})
HERE = IN_PERSON | {REPRESENTED}
LEFT = "left"  # was there, and left before the end: counts no more, but what was said of its credits before stands
DECIDED_STAGES = frozenset({Stage.COMMITTED, Stage.REJECTED})  # retaining there is a rectification
# The stages each decision may be typed from: of a committee, where its transition leaves from (a test compares with the
# table); of a steering committee, which moves nothing, those of the programme.
DECIDED_FROM: Mapping[Decision, frozenset[Stage]] = {
    Decision.RETAINED: frozenset({Stage.COMMITMENT, Stage.COMMITTED, Stage.REJECTED}),
    Decision.REJECTED: frozenset({Stage.COMMITMENT, Stage.DEFERRED}),
    Decision.DEFERRED: frozenset({Stage.COMMITMENT}),
    Decision.REORIENTED: frozenset({Stage.COMMITMENT, Stage.DEFERRED}),
    Decision.VALIDATED: FUNDED_STAGES,
    Decision.SENT_BACK: FUNDED_STAGES,
}
DECISIONS_OF_BODY: Mapping[BodyKind, tuple[Decision, ...]] = {
    BodyKind.COMMITTEE: (Decision.RETAINED, Decision.DEFERRED, Decision.REJECTED, Decision.REORIENTED),
    BodyKind.STEERING: (Decision.VALIDATED, Decision.SENT_BACK),
}


@dataclass(slots=True)
class Closing:
    """What a closing has read once for all its dossiers, handed to each `commit` by its `closing` detail."""

    seance: Seance
    organisations_present: frozenset[int]
    amounts: dict[int, dict[int, Decimal]] = field(default_factory=dict)  # dossier id → line id → amount

    @classmethod
    def of(cls, seance: Seance) -> "Closing":
        """The closing of this séance, from its presences and its items."""
        heard = _with_proxies(seance, IN_PERSON | {LEFT})
        amounts = {i.dossier_id: {a.line_id: a.amount for a in i.amounts} for i in seance.items}
        return cls(seance, frozenset(c.organisation_id for c in heard), amounts)


def body_of(firing: Firing) -> Body | None:
    """The body that sits, as the contract describes it."""
    return firing.territory.body_by_code.get(firing.subject.body)


def only_by_closing(firing: Firing, row: Transition) -> Iterable[Finding]:
    """Refuses a decision that does not come from the closing of a séance."""
    if not isinstance(firing.details.get("closing"), Closing):
        yield refusal("guard.closing_only", label=row.label)


def has_word(line: FundingLine, present: frozenset[int]) -> bool:
    """True when the line's financer is at the table, or has answered in writing."""
    return line.state in WRITTEN or line.credit.organisation_id in present


def amounts_have_words(firing: Firing) -> Iterable[Finding]:
    """Something is retained, and each amount has its financer's word."""
    closing = firing.details["closing"]
    amounts = closing.amounts.get(firing.dossier.id, {})
    if not any(amounts.values()):
        yield refusal("guard.retained_something")
    silent = [
        line.key
        for line in firing.dossier.lines
        if amounts.get(line.id) and not has_word(line, closing.organisations_present)
    ]
    if silent:
        yield refusal("guard.financer_word", lines=silent)


# --- guards of the séance itself -------------------------------------------------------------------------------


def quorum(firing: Firing) -> Iterable[Finding]:
    """Where the body has a local quorum, enough members are present or represented; guests do not count."""
    yield from short_of_quorum(firing.subject, body_of(firing))


def short_of_quorum(seance: Seance, body: Body | None) -> Iterable[Finding]:
    """The refusal while too few members are there: asked at each decision, and again at the closing."""
    if body is None or body.quorum is None:
        return
    present = members_here(seance)
    if present < body.quorum:
        yield refusal("guard.quorum", present=present, required=body.quorum)


def members_here(seance: Seance) -> int:
    """Members present, at a distance or represented."""
    return sum(1 for c in here(seance) if c.is_member)


def here(seance: Seance) -> list[Convocation]:
    """Who is at the table now, at a distance or by somebody who is."""
    return _with_proxies(seance, IN_PERSON)


def organisations_here(seance: Seance) -> frozenset[int]:
    """Whose word may be heard now."""
    return frozenset(c.organisation_id for c in here(seance))


def _with_proxies(seance: Seance, presences: frozenset[str]) -> list[Convocation]:
    """Who has one of these presences, and who is represented by one of them, or by a deputy: a proxy leaves with its bearer."""
    there = {c.person_id for c in seance.convocations if c.presence in presences}
    return [
        c
        for c in seance.convocations
        if c.person_id in there or (c.presence == REPRESENTED and (c.proxy_id is None or c.proxy_id in there))
    ]


def decisions_made(firing: Firing) -> Iterable[Finding]:
    """Each item is decided, with a reason fit for the porteur when it is not retained."""
    if not (decides(firing) or validates(firing)):
        return
    items = [item for item in firing.subject.items if not is_for_information(item, firing.territory)]
    undecided = [item.dossier.reference for item in items if item.decision is None]
    if undecided:
        yield refusal("guard.undecided", references=undecided)
    unreasoned = [
        item.dossier.reference
        for item in items
        if needs_reason(item.decision, item.dossier.stage) and not item.reason
    ]
    if unreasoned:
        yield refusal("guard.decision_reason", references=unreasoned)
    moved = [item.dossier.reference for item in items if item.decision and not _stands(item)]
    if moved:
        yield refusal("guard.moved_on", references=moved)


def needs_reason(decision: str | None, stage: str) -> bool:
    """Whatever is not a plain retaining or validation; and a rectification of what was decided."""
    if decision == Decision.RETAINED:
        return stage in DECIDED_STAGES
    return decision not in (None, Decision.VALIDATED)


def is_rectified(dossier: Dossier) -> bool:
    """True when a committee has already decided: retaining is then a rectification."""
    return dossier.stage in DECIDED_STAGES


def _stands(item: SeanceItem) -> bool:
    """True while the dossier is where the decision typed on it may still be applied."""
    return item.dossier.stage in DECIDED_FROM[Decision(item.decision or "")]


def decides(firing: Firing) -> bool:
    """True when the body's closing moves dossiers."""
    body = body_of(firing)
    return body is not None and body.kind is BodyKind.COMMITTEE


def validates(firing: Firing) -> bool:
    """True when the body's closing validates the programme of the year."""
    body = body_of(firing)
    return body is not None and body.kind is BodyKind.STEERING


def is_for_information(item: SeanceItem, territory: Territory) -> bool:
    """A rolling dossier is reported to the steering committee, which may still decide on it."""
    body = territory.body_by_code.get(item.seance.body)
    if body is None or body.kind is not BodyKind.STEERING or item.decision is not None:
        return False
    rolling = {call.code for call in territory.calls if call.kind is CallKind.ROLLING}
    return item.dossier.call is None or item.dossier.call in rolling


def recusals_applied(firing: Firing) -> Iterable[Finding]:
    """Nobody present is concerned by a dossier of the agenda unless recused on it."""
    if not decides(firing):
        return
    seance: Seance = firing.subject
    sitting = here(seance)
    held = {c.person_id: organisations_held(c.person, firing.today) for c in sitting}
    for item in seance.items:
        yield from _staying(item, sitting, held)


def still_there(item: SeanceItem, today: date) -> Iterable[Finding]:
    """The refusal to decide an item while somebody it concerns sits: asked at each decision, and again at the closing."""
    sitting = here(item.seance)
    yield from _staying(item, sitting, {c.person_id: organisations_held(c.person, today) for c in sitting})


def _staying(
    item: SeanceItem, sitting: Iterable[Convocation], held: Mapping[int, set[int]]
) -> Iterable[Finding]:
    staying = [c.person.name for c in sitting if must_leave(item, c, held[c.person_id])]
    if staying:
        yield refusal("guard.recusal", persons=staying, reference=item.dossier.reference)


def organisations_held(person: Person, on: date) -> set[int]:
    """Organisations where this person holds a mandate or a declared interest that day."""
    return {
        m.organisation_id for m in person.mandates if m.from_on <= on and (m.to_on is None or m.to_on >= on)
    }


def must_leave(item: SeanceItem, convocation: Convocation, held: set[int]) -> bool:
    """True when this person holds something at the porteur's and is not recused on the item.

    A porteur invited to be heard on its own item leaves before it is discussed: nothing is asked of it.
    """
    if convocation.heard_dossier_id == item.dossier_id:
        return False
    return item.dossier.porteur_id in held and convocation.person.email not in (item.recused or ())


def envelopes_hold(firing: Firing) -> Iterable[Finding]:
    """No notified envelope exceeded by what this closing retains, together with what is already retained."""
    if not decides(firing):
        return
    seance: Seance = firing.subject
    retained = [item for item in seance.items if item.decision == Decision.RETAINED]
    adding = added_by((one.line, one.amount) for item in retained for one in item.amounts)
    for year in sorted({year for _, year in adding}):
        for envelope in envelope_facts(firing.db, firing.contract, year):
            yield from _exceeded(envelope, adding.get((envelope.credit, year), Typed()).added)


def _exceeded(envelope: EnvelopeFacts, adding: Decimal) -> Iterable[Finding]:
    if envelope.status != "notified" or envelope.amount is None or adding <= 0:
        return
    if envelope.held_by == DEPARTEMENT:  # shared with other contracts: never this one's own limit
        return
    total = (envelope.committed or ZERO) + adding
    if total > envelope.amount:
        yield refusal(
            "guard.envelope",
            line=envelope.credit,
            credit=envelope.credit,
            year=str(envelope.year),  # a year is read as written, without a separator
            amount=envelope.amount,
            retained=total,
            over=total - envelope.amount,
        )


def dossiers_ready(firing: Firing) -> Iterable[Finding]:
    """Every retained item passes the guards of its own commitment."""
    if not decides(firing):
        return
    closing = Closing.of(firing.subject)
    for item in firing.subject.items:
        if item.decision == Decision.RETAINED:
            silent = [
                f"{item.dossier.reference} {amount.line.key}"
                for amount in item.amounts
                if amount.amount and not has_word(amount.line, closing.organisations_present)
            ]
            if silent:
                yield refusal("guard.financer_word", lines=silent)
            if not any(amount.amount for amount in item.amounts):
                yield refusal("guard.retained_something", reference=item.dossier.reference)


def conditions_met(firing: Firing) -> Iterable[Finding]:
    """No amount on a line whose credit's condition is denied, or known by nobody and neither attested nor waived."""
    if not decides(firing):
        return
    items = [item for item in firing.subject.items if item.decision == Decision.RETAINED]
    firing.read = examined(firing.db, [item.dossier for item in firing.subject.items], firing.now)
    for item in items:
        blocked = blocked_lines(firing.read[item.dossier_id][1])
        for line in (amount.line for amount in item.amounts if amount.amount):
            if line.key in blocked:
                labels = [RULES[rule].label for rule in blocked[line.key]]
                yield refusal(
                    "guard.condition",
                    line=line.key,
                    reference=item.dossier.reference,
                    key=line.key,
                    rules=labels,
                )


def proposals_unchanged(firing: Firing) -> Iterable[Finding]:
    """A deferred dossier comes back with the proposals it left with."""
    kept = firing.dossier.follow_up.get("deferred_proposals", {})
    now = {line.key: str(line.proposed) for line in firing.dossier.lines if line.proposed is not None}
    changed = sorted(key for key in kept.keys() | now.keys() if kept.get(key) != now.get(key))
    if changed:
        yield refusal("guard.proposals_changed", lines=changed)
