# SPDX-License-Identifier: EUPL-1.2
"""Every legal or local number, dated and sourced, read once from `parameters/*.yaml`.

Knows no clock and no config.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, StringConstraints, ValidationError
from pydantic_core import PydanticCustomError

from rules.errors import ParameterError
from rules.parameter_file import key_word, read_yaml
from rules.source import Reading, SourceKind

Unit = Literal["part", "euros", "jours", "mois", "annees", "nombre", "habitants", "liste"]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Value = Decimal | tuple[str, ...] | None
LIST: Unit = "liste"


def _number_or_words(value: object) -> Value:
    """A number, a list of words or null, as the file gives it."""
    if value is None or isinstance(value, Decimal):
        return value
    if isinstance(value, list) and all(isinstance(word, str) and word.strip() for word in value):
        return tuple(word.strip() for word in value)
    kind = "words_expected" if isinstance(value, list) else "number_expected"
    raise PydanticCustomError(kind, "a number, or a list of words")


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class DatedValue(_Strict):
    """The value from one date on, with the text it comes from; `value: null` is a repeal.

    `until`: the last day, where the text gives one; the next value then starts the day after, null if nothing does.
    """

    value: Annotated[Value, PlainValidator(_number_or_words)]
    text: Text
    article: Text
    reading: Reading
    seen: date
    until: date | None = None


class Parameter(_Strict):
    """One number or list through time. `name` is the file's name."""

    name: Text
    label: Text
    unit: Unit
    kind: SourceKind
    values: Annotated[dict[date, DatedValue], Field(min_length=1)]

    def at(self, on: date) -> DatedValue | None:
        """What applies that day; None before the first date of effect."""
        started = [day for day in self.values if day <= on]
        return self.values[max(started)] if started else None


@dataclass(frozen=True, slots=True)
class ParametersOfDay:
    """The numbers and lists in force one day, by name; None: not in force (not yet, or repealed)."""

    on: date
    values: Mapping[str, Decimal | None]
    digest: str
    local: frozenset[str] = frozenset()  # names replaced by the contract's own choice
    lists: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)

    def with_local(self, chosen: Mapping[str, Decimal | tuple[str, ...]]) -> "ParametersOfDay":
        """The same day with values chosen locally.

        Raises ParameterError on an unknown name or an impossible value.
        """
        for name, value in chosen.items():
            fault = local_fault(name, value)
            if fault:
                raise ParameterError(fault)
        if not chosen:
            return self
        content = f"{self.digest} {sorted((k, str(v)) for k, v in chosen.items())}"
        numbers = {name: value for name, value in chosen.items() if isinstance(value, Decimal)}
        lists = {name: value for name, value in chosen.items() if isinstance(value, tuple)}
        return ParametersOfDay(
            self.on,
            {**self.values, **numbers},
            sha256(content.encode()).hexdigest(),
            self.local | chosen.keys(),
            {**self.lists, **lists},
        )


@dataclass(frozen=True, slots=True)
class Parameters:
    """All the parameters with their history; `digest` names this exact set of files."""

    by_name: Mapping[str, Parameter]
    digest: str

    @staticmethod
    def load() -> "Parameters":
        """The parameters shipped with the package, validated once.

        Raises ParameterError naming file and line.
        """
        return _shipped()

    @classmethod
    def read(cls, texts: Mapping[str, str]) -> "Parameters":
        """Parameters from file names and contents (`qpv.majority_share.yaml`)."""
        ordered = sorted(texts.items())
        parameters = [_parameter(file, text) for file, text in ordered]
        content = "\0".join(f"{file}\0{text}" for file, text in ordered)
        return cls(
            {parameter.name: parameter for parameter in parameters}, sha256(content.encode()).hexdigest()
        )

    def at(self, on: date) -> ParametersOfDay:
        """What applies on that day."""
        numbers: dict[str, Decimal | None] = {}
        lists: dict[str, tuple[str, ...] | None] = {}
        for name, parameter in self.by_name.items():
            found = parameter.at(on)
            value = None if found is None else found.value
            if parameter.unit == LIST:
                lists[name] = value if isinstance(value, tuple) else None
            else:
                numbers[name] = value if isinstance(value, Decimal) else None
        return ParametersOfDay(on, numbers, self.digest, frozenset(), lists)


@cache
def _shipped() -> Parameters:
    folder = files("rules") / "parameters"
    paths = [path for path in folder.iterdir() if path.name.endswith(".yaml")]
    return Parameters.read({path.name: path.read_text(encoding="utf-8") for path in paths})


def _parameter(file: str, text: str) -> Parameter:
    node = read_yaml(file, text)
    try:
        parameter = Parameter.model_validate({"name": file.removesuffix(".yaml"), **node.data})
    except ValidationError as error:
        first = error.errors()[0]
        raise ParameterError(
            _reason(first["type"], first["loc"]), file=file, line=node.line(first["loc"])
        ) from None
    for where, message in _faults(parameter):
        raise ParameterError(message, file=file, line=node.line(("values", *where)))
    return parameter


def _faults(parameter: Parameter) -> Iterator[tuple[tuple[object, ...], str]]:
    """What no single key can tell: values of another unit, gaps and overlaps between dates."""
    for day, dated in parameter.values.items():
        reason = _unfit(parameter.unit, dated.value)
        if reason:
            yield (day, "value"), reason
    ordered = sorted(parameter.values.items())
    for (day, dated), following in zip(ordered, [*(day for day, _ in ordered[1:]), None], strict=True):
        if dated.until is not None:
            reason = _misdated(day, dated.until, following)
            if reason:
                yield (day, "until"), reason


def _unfit(unit: Unit, value: Value) -> str:
    """Why the value does not fit its unit; empty when it does."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        repeated = len(set(value)) < len(value)
        return "un mot est cité deux fois" if repeated else "" if unit == LIST else "nombre attendu"
    if unit == LIST:
        return "liste de mots attendue"
    if not value.is_finite() or value < 0:
        return "nombre positif attendu"
    if unit == "part" and value > 1:
        return "une part est comprise entre 0 et 1"
    return ""


def _misdated(day: date, until: date, following: date | None) -> str:
    """Why a last day does not fit the dates around it; empty when it does."""
    if until < day:
        return f"fin d’effet ({until}) avant la date d’effet ({day})"
    if following is None or until < following - timedelta(days=1):
        return f"trou après le {until} : dire ce qui s’applique le lendemain (value: null si rien)"
    if until >= following:
        return f"dates qui se chevauchent : {until} est après le début du {following}"
    return ""


def local_fault(name: str, value: Decimal | tuple[str, ...]) -> str:
    """Why a contract may not choose this value for this parameter; empty when it may."""
    parameter = _shipped().by_name.get(name)
    if parameter is None:
        return f"paramètre local inconnu : {name}"
    reason = _unfit(parameter.unit, value)
    return f"valeur locale impossible pour {name} : {value} ({reason})" if reason else ""


REASONS = {
    "missing": "clé absente",
    "extra_forbidden": "clé inconnue",
    "literal_error": "mot inconnu",
    "date_type": "date attendue (AAAA-MM-JJ)",
    "number_expected": "nombre attendu",
    "words_expected": "liste de mots attendue",
    "is_instance_of": "nombre attendu",
    "decimal_type": "nombre attendu",
    "string_type": "texte attendu",
    "string_too_short": "texte vide",
    "dict_type": "liste de valeurs par date attendue",
    "too_short": "aucune valeur",
    "finite_number": "nombre attendu",
}


def _reason(kind: str, where: tuple[int | str, ...]) -> str:
    path = ".".join(key_word(part) for part in where if part != "[key]")
    return f"{REASONS.get(kind, 'valeur refusée')} : {path}"
