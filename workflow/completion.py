# SPDX-License-Identifier: EUPL-1.2
"""Completing or correcting what is known of a dossier: field by field, journalled, the stage untouched.

The request itself before dispatch; what the instruction learns until the committee; the convention afterwards; the
porteur's legal form and the pieces received all along, since rules ask for them to the end.
"""

import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from rules.wording import credit
from workflow.contracts import territory_of
from workflow.errors import ConflictError, InvalidInputError, NotAllowedHereError, NotPermittedError
from workflow.firing import Input
from workflow.imports.columns import CPO_REASONS, FORMS, RECOGNITIONS, REPORTS
from workflow.inputs import parse_value
from workflow.journal import record_on
from workflow.models import Dossier, Organisation
from workflow.names import LONGEST_NAME, key, organisation_key
from workflow.permissions import Actor, holds
from workflow.sight import standing_of
from workflow.stages import FUNDED_STAGES, NOT_YET_DISPATCHED, OPEN_STAGES, STAGE_LABELS, Role, Stage
from workflow.structured import aid_texts, day_of, parse_aids, parse_trajectory, trajectory_texts
from workflow.submission import PERSONAL, request_amount

TRIGGER = "complete_facts"
REQUEST = "request:"  # a funding line's requested amount: request:etat:specifique
STAFF = (Role.SECRETARY, Role.INSTRUCTOR, Role.LEAD_INSTRUCTOR, Role.PILOT)
PORTEUR_STAGES = frozenset({Stage.DRAFT, Stage.INCOMPLETE})
LARGEST_NUMBER, LONGEST_NUMBER, LONGEST_CODE, LONGEST_ITEM, MOST_ITEMS = 10**9, 20, 60, 300, 100
LONGEST = {
    "title": 500,
    "summary": 20_000,
    "porteur_name": LONGEST_NAME,
    "porteur_email": 254,
}  # others: LONGEST_CODE
NEVER_EMPTY = frozenset({"title", "porteur_name"})
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
# Fields kept on the porteur's own row, shared by all its dossiers: name of the field, column.
PORTEUR_FIELDS = {
    "porteur_name": "name",
    "porteur_email": "email",
    "porteur_siret": "siret",
    "porteur_rna": "rna",
    "porteur_form": "legal_form",
    "porteur_commune": "commune",
    "porteur_recognition": "recognition",
    "economic_activity": "economic_activity",
    "de_minimis": "de_minimis",
    "is_small_association": "is_small_association",
}
NUMBERS = frozenset({"porteur_siret", "porteur_rna", "porteur_commune"})
# What a request states: completed or corrected before dispatch.
REQUEST_FIELDS = (
    Input("porteur_siret", "SIRET du porteur"),
    Input("porteur_rna", "numéro RNA"),
    Input("porteur_commune", "commune du siège"),
    Input("is_small_association", "petite association", "boolean"),
    Input("republican_commitment", "contrat d’engagement républicain signé", "boolean"),
    Input("call", "code de l’appel"),
    Input("has_individual_beneficiaries", "bénéficiaires individuels", "boolean"),
    Input("beneficiaries_total", "bénéficiaires au total", "integer"),
    Input("beneficiaries_qpv", "bénéficiaires habitant un QPV", "integer"),
    Input("beneficiaries_poches", "bénéficiaires des poches de pauvreté", "integer"),
    Input("objectives", "objectifs du contrat", "list"),
    Input("themes", "thématiques", "list"),
    Input("qpv", "quartiers", "list"),
    Input("poches", "poches de pauvreté", "list"),
    Input("starts_on", "date de début", "date"),
    Input("ends_on", "date de fin", "date"),
    Input("total_cost", "coût total", "amount"),
    Input("own_resources", "ressources propres", "amount"),
    Input("other_resources", "autres ressources", "amount"),
    Input("volunteering", "contributions volontaires", "amount"),
    Input("cpo", "convention pluriannuelle (CPO)", "boolean"),
    Input("cpo_years", "durée de la CPO en années", "integer"),
    Input("cpo_reason", "motif de la CPO", "choice", choices=CPO_REASONS),
    Input("renewal", "renouvellement", "boolean"),
    Input("previous_report", "bilan précédent", "choice", choices=REPORTS),
)
# What only its porteur words, while the request is in its hands.
WRITING_FIELDS = (
    Input("porteur_name", "nom du porteur"),
    Input("porteur_email", "adresse électronique du porteur"),
    Input("title", "intitulé"),
    Input("summary", "résumé"),
)
# What a rule may still ask once the action is retained: a convention by law, certified accounts.
LASTING_FIELDS = (
    Input("porteur_form", "forme juridique", "choice", choices=FORMS),
    Input("pieces", "pièces reçues", "list"),
)
# What the instruction may still learn, until the committee.
INSTRUCTION_FIELDS = (
    Input("porteur_recognition", "agrément ou reconnaissance", "choice", choices=RECOGNITIONS),
    Input("economic_activity", "activité économique du porteur", "boolean"),
    Input("de_minimis", "aides de minimis déclarées", "list"),
    Input("publics", "publics visés", "list"),
    Input("cpo_indicators", "indicateurs de suivi de la CPO", "list"),
    Input("cpo_trajectory", "montants prévus par année de la CPO", "list"),
)
# What becomes known once the action is retained.
FOLLOW_UP_FIELDS = (
    Input("convention_signed_on", "date de signature de la convention", "date"),
    Input("published_on", "date de publication des données essentielles", "date"),
    Input("interim_report_on", "date de réception du bilan intermédiaire", "date"),
)
COMPLETABLE: Mapping[str, Input] = {
    item.name: item
    for item in (*WRITING_FIELDS, *REQUEST_FIELDS, *LASTING_FIELDS, *INSTRUCTION_FIELDS, *FOLLOW_UP_FIELDS)
}
FOLLOW_UP = frozenset(item.name for item in FOLLOW_UP_FIELDS)
STRUCTURED: Mapping[str, tuple[Callable[[list[str]], Any], Callable[[Any], list[str]]]] = {
    "cpo_trajectory": (parse_trajectory, trajectory_texts),
    "de_minimis": (parse_aids, aid_texts),
}


def may_complete(dossier: Dossier, actor: Actor) -> bool:
    """Secretary, instructors and pilot, while a field is open; the porteur while the request is in its hands."""
    return (bool(_open_fields(dossier)) and _is_staff(dossier, actor)) or (
        dossier.stage in PORTEUR_STAGES and holds(actor, Role.PORTEUR, dossier)
    )


def _open_fields(dossier: Dossier) -> tuple[Input, ...]:
    """The fields that the dossier's stage leaves open."""
    if dossier.stage in NOT_YET_DISPATCHED:
        writing = WRITING_FIELDS if dossier.stage in PORTEUR_STAGES else ()
        return (*writing, *REQUEST_FIELDS, *LASTING_FIELDS, *INSTRUCTION_FIELDS)
    if dossier.stage in OPEN_STAGES:
        return (*LASTING_FIELDS, *INSTRUCTION_FIELDS)
    return (*LASTING_FIELDS, *FOLLOW_UP_FIELDS) if dossier.stage in FUNDED_STAGES else ()


def check_may_complete(dossier: Dossier, actor: Actor) -> None:
    """Raises NotPermittedError, or NotAllowedHereError when only the stage forbids it."""
    if may_complete(dossier, actor):
        return
    if not _is_staff(dossier, actor) and not holds(actor, Role.PORTEUR, dossier):
        raise NotPermittedError("Vos mandats ne permettent pas de compléter ce dossier.")
    raise NotAllowedHereError(f"{standing_of(actor, dossier)} : vous ne pouvez plus modifier la demande.")


def _is_staff(dossier: Dossier, actor: Actor) -> bool:
    return any(holds(actor, role, dossier) for role in STAFF)


def fields_of(dossier: Dossier) -> dict[str, Input]:
    """Every field that can be completed now on this dossier; before dispatch, the amount requested on each line too.

    While the request is in its porteur's hands, it may ask any credit of the contract.
    """
    fields = list(_open_fields(dossier))
    if dossier.stage in NOT_YET_DISPATCHED:
        keys = [line.key for line in dossier.lines]
        if dossier.stage in PORTEUR_STAGES:
            keys = list(dict.fromkeys([*keys, *territory_of(dossier.contract).credits]))
        names = {one.code: one.name for one in territory_of(dossier.contract).organisations}
        fields.extend(
            Input(f"{REQUEST}{key}", f"montant demandé, {credit(key, names)}", "amount") for key in keys
        )
    return {item.name: item for item in fields}


def texts_of(dossier: Dossier) -> dict[str, str]:
    """What each field holds now, as it would be typed."""
    return {name: _as_text(name, _read(dossier, name)) for name in fields_of(dossier)}


def complete_request(
    db: Session,
    dossier: Dossier,
    typed: Mapping[str, str],
    actor: Actor,
    now: datetime,
    *,
    expected_version: int | None = None,
    journalled: bool = True,
) -> list[str]:
    """Applies what was typed (empty: unknown) and gives the names of the fields that changed; the others stay.

    Raises ConflictError, NotPermittedError, NotAllowedHereError, InvalidInputError naming each field. Nothing is
    written when it raises, nothing is journalled when nothing changed (nor while a porteur writes its own draft).
    """
    if expected_version is not None and dossier.version != expected_version:
        raise ConflictError
    check_may_complete(dossier, actor)
    before = texts_of(dossier)
    values = _parsed(dossier, typed)
    values = {name: value for name, value in values.items() if _as_text(name, value) != before[name]}
    if not values:
        return []
    owner = _known_owner(db, dossier, values.get("porteur_siret"), actor)
    _check_porteur(owner or dossier.porteur, values)
    changes = {
        name: {"before": before[name], "after": _as_text(name, value)}
        for name, value in values.items()
        if name not in PERSONAL
    }
    if owner is not None:
        changes["porteur"] = {"before": dossier.porteur.name, "after": owner.name}
        _attach(dossier, owner)
    for name, value in values.items():
        _write(db, dossier, name, value)
    _index(dossier)
    flag_modified(dossier, "search_key")  # a new version, even when only the porteur or a line changed
    if journalled:
        record_on(db, dossier, TRIGGER, actor, now, changes)
    db.flush()
    return list(values)


def _parsed(dossier: Dossier, typed: Mapping[str, str]) -> dict[str, Any]:
    known = fields_of(dossier)
    _refuse_closed(dossier, typed.keys() - known.keys())
    unknown = [name for name in typed if name not in known]
    if unknown:
        names = ", ".join(known)
        raise InvalidInputError(f"Champ inconnu : {', '.join(unknown)} (attendus : {names}).", unknown[0])
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name, text in typed.items():
        try:
            values[name] = _value(known[name], _as_coded(dossier, name, text.strip()))
        except InvalidInputError as error:
            faults[name] = error.message
    if faults:
        name, message = next(iter(faults.items()))
        raise InvalidInputError(message, name, faults)
    return values


def _as_coded(dossier: Dossier, name: str, text: str) -> str:
    """A commune of the contract may be typed by its name."""
    return territory_of(dossier.contract).geography.commune_code(text) if name == "porteur_commune" else text


def _refuse_closed(dossier: Dossier, names: AbstractSet[str]) -> None:
    """A field that exists and that the stage has closed, or not opened yet."""
    request_lines = {f"{REQUEST}{line.key}" for line in dossier.lines}
    closed = sorted(names & (COMPLETABLE.keys() | request_lines))
    if closed:
        label = STAGE_LABELS[Stage(dossier.stage)].lower()
        fields = ", ".join(COMPLETABLE[n].label if n in COMPLETABLE else n for n in closed)
        raise NotAllowedHereError(
            f"Le dossier est « {label} » : à cette étape, on ne modifie pas : {fields}."
        )


def _value(item: Input, text: str) -> Any:
    label = item.label[:1].upper() + item.label[1:]
    if not text:
        if item.name in NEVER_EMPTY:
            raise InvalidInputError(f"{label} : à renseigner.", item.name)
        return None
    value = parse_value(item, text)
    fault = ""
    if item.kind == "integer" and not 0 <= value < LARGEST_NUMBER:
        fault = "nombre positif attendu"
    elif item.name in NUMBERS:
        value = "".join(value.split()).upper()
        fault = f"{LONGEST_NUMBER} signes au plus" if len(value) > LONGEST_NUMBER else ""
    elif item.kind == "text":
        fault = _text_fault(item.name, value)
    elif item.name in STRUCTURED:
        return _structured(item, value)
    elif item.kind == "list":
        value = list(dict.fromkeys(value))
        if len(value) > MOST_ITEMS or any(len(part) > LONGEST_ITEM for part in value):
            fault = f"au plus {MOST_ITEMS} éléments de {LONGEST_ITEM} signes chacun"
    if fault:
        raise InvalidInputError(f"{label} : « {text[:60]} » n’est pas lisible ({fault}).", item.name)
    return value


def _text_fault(name: str, value: str) -> str:
    longest = LONGEST.get(name, LONGEST_CODE)
    if len(value) > longest:
        return f"{longest} signes au plus"
    is_address = name != "porteur_email" or EMAIL.fullmatch(value) is not None
    return "" if is_address else "adresse attendue sous la forme nom@exemple.fr"


def _structured(item: Input, items: list[str]) -> Any:
    parse, _ = STRUCTURED[item.name]
    try:
        return parse(items)
    except ValueError as error:
        label = item.label[:1].upper() + item.label[1:]
        raise InvalidInputError(f"{label} : {error}.", item.name) from None


def _check_porteur(porteur: Organisation, values: Mapping[str, Any]) -> None:
    """An organisation named in the configuration keeps what is known of it."""
    for name in sorted(PORTEUR_FIELDS.keys() & values.keys()):
        known = getattr(porteur, PORTEUR_FIELDS[name])
        if porteur.code is not None and known is not None and known != values[name]:
            raise InvalidInputError(
                f"{porteur.name} est désigné par la configuration du contrat : c’est là que se corrige"
                f" « {COMPLETABLE[name].label} ».",
                name,
            )


def _known_owner(db: Session, dossier: Dossier, siret: str | None, actor: Actor) -> Organisation | None:
    """Another porteur known by this SIRET: the dossier becomes its dossier; only the staff may do so."""
    if siret is None:
        return None
    same = select(Organisation).where(Organisation.siret == siret, Organisation.closed_on.is_(None))
    owner = db.scalars(same.where(Organisation.id != dossier.porteur_id).order_by(Organisation.id)).first()
    if owner is not None and not _is_staff(dossier, actor):
        raise InvalidInputError(
            "Ce SIRET est déjà celui d’un autre porteur : seul un instructeur peut y rattacher le dossier.",
            "porteur_siret",
        )
    return owner


def _attach(dossier: Dossier, owner: Organisation) -> None:
    dossier.porteur, dossier.action.porteur_id = owner, owner.id


def _index(dossier: Dossier) -> None:
    """What the board's search looks into follows the title and the porteur's name."""
    dossier.action.title = dossier.title
    named = (dossier.reference, dossier.dauphin_number, dossier.title, dossier.porteur.name)
    dossier.search_key = key(" ".join(filter(None, named)))


def _read(dossier: Dossier, name: str) -> Any:
    if name in PORTEUR_FIELDS:
        return getattr(dossier.porteur, PORTEUR_FIELDS[name])
    if name.startswith(REQUEST):
        line = dossier.line(name.removeprefix(REQUEST))
        return line.requested if line else None
    if name in FOLLOW_UP:
        return day_of(dossier.follow_up.get(name))
    return getattr(dossier, name)


def _write(db: Session, dossier: Dossier, name: str, value: Any) -> None:
    if name in PORTEUR_FIELDS:
        setattr(dossier.porteur, PORTEUR_FIELDS[name], value)
        if name == "porteur_name":
            dossier.porteur.name_key = organisation_key(value)
    elif name.startswith(REQUEST):
        request_amount(db, dossier, name.removeprefix(REQUEST), value)
    elif name in FOLLOW_UP:
        kept = {key: item for key, item in dossier.follow_up.items() if key != name}
        dossier.follow_up = kept if value is None else {**kept, name: value.isoformat()}
    else:
        setattr(dossier, name, value)


def _as_text(name: str, value: Any) -> str:
    if value is not None and name in STRUCTURED:
        return "|".join(STRUCTURED[name][1](value))
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else "|".join(value) if isinstance(value, list) else str(value)
