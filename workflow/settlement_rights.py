# SPDX-License-Identifier: EUPL-1.2
"""What of a finding a person may settle, and who: attest or waive an unknown, override a local condition, or nothing."""

from collections.abc import Iterator
from dataclasses import dataclass

from rules.catalogue import RULES
from rules.findings import Finding, LineOutcome, Outcome, Scope, Settlement
from rules.rule import Rule
from workflow.errors import InvalidInputError, NotAllowedHereError, NotPermittedError
from workflow.models import Dossier, FundingLine
from workflow.permissions import Actor, holds
from workflow.stages import FUNDED_STAGES, OPEN_STAGES, Role

SETTLING = (Role.INSTRUCTOR, Role.PILOT)
HOLDING = (Role.FINANCER, Role.INSTRUCTOR)
UNKNOWNS = (Settlement.ATTESTED, Settlement.WAIVED)
OVERRIDES = (Settlement.OVERRIDDEN,)
OVER = "Le dossier n’est plus en instruction : ses constats ne changent plus."


FOLLOW_UP = "follow_up"


def is_open_to_settling(dossier: Dossier, rule: str) -> bool:
    """True while the rule's answer may be settled: during the instruction; for a rule of the follow-up, after it too."""
    known = RULES.get(rule)
    is_followed = known is not None and known.stage == FOLLOW_UP
    return dossier.stage in OPEN_STAGES or (is_followed and dossier.stage in FUNDED_STAGES)


@dataclass(frozen=True, slots=True)
class Question:
    """What can be settled: one line (None: the whole dossier), and the ways the rule and its outcome allow."""

    line: str | None
    kinds: tuple[Settlement, ...]


def open_questions(finding: Finding) -> list[Question]:
    """Each answer of this finding that a settlement would change."""
    return [Question(line, kinds) for line, answer in _answers(finding) if (kinds := _kinds(finding, answer))]


def _answers(finding: Finding) -> Iterator[tuple[str | None, Finding | LineOutcome]]:
    if finding.lines:
        yield from ((line.line, line) for line in finding.lines)
    else:
        yield None, finding


def _kinds(finding: Finding, answer: Finding | LineOutcome) -> tuple[Settlement, ...]:
    if answer.settled is not None:
        return ()
    if answer.outcome is Outcome.UNDETERMINED:
        return UNKNOWNS
    is_excepted = answer.outcome is Outcome.VIOLATED and bool(RULES[finding.rule].exception)
    return OVERRIDES if is_excepted else ()


def may_settle(
    dossier: Dossier, rule: str, line: str | None, actor: Actor, kind: Settlement = Settlement.ATTESTED
) -> bool:
    """A rule of the dossier: its instructors and the pilot. A credit's condition: only the financer that holds it.

    An override: the holder of the credit, or the pilot, as the rule says; nobody for the others.
    """
    if actor.is_concerned_by(dossier.porteur_id):
        return False
    if kind is Settlement.OVERRIDDEN:
        return _may_override(dossier, RULES[rule], line, actor)
    found = dossier.line(line) if line else None
    if found is not None:
        return actor.speaks_for(found.credit.organisation_id, dossier.contract_id)
    if RULES[rule].scope is Scope.LINE:
        return False
    return any(holds(actor, role, dossier) for role in SETTLING)


def _may_override(dossier: Dossier, rule: Rule, line: str | None, actor: Actor) -> bool:
    if rule.exception == "pilot":
        return actor.has(Role.PILOT, dossier.contract_id)
    found = dossier.line(line) if line else None
    return rule.exception == "holder" and found is not None and holds_credit(actor, found)


def holds_credit(actor: Actor, line: FundingLine) -> bool:
    """True for the financer's own people: its representatives and its instructors, in this contract."""
    seats = actor.seats_for(line.dossier.contract_id)
    return any(s.organisation_id == line.credit.organisation_id and s.role in HOLDING for s in seats)


def check_settlement(
    dossier: Dossier, finding: Finding, line: str | None, kind: Settlement, actor: Actor
) -> None:
    """Raises the refusal that says why this person cannot settle this answer in this way."""
    rule = RULES[finding.rule]
    if kind is Settlement.OVERRIDDEN and not rule.exception:
        raise NotAllowedHereError(_no_exception(rule))
    if not is_open_to_settling(dossier, rule.id):
        raise NotAllowedHereError(OVER)
    if finding.lines and line is None:
        known = ", ".join(answer.line for answer in finding.lines)
        raise InvalidInputError(
            f"« {rule.label} » se juge ligne par ligne : préciser laquelle ({known}).", "line"
        )
    question = next((q for q in open_questions(finding) if q.line == line), None)
    if question is None or kind not in question.kinds:
        raise NotAllowedHereError(_not_open(rule, finding, line, kind))
    if not may_settle(dossier, rule.id, line, actor, kind):
        raise NotPermittedError(_not_yours(dossier, rule, line, actor, kind))


def _no_exception(rule: Rule) -> str:
    law = next((source for source in rule.sources if not source.is_local), None)
    if law is None:
        return f"« {rule.label} » ne prévoit aucune dérogation ({rule.source.rstrip('.')})."
    return f"« {rule.label} » est une règle de droit ({law}) : personne ici ne peut y déroger."


def _not_yours(dossier: Dossier, rule: Rule, line: str | None, actor: Actor, kind: Settlement) -> str:
    if actor.is_concerned_by(dossier.porteur_id):
        return "Vous avez un mandat ou un intérêt déclaré chez le porteur de ce dossier : vous ne pouvez pas y agir."
    if kind is not Settlement.OVERRIDDEN:
        return "Cette condition ne peut être attestée ou levée que par l’instructeur, ou par le financeur du crédit."
    if rule.exception == "pilot":
        return f"Seul le pilote du contrat peut déroger à « {rule.label} »."
    found = dossier.line(line) if line else None
    holder = (
        f"« {found.credit.organisation.name} », qui détient ce crédit," if found else "le financeur du crédit"
    )
    return f"Seul {holder} peut déroger à sa condition « {rule.label} »."


def _not_open(rule: Rule, finding: Finding, line: str | None, kind: Settlement) -> str:
    """Why the present answer cannot be settled in this way."""
    answer = next((answer for of, answer in _answers(finding) if of == line), None)
    if answer is None:
        return f"« {rule.label} » ne juge pas la ligne « {line} » : il n’y a rien à régler."
    if answer.settled is not None:
        return f"« {rule.label} » est déjà réglé par {answer.facts.get('settled_by')} : retirer d’abord ce règlement."
    if answer.outcome in (Outcome.SATISFIED, Outcome.NOT_APPLICABLE):
        state = "remplie" if answer.outcome is Outcome.SATISFIED else "sans objet"
        return f"« {rule.label} » est {state} : il n’y a rien à attester, à lever ni à quoi déroger."
    if answer.outcome is Outcome.UNDETERMINED:
        return f"« {rule.label} » n’est pas tranchée : on la complète, on l’atteste ou on la lève ; on ne déroge qu’à une condition non remplie."
    if kind is not Settlement.OVERRIDDEN and rule.exception:
        return f"« {rule.label} » n’est pas remplie : elle ne s’atteste ni ne se lève ; qui la détient peut y déroger, avec un motif."
    return f"« {rule.label} » n’est pas remplie : ce constat n’est pas indéterminé, il n’y a rien à attester ni à lever."
