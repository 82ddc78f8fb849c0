# SPDX-License-Identifier: EUPL-1.2
"""Scenarios of a séance: named simulations of its amounts, derived from one another, typed and locked by hand.

Nothing here touches a proposal: adopting a scenario does (`workflow/scenario_adoption.py`).
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from workflow.errors import ConflictError, InvalidInputError, NotAllowedHereError, NotPermittedError
from workflow.models import Scenario, ScenarioAmount, Seance
from workflow.permissions import Actor
from workflow.round_table import PROPOSABLE
from workflow.scenario_lines import agenda_lines, faults_of, label_of, refuse_faults
from workflow.seance_rights import note, require_secretary
from workflow.stages import SEANCE_OVER

LONGEST_NAME = 120


def create_scenario(
    db: Session,
    seance: Seance,
    name: str,
    actor: Actor,
    now: datetime,
    *,
    amounts: Mapping[int, Decimal],
    locked: Collection[int] = (),
    parent: Scenario | None = None,
    note: str | None = None,
    solution: dict[str, Any] | None = None,
) -> Scenario:
    """A scenario with these amounts by funding line. A line it does not name keeps its present proposal.

    Raises InvalidInputError on a name taken, a line of another séance, an amount that its line cannot carry.
    """
    require_writable(db, seance, actor)
    if parent is not None and parent.seance_id != seance.id:
        raise InvalidInputError("Un scénario se dérive d’un scénario de la même séance.", "parent")
    name = free_name(db, seance, name)
    if missing := set(locked) - amounts.keys():
        raise InvalidInputError(f"Une ligne verrouillée porte un montant ({len(missing)} n’en ont pas).")
    lines = agenda_lines(db, seance)
    refuse_faults(faults_of(lines, amounts))
    scenario = Scenario(
        seance=seance,
        name=name,
        note=(note or "").strip() or None,
        parent_id=None if parent is None else parent.id,
        created_at=now,
        created_by=actor.email,
        solution=solution,
    )
    for line_id, amount in sorted(amounts.items()):
        kept = line_id in locked or lines[line_id].forecast is not None
        scenario.amounts.append(ScenarioAmount(line_id=line_id, amount=amount, locked=kept))
    db.add(scenario)
    db.flush()
    total = sum(amounts.values(), Decimal(0))
    details = {"lines": len(amounts), "amount": str(total), "parent": parent.name if parent else None}
    note_on(db, scenario, actor, "create_scenario", now, details)
    return scenario


def from_proposals(
    db: Session, seance: Seance, name: str, actor: Actor, now: datetime, *, note: str | None = None
) -> Scenario:
    """A scenario that starts from the amounts now proposed on the séance's lines."""
    lines = agenda_lines(db, seance).values()
    amounts = {
        line.id: line.proposed for line in lines if line.state in PROPOSABLE and line.proposed is not None
    }
    return create_scenario(db, seance, name, actor, now, amounts=amounts, note=note)


def derive(
    db: Session, parent: Scenario, name: str, actor: Actor, now: datetime, *, note: str | None = None
) -> Scenario:
    """A scenario that starts from another one: its amounts and its locks, less what no line can carry any more."""
    seance = parent.seance
    amounts = {one.line_id: one.amount for one in parent.amounts}
    fallen = faults_of(agenda_lines(db, seance), amounts).keys()
    amounts = {line_id: amount for line_id, amount in amounts.items() if line_id not in fallen}
    locked = {one.line_id for one in parent.amounts if one.locked} & amounts.keys()
    return create_scenario(
        db, seance, name, actor, now, amounts=amounts, locked=locked, parent=parent, note=note
    )


def rename(
    db: Session,
    scenario: Scenario,
    name: str,
    actor: Actor,
    now: datetime,
    *,
    note: str | None = None,
    expected_version: int | None = None,
) -> bool:
    """Another name, another note; an adopted one too. False when nothing changed."""
    require_writable(db, scenario.seance, actor)
    same_version(scenario, expected_version)
    text = (note or "").strip() or None
    before = scenario.name
    after = before if name.strip() == before else free_name(db, scenario.seance, name, but=scenario)
    if (after, text) == (before, scenario.note):
        return False
    scenario.name, scenario.note = after, text
    note_on(db, scenario, actor, "rename_scenario", now, {"was": None if after == before else before})
    return True


def delete(
    db: Session, scenario: Scenario, actor: Actor, now: datetime, *, expected_version: int | None = None
) -> None:
    """Removes a scenario; those derived from it then derive from its own parent. An adopted one stays."""
    _changing(db, scenario, actor, expected_version)
    children = update(Scenario).where(Scenario.parent_id == scenario.id).values(parent_id=scenario.parent_id)
    db.execute(children)
    note_on(db, scenario, actor, "delete_scenario", now, {})
    db.delete(scenario)
    db.flush()


def set_amounts(
    db: Session,
    scenario: Scenario,
    amounts: Mapping[int, Decimal | None],
    actor: Actor,
    now: datetime,
    *,
    expected_version: int | None = None,
) -> int:
    """Several amounts at once, all or none; how many changed. One line of the journal says them."""
    _changing(db, scenario, actor, expected_version)
    held = {one.line_id: one for one in scenario.amounts}
    present = {line_id: one.amount for line_id, one in held.items()}
    changed = {line_id: amount for line_id, amount in amounts.items() if present.get(line_id) != amount}
    if not changed:
        return 0
    lines = agenda_lines(db, scenario.seance)
    refuse_faults(faults_of(lines, changed))
    for line_id, amount in changed.items():
        row = held.get(line_id)
        if amount is None:
            scenario.amounts.remove(held[line_id])
        elif row is None:
            kept = lines[line_id].forecast is not None
            scenario.amounts.append(ScenarioAmount(line_id=line_id, amount=amount, locked=kept))
        else:
            row.amount = amount
    touched(db, scenario)
    said = {label_of(lines[line_id]): _text(amount) for line_id, amount in changed.items()}
    note_on(db, scenario, actor, "set_scenario_amounts", now, {"amounts": said})
    return len(changed)


def save_amounts(
    db: Session,
    scenario: Scenario,
    amounts: Mapping[int, Decimal | None],
    locked: Collection[int],
    actor: Actor,
    now: datetime,
    *,
    expected_version: int | None = None,
) -> int:
    """A page of lines as it was filled: their amounts, and among them those that are locked. How many changed."""
    changed = set_amounts(db, scenario, amounts, actor, now, expected_version=expected_version)
    held = {one.line_id: one.locked for one in scenario.amounts if one.line_id in amounts}
    ticked = {line_id for line_id in locked if line_id in amounts and not held.get(line_id)}
    changed += lock(db, scenario, ticked, actor, now) if ticked else 0
    released = {line_id for line_id, is_locked in held.items() if is_locked and line_id not in locked}
    return changed + (unlock(db, scenario, released, actor, now) if released else 0)


def lock(
    db: Session,
    scenario: Scenario,
    line_ids: Collection[int],
    actor: Actor,
    now: datetime,
    *,
    expected_version: int | None = None,
) -> int:
    """Amounts that the solver must keep; how many were not yet locked."""
    return _lock(db, scenario, line_ids, actor, now, expected_version, locked=True)


def unlock(
    db: Session,
    scenario: Scenario,
    line_ids: Collection[int],
    actor: Actor,
    now: datetime,
    *,
    expected_version: int | None = None,
) -> int:
    """Amounts that the solver may change again; how many were locked."""
    return _lock(db, scenario, line_ids, actor, now, expected_version, locked=False)


def _lock(
    db: Session,
    scenario: Scenario,
    line_ids: Collection[int],
    actor: Actor,
    now: datetime,
    expected_version: int | None,
    *,
    locked: bool,
) -> int:
    _changing(db, scenario, actor, expected_version)
    held = {one.line_id: one for one in scenario.amounts}
    if any(line_id not in held for line_id in line_ids):
        raise InvalidInputError("Une ligne se verrouille à un montant\u00a0: saisissez-le d’abord.", "locked")
    rows = [held[line_id] for line_id in sorted(set(line_ids))]
    # what a CPO promised stays locked, whatever the page says
    changed = [one for one in rows if one.locked is not locked and (locked or one.line.forecast is None)]
    for one in changed:
        one.locked = locked
    if changed:
        touched(db, scenario)
        said = [label_of(one.line) for one in changed]
        note_on(
            db, scenario, actor, "lock_scenario" if locked else "unlock_scenario", now, {"lines_named": said}
        )
    return len(changed)


# --- what the solver adds


def is_priced(db: Session, scenario_id: int) -> bool:
    """True once what its targets cost is known."""
    said = db.scalar(select(Scenario.solution).where(Scenario.id == scenario_id))
    return said is not None and said.get("targets") is not None


def says(db: Session, scenario_id: int, solution: Mapping[str, Any]) -> bool:
    """True when it was written from this very solution, whatever is known yet of what its targets cost."""
    said = db.scalar(select(Scenario.solution).where(Scenario.id == scenario_id))
    return said is not None and {**said, "targets": None} == {**solution, "targets": None}


def keep_targets(db: Session, scenario_id: int, targets: Mapping[str, Any]) -> None:
    """Adds them to what the solver said. No amount changes, so no page that was read becomes stale."""
    said = db.scalar(select(Scenario.solution).where(Scenario.id == scenario_id))
    if said is not None:  # it may have been deleted meanwhile
        kept = (
            update(Scenario).where(Scenario.id == scenario_id).values(solution={**said, "targets": targets})
        )
        db.execute(kept.execution_options(synchronize_session=False))


# --- what every writing asks


def may_write_scenarios(seance: Seance, actor: Actor) -> bool:
    """True for whoever keeps this séance, while it is not over: what the pages ask before they show a form."""
    try:
        require_secretary(seance.contract_id, seance.body, actor)
    except NotPermittedError:
        return False
    return seance.status not in SEANCE_OVER


def require_writable(db: Session, seance: Seance, actor: Actor) -> None:
    """The actor keeps this séance, which is not over. Its row is held: two scenarios of one name wait for each other."""
    try:
        require_secretary(seance.contract_id, seance.body, actor)
    except NotPermittedError:
        raise NotPermittedError(
            "Les scénarios d’une séance s’écrivent par son secrétariat et par le pilote\u00a0; les financeurs les lisent, et préparent leur colonne dans le tour de table."
        ) from None
    status = db.scalar(select(Seance.status).where(Seance.id == seance.id).with_for_update())
    if status in SEANCE_OVER:
        raise NotAllowedHereError("Les scénarios d’une séance close ou annulée ne changent plus.")


def _changing(db: Session, scenario: Scenario, actor: Actor, expected_version: int | None) -> None:
    require_writable(db, scenario.seance, actor)
    same_version(scenario, expected_version)
    if scenario.adopted_at is not None:
        raise NotAllowedHereError(
            f"Le scénario «\u00a0{scenario.name}\u00a0» est adopté\u00a0: dérivez-en un autre, ou annulez d’abord l’adoption."
        )


def same_version(scenario: Scenario, expected_version: int | None) -> None:
    """Raises ConflictError when the page that was read is no longer the scenario."""
    if expected_version is not None and scenario.version != expected_version:
        raise ConflictError


def free_name(db: Session, seance: Seance, name: str, *, but: Scenario | None = None) -> str:
    """The name as it is kept. Raises InvalidInputError when it is empty, too long, or another scenario's."""
    name = " ".join(name.split())
    if not name:
        raise InvalidInputError("Nom du scénario\u00a0: à renseigner.", "name")
    if len(name) > LONGEST_NAME:
        raise InvalidInputError(f"Nom du scénario\u00a0: {LONGEST_NAME} caractères au plus.", "name")
    taken = db.execute(select(Scenario.id, Scenario.name).where(Scenario.seance_id == seance.id))
    if any(other.casefold() == name.casefold() and (but is None or id_ != but.id) for id_, other in taken):
        raise InvalidInputError(f"Cette séance a déjà un scénario «\u00a0{name}\u00a0».", "name")
    return name


def touched(db: Session, scenario: Scenario) -> None:
    """Its version grows with its amounts: another secretary's page is stale."""
    flag_modified(scenario, "name")
    db.flush()


def note_on(
    db: Session, scenario: Scenario, actor: Actor, trigger: str, now: datetime, details: Mapping[str, object]
) -> None:
    """One line of the séance's journal, about this scenario."""
    said = {name: value for name, value in details.items() if value is not None}
    note(db, scenario.seance, actor, trigger, now, {"scenario": scenario.name, **said})


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)
