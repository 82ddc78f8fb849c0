# SPDX-License-Identifier: EUPL-1.2
"""The form that completes or corrects a request: prefilled, in groups."""

from typing import Any

from reports.summary.words import words_of
from rules.themes.pieces import PIECES
from web.forms import Field, FormView, Kind, Typed, choices
from web.presenters.dossier import CPO_REASONS, REPORTS, heading
from web.presenters.porteur import FORMS, RECOGNITIONS
from web.presenters.request_fields import (
    GROUPED,
    SMALL,
    call_choices,
    checks_of,
    small_hint,
    typed_money,
    with_held,
)
from workflow.completion import REQUEST, fields_of, texts_of
from workflow.contracts import territory_of
from workflow.firing import Input
from workflow.models import Dossier
from workflow.structured import day_of

GROUPS = (
    ("Demande", ("title", "summary", "porteur_name", "porteur_email")),
    (
        "Porteur",
        (
            "porteur_siret",
            "porteur_rna",
            "porteur_form",
            "porteur_commune",
            "is_small_association",
            "republican_commitment",
            "porteur_recognition",
            "economic_activity",
            "de_minimis",
        ),
    ),
    (
        "Public",
        (
            "has_individual_beneficiaries",
            "beneficiaries_total",
            "beneficiaries_qpv",
            "beneficiaries_poches",
            "publics",
        ),
    ),
    ("Objectifs et quartiers", ("objectives", "themes", "qpv", "poches")),
    ("Pièces", ("pieces",)),
    (
        "Appel, calendrier et reconduction",
        ("call", "starts_on", "ends_on", "renewal", "previous_report"),
    ),
    (
        "Convention pluriannuelle (CPO)",
        ("cpo", "cpo_years", "cpo_reason", "cpo_indicators", "cpo_trajectory"),
    ),
    ("Budget", ("total_cost", "own_resources", "other_resources", "volunteering")),
    ("Convention", ("convention_signed_on", "published_on")),
    ("Bilan", ("interim_report_on",)),
)
UNKNOWN = "Non renseigné"
YES_NO = choices({"oui": "Oui", "non": "Non"}, empty=UNKNOWN)
CHOICES = {
    "porteur_recognition": RECOGNITIONS,
    "porteur_form": FORMS,
    "previous_report": REPORTS,
    "cpo_reason": CPO_REASONS,
}


def completion_view(dossier: Dossier) -> dict[str, Any]:
    """The page: one form, and which of its fields each group shows."""
    known = fields_of(dossier)
    lines = tuple(name for name in known if name.startswith(REQUEST) and dossier.line(name[len(REQUEST) :]))
    groups = [(title, names) for title, names in GROUPS if not known.keys().isdisjoint(names)]
    return heading(dossier) | {
        "headings": {name: grouped(dossier) for name, grouped in GROUPED.items() if name in known},
        "groups": [*groups, ("Lignes : montants demandés", lines)] if lines else groups,
        "form": FormView(
            action=f"/dossiers/{dossier.id}/completer",
            submit="Enregistrer",
            fields=_fields(dossier),
            version=dossier.version,
        ),
    }


def _fields(dossier: Dossier) -> tuple[Field, ...]:
    texts, words = texts_of(dossier), words_of(territory_of(dossier.contract))
    names = {f"{REQUEST}{line.key}": words.line(line.key) for line in dossier.lines}
    return tuple(
        _field(dossier, item, texts[name], names.get(name, "")) for name, item in fields_of(dossier).items()
    )


def _field(dossier: Dossier, item: Input, text: str, label: str) -> Field:
    label = label or item.label[:1].upper() + item.label[1:]
    if item.name in (ticked := _ticked(dossier)):
        held = tuple(text.split("|")) if text else ()
        return Field(item.name, label, "checks", held, choices=with_held(ticked[item.name], held))
    if item.name == "call":
        return Field(item.name, label, "choice", (text,), choices=call_choices(dossier, text))
    if item.name in ENTRIES:
        return Field(item.name, label, "long", (_by_line(item.name, text),), hint=ENTRIES[item.name])
    kinds: dict[str, Kind] = {"boolean": "choice", "list": "text"}
    kind: Kind = kinds.get(item.kind, item.kind)  # type: ignore[arg-type]
    options = YES_NO if item.kind == "boolean" else ()
    if item.name in CHOICES:
        options = choices(CHOICES[item.name], empty=UNKNOWN)
    shown = typed_money(text) if item.kind == "amount" else text
    if item.name == "porteur_commune":
        shown = territory_of(dossier.contract).geography.commune_name(text)
    kind = "long" if item.name == "summary" else kind
    hint = small_hint(dossier) if item.name == SMALL else HINTS.get(item.name, "")
    return Field(item.name, label, kind, (shown,), hint=hint, choices=options)


HINTS = {
    "porteur_siret": "Quatorze chiffres. Celui d’un autre porteur connu lui rattache le dossier.",
    "porteur_rna": "Pour une association : W suivi de neuf chiffres ou lettres.",
    "porteur_commune": "Son nom si elle est du contrat, sinon son code INSEE à cinq chiffres.",
    "has_individual_beneficiaries": "Non pour de l’ingénierie ou la formation d’acteurs.",
    "cpo_years": "De 3 à 4 ans, pour une CPO seulement.",
}


def _ticked(dossier: Dossier) -> dict[str, tuple[tuple[str, str], ...]]:
    return {**checks_of(dossier), "pieces": tuple(PIECES.items())}


ENTRIES = {
    "publics": "Un par ligne : jeunes, femmes, familles, demandeurs d’emploi…",
    "cpo_indicators": "Un indicateur par ligne.",
    "cpo_trajectory": "Une année par ligne, avec son montant. Exemple : 2026 : 8000",
    "de_minimis": "Une aide par ligne : sa date et son montant, puis « sieg » le cas échéant. Exemple : 01/05/2024 : 12000",
}
PAIRED = ("cpo_trajectory", "de_minimis")  # each line: a year or a day, then its amount


def _by_line(name: str, text: str) -> str:
    """One entry a line, as people write them: « 2026 : 8000 », « 01/05/2024 : 12000 »."""
    entries = text.split("|") if text else []
    return "\n".join(_pair_shown(each) if name in PAIRED else each for each in entries)


def _pair_shown(entry: str) -> str:
    first, _, amount = entry.partition("=")
    on = day_of(first) if "-" in first else None
    return f"{f'{on:%d/%m/%Y}' if on else first} : {amount.replace('.00', '').replace('.', ',')}"


def _entries_typed(text: str) -> str:
    """The same as the workflow reads it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return "|".join(lines)


def typed_facts(dossier: Dossier, typed: Typed) -> dict[str, str]:
    """What was sent, by field; a field that was not sent is left alone."""
    ticked = _ticked(dossier)
    return {
        name: "|".join(typed.texts(name))
        if name in ticked
        else _entries_typed(typed.text(name))
        if name in ENTRIES
        else typed.text(name)
        for name in fields_of(dossier)
        if name in typed.values
    }
