# SPDX-License-Identifier: EUPL-1.2
"""What `doctor` says of one contract: printed faults, missing parts, promises of the contract not kept."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from app.diagnosis import Diagnosis
from app.doctor_calendar import calendar_diagnoses
from app.errors import ConfigurationError
from app.official_qpv import load_official_codes
from app.perimeters import load_perimeters
from workflow.located.perimeter_file import PerimetersError
from workflow.territory import Body, BodyKind, Condition, Nature, Territory

Beside = Callable[[str], Path]
EXPECTED_BODIES = {
    BodyKind.DISPATCH: "réunion de répartition",
    BodyKind.THEMATIC: "séance thématique de co-instruction",
    BodyKind.CONFERENCE: "conférence des financeurs",
    BodyKind.COMMITTEE: "comité d’engagement",
    BodyKind.STEERING: "comité de pilotage",
}


def contract_diagnoses(path: str, territory: Territory, beside: Beside, on: date) -> Iterator[Diagnosis]:
    """Every diagnosis of one contract; `path` is its place in the configuration."""
    for rank, fault in enumerate(territory.printed_faults):
        text = f"{fault.subject} : le contrat imprime {fault.printed} ; retenu : {fault.kept}"
        yield Diagnosis("info", f"{path}.printed_faults[{rank}]", text)
    yield from _official_list(f"{path}.geography.official_list", territory, beside)
    yield from _perimeters(f"{path}.geography.perimeters", territory, beside)
    yield from _geography(f"{path}.geography", territory)
    yield from _calls(f"{path}.calls", territory, on)
    yield from _identifiers(path, territory)
    yield from _credits(path, territory)
    yield from _envelopes(path, territory, on)
    yield from _objectives(path, territory)
    yield from _bodies(path, territory)
    yield from calendar_diagnoses(path, territory, on)


def _official_list(path: str, territory: Territory, beside: Beside) -> Iterator[Diagnosis]:
    name = territory.geography.official_list
    if name is None:
        text = "liste nationale des QPV non fournie : seuls la forme des codes et la liste du contrat sont vérifiés"
        yield Diagnosis("warning", path, text, "télécharger la liste des QPV 2024 et nommer ici son fichier")
        return
    try:
        official = load_official_codes(beside(name))
    except ConfigurationError as error:
        yield Diagnosis("error", path, str(error), "corriger le nom du fichier, ou le télécharger de nouveau")
        return
    for rank, qpv in enumerate(territory.geography.qpv):
        if qpv.code not in official:
            place = path.replace("official_list", f"qpv[{rank}].code")
            yield Diagnosis(
                "error", place, f"{qpv.code} n’est pas dans la liste nationale", "corriger le code"
            )
        yield from _printed_official(path, qpv.code, qpv.printed_as, official)


def _printed_official(
    path: str, code: str, printed_as: tuple[str, ...], official: frozenset[str]
) -> Iterator[Diagnosis]:
    for printed in printed_as:
        if printed in official:
            text = f"{printed}, donné comme coquille de {code}, est le code officiel d’un autre quartier"
            yield Diagnosis("error", path, text, "retirer ce code de printed_as")


def _perimeters(path: str, territory: Territory, beside: Beside) -> Iterator[Diagnosis]:
    name = territory.geography.perimeters
    if name is None:
        text = "périmètres des QPV non fournis : aucune adresse ne peut être rapprochée d’un quartier"
        yield Diagnosis(
            "info", path, text, "télécharger les contours des QPV 2024 et nommer ici leur fichier"
        )
        return
    try:
        perimeters = load_perimeters(beside(name))
    except PerimetersError as error:
        remedy = "corriger le nom du fichier, ou le télécharger de nouveau"
        yield Diagnosis("error", path, error.message, remedy)
        return
    absent = [qpv.code for qpv in territory.geography.qpv if qpv.code not in perimeters.codes]
    if absent:
        text = f"quartiers du contrat sans périmètre dans {name} : {', '.join(absent)} ; leurs habitants seraient comptés dehors"
        yield Diagnosis("error", path, text, "donner un fichier qui les contient")
    text = (
        f"périmètres lus : {len(perimeters.codes)}, à {perimeters.precision_metres} m près ; une adresse à moins de cette "
        "distance d’une limite est « à vérifier »"
    )
    yield Diagnosis("info", path, text)


def _geography(path: str, territory: Territory) -> Iterator[Diagnosis]:
    for rank, qpv in enumerate(territory.geography.qpv):
        if qpv.population is None:
            text = f"population de {qpv.code} absente : pas d’euros par habitant ni de répartition par population"
            yield Diagnosis("warning", f"{path}.qpv[{rank}].population", text, "donner la population")
    if not territory.geography.poches:
        text = "aucune poche de pauvreté retenue : seuls les habitants des QPV comptent pour la majorité"
        yield Diagnosis("info", f"{path}.poches", text, "les nommer ici si un avenant en retient")


def _calls(path: str, territory: Territory, on: date) -> Iterator[Diagnosis]:
    if not any(call.opens_on <= on <= call.closes_on for call in territory.calls):
        upcoming = sorted(call.opens_on for call in territory.calls if call.opens_on > on)
        after = f" ; prochaine ouverture le {upcoming[0]:%d/%m/%Y}" if upcoming else ""
        yield Diagnosis(
            "warning", path, f"aucun appel ouvert le {on:%d/%m/%Y}{after}", "ajouter une fenêtre de dépôt"
        )


def _identifiers(path: str, territory: Territory) -> Iterator[Diagnosis]:
    unknown = [org.code for org in territory.organisations if org.credits and org.siret is None]
    if unknown:
        text = f"SIRET inconnu : {', '.join(unknown)} ; leurs subventions seront absentes des données ouvertes (SCDL)"
        yield Diagnosis("info", f"{path}.organisations", text, "donner le SIRET de chaque financeur")


def _credits(path: str, territory: Territory) -> Iterator[Diagnosis]:
    needing_support = (Condition.DEPARTEMENT_POLICIES, Condition.EPCI_PRIORITIES)
    for rank, organisation in enumerate(territory.organisations):
        for place, credit in enumerate(organisation.credits):
            where = f"{path}.organisations[{rank}].credits[{place}]"
            key = f"{organisation.code}:{credit.nature}"
            if credit.nature is Nature.DROIT_COMMUN and not credit.concerns:
                text = f"{key} ne concerne aucun objectif ni thème : ce droit commun ne sera jamais sollicité"
                yield Diagnosis(
                    "warning", f"{where}.concerns", text, "citer les objectifs ou thèmes concernés"
                )
            if credit.nature is Nature.SPECIFIQUE and credit.concerns:
                text = f"{key} : « concerns » n’a d’effet que sur un droit commun"
                yield Diagnosis("warning", f"{where}.concerns", text, "retirer cette liste")
            if credit.condition in needing_support and not credit.supports:
                text = f"{key} : la condition {credit.condition} ne cite aucun objectif soutenu"
                yield Diagnosis("warning", f"{where}.supports", text, "citer les objectifs soutenus")


def _envelopes(path: str, territory: Territory, on: date) -> Iterator[Diagnosis]:
    own = [item for item in territory.envelopes if item.held_by == "contract"]
    here, told = f"{path}.envelopes", {(item.credit, item.year) for item in own}
    missing = [key for key in territory.credits if (key, on.year) not in told]
    for key in missing:
        if territory.credits[key].nature is Nature.SPECIFIQUE:
            text = f"aucune enveloppe {on.year} pour {key} : aucun dépassement ne sera vu"
            yield Diagnosis("warning", here, text, "ajouter l’enveloppe, au besoin avec status: none")
    ordinary = [key for key in missing if territory.credits[key].nature is Nature.DROIT_COMMUN]
    if ordinary:
        text = f"pas d’enveloppe {on.year} pour {len(ordinary)} droits communs : {', '.join(ordinary)}"
        yield Diagnosis("info", here, text, "les ajouter quand leurs montants sont connus")
    for rank, item in enumerate(territory.envelopes):
        if not territory.starts_on.year <= item.year <= territory.ends_on.year:
            text = f"enveloppe de {item.year}, hors des années du contrat"
            yield Diagnosis("warning", f"{here}[{rank}].year", text, "corriger l’année")


def _objectives(path: str, territory: Territory) -> Iterator[Diagnosis]:
    alone = [code for code in _operational_codes(territory) if not _is_covered(code, territory)]
    if alone:
        text = f"aucun droit commun n’est sollicité pour : {', '.join(alone)}"
        remedy = "citer ces objectifs dans « concerns » d’un droit commun"
        yield Diagnosis("warning", f"{path}.framework", text, remedy)
    grouped = {code for theme in territory.themes for code in theme.objectives}
    loose = [code for code in _operational_codes(territory) if grouped.isdisjoint(_with_parents(code))]
    if loose and territory.themes:
        text = f"objectifs confiés à aucun groupe thématique : {', '.join(loose)}"
        yield Diagnosis("warning", f"{path}.themes", text, "les citer dans un thème")


def _operational_codes(territory: Territory) -> Iterator[str]:
    for axis in territory.framework:
        for general in axis.objectives:
            yield from [item.code for item in general.operational] or [general.code]


def _with_parents(code: str) -> set[str]:
    parts = code.split(".")
    return {".".join(parts[:depth]) for depth in range(1, len(parts) + 1)}


def _is_covered(code: str, territory: Territory) -> bool:
    lineage = _with_parents(code)
    themes = tuple(theme.code for theme in territory.themes if not lineage.isdisjoint(theme.objectives))
    return bool(territory.holders_concerned((code,), themes))


def _bodies(path: str, territory: Territory) -> Iterator[Diagnosis]:
    present = {body.kind for body in territory.bodies}
    for kind, name in EXPECTED_BODIES.items():
        if kind not in present:
            text = f"aucune instance de type {kind} ({name})"
            yield Diagnosis("warning", f"{path}.bodies", text, "la décrire, même sans membre")
    for rank, body in enumerate(territory.bodies):
        yield from _body(f"{path}.bodies[{rank}]", body)


def _body(path: str, body: Body) -> Iterator[Diagnosis]:
    if not body.members:
        text = f"{body.label} : aucun membre, personne ne sera convoqué"
        yield Diagnosis("warning", f"{path}.members", text, "citer les organisations qui siègent")
    if body.kind is BodyKind.THEMATIC and body.theme is None:
        yield Diagnosis("warning", f"{path}.theme", f"{body.label} : aucun thème", "nommer son thème")
    if body.chair is not None and body.chair not in body.members:
        text = f"{body.label} : la présidence n’est pas parmi les membres"
        yield Diagnosis("warning", f"{path}.chair", text, "l’ajouter aux membres")
    yield from _cadence(path, body)


def _cadence(path: str, body: Body) -> Iterator[Diagnosis]:
    cadence = body.cadence
    promised = cadence.promised_per_year
    planned = len(cadence.months) if cadence.months else cadence.per_year_min
    if promised is not None and min(planned, cadence.per_year_min) < promised:
        count = min(planned, cadence.per_year_min)
        text = f"{body.label} : {count} réunion(s) par an prévue(s), {promised} promises par le contrat"
        yield Diagnosis("warning", f"{path}.cadence", text, "relever per_year_min ou ajouter des mois")
    elif cadence.months and planned < cadence.per_year_min:
        text = (
            f"{body.label} : {planned} mois cités pour un minimum de {cadence.per_year_min} réunions par an"
        )
        yield Diagnosis("warning", f"{path}.cadence.months", text, "ajouter des mois")
    if cadence.per_year_max is not None and len(cadence.months) > cadence.per_year_max:
        text = f"{body.label} : {len(cadence.months)} mois cités pour un maximum de {cadence.per_year_max}"
        yield Diagnosis("warning", f"{path}.cadence.months", text, "retirer des mois")
