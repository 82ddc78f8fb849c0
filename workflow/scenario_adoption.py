# SPDX-License-Identifier: EUPL-1.2
"""Adopting a scenario: its amounts become the lines' proposals by the round table's own door, all or none; and back."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from workflow.errors import InvalidInputError, NotAllowedHereError, NotPermittedError, WorkflowError
from workflow.guards.conference import speaks_in_own_cause
from workflow.journal import preload_heads
from workflow.machine import chain_of
from workflow.models import FundingLine, Scenario
from workflow.permissions import Actor
from workflow.queries_comparison import adopted_scenario
from workflow.round_table import propose
from workflow.scenario_lines import SHOWN_FAULTS, agenda_lines, faults_of, label_of
from workflow.scenarios import note_on, require_writable, same_version, touched
from workflow.stages import STAGE_LABELS, Role, Stage

Replaced = dict[int, tuple[Decimal | None, Decimal | None]]  # line → proposed before, proposed after


def may_adopt(scenario: Scenario, actor: Actor) -> bool:
    """Adopting proposes on every line: the secretary's act. The pilot, who writes scenarios too, leaves it to them."""
    return actor.has(Role.SECRETARY, scenario.seance.contract_id)


def _require_adopter(scenario: Scenario, actor: Actor) -> None:
    if not may_adopt(scenario, actor):
        raise NotPermittedError(
            "Un scénario s’adopte, et son adoption s’annule, par le secrétariat de la séance."
        )


def adopted_after(db: Session, scenario: Scenario) -> Scenario | None:
    """The scenario adopted on top of this one, to be cancelled first; None when this one is the last."""
    current = adopted_scenario(db, scenario.seance)
    return None if current is None or current.id == scenario.id else current


def left_out(lines: Mapping[int, FundingLine], scenario: Scenario, actor: Actor) -> dict[int, str]:
    """Why some amounts of the scenario cannot be proposed today, in French, by line; one already proposed can."""
    wanted = {
        one.line_id: one.amount
        for one in scenario.amounts
        if one.line_id not in lines or lines[one.line_id].proposed != one.amount
    }
    found = faults_of(lines, wanted)
    for line_id in wanted.keys() - found.keys():
        line = lines[line_id]
        if line.dossier.stage != Stage.FINANCERS_CONFERENCE:
            label = STAGE_LABELS[Stage(line.dossier.stage)]
            found[line_id] = (
                f"{label_of(line)}\u00a0: le dossier n’est pas à la conférence («\u00a0{label}\u00a0»)."
            )
        elif speaks_in_own_cause(actor, line):
            found[line_id] = f"{label_of(line)}\u00a0: vous avez un intérêt chez son porteur."
    return found


def adopt(
    db: Session,
    scenario: Scenario,
    actor: Actor,
    now: datetime,
    *,
    leave_out: bool = False,
    expected_version: int | None = None,
) -> int:
    """Proposes the scenario's amounts; how many lines changed.

    An amount that cannot be proposed refuses the whole, unless `leave_out`: its line then keeps what it has.
    """
    _require_adopter(scenario, actor)
    require_writable(db, scenario.seance, actor)
    same_version(scenario, expected_version)
    if scenario.adopted_at is not None:
        raise NotAllowedHereError(f"Le scénario «\u00a0{scenario.name}\u00a0» est déjà adopté.")
    lines = agenda_lines(db, scenario.seance)
    fallen = left_out(lines, scenario, actor)
    taken = {one.line_id: one.amount for one in scenario.amounts if one.line_id not in fallen}
    if fallen and not leave_out:
        raise InvalidInputError(
            f"Rien n’a été adopté\u00a0: {_listed(fallen)} Écartez ces montants, ou adoptez sans eux.",
            "leave_out",
        )
    if not taken:
        raise NotAllowedHereError("Ce scénario n’a aucun montant qui puisse être proposé aujourd’hui.")
    replaced: Replaced = {
        line_id: (lines[line_id].proposed, amount)
        for line_id, amount in taken.items()
        if lines[line_id].proposed != amount
    }
    _propose(db, lines, {line_id: after for line_id, (_, after) in replaced.items()}, scenario, actor, now)
    scenario.replaced = {str(line_id): [_text(one) for one in pair] for line_id, pair in replaced.items()}
    scenario.adopted_at = now
    touched(db, scenario)
    details = {"lines": len(replaced), "left_out": len(fallen) or None}
    note_on(db, scenario, actor, "adopt_scenario", now, details)
    return len(replaced)


def cancel_adoption(
    db: Session, scenario: Scenario, actor: Actor, now: datetime, *, expected_version: int | None = None
) -> int:
    """Puts back exactly the proposals that were there; refused when one of them moved since, all or none.

    Adoptions lie on one another: the last one is cancelled first.
    """
    _require_adopter(scenario, actor)
    require_writable(db, scenario.seance, actor)
    same_version(scenario, expected_version)
    if scenario.adopted_at is None:
        raise NotAllowedHereError(f"Le scénario «\u00a0{scenario.name}\u00a0» n’est pas adopté.")
    if (later := adopted_after(db, scenario)) is not None:
        raise NotAllowedHereError(
            f"Le scénario «\u00a0{later.name}\u00a0» a été adopté depuis\u00a0: annulez d’abord cette adoption-là."
        )
    lines = agenda_lines(db, scenario.seance)
    replaced = replaced_by(scenario)
    moved = {
        line_id: f"{label_of(lines[line_id])} a changé."
        if line_id in lines
        else f"La ligne n° {line_id} n’est plus à l’ordre du jour."
        for line_id, (_, after) in replaced.items()
        if line_id not in lines or lines[line_id].proposed != after
    }
    if moved:
        raise NotAllowedHereError(
            f"Rien n’a été annulé, car des propositions ont changé depuis l’adoption\u00a0: {_listed(moved)}"
        )
    _propose(db, lines, {line_id: before for line_id, (before, _) in replaced.items()}, scenario, actor, now)
    scenario.replaced = scenario.adopted_at = None
    touched(db, scenario)
    note_on(db, scenario, actor, "cancel_adoption", now, {"lines": len(replaced)})
    return len(replaced)


def replaced_by(scenario: Scenario) -> Replaced:
    """The proposals before and after its adoption, by line; empty when it is not adopted."""
    rows = (scenario.replaced or {}).items()
    return {int(line_id): (_amount(before), _amount(after)) for line_id, (before, after) in rows}


def _propose(
    db: Session,
    lines: Mapping[int, FundingLine],
    amounts: Mapping[int, Decimal | None],
    scenario: Scenario,
    actor: Actor,
    now: datetime,
) -> None:
    """Each by the round table's own use case, whose rights and refusals hold; a refusal undoes the whole."""
    preload_heads(db, {chain_of(lines[line_id].dossier) for line_id in amounts})
    for line_id, amount in amounts.items():
        try:
            propose(db, lines[line_id], amount, actor, now, reason=f"Scénario «\u00a0{scenario.name}\u00a0»")
        except WorkflowError as error:
            error.message = f"{label_of(lines[line_id])}\u00a0: {error.message}"
            raise
    db.flush()


def _listed(sentences: Mapping[int, str]) -> str:
    shown = list(sentences.values())[:SHOWN_FAULTS]
    rest = len(sentences) - len(shown)
    return " ".join(shown) + (f" Et {rest} de plus." if rest else "")


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
