# SPDX-License-Identifier: EUPL-1.2
"""A request being written: its list of steps, each step as a form with labels, and the check before filing."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from reports.summary.words import Words, words_of
from rules.render import render
from rules.wording import euros
from web.forms import Failure, Field, FormView
from web.presenters.findings import BOOK
from web.presenters.request_fields import GROUPED, fields_shown, label_of, shown_value, tab_drawn
from workflow.completion import REQUEST, fields_of, texts_of
from workflow.contracts import territory_of
from workflow.firing import Input
from workflow.models import Dossier
from workflow.request.filing import has_answered, is_registrable, remarks_on
from workflow.request.steps import (
    BUDGET,
    FUNDING,
    PLACES,
    STATE_LABELS,
    STEPS,
    Step,
    StepState,
    fields_in,
    step_states,
    warnings_of,
)
from workflow.stages import Stage

TONES = {
    StepState.DONE: "good",
    StepState.BEGUN: "wait",
    StepState.TO_CHECK: "wait",
    StepState.EMPTY: "quiet",
}
# Where the porteur cures what a rule says.
STEP_OF_RULE = {
    "porteur": "organisme",
    "call": "appel",
    "action": "appel",
    "framework": "objectifs",
    "qpv": "public",
    "geography": PLACES,
    "renewal": "reconduction",
    "cpo": "reconduction",
    "funding": BUDGET,
    "convention": FUNDING,
}


def request_head(dossier: Dossier) -> dict[str, Any]:
    """What every page of a request being written says of it."""
    is_draft = dossier.stage == Stage.DRAFT
    asked = dossier.completion or {}
    due = asked.get("due")
    return {
        "dossier": dossier,
        "is_draft": is_draft,
        "here_address": f"/demandes/{dossier.id}",
        "asked": None
        if is_draft
        else {"pieces": asked.get("pieces", []), "due": date.fromisoformat(due) if due else None},
    }


def tasks_view(dossier: Dossier) -> dict[str, Any]:
    """The list of steps with the state of each."""
    states = step_states(dossier)
    done = sum(1 for state in states.values() if state is StepState.DONE)
    return request_head(dossier) | {
        "steps": [
            {
                "label": step.label,
                "address": f"/demandes/{dossier.id}/etapes/{step.code}",
                "state": STATE_LABELS[states[step.code]],
                "tone": TONES[states[step.code]],
            }
            for step in STEPS
        ],
        "done": done,
        "count": len(STEPS),
        "copied_from": dossier.follow_up.get("copied_from", ""),
        "pieces_count": len(dossier.pieces or ()),
    }


def step_view(dossier: Dossier, step: Step) -> dict[str, Any]:
    """One step: its form, the groups of its choices, and where it stands among the others."""
    return request_head(dossier) | {
        "step": step,
        "rank": STEPS.index(step) + 1,
        "count": len(STEPS),
        "form": step_form(dossier, step),
        "groups": {name: groups(dossier) for name, groups in GROUPED.items() if name in step.fields},
        "to_check": step_states(dossier)[step.code] is StepState.TO_CHECK,
        "copied_from": dossier.follow_up.get("copied_from", ""),
        "autosave": f"/demandes/{dossier.id}/etapes/{step.code}/saisie",
        "warnings": warnings_of(step, dossier),
        "differences": [],
        "tab": tab_drawn(),
        "map": None,
    }


def step_form(dossier: Dossier, step: Step) -> FormView:
    """The fields of a step; those of the budget are in its own table."""
    texts, known = texts_of(dossier), fields_of(dossier)
    words = words_of(territory_of(dossier.contract))
    fields: list[Field] = []
    if step.code != BUDGET:
        for name in fields_in(step, dossier, known):
            fields.extend(fields_shown(dossier, known[name], texts[name], words))
    return FormView(
        action=f"/demandes/{dossier.id}/etapes/{step.code}",
        submit="Enregistrer et continuer",
        fields=tuple(fields),
        version=dossier.version,
    )


def told_on_fields(failure: Failure | None, form: FormView) -> Failure | None:
    """A trajectory is one value typed in a field a year: its fault is told beside the first of them."""
    first = next((item.name for item in form.fields if item.name.startswith("trajectory_")), "")
    if failure is None or not first:
        return failure
    faults = tuple((first if name == "cpo_trajectory" else name, said) for name, said in failure.faults)
    return replace(
        failure, faults=faults, field=first if failure.field == "cpo_trajectory" else failure.field
    )


def differences_of(fields: Iterable[Field], failure: Failure | None) -> list[tuple[str, str, str]]:
    """On a conflict, field by field: its label, what is recorded now, what had been typed."""
    if failure is None or not failure.is_conflict:
        return []
    found = []
    for item in fields:
        if item.name not in failure.typed.values:
            continue
        yours = failure.typed.texts(item.name)
        if _plain(item.values) != _plain(yours):
            labels = dict(item.choices)
            found.append((item.label, _said(item.values, labels), _said(tuple(yours), labels)))
    return found


def _plain(values: Iterable[str]) -> list[str]:
    """What is held or typed, whatever the spaces and the cents left out."""
    bare = (value.replace("\u00a0", "").replace(" ", "").removesuffix(",00") for value in values)
    return [value for value in bare if value]


def _said(values: tuple[str, ...], labels: Mapping[str, str]) -> str:
    return ", ".join(labels.get(value, value) for value in values if value) or "rien"


def check_view(db: Session, dossier: Dossier, now: datetime) -> dict[str, Any]:
    """Everything that was answered, with where to change it; what is missing, and what the rules would say."""
    sure = Field("confirme", "Renvoyer sans avoir rien joint ni corrigé", "boolean")
    return request_head(dossier) | {
        "sections": _sections(dossier),
        "registrable": is_registrable(dossier),
        "remarks": _remarks(dossier, now),
        "form": FormView(
            action=f"/demandes/{dossier.id}/depot",
            submit="Déposer la demande" if dossier.stage == Stage.DRAFT else "Renvoyer la demande complétée",
            fields=() if has_answered(db, dossier) else (sure,),
            version=dossier.version,
        ),
    }


def _sections(dossier: Dossier) -> list[dict[str, Any]]:
    texts, known, states = texts_of(dossier), fields_of(dossier), step_states(dossier)
    return [_section(dossier, step, texts, known, states[step.code]) for step in STEPS]


def _section(
    dossier: Dossier,
    step: Step,
    texts: Mapping[str, str],
    known: Mapping[str, Input],
    state: StepState,
) -> dict[str, Any]:
    words = words_of(territory_of(dossier.contract))
    rows = []
    if step.code == BUDGET:
        rows = _budget_rows(dossier)
    else:
        for name in fields_in(step, dossier, known):
            if step.code != FUNDING or texts[name]:
                rows.append((_label(known[name], words), shown_value(dossier, name, texts[name])))
    return {
        "label": step.label,
        "address": f"/demandes/{dossier.id}/etapes/{step.code}",
        "rows": rows,
        "state": state,
    }


def _label(item: Input, words: Words) -> str:
    if item.name.startswith(REQUEST):
        return words.line(item.name.removeprefix(REQUEST))
    return label_of(item.name, item)


def _budget_rows(dossier: Dossier) -> list[tuple[str, str]]:
    amounts = (
        ("Coût total de l’action", dossier.total_cost),
        ("Ressources propres", dossier.own_resources),
        ("Autres ressources", dossier.other_resources),
        ("Contributions volontaires, à part", dossier.volunteering),
    )
    return [(label, "" if amount is None else euros(amount)) for label, amount in amounts]


def _remarks(dossier: Dossier, now: datetime) -> list[dict[str, str]]:
    words = words_of(territory_of(dossier.contract))
    for line in dossier.lines:
        words.line(line.key)
    told = []
    for finding in remarks_on(dossier, now):
        step = STEP_OF_RULE.get(finding.rule.partition(".")[0], "")
        told.append(
            {
                "label": str(BOOK[finding.rule].label),
                "message": str(render(finding, BOOK, words.names)["message"]),
                "address": f"/demandes/{dossier.id}/etapes/{step}"
                if step
                else f"/dossiers/{dossier.id}/pieces"
                if finding.rule == "pieces.due"
                else "",
            }
        )
    return told


def filed_view(dossier: Dossier) -> dict[str, Any]:
    """The confirmation: what was registered, and what comes next."""
    requested = [line.requested for line in dossier.lines if line.requested is not None]
    return {
        "dossier": dossier,
        "requested": sum(requested) if requested else None,
        "sent_back_on": dossier.stage_since if dossier.completions else None,
        "contract": dossier.contract,
        "email": dossier.porteur.email,
    }
