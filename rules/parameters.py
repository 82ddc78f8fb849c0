# SPDX-License-Identifier: EUPL-1.2
"""Every legal or local number, dated and sourced, read once from `parameters/*.yaml`.

Knows no clock and no config.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from rules.errors import ParameterError
from rules.parameter_file import ParameterNode, key_word, read_yaml

SourceKind = Literal["loi", "decret", "circulaire", "contrat", "reglement_local", "choix_du_produit"]
Unit = Literal["part", "euros", "jours", "mois", "annees", "nombre"]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class DatedValue(_Strict):
    """The value from one date on, with the text it comes from; `value: null` is a repeal."""

    value: Decimal | None
    text: Text
    article: Text
    seen: date


class Parameter(_Strict):
    """One number through time. `name` is the file's name."""

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
    """The numbers in force one day.

    `values[name]` is None when the number is not in force (not yet, or repealed).
    """

    on: date
    values: Mapping[str, Decimal | None]
    digest: str
    local: frozenset[str] = frozenset()  # names replaced by the contract's own choice

    def with_local(self, chosen: Mapping[str, Decimal]) -> "ParametersOfDay":
        """The same day with values chosen locally.

        Raises ParameterError on an unknown name or an impossible value.
        """
        for name, value in chosen.items():
            _check_local(name, value)
        if not chosen:
            return self
        digest = sha256(
            f"{self.digest} {sorted((k, str(v)) for k, v in chosen.items())}".encode()
        ).hexdigest()
        return ParametersOfDay(self.on, {**self.values, **chosen}, digest, self.local | chosen.keys())


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
        dated = {name: parameter.at(on) for name, parameter in self.by_name.items()}
        values = {name: None if found is None else found.value for name, found in dated.items()}
        return ParametersOfDay(on, values, self.digest)


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
    if parameter.unit == "part":
        _check_shares(file, node, parameter)
    return parameter


def _check_shares(file: str, node: ParameterNode, parameter: Parameter) -> None:
    for day, dated in parameter.values.items():
        if dated.value is not None and not 0 <= dated.value <= 1:
            line = node.line(("values", day, "value"))
            raise ParameterError("une part est comprise entre 0 et 1", file=file, line=line)


def _check_local(name: str, value: Decimal) -> None:
    parameter = _shipped().by_name.get(name)
    if parameter is None:
        raise ParameterError(f"paramètre local inconnu : {name}")
    if not value.is_finite() or value < 0 or (parameter.unit == "part" and value > 1):
        raise ParameterError(f"valeur locale impossible pour {name} : {value}")


REASONS = {
    "missing": "clé absente",
    "extra_forbidden": "clé inconnue",
    "literal_error": "mot inconnu",
    "date_type": "date attendue (AAAA-MM-JJ)",
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
