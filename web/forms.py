# SPDX-License-Identifier: EUPL-1.2
"""Forms: what was typed, as values or a French fault on the field; and forms to show, with what was typed kept."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, TypeVar

from workflow.completion import COMPLETABLE
from workflow.errors import InvalidInputError
from workflow.inputs import parse_amount, parse_date, parse_moment

LONGEST = 20_000
UNSHOWN = frozenset(
    {"jeton", "version", "suite", "password", "rule", "line", "kind", "email", "settlement", "query"}
)
LABELS = {
    "name": "Nom",
    "reason": "Motif",
    "text": "Texte",
    "value": "Avis",
    "questions": "Questions",
    "confirms": "Condition du crédit",
    "opinion": "Avis de synthèse",
    "strengths": "Points forts",
    "reservations": "Réserves",
    "amount": "Montant",
    "answer": "Réponse",
    "description": "Description",
    "expected_on": "Date attendue",
    "decision": "Décision",
    "conditions": "Conditions",
    "pieces": "Pièces",
    "due": "Échéance",
    "lead": "Chef de file",
    "theme": "Groupe",
    "partners": "Partenaires",
    "holders": "Droit commun",
    "scheme": "Dispositif",
    "starts_at": "Date et heure",
    "mode": "Tenue",
    "owner": "Calendrier",
    "place": "Lieu",
    "note": "Note",
    "code": "Nature de la pièce",
    "replaces": "Cette pièce",
    "role": "Rôle",
    "organisation": "Organisation",
    "body": "Instance",
    "title": "Fonction",
    "from_on": "Du",
    "to_on": "Au",
    "siret": "SIRET",
    "rna": "Numéro RNA",
    "legal_form": "Forme juridique",
    "commune": "Commune du siège",
    **{name: item.label[:1].upper() + item.label[1:] for name, item in COMPLETABLE.items()},
}
# The field that a guard speaks of, when its figures do not name it.
GUARDED = {
    "guard.reason": "reason",
    "guard.completion_due": "due",
    "guard.amount": "amount",
    "guard.opinion_text": "text",
}
T = TypeVar("T")
Kind = Literal[
    "text",
    "long",
    "amount",
    "date",
    "moment",
    "choice",
    "radio",
    "checks",
    "boolean",
    "integer",
    "hidden",
    "file",
]


class Typed:
    """What a person typed, by field name."""

    def __init__(self, values: Mapping[str, tuple[str, ...]]) -> None:
        self.values = values

    def text(self, name: str) -> str:
        """The text typed, trimmed; empty when absent. Raises InvalidInputError when it cannot be kept."""
        return _readable((self.values.get(name) or ("",))[0], name)

    def raw(self, name: str) -> str:
        """What was typed, spaces included: a password."""
        return (self.values.get(name) or ("",))[0][:1000]

    def required(self, name: str, label: str) -> str:
        """The text typed. Raises InvalidInputError when it is empty."""
        found = self.text(name)
        if not found:
            raise InvalidInputError(f"{label} : à renseigner.", name)
        return found

    def texts(self, name: str) -> list[str]:
        """Every value of a field: ticked boxes. Raises InvalidInputError when they cannot be kept."""
        _readable("".join(self.values.get(name, ())), name)
        return [found for value in self.values.get(name, ()) if (found := value.strip())]

    def amount(self, name: str, label: str = "Montant") -> Decimal | None:
        """Euros, or None when empty."""
        return self._read(name, label, parse_amount)

    def due_amount(self, name: str, label: str) -> Decimal:
        """Euros. Raises InvalidInputError on the field when empty."""
        amount = self.amount(name, label)
        if amount is None:
            raise InvalidInputError(f"{label}\u00a0: à renseigner.", name)
        return amount

    def date(self, name: str, label: str = "Date") -> date | None:
        """A day, or None when empty."""
        return self._read(name, label, parse_date)

    def moment(self, name: str, label: str = "Date et heure") -> datetime | None:
        """A local moment, or None when empty."""
        return self._read(name, label, parse_moment)

    def integer(self, name: str, label: str = "Nombre") -> int | None:
        """A whole number below a billion, or None when empty."""
        return self._read(name, label, _whole)

    def version(self) -> int | None:
        """The version the page showed."""
        return self.integer("version", "Version de la page")

    def _read(self, name: str, label: str, parse: Callable[[str], T]) -> T | None:
        text = self.text(name)
        if not text:
            return None
        try:
            return parse(text)
        except (ValueError, ArithmeticError) as error:
            raise InvalidInputError(f"{label} : « {text[:60]} » n’est pas lisible ({error}).", name) from None


def _readable(value: str, name: str) -> str:
    found = value.strip()
    if len(found) > LONGEST or "\x00" in found:
        raise InvalidInputError(f"Texte illisible ou trop long (au plus {LONGEST} signes).", name)
    return found


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise ValueError("nombre entier attendu")
    return int(text)


@dataclass(frozen=True, slots=True)
class Field:
    """One field to show. `choices`: (value, label); `values`: what it holds now."""

    name: str
    label: str
    kind: Kind = "text"
    values: tuple[str, ...] = ()
    required: bool = False
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    error: str = ""
    accept: str = ".csv,text/csv"  # of a file
    before: tuple[str, ...] | None = None  # what it held when first shown, once it holds what was typed

    @property
    def held(self) -> tuple[str, ...]:
        """What the database held when the form was first shown."""
        return self.values if self.before is None else self.before

    @property
    def value(self) -> str:
        """Its single value."""
        return self.values[0] if self.values else ""


@dataclass(frozen=True, slots=True)
class FormView:
    """One form to show; its address names it, with `key` when several of a page go to the same address.

    `error`: why it was refused, when it was just sent.
    """

    action: str
    submit: str
    fields: tuple[Field, ...] = ()
    version: int | None = None
    error: str = ""
    confirm: str = ""  # a sentence shown before the button of an act that cannot be undone
    look: Literal["", "secondary", "danger"] = ""
    key: str = ""

    @property
    def id(self) -> str:
        """Its name in the page."""
        name = f"{self.action}/{self.key}" if self.key else self.action
        return "form" + name.replace("/", "-").replace(":", "_").replace(".", "_")

    def is_of(self, failure: "Failure") -> bool:
        """True when this is the form that was just refused: same address, same hidden values."""
        hidden = (item for item in self.fields if item.kind == "hidden")
        typed = failure.typed.values
        return failure.action == self.action and all(
            typed.get(item.name, ("",))[:1] == (item.values[:1] or ("",)) for item in hidden
        )

    @property
    def has_file(self) -> bool:
        """True when it carries a file."""
        return any(field.kind == "file" for field in self.fields)

    def field_id(self, name: str) -> str:
        """The name of one of its fields in the page."""
        return f"{self.id}-{name}".replace(":", "_").replace(".", "_")


@dataclass(frozen=True, slots=True)
class Failure:
    """A form just refused: where it was sent, what was typed, why."""

    action: str
    typed: Typed
    message: str
    field: str = ""
    findings: tuple[dict[str, object], ...] = ()
    is_conflict: bool = False
    form: str = ""  # the id of its form, when the page shows it again, filled with what was typed
    last_act: Mapping[str, Any] | None = None  # on a conflict, what was done last and by whom
    faults: tuple[tuple[str, str], ...] = ()  # each field that cannot be read, with its sentence

    def fault_of(self, name: str) -> str:
        """What to tell beside this field."""
        return dict(self.faults).get(name) or (self.message if self.field and self.field == name else "")

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What was typed, with labels: shown even when the page no longer has the form it came from."""
        typed = (
            (name, ", ".join(v for v in values if v.strip())) for name, values in self.typed.values.items()
        )
        return [
            (LABELS.get(name, name), text)
            for name, text in typed
            if text and name not in UNSHOWN and not name.startswith("avant:")
        ]


def refill(form: FormView, failure: Failure | None) -> FormView:
    """The form with what was typed and the fault, when it is the one that was just refused."""
    if failure is None or not form.is_of(failure):
        return form
    fields = tuple(_refilled(item, failure) for item in form.fields)
    return replace(form, fields=fields, error=failure.message)


def _refilled(item: Field, failure: Failure) -> Field:
    kept = failure.typed.values.get(item.name, ())
    before = (
        item.values if failure.is_conflict else failure.typed.values.get(f"avant:{item.name}", item.values)
    )
    return replace(item, values=tuple(kept), error=_error_of(item, failure), before=before)


def field_of(rule: str, facts: Mapping[str, Any]) -> str:
    """The field that a finding speaks of, or nothing."""
    return str(facts.get("field") or GUARDED.get(rule, ""))


def _error_of(item: Field, failure: Failure) -> str:
    """What is wrong with this field: said by the guard that names it, or by the fault itself."""
    for shown in failure.findings:
        facts: Any = shown["facts"]
        if field_of(str(shown["rule"]), facts) == item.name:
            return str(shown["message"])
        if item.label.lower() in {str(name).lower() for name in facts.get("names") or ()}:
            return f"{item.label}\u00a0: à renseigner."
    return failure.fault_of(item.name)


def choices(labels: Mapping[Any, str], *, empty: str | None = None) -> tuple[tuple[str, str], ...]:
    """A mapping as choices, with an empty first one if named."""
    first: Iterable[tuple[str, str]] = () if empty is None else (("", empty),)
    return (*first, *((str(value), label) for value, label in labels.items()))
