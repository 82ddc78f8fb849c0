# SPDX-License-Identifier: EUPL-1.2
"""The fields of a request in the porteur's words: labels and populations instead of codes, hints, and what was typed back."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from secrets import token_hex
from typing import Any

from reports.summary.words import Words
from rules import wording
from web.forms import Field, Typed
from web.presenters.dossier import CPO_REASONS, REPORTS
from web.presenters.porteur import FORMS, RECOGNITIONS
from workflow.completion import REQUEST, fields_of
from workflow.contracts import territory_of
from workflow.firing import Input
from workflow.models import Dossier
from workflow.request.budget import accounts_of
from workflow.request.steps import BUDGET, Step, fields_in
from workflow.territory import CallKind, Territory

Options = tuple[tuple[str, str], ...]  # what a field offers: code, words
CPO_YEARS = 4
TRAJECTORY = "trajectory_"
SMALL = "is_small_association"
LINES = frozenset({"publics", "cpo_indicators"})  # one entry a line
YES_NO = {"oui": "Oui", "non": "Non"}
LABELS = {
    "porteur_name": "Nom de l’organisme",
    "porteur_email": "Adresse électronique de l’organisme",
    "porteur_siret": "Numéro SIRET",
    "porteur_form": "Forme juridique",
    "porteur_rna": "Numéro RNA",
    "porteur_recognition": "Agrément ou reconnaissance",
    "is_small_association": "Êtes-vous une petite association ?",
    "republican_commitment": "L’organisme a-t-il souscrit le contrat d’engagement républicain ?",
    "title": "Intitulé de l’action",
    "summary": "Que ferez-vous, pour qui, comment ?",
    "call": "À quel appel répondez-vous ?",
    "starts_on": "Date de début",
    "ends_on": "Date de fin",
    "themes": "Thématiques",
    "objectives": "Objectifs auxquels l’action répond",
    "has_individual_beneficiaries": "L’action a-t-elle des bénéficiaires que l’on peut compter ?",
    "beneficiaries_total": "Combien de personnes au total ?",
    "beneficiaries_qpv": "Dont habitant un quartier prioritaire",
    "beneficiaries_poches": "Dont habitant une poche de pauvreté",
    "publics": "Publics visés",
    "qpv": "Quartiers prioritaires concernés",
    "poches": "Poches de pauvreté concernées",
    "renewal": "Cette action a-t-elle déjà été financée l’an dernier ?",
    "previous_report": "Bilan de l’an dernier",
    "cpo": "Demandez-vous une convention pluriannuelle (CPO) ?",
    "cpo_years": "Sur combien d’années ?",
    "cpo_reason": "Pourquoi plusieurs années ?",
    "cpo_indicators": "Indicateurs de suivi",
}
HINTS = {
    "porteur_email": "L’accusé de réception et les courriers y sont envoyés.",
    "porteur_siret": "Quatorze chiffres.",
    "porteur_rna": "Pour une association\u00a0: W suivi de neuf signes, par exemple W594001234.",
    "republican_commitment": "Demandé aux associations et aux fondations.",
    "call": "Sans choix, la demande est déposée hors appel, au fil de l’eau.",
    "summary": "Quelques phrases suffisent : lieux, rythme, équipe, partenaires.",
    "has_individual_beneficiaries": "Répondez « Non » pour de l’ingénierie ou la formation d’acteurs.",
    "publics": "Un par ligne : jeunes, femmes, familles, demandeurs d’emploi…",
    "cpo_years": "Seulement si vous demandez une CPO, comme les questions suivantes.",
    "cpo_indicators": "Un par ligne.",
    "previous_report": "Il se joint à la page des pièces, ou se dépose sur le dossier de l’an dernier.",
    "objectives": "Cochez ceux que l’action sert vraiment : un ou deux suffisent souvent.",
    "qpv": "Cochez chaque quartier où habitent les bénéficiaires.",
}
CHOICES: Mapping[str, Mapping[str, str]] = {
    "porteur_form": FORMS,
    "porteur_recognition": RECOGNITIONS,
    "previous_report": REPORTS,
    "cpo_reason": CPO_REASONS,
    "cpo_years": {"3": "3 ans", "4": "4 ans"},
}


def label_of(name: str, item: Input) -> str:
    """The question as it is put to a porteur."""
    return LABELS.get(name) or item.label[:1].upper() + item.label[1:]


def fields_shown(dossier: Dossier, item: Input, text: str, words: Words) -> list[Field]:
    """The field as it is shown; the trajectory is one field a year."""
    name, label, hint = item.name, label_of(item.name, item), HINTS.get(item.name, "")
    if name == SMALL:
        hint = f"{small_hint(dossier)} Dans le doute, laissez sans réponse : l’instruction vous le demandera."
    if name == "cpo_trajectory":
        return _trajectory(dossier, text)
    if name.startswith(REQUEST):
        key = name.removeprefix(REQUEST)
        credit = territory_of(dossier.contract).credits.get(key)
        return [
            Field(name, words.line(key), "amount", (typed_money(text),), hint=credit.label if credit else "")
        ]
    if name in checks_of(dossier):
        held = tuple(text.split("|")) if text else ()
        return [
            Field(name, label, "checks", held, hint=hint, choices=with_held(checks_of(dossier)[name], held))
        ]
    if name in LINES:
        return [Field(name, label, "long", ("\n".join(text.split("|")),), hint=hint)]
    if item.kind == "boolean":
        return [Field(name, label, "radio", (text,), hint=hint, choices=tuple(YES_NO.items()))]
    if name in CHOICES or name == "call":
        return [_choice(dossier, name, label, text, hint)]
    kind: Any = "long" if name == "summary" else item.kind
    return [Field(name, label, kind, (typed_money(text) if item.kind == "amount" else text,), hint=hint)]


def small_hint(dossier: Dossier) -> str:
    """What a small association is here, and what it counts for."""
    said = territory_of(dossier.contract).small_association
    meaning = f"Pour ce contrat\u00a0: {said.rstrip('.')}." if said else "Ce contrat n’en fixe pas la taille."
    return f"{meaning} Compte seulement pour demander une convention pluriannuelle."


def typed_money(amount: Decimal | str | None) -> str:
    """An amount as people type it, thousands apart: « 1 234,56 »; empty when there is none or it cannot be read."""
    try:
        grouped = f"{Decimal(amount or ''):,.2f}"
    except InvalidOperation:
        return str(amount or "")
    return grouped.replace(",", "\u00a0").replace(".", ",").removesuffix(",00")


def _choice(dossier: Dossier, name: str, label: str, text: str, hint: str) -> Field:
    if name in ("previous_report", "cpo_reason", "porteur_recognition", "cpo_years"):
        options = with_held(tuple(CHOICES[name].items()), (text,))
        return Field(name, label, "radio", (text,), hint=hint, choices=options)
    if name == "call":
        return Field(name, label, "choice", (text,), hint=hint, choices=call_choices(dossier, text))
    options = with_held(tuple(CHOICES[name].items()), (text,))
    return Field(name, label, "choice", (text,), hint=hint, choices=(("", "À choisir"), *options))


def call_choices(dossier: Dossier, held: str) -> Options:
    """The calls of the dossier's year with their windows, after the rolling way."""
    calls = [call for call in territory_of(dossier.contract).calls if call.year == dossier.year]
    known = tuple(
        (call.code, f"{call.label} (du {wording.day(call.opens_on)} au {wording.day(call.closes_on)})")
        for call in calls
    )
    is_configured = any(call.kind is CallKind.ROLLING for call in calls)
    return (("", "À choisir" if is_configured else "Au fil de l’eau"), *with_held(known, (held,)))


def _trajectory(dossier: Dossier, text: str) -> list[Field]:
    held = dict(part.split("=", 1) for part in text.split("|") if "=" in part)
    years = {str(dossier.year + rank) for rank in range(CPO_YEARS)} | held.keys()
    return [
        Field(f"{TRAJECTORY}{year}", f"Montant prévu en {year}", "amount", (typed_money(held.get(year, "")),))
        for year in sorted(years)
    ]


def checks_of(dossier: Dossier) -> dict[str, Options]:
    """The fields answered by ticking, with the words of each choice."""
    territory = territory_of(dossier.contract)
    found = {name: offered(territory) for name, offered in TICKED.items()}
    return {name: options for name, options in found.items() if options or name != "poches"}


def _place(label: str, population: int | None) -> str:
    return label if population is None else f"{label} ({wording.number(population)} habitants)"


TICKED: Mapping[str, Callable[[Territory], Options]] = {
    "themes": lambda territory: tuple((theme.code, theme.label) for theme in territory.themes),
    "objectives": lambda territory: tuple(
        (code, f"{code} {label}") for code, label in territory.objective_labels.items()
    ),
    "qpv": lambda territory: tuple(
        (qpv.code, _place(qpv.label, qpv.population)) for qpv in territory.geography.qpv
    ),
    "poches": lambda territory: tuple((poche.code, poche.label) for poche in territory.geography.poches),
}


def with_held(options: Options, held: tuple[str, ...]) -> Options:
    """The choices, and what the dossier holds besides: nothing is lost because the list has changed."""
    known = {code for code, _ in options}
    return (*options, *((code, f"{code} (hors liste)") for code in held if code and code not in known))


def _objective_groups(dossier: Dossier) -> list[tuple[str, Options]]:
    """Operational objectives under their general one; a general objective without any stands for itself."""
    groups = []
    for axis in territory_of(dossier.contract).framework:
        for general in axis.objectives:
            own = (general, *general.operational) if not general.operational else general.operational
            heading = f"{axis.label} – {general.label}"
            groups.append((heading, tuple((item.code, f"{item.code} {item.label}") for item in own)))
    listed = {code for _, options in groups for code, _ in options}
    labels = dict(checks_of(dossier)["objectives"])
    others = tuple(
        (c, labels.get(c, f"{c} (hors liste)")) for c in dossier.objectives or () if c not in listed
    )
    return [*groups, ("Autres", others)] if others else groups


GROUPED: Mapping[str, Callable[[Dossier], list[tuple[str, Options]]]] = {"objectives": _objective_groups}


def typed_step(dossier: Dossier, step: Step, typed: Typed) -> dict[str, str]:
    """What was sent of this step, by field, as the workflow reads it; a field that was not sent is left alone."""
    if step.code == BUDGET:
        return {a.key: typed.text(a.key) for a in accounts_of(dossier) if a.key in typed.values}
    found: dict[str, str] = {}
    checks = checks_of(dossier)
    for name in fields_in(step, dossier, fields_of(dossier)):
        if name == "cpo_trajectory":
            sent = [field for field in typed.values if field.startswith(TRAJECTORY)]
            amounts = {field.removeprefix(TRAJECTORY): typed.text(field) for field in sorted(sent)}
            if sent:
                found[name] = "|".join(f"{year}={amount}" for year, amount in amounts.items() if amount)
        elif name not in typed.values:
            continue
        elif name in checks:
            found[name] = "|".join(dict.fromkeys(code.replace("|", "/")[:300] for code in typed.texts(name)))
        elif name in LINES:
            lines = typed.text(name).splitlines()
            found[name] = "|".join(line.strip().replace("|", "/") for line in lines if line.strip())
        else:
            found[name] = typed.text(name)
    return found


def shown_value(dossier: Dossier, name: str, text: str) -> str:
    """An answer as the check page reads it back; empty when there is none."""
    if not text:
        return ""
    options = dict(checks_of(dossier).get(name, ())) if name in TICKED else {}
    if options:
        return ", ".join(options.get(code, code) for code in text.split("|"))
    if text in YES_NO:
        return YES_NO[text].lower()
    if name.startswith(REQUEST):
        return wording.euros(Decimal(text))
    if name == "cpo_trajectory":
        parts = (part.split("=", 1) for part in text.split("|"))
        return ", ".join(f"{wording.euros(Decimal(amount))} en {year}" for year, amount in parts)
    if name in ("starts_on", "ends_on"):
        return wording.day(date.fromisoformat(text))
    if name == "call":
        return next((c.label for c in territory_of(dossier.contract).calls if c.code == text), text)
    return CHOICES.get(name, {}).get(text, text.replace("|", ", ") if name in LINES else text)


TAB = "onglet"  # drawn for each page that saves while one types: two tabs of one person are two pages


def tab_drawn() -> str:
    """The mark of one opened page."""
    return token_hex(8)


def tab_of(typed: Typed) -> str:
    """The page that sends this form."""
    return typed.text(TAB)[:32]
