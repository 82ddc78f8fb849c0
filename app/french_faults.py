# SPDX-License-Identifier: EUPL-1.2
"""Pydantic's errors as French sentences an administrator can act on."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from app.deployment import SENDER_PATTERN
from workflow import territory, territory_base, territory_bodies
from workflow.territory_checks import Path

PATTERNS = {
    territory_base.CODE_PATTERN: "code en minuscules sans accent ni espace (lettres, chiffres, « - », « _ »)",
    territory.INSEE_PATTERN: "code INSEE de commune sur cinq caractères, par exemple '59008'",
    territory.QPV_PATTERN: "code officiel de QPV attendu : QN, département sur trois caractères, deux chiffres, "
    "une lettre (N, M, I ou C), par exemple QN05934M",
    territory.OBJECTIVE_PATTERN: "code d’axe ou d’objectif attendu, par exemple '1', '1.2' ou '1.2.3'",
    territory.SIRET_PATTERN: "SIRET attendu : quatorze chiffres, sans espace",
    territory_bodies.TIME_PATTERN: "heure attendue, par exemple '09:30'",
    territory.DEPARTEMENT_PATTERN: "code de département attendu, par exemple '59', '2A' ou '974'",
    territory.EMAIL_PATTERN: "adresse de courriel attendue",
    SENDER_PATTERN: "expéditeur attendu : Nom <adresse@exemple.fr> ou adresse@exemple.fr",
}

TEXT_WANTED = "doit être un texte : mettre la valeur entre guillemets"
SENTENCES = {
    "missing": "clé obligatoire absente",
    "string_type": TEXT_WANTED,
    "string_too_short": "ne doit pas être vide",
    "string_too_long": "texte trop long ({max_length} caractères au plus)",
    "int_type": "doit être un nombre entier",
    "int_parsing": "doit être un nombre entier",
    "int_from_float": "doit être un nombre entier",
    "bool_type": "doit être true ou false",
    "bool_parsing": "doit être true ou false",
    "decimal_type": "doit être un montant, par exemple 640000 ou '1234.56'",
    "decimal_parsing": "montant illisible ; écrire par exemple 640000 ou '1234.56'",
    "decimal_max_places": "montant avec plus de deux décimales",
    "finite_number": "montant illisible",
    "date_type": "doit être une date AAAA-MM-JJ, par exemple 2026-03-31",
    "date_parsing": "date illisible ou inexistante ; écrire AAAA-MM-JJ, par exemple 2026-03-31",
    "date_from_datetime_parsing": "date illisible ou inexistante ; écrire AAAA-MM-JJ, par exemple 2026-03-31",
    "date_from_datetime_inexact": "doit être une date sans heure, AAAA-MM-JJ",
    "greater_than_equal": "doit être au moins {ge}",
    "less_than_equal": "doit être au plus {le}",
    "too_short": "doit contenir au moins {min_length} élément(s)",
    "tuple_type": "doit être une liste (une ligne « - … » par élément)",
    "model_type": "doit être un bloc de clés",
    "model_attributes_type": "doit être un bloc de clés",
    "dict_type": "doit être un bloc de clés",
    "recursion_loop": "se contient lui-même (renvoi YAML en boucle)",
}


def french_faults(error: ValidationError, model: type[BaseModel]) -> Iterator[tuple[Path, str]]:
    """Each error of pydantic: where, and what to do about it in French."""
    for detail in error.errors(include_url=False):
        if not _is_echo(detail):
            yield detail["loc"], _sentence(detail, model)


def _is_echo(detail: Mapping[str, Any]) -> bool:
    """A list said too short only because its elements, reported one by one, were refused."""
    given = detail["input"]
    return (
        detail["type"] == "too_short"
        and isinstance(given, list)
        and len(given) >= detail["ctx"]["min_length"]
    )


def _sentence(detail: Mapping[str, Any], model: type[BaseModel]) -> str:
    kind, context, given = detail["type"], detail.get("ctx", {}), detail["input"]
    if kind == "extra_forbidden":
        return _unknown_key(detail["loc"], model)
    if kind == "missing":
        return SENTENCES[kind]
    if kind in ("value_error", "cross_check"):
        return str(context.get("error") or context.get("text"))
    if kind == "string_pattern_mismatch":
        return PATTERNS.get(context["pattern"], "forme refusée") + _given(given)
    if kind in ("enum", "literal_error"):
        choices = str(context["expected"]).replace("' or '", "', '").replace("'", "")
        return f"doit être l’un de : {choices}{_given(given)}"
    return SENTENCES.get(kind, "valeur refusée").format(**context) + _given(given)


def _given(value: object) -> str:
    if value is None:
        return " (la clé est vide)"
    if isinstance(value, str | int | float):
        text = str(value)
        return f" (lu : {text[:60]}{'…' if len(text) > 60 else ''})"
    return ""


def _unknown_key(location: Path, model: type[BaseModel]) -> str:
    parent = model_at(model, location[:-1])
    known = list(parent.model_fields) if parent else []
    close = get_close_matches(str(location[-1]), known, n=1, cutoff=0.6)
    if close:
        return f"clé inconnue ; vouliez-vous dire « {close[0]} » ?"
    return f"clé inconnue ; clés possibles : {', '.join(known)}" if known else "clé inconnue"


def model_at(model: type[BaseModel], location: Path) -> type[BaseModel] | None:
    """The model that describes this place of the configuration."""
    found: type[BaseModel] | None = model
    for part in location:
        if isinstance(part, int) or found is None:
            continue
        field = found.model_fields.get(part)
        found = next(models_in(field.annotation), None) if field else None
    return found


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models named by an annotation: itself, of a list, optional."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (tuple, Union, UnionType, Annotated):
        for inner in get_args(annotation):
            yield from models_in(inner)
