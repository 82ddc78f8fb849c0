# SPDX-License-Identifier: EUPL-1.2
"""A contract's territory as strict values, read from config and kept in the database."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from workflow.names import key
from workflow.territory_arbitration import Arbitration, OpinionPoints, Priority, QpvMinimumSettings
from workflow.territory_base import Amount, Code, OrganisationKind, Strict, Text
from workflow.territory_bodies import Body, BodyKind, Cadence, Calendar, SchoolHoliday
from workflow.territory_checks import territory_faults
from workflow.territory_criteria import Criterion

__all__ = [
    "Amount",
    "Arbitration",
    "Axis",
    "Body",
    "BodyKind",
    "Cadence",
    "Calendar",
    "Call",
    "CallKind",
    "Code",
    "Commune",
    "Condition",
    "CreditSettings",
    "Criterion",
    "EnvelopeSettings",
    "GeneralObjective",
    "Geography",
    "LocalParameter",
    "Nature",
    "Objective",
    "OpinionPoints",
    "OrganisationKind",
    "OrganisationSettings",
    "Poche",
    "PrintedFault",
    "Priority",
    "Qpv",
    "QpvMinimumSettings",
    "SchoolHoliday",
    "Strict",
    "Territory",
    "Text",
    "Theme",
]

INSEE_PATTERN = r"^\d[\dAB]\d{3}$"
QPV_PATTERN = r"^QN(\d{3}|02[AB])\d{2}[NMIC]$"
OBJECTIVE_PATTERN = r"^\d+(\.\d+)*$"
SIRET_PATTERN = r"^\d{14}$"
DEPARTEMENT_PATTERN = r"^(\d{2,3}|2[AB])$"
EMAIL_PATTERN = r"^[^@\s]+@[^@\s]+$"


class Commune(Strict):
    """A commune by its INSEE code; `population`: its inhabitants, when known."""

    insee: Annotated[str, Field(pattern=INSEE_PATTERN)]
    name: Text
    population: Annotated[int, Field(ge=0)] | None = None


class Qpv(Strict):
    """A priority neighbourhood: official code, misprinted forms, communes (INSEE), population."""

    code: Annotated[str, Field(pattern=QPV_PATTERN)]
    label: Text
    communes: Annotated[tuple[Annotated[str, Field(pattern=INSEE_PATTERN)], ...], Field(min_length=1)]
    population: Annotated[int, Field(ge=0)] | None = None
    printed_as: tuple[str, ...] = ()


class Poche(Strict):
    """A « poche de pauvreté » retained by the contract."""

    code: Code
    label: Text


class Geography(Strict):
    """Where: communes, QPV, retained poches, and the national files the administrator may download."""

    communes: tuple[Commune, ...]
    qpv: Annotated[tuple[Qpv, ...], Field(min_length=1)]
    poches: tuple[Poche, ...] = ()
    official_list: str | None = None
    perimeters: str | None = None

    def commune_name(self, insee: str) -> str:
        """Its name; the code itself for a commune of elsewhere."""
        return next((one.name for one in self.communes if one.insee == insee), insee)

    def commune_code(self, typed: str) -> str:
        """The code of the commune typed by its name; else what was typed, without spaces, as a code is written."""
        wanted = key(typed)
        named = (one.insee for one in self.communes if key(one.name) == wanted)
        return next(named, "".join(typed.split()).upper())


class Objective(Strict):
    """An operational or general objective of the framework."""

    code: Annotated[str, Field(pattern=OBJECTIVE_PATTERN)]
    label: Text


class GeneralObjective(Objective):
    """A general objective and its operational ones."""

    operational: tuple[Objective, ...] = ()


class Axis(Objective):
    """An axis and its general objectives."""

    objectives: Annotated[tuple[GeneralObjective, ...], Field(min_length=1)]


class Theme(Strict):
    """A thematic group: objectives it instructs, partners consulted by default (organisation codes)."""

    code: Code
    label: Text
    objectives: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()


class CallKind(StrEnum):
    """How requests are invited."""

    AMI = "ami"
    ANNUAL = "annual"
    ROLLING = "rolling"
    RESERVED = "reserved"


class Call(Strict):
    """A call or a rolling window: dossiers of `year` are received between the two dates."""

    code: Code
    label: Text
    kind: CallKind
    year: int
    opens_on: date
    closes_on: date


class Nature(StrEnum):
    """The two natures of credits."""

    DROIT_COMMUN = "droit_commun"
    SPECIFIQUE = "specifique"


class Condition(StrEnum):
    """The local condition a credit puts on its own lines."""

    QPV_MAJORITY = "qpv_majority"
    DEPARTEMENT_POLICIES = "departement_policies"
    EPCI_PRIORITIES = "epci_priorities"


class CreditSettings(Strict):
    """A credit of a financer. `concerns`: objectives or themes for which this droit commun is asked."""

    nature: Nature
    label: Text
    concerns: tuple[str, ...] = ()
    condition: Condition | None = None
    supports: tuple[str, ...] = ()  # objectives of the Département's policies or the EPCI's priorities


class OrganisationSettings(Strict):
    """An organisation of the contract; a financer when it holds credits. `commune`: its INSEE code."""

    code: Code
    name: Text
    kind: OrganisationKind
    siret: Annotated[str, Field(pattern=SIRET_PATTERN)] | None = None
    email: Annotated[str, Field(pattern=EMAIL_PATTERN)] | None = None
    address: Text | None = None
    phone: Text | None = None
    commune: Annotated[str, Field(pattern=INSEE_PATTERN)] | None = None
    credits: tuple[CreditSettings, ...] = ()


class EnvelopeSettings(Strict):
    """An envelope of one credit and year, held by the contract or by the whole département."""

    credit: str
    year: int
    status: Literal["none", "provisional", "notified"] = "none"
    amount: Amount | None = None
    held_by: Literal["contract", "departement"] = "contract"


class Reminders(Strict):
    """When people are asked and reminded: days before a date, then at most every so many days once it has passed."""

    opinion_days_before: Annotated[int, Field(ge=1, le=60)] = 5
    request_urgent_days: Annotated[int, Field(ge=0, le=20)] = 3  # working days
    opinion_late_every: Annotated[int, Field(ge=1, le=60)] = 7
    completion_days_before: Annotated[int, Field(ge=1, le=60)] = 3
    completion_late_every: Annotated[int, Field(ge=1, le=90)] = 7
    report_days_before: Annotated[int, Field(ge=1, le=180)] = 30
    report_late_every: Annotated[int, Field(ge=1, le=180)] = 30
    convention_every: Annotated[int, Field(ge=1, le=180)] = 30


class PrintedFault(Strict):
    """A contradiction found in the contract as printed, and what was kept; `doctor` lists them."""

    subject: Text
    printed: Text
    kept: Text


class LocalParameter(Strict):
    """A threshold or a list chosen locally: overrides the parameter of that name for this contract."""

    name: str
    value: Decimal | tuple[Text, ...]
    source: Text


def _rebuilt(detail: Any) -> InitErrorDetails:
    """A reported error as an error to raise again; pydantic keeps no better door between the two."""
    kind: str | PydanticCustomError = detail["type"]
    context = dict(detail.get("ctx", {}))
    if kind in ("value_error", "cross_check"):
        kind = PydanticCustomError(
            "cross_check", "{text}", {"text": str(context.get("error") or context["text"])}
        )
        context = {}
    return InitErrorDetails(type=kind, loc=detail["loc"], input=detail["input"], ctx=context)


class Territory(Strict):
    """One contract de ville. Another territory is another value of this class, no code."""

    code: Code
    label: Text
    departement: Annotated[str, Field(pattern=DEPARTEMENT_PATTERN)]
    starts_on: date
    ends_on: date
    pilot: Code
    geography: Geography
    framework: Annotated[tuple[Axis, ...], Field(min_length=1)]
    themes: tuple[Theme, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    calls: tuple[Call, ...] = ()
    organisations: Annotated[tuple[OrganisationSettings, ...], Field(min_length=1)]
    envelopes: tuple[EnvelopeSettings, ...] = ()
    bodies: tuple[Body, ...] = ()
    calendar: Calendar = Calendar()
    opinion_days: Annotated[int, Field(ge=1, le=180)] = 21
    completion_days: Annotated[int, Field(ge=1, le=180)] = 15
    reminders: Reminders = Reminders()
    small_association: Text | None = (
        None  # what the contract calls one, told beside the question; no rule reads it
    )
    arbitration: Arbitration = Arbitration()
    local_parameters: tuple[LocalParameter, ...] = ()
    printed_faults: tuple[PrintedFault, ...] = ()

    @model_validator(mode="wrap")
    @classmethod
    def _report_everything(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Add the cross-checks to the faults of form, so that one reading reports both."""
        if isinstance(data, cls):
            return data
        faults: list[InitErrorDetails] = []
        territory: Self | None = None
        try:
            territory = handler(data)
        except ValidationError as error:
            faults = [_rebuilt(detail) for detail in error.errors(include_url=False)]
        faults += [
            InitErrorDetails(
                type=PydanticCustomError("cross_check", "{text}", {"text": message}), loc=path, input=None
            )
            for path, message in territory_faults(data)
        ]
        if faults or territory is None:
            raise ValidationError.from_exception_data(cls.__name__, faults)
        return territory

    @cached_property
    def qpv_by_code(self) -> dict[str, Qpv]:
        """QPV by official code."""
        return {qpv.code: qpv for qpv in self.geography.qpv}

    @cached_property
    def objective_labels(self) -> dict[str, str]:
        """Label of every axis, general and operational objective, by code."""
        labels: dict[str, str] = {}
        for axis in self.framework:
            labels[axis.code] = axis.label
            for general in axis.objectives:
                labels[general.code] = general.label
                labels.update((item.code, item.label) for item in general.operational)
        return labels

    @cached_property
    def organisation_by_code(self) -> dict[str, OrganisationSettings]:
        """Organisations by code."""
        return {organisation.code: organisation for organisation in self.organisations}

    @cached_property
    def credits(self) -> dict[str, CreditSettings]:
        """Every credit by line key (`etat:specifique`), in the order of the configuration."""
        return {f"{org.code}:{c.nature}": c for org in self.organisations for c in org.credits}

    @cached_property
    def body_by_code(self) -> dict[str, Body]:
        """Bodies by code."""
        return {body.code: body for body in self.bodies}

    @cached_property
    def theme_by_code(self) -> dict[str, Theme]:
        """Thematic groups by code."""
        return {theme.code: theme for theme in self.themes}

    def holders_concerned(
        self, objectives: tuple[str, ...], themes: tuple[str, ...], qpv: tuple[str, ...] = ()
    ) -> tuple[str, ...]:
        """Line keys of the droit-commun credits to ask for these objectives and themes, in configuration order.

        A credit concerned by objective `1.1` is concerned by `1.1.3` too. When the QPV are known, a commune is
        asked only for those that touch it.
        """
        wanted = set(themes)
        for objective in objectives:
            parts = objective.split(".")
            wanted.update(".".join(parts[:depth]) for depth in range(1, len(parts) + 1))
        elsewhere = self._communes_away_from(qpv)
        return tuple(
            key
            for key, credit in self.credits.items()
            if credit.nature is Nature.DROIT_COMMUN
            and not wanted.isdisjoint(credit.concerns)
            and key.partition(":")[0] not in elsewhere
        )

    def _communes_away_from(self, qpv: tuple[str, ...]) -> set[str]:
        """Codes of the communes that none of these QPV touches; none when no QPV of the contract is given."""
        known = [self.qpv_by_code[code] for code in qpv if code in self.qpv_by_code]
        if not known:
            return set()
        touched = {insee for item in known for insee in item.communes}
        return {
            org.code
            for org in self.organisations
            if org.kind is OrganisationKind.COMMUNE and org.commune not in touched
        }
