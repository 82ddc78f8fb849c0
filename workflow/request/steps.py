# SPDX-License-Identifier: EUPL-1.2
"""The steps of a request, in the order of its pages: the fields of each, and how far each has come."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from workflow.completion import REQUEST, texts_of
from workflow.contracts import territory_of
from workflow.errors import UnknownReferenceError
from workflow.models import Dossier

BUDGET, FUNDING, PLACES = "budget", "financements", "quartiers"
COMMITTED_FORMS = (
    "association",
    "fondation",
)  # who is asked about the republican commitment; the rule itself is dated
TO_CHECK = "to_check"  # in `dossier.follow_up`: steps copied from last year that nobody has looked at yet


class StepState(StrEnum):
    """How far a step has come."""

    EMPTY = "empty"
    BEGUN = "begun"
    DONE = "done"
    TO_CHECK = "to_check"


STATE_LABELS: Mapping[StepState, str] = {
    StepState.EMPTY: "À remplir",
    StepState.BEGUN: "Commencé",
    StepState.DONE: "Rempli",
    StepState.TO_CHECK: "À vérifier",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One page: `fields` are its fields, `expected` those without which it is not done."""

    code: str
    label: str
    fields: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()


STEPS: tuple[Step, ...] = (
    Step(
        "organisme",
        "Votre organisme",
        (
            "porteur_name",
            "porteur_email",
            "porteur_siret",
            "porteur_form",
            "porteur_rna",
            "porteur_recognition",
            "is_small_association",
            "republican_commitment",
        ),
        ("porteur_name", "porteur_email", "porteur_siret", "porteur_form"),
    ),
    Step("action", "L’action", ("title", "summary"), ("title", "summary")),
    Step("appel", "L’appel et les dates", ("call", "starts_on", "ends_on"), ("starts_on", "ends_on")),
    Step("objectifs", "Les objectifs du contrat", ("themes", "objectives"), ("objectives",)),
    Step(
        "public",
        "Les habitants concernés",
        (
            "has_individual_beneficiaries",
            "beneficiaries_total",
            "beneficiaries_qpv",
            "beneficiaries_poches",
            "publics",
        ),
        ("has_individual_beneficiaries",),
    ),
    Step(PLACES, "Les quartiers", ("qpv", "poches"), ("qpv",)),
    Step(
        "reconduction",
        "Renouvellement et pluriannualité",
        (
            "renewal",
            "previous_report",
            "cpo",
            "cpo_years",
            "cpo_reason",
            "cpo_indicators",
            "cpo_trajectory",
        ),
        ("renewal", "cpo"),
    ),
    Step(FUNDING, "Les financements demandés"),
    Step(BUDGET, "Le budget de l’action"),
)
_BY_CODE = {step.code: step for step in STEPS}


def step_of(code: str) -> Step:
    """The step of this address. Raises UnknownReferenceError."""
    if code not in _BY_CODE:
        raise UnknownReferenceError("Cette étape de la demande n’existe pas.")
    return _BY_CODE[code]


def step_after(step: Step) -> Step | None:
    """The next page, or None after the last one."""
    rank = STEPS.index(step) + 1
    return STEPS[rank] if rank < len(STEPS) else None


def fields_in(step: Step, dossier: Dossier, known: Mapping[str, object]) -> tuple[str, ...]:
    """The names of this step's fields on this dossier, among those open now."""
    if step.code == FUNDING:
        return tuple(name for name in known if name.startswith(REQUEST))
    poches = ("poches", "beneficiaries_poches")
    unasked = () if territory_of(dossier.contract).geography.poches else poches
    return tuple(name for name in step.fields if name in known and name not in unasked)


def step_states(dossier: Dossier) -> dict[str, StepState]:
    """How far each step has come."""
    texts, waiting = texts_of(dossier), set(dossier.follow_up.get(TO_CHECK, ()))
    return {
        step.code: StepState.TO_CHECK if step.code in waiting else _state(step, dossier, texts)
        for step in STEPS
    }


def _state(step: Step, dossier: Dossier, texts: Mapping[str, str]) -> StepState:
    if step.code == BUDGET:
        return StepState.DONE if any(line.planned for line in dossier.budget) else StepState.EMPTY
    names = fields_in(step, dossier, texts)
    filled = [name for name in names if texts[name]]
    expected = [name for name in _expected(step, dossier) if name in texts]
    if step.code == FUNDING:
        return StepState.DONE if filled else StepState.EMPTY
    if all(texts[name] for name in expected) and not warnings_of(step, dossier):
        return StepState.DONE
    return StepState.BEGUN if filled else StepState.EMPTY


def warnings_of(step: Step, dossier: Dossier) -> list[str]:
    """What cannot be right in the answers of this step, or is missing for some porteurs: told on the step itself."""
    told: list[str] = []
    if step.code == "appel" and dossier.starts_on and dossier.ends_on and dossier.ends_on < dossier.starts_on:
        told.append("La date de fin est avant la date de début.")
    everybody = dossier.beneficiaries_total
    parts = {"un quartier prioritaire": dossier.beneficiaries_qpv, "une poche": dossier.beneficiaries_poches}
    for place, part in parts.items():
        if step.code == "public" and everybody is not None and part is not None and part > everybody:
            told.append(
                f"{part} personnes habitant {place} : c’est plus que les {everybody} personnes au total."
            )
    if (
        step.code == "organisme"
        and dossier.porteur.legal_form in COMMITTED_FORMS
        and dossier.porteur.recognition in (None, "aucune")
        and dossier.republican_commitment is None
    ):
        told.append("Le contrat d’engagement républicain : la question attend une réponse.")
    return told


def _expected(step: Step, dossier: Dossier) -> tuple[str, ...]:
    """What is expected depends on what was answered: no count of residents without individual beneficiaries."""
    more: tuple[str, ...] = ()
    if step.code == "public" and dossier.has_individual_beneficiaries:
        more = ("beneficiaries_total", "beneficiaries_qpv")
    if step.code == "reconduction":
        more = (
            *(("cpo_years", "cpo_reason") if dossier.cpo else ()),
            *(("previous_report",) if dossier.renewal else ()),
        )
    return (*step.expected, *more)
