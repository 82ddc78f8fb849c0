# SPDX-License-Identifier: EUPL-1.2
"""Two people changed the same thing: what it was, what the other saved, what one typed; and the choice, sent as one form.

Each form carries what its fields held when it was opened (`avant:`). On a conflict the page of both versions sends, by
field, both values and the one chosen; `merged` turns that back into the form that the route expects.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from web.forms import Failure, Field, FormView

BEFORE, MINE, THEIRS, CHOICE = "avant:", "mien:", "sien:", "choix:"
KEEP, TAKE, BOTH, UNION = "mien", "sien", "deux", "union"
STALE = "0"  # no version is 0: a field left unchosen asks again
Values = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MergedField:
    """One field in its three versions. `before` None: not known. `chosen`: the way proposed, empty when both changed it."""

    field: Field
    before: Values | None
    theirs: Values
    mine: Values
    chosen: str

    @property
    def is_same(self) -> bool:
        """Both say the same: nothing to choose."""
        return self.theirs == self.mine

    @property
    def can_join(self) -> bool:
        """Two texts that can follow each other."""
        joins = self.field.kind == "long" or self.is_list
        return joins and not self.is_same and bool(self.theirs and self.mine)

    @property
    def is_list(self) -> bool:
        """Ticked boxes: the order in which they are sent says nothing, and both can be ticked together."""
        return self.field.kind == "checks"


def merged(values: Mapping[str, Values]) -> Mapping[str, Values]:
    """The form as its route expects it: each field with the value chosen."""
    names = {name.removeprefix(MINE) for name in values if name.startswith(MINE)}
    names |= {name.removeprefix(THEIRS) for name in values if name.startswith(THEIRS)}
    if not names:
        return values
    made = {name: value for name, value in values.items() if not name.startswith((MINE, THEIRS, CHOICE))}
    for name in names:
        mine, theirs = (_clean(values.get(f"{prefix}{name}", ())) for prefix in (MINE, THEIRS))
        way = (values.get(f"{CHOICE}{name}") or ("",))[0]
        made[name] = _by(way, mine, theirs)
        if way not in (KEEP, TAKE, BOTH, UNION) and mine != theirs:
            made["version"] = (STALE,)
            made.pop(f"{BEFORE}{name}", None)
    return made


def _by(way: str, mine: Values, theirs: Values) -> Values:
    if way == BOTH:
        return ("\n\n".join((*theirs, *mine)),)
    if way == UNION:
        return tuple(dict.fromkeys((*theirs, *mine)))
    return theirs if way == TAKE else mine


def merged_fields(form: FormView, failure: Failure) -> list[MergedField]:
    """Each field of the fresh form, against what was typed. Empty when nothing was there to be changed by two people.

    A transition holds nothing of the dossier: on a conflict its page is read again instead.
    """
    if "/actions/" in form.action:
        return []
    typed = failure.typed.values
    shown = [field for field in form.fields if field.kind not in ("hidden", "file")]
    fields = [_field(field, typed) for field in shown]
    return fields if any(one.before or one.theirs for one in fields) else []


def _field(field: Field, typed: Mapping[str, Values]) -> MergedField:
    known = f"{BEFORE}{field.name}" in typed
    before = _clean(typed[f"{BEFORE}{field.name}"]) if known else None
    theirs, mine = _clean(field.values), _clean(typed.get(field.name, ()))
    if field.kind == "checks":  # in one order, that of the choices: only what is ticked is compared
        mine, theirs = _ordered(field, mine), _ordered(field, theirs)
        before = None if before is None else _ordered(field, before)
    chosen = KEEP if theirs in (mine, before) else TAKE if before == mine else ""
    return MergedField(field, before, theirs, mine, chosen)


def _ordered(field: Field, values: Values) -> Values:
    ranks = {value: rank for rank, (value, _) in enumerate(field.choices)}
    return tuple(sorted(set(values), key=lambda value: (ranks.get(value, len(ranks)), value)))


def _clean(values: Values) -> Values:
    """As compared: without empty ones, nor the line endings that a browser adds."""
    return tuple(value for each in values if (value := each.replace("\r\n", "\n").strip()))


def shown_values(field: Field, values: Values) -> str:
    """The value as people read it: a choice by its label, a box ticked or not."""
    if field.kind == "boolean":
        return "oui" if values else "non"
    labels = dict(field.choices)
    return ", ".join(labels.get(value, value) for value in values) or "vide"
