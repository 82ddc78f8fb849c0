# SPDX-License-Identifier: EUPL-1.2
"""Transitions as forms: each input of the tables as a field with its choices, and typed fields back to inputs."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from rules import wording
from web.forms import Field, FormView, Kind, Typed, choices
from web.presenters.findings import rendered
from web.presenters.seance_confirm import CONFIRMED, to_confirm
from workflow.actions import AvailableAction, list_actions
from workflow.contracts import territory_of
from workflow.firing import PARIS, Firing, Input, Subject, Table
from workflow.guards.dispatch import default_holders, suggested_theme
from workflow.inputs import parse_inputs
from workflow.machine import table_of
from workflow.models import Dossier, Opinion, Seance
from workflow.permissions import Actor
from workflow.queries import instructors_of
from workflow.stages import OPINION_LABELS
from workflow.territory import Nature, OrganisationKind

KINDS: dict[str, Kind] = {"person": "choice", "list": "long"}
LONG = frozenset({"text", "description"})
HINTS = {
    "pieces": "Une pièce par ligne.",
    "scheme": "Par exemple : ville vie vacances, cités éducatives.",
    "partners": "Sans choix : ceux du groupe thématique.",
    "holders": "Cochés d’avance : ceux que la configuration désigne. S’en écarter demande un motif.",
    "confirms": "Pour le financeur : l’action répond à la condition de votre crédit.",
}
DANGEROUS = frozenset({"declare_inadmissible", "reorient", "cancel", "withdraw", "make_ineligible"})
FINAL = {
    "close": "La clôture applique les décisions saisies, une seule fois ; elle ne se défait pas.",
    "close_written": "La clôture arrête le relevé des réponses ; elle ne se défait pas.",
    "cancel": "L’annulation est définitive.",
    "withdraw": "Le retrait est définitif.",
    "declare_inadmissible": "Cette décision est définitive.",
    "reorient": "La réorientation est définitive.",
}


def actions_of(
    db: Session,
    subject: Subject,
    actor: Actor,
    now: Any,
    address: str,
    *,
    names: Mapping[str, str] | None = None,
    skip: frozenset[str] = frozenset(),
) -> list[dict[str, Any]]:
    """Each transition that leaves from here: its form, or the reasons why not. Those nobody asks by hand are left out."""
    shown = []
    for action in list_actions(db, subject, actor, now, skip):
        form = action_form(db, subject, action, f"{address}/actions/{action.trigger}", now)
        shown.append(
            {
                "trigger": action.trigger,
                "label": action.label,
                "allowed": action.allowed,
                "permitted": action.permitted,
                "closing_only": action.closing_only,
                "findings": [rendered(finding, names) for finding in action.findings],
                "form": form,
                "is_plain": not form.fields,
            }
        )
    return shown


def action_form(db: Session, subject: Subject, action: AvailableAction, address: str, now: Any) -> FormView:
    """The form of one transition, with the version the page shows."""
    fields = [_field(db, subject, item, now) for item in action.inputs]
    if action.reason_required or "holders" in {item.name for item in action.inputs}:
        hint = "" if action.reason_required else "Seulement si vous vous écartez des choix proposés."
        fields.append(Field("reason", "Motif", "long", required=action.reason_required, hint=hint))
    if isinstance(subject, Seance) and action.trigger == "move":
        fields.append(Field(CONFIRMED, "Oui, même si ce jour est à éviter", "boolean"))
    return FormView(
        action=address,
        submit=action.label,
        fields=tuple(fields),
        version=subject.version,
        confirm=FINAL.get(action.trigger, "") or to_confirm(db, subject, action.trigger, now),
        look="danger" if action.trigger in DANGEROUS else "",
    )


def _field(db: Session, subject: Subject, item: Input, now: Any) -> Field:
    kind: Kind = KINDS.get(item.kind, item.kind)  # type: ignore[arg-type]
    if item.kind == "text" and item.name in LONG:
        kind = "long"
    options: tuple[tuple[str, str], ...] = ()
    values: tuple[str, ...] = ()
    if isinstance(subject, Dossier):
        kind, options, values = _choices(db, subject, item, kind, now)
    elif isinstance(subject, Opinion) and item.name == "value":
        options, values = choices(OPINION_LABELS, empty="Choisir"), ((subject.value or ""),)
    elif isinstance(subject, Opinion) and item.name == "text":
        values = (subject.text or "",)
    label = item.label[:1].upper() + item.label[1:]
    hint = HINTS.get(item.name, "")
    if isinstance(subject, Dossier) and item.name == "partners":
        hint += _default_partners(subject)
    return Field(item.name, label, kind, values, item.required, hint, options)


def _default_partners(dossier: Dossier) -> str:
    """Who the group proposed for this dossier consults."""
    territory = territory_of(dossier.contract)
    theme = territory.theme_by_code.get(suggested_theme(territory, dossier))
    if theme is None or not theme.partners:
        return ""
    names = {o.code: o.name for o in territory.organisations}
    listed = wording.listing(names.get(code, code) for code in theme.partners)
    return f" Pour « {theme.label} » : {listed}."


def _choices(
    db: Session, dossier: Dossier, item: Input, kind: Kind, now: Any
) -> tuple[Kind, tuple[tuple[str, str], ...], tuple[str, ...]]:
    """What can be chosen for one input of a dossier's transition, and what is proposed."""
    territory = territory_of(dossier.contract)
    today = now.astimezone(PARIS).date()
    if item.name == "lead":
        people = instructors_of(db, dossier.contract, today)
        return "choice", (("", "Choisir"), *((p.email, f"{p.name} ({p.email})") for p in people)), ("",)
    if item.name == "theme":
        suggested = suggested_theme(territory, dossier)
        options = choices({t.code: t.label for t in territory.themes}, empty="Choisir")
        return "choice", options, (suggested,)
    if item.name == "partners":
        partners = [o for o in territory.organisations if o.kind is not OrganisationKind.PORTEUR]
        return "checks", tuple((o.code, o.name) for o in partners), tuple(dossier.partners or ())
    if item.name == "holders":
        credits = [(k, c) for k, c in territory.credits.items() if c.nature is Nature.DROIT_COMMUN]
        names = {o.code: o.name for o in territory.organisations}
        options = tuple((k, f"{names[k.partition(':')[0]]} – {c.label}") for k, c in credits)
        return "checks", options, tuple(default_holders(_asking(db, dossier, now)))
    if item.name == "due":
        days = territory.completion_days if dossier.stage == "submitted" else territory.opinion_days
        return kind, (), ((today + timedelta(days=days)).isoformat(),)
    return kind, (), ()


def _asking(db: Session, dossier: Dossier, now: Any) -> Firing:
    nobody = Actor(None, "", "")
    return Firing(db, dossier, "dispatch", nobody, None, now, {}, lambda *_a, **_k: None)


def typed_inputs(subject: Subject, trigger: str, typed: Typed) -> dict[str, Any]:
    """The inputs of this transition as the workflow takes them. Raises InvalidInputError on the field."""
    table = table_of(subject)
    return parse_inputs(table, trigger, typed_texts(table, trigger, typed))


def typed_texts(table: Table, trigger: str, typed: Typed) -> dict[str, str]:
    """What was typed for each input of this transition; what is empty is left out."""
    known = [item for row in table.rows if row.trigger == trigger for item in row.inputs]
    texts = {item.name: _one_text(item, typed) for item in known}
    return {name: text for name, text in texts.items() if text}


def _one_text(item: Input, typed: Typed) -> str:
    if item.kind == "list":
        lines = [line for value in typed.texts(item.name) for line in value.splitlines()]
        return "|".join(line.strip().replace("|", "/") for line in lines if line.strip())
    return typed.text(item.name)
