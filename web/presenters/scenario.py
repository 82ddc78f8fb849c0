# SPDX-License-Identifier: EUPL-1.2
"""One scenario: its amounts by dossier and line, its locks, its figures beside the proposals, and what may be done with it."""

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from reports.summary.words import Words, words_of
from rules import wording
from web.forms import Field, FormView, Typed
from web.paging import pages_of
from web.presenters.people import named
from web.presenters.reader import Reader
from web.presenters.scenario_figures import figure_sections, name_of, served_badge
from web.presenters.scenario_solution import solution_view
from web.presenters.scenarios import TASK_STATES, address_of, is_about, state_of
from web.presenters.seance import seance_heading
from web.presenters.stages import line_tone, tone_of
from workflow.arbitration.served import Served
from workflow.contracts import territory_of
from workflow.errors import InvalidInputError
from workflow.exercise import exercise_of
from workflow.models import Scenario, SeanceItem, Task
from workflow.permissions import Actor
from workflow.queries_comparison import adopted_scenario
from workflow.round_table import PROPOSABLE
from workflow.scenario_adoption import adopted_after, left_out, may_adopt, replaced_by
from workflow.scenario_comparison import list_scenarios
from workflow.scenario_figures import Hypothesis, credit_order, hypotheses, living_lines
from workflow.scenario_lines import agenda_lines
from workflow.scenarios import may_write_scenarios
from workflow.stages import LINE_LABELS, STAGE_LABELS, LineState, Stage

PAGE = 25  # dossiers on one page of amounts: some hundred fields
AMOUNT = "amount-"
SHOWN_LEFT_OUT = 20


def scenario_view(
    db: Session, scenario: Scenario, reader: Reader, *, asked: str = "", page: str = ""
) -> dict[str, Any]:
    """Everything its page shows; `asked`: words that narrow the dossiers, `page`: which of them."""
    seance, words = scenario.seance, words_of(territory_of(scenario.seance.contract))
    summaries = list_scenarios(db, seance)
    own = next(one for one in summaries if one.scenario.id == scenario.id)
    found = hypotheses(db, seance, [scenario], reader.now)
    may_write = may_write_scenarios(seance, reader.actor)
    may_type = may_write and scenario.adopted_at is None
    items = [item for item in seance.items if is_about(item.dossier, asked)]
    turn = pages_of(page, len(items), PAGE, lambda rank: _address(scenario, asked, rank))
    shown = items[(turn["page"] - 1) * PAGE : turn["page"] * PAGE]
    form = _amounts_form(scenario, shown, words, asked, turn["page"]) if may_type else None
    return seance_heading(seance) | {
        "scenario": scenario,
        "address": address_of(scenario),
        "state": state_of(scenario, adopted_scenario(db, seance)),
        "by": named(db, [scenario.created_by]).get(scenario.created_by, scenario.created_by),
        "parent": own.parent,
        "others": [one.scenario for one in summaries if one.scenario.id != scenario.id],
        "year": exercise_of((item.dossier for item in seance.items), reader.now),
        "heads": [{"name": name_of(one), "address": "", "is_base": False} for one in found],
        "sections": figure_sections(found, words),
        "groups": [_group(item, scenario, found, words) for item in shown],
        "solution": solution_view(db, scenario, words),
        "asked": asked,
        "count": len(items),
        "turn": turn,
        "form": form,
        "may_write": may_write,
        **(_acts(db, scenario, reader.actor) if may_write else {"adoption": None, "acts": {}}),
    }


def _address(scenario: Scenario, asked: str, rank: int) -> str:
    query = {"q": asked, "page": str(rank)}
    return f"{address_of(scenario)}?{urlencode({k: v for k, v in query.items() if v})}#montants"


def _group(item: SeanceItem, scenario: Scenario, found: list[Hypothesis], words: Words) -> dict[str, Any]:
    """One dossier and its lines."""
    dossier, (present, simulated) = item.dossier, found
    rows = {one.line_id: one for one in scenario.amounts}
    lines = sorted(living_lines([dossier]), key=credit_order)
    served = simulated.served[dossier.id]
    return {
        "dossier": dossier,
        "stage": STAGE_LABELS[Stage(dossier.stage)],
        "tone": tone_of(dossier.stage),
        "served": served_badge(served),
        "may_gain": served in (Served.NOTHING, Served.PARTIAL),
        "total": sum((simulated.amounts[line.id] for line in lines), Decimal(0)),
        "lines": [
            {
                "line": line,
                "label": words.line(line.key),
                "state": LINE_LABELS[LineState(line.state)],
                "tone": line_tone(line.state),
                "present": present.amounts[line.id],
                "row": rows.get(line.id),
                "field": f"{AMOUNT}{line.id}",
                "is_open": line.state in PROPOSABLE,
                "difference": simulated.amounts[line.id] - present.amounts[line.id],
            }
            for line in lines
        ],
    }


def _amounts_form(
    scenario: Scenario, shown: list[SeanceItem], words: Words, asked: str, page: int
) -> FormView:
    """One field a line; its version is the scenario's, so that two secretaries never write over each other."""
    rows = {one.line_id: one for one in scenario.amounts}
    lines = [
        (item.dossier.reference, line)
        for item in shown
        for line in sorted(living_lines([item.dossier]), key=credit_order)
        if line.state in PROPOSABLE
    ]
    fields = [
        Field(
            f"{AMOUNT}{line.id}",
            f"{reference}, {words.line(line.key)}",
            "amount",
            (_typed(rows[line.id].amount),) if line.id in rows else (),
        )
        for reference, line in lines
    ]
    locks = tuple((str(line.id), f"{reference}, {words.line(line.key)}") for reference, line in lines)
    locked = tuple(str(line.id) for _, line in lines if line.id in rows and rows[line.id].locked)
    return FormView(
        f"{address_of(scenario)}/montants",
        "Enregistrer les montants",
        (
            Field("q", "", "hidden", (asked,)),
            Field("page", "", "hidden", (str(page),)),
            *fields,
            Field("locked", "Montants verrouillés", "checks", locked, choices=locks),
        ),
        version=scenario.version,
    )


def read_amounts(typed: Typed) -> dict[int, Decimal | None]:
    """What was typed, by funding line; each unreadable amount is told at its own field."""
    amounts: dict[int, Decimal | None] = {}
    faults: dict[str, str] = {}
    for name in typed.values:
        number = name.removeprefix(AMOUNT)
        if not name.startswith(AMOUNT) or not (number.isascii() and number.isdigit() and len(number) < 10):
            continue
        try:
            amounts[int(number)] = typed.amount(name)
        except InvalidInputError as error:
            faults[name] = error.message
    if faults:
        some = (
            "Un montant n’est pas lisible"
            if len(faults) == 1
            else f"{len(faults)} montants ne sont pas lisibles"
        )
        raise InvalidInputError(f"{some}\u00a0: rien n’a été enregistré.", next(iter(faults)), faults)
    return amounts


def read_locks(typed: Typed) -> set[int]:
    """The lines whose box is ticked."""
    return {
        int(text) for text in typed.texts("locked") if text.isascii() and text.isdigit() and len(text) < 10
    }


def _typed(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",").removesuffix(",00")


def _acts(db: Session, scenario: Scenario, actor: Actor) -> dict[str, Any]:
    """Adopt or cancel the adoption, with what would happen; then name, derive, delete."""
    address, version = address_of(scenario), scenario.version
    acts: dict[str, FormView | None] = {
        "delete": None,
        "derive": FormView(
            f"{address}/derivation",
            "Dériver un scénario",
            (Field("name", "Nom du nouveau scénario", required=True), Field("note", "Note", "long")),
        ),
        "rename": FormView(
            f"{address}/nom",
            "Enregistrer",
            (
                Field("name", "Nom", values=(scenario.name,), required=True),
                Field("note", "Note", "long", (scenario.note or "",)),
            ),
            version=version,
        ),
    }
    if scenario.adopted_at is None:
        acts["delete"] = FormView(
            f"{address}/suppression",
            "Supprimer ce scénario",
            version=version,
            look="danger",
            confirm="Le scénario et ses montants disparaissent\u00a0; le journal de la séance garde qu’il a existé.",
        )
    return {"adoption": _adoption(db, scenario, actor), "acts": acts}


def _changing(number: int) -> str:
    return "1 ligne change" if number == 1 else f"{wording.number(number)} lignes changent"


def _adoption(db: Session, scenario: Scenario, actor: Actor) -> dict[str, Any]:
    """What adopting would change, or what cancelling would put back."""
    address, version = address_of(scenario), scenario.version
    may = may_adopt(scenario, actor)
    if scenario.adopted_at is not None:
        number = len(replaced_by(scenario))
        confirm = f"Chaque ligne retrouve le montant proposé avant l’adoption ({wording.number(number)} en tout). Refusé si l’une a changé depuis."
        form = FormView(
            f"{address}/adoption/annulation",
            "Annuler l’adoption",
            version=version,
            look="secondary",
            confirm=confirm,
        )
        later = adopted_after(db, scenario)
        return {
            "form": form if may and later is None else None,
            "later": later,
            "left_out": [],
            "more": 0,
            "changes": number,
        }
    lines = agenda_lines(db, scenario.seance)
    fallen = left_out(lines, scenario, actor)
    changes = [
        one
        for one in scenario.amounts
        if one.line_id not in fallen and lines[one.line_id].proposed != one.amount
    ]
    asks = (
        (Field("leave_out", f"Adopter sans les montants écartés ({len(fallen)})", "boolean"),)
        if fallen
        else ()
    )
    confirm = f"Ces montants deviennent les propositions de la conférence\u00a0: {_changing(len(changes))}. Cela s’annule tant qu’aucune n’a changé depuis."
    form = FormView(f"{address}/adoption", "Adopter ce scénario", asks, version=version, confirm=confirm)
    is_possible = any(one.line_id not in fallen for one in scenario.amounts)
    return {
        "form": form if may and is_possible else None,
        "later": None,
        "left_out": list(fallen.values())[:SHOWN_LEFT_OUT],
        "more": max(0, len(fallen) - SHOWN_LEFT_OUT),
        "changes": len(changes),
        "is_possible": is_possible,
    }


def change_view(scenario: Scenario, task: Task) -> dict[str, Any]:
    """The least change that would serve one dossier: how far the search is, then what it found."""
    found = task.result or {}
    return seance_heading(scenario.seance) | {
        "scenario": scenario,
        "address": address_of(scenario),
        "dossier": next(
            (item.dossier for item in scenario.seance.items if item.dossier_id == task.payload["dossier"]),
            None,
        ),
        "here": f"{address_of(scenario)}/changements/{task.id}",
        "state": TASK_STATES[task.state],
        "is_over": task.is_over,
        "sentences": found.get("sentences", ()),
        "refused": found.get("refused") or (task.error if task.state == "failed" else None),
    }
