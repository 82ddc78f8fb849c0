# SPDX-License-Identifier: EUPL-1.2
"""What the words of the search may be followed by in one contract: stages, neighbourhoods, financers, people."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from workflow.names import key as name_key
from workflow.search.keys import KEYS, Key
from workflow.stages import OPEN_STAGES, OPINION_LABELS, PHASES, STAGE_LABELS
from workflow.territory import Territory

NONE, MINE = "aucun", "moi"
SHORTEST_PART = 3  # the beginning of a word shorter than this would match by accident


def slug(text: str) -> str:
    """A name as it is typed in the search: lower case, no accent, hyphens between the words."""
    return re.sub(r"[^a-z0-9.:]+", "-", name_key(text)).strip("-")


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing a word may be followed by: what to type, how people call it, the codes it stands for."""

    word: str
    label: str
    values: tuple[str, ...]
    misprints: tuple[str, ...] = ()  # accepted, never proposed

    @property
    def slugs(self) -> tuple[str, ...]:
        """Every exact form that names it."""
        return tuple(slug(text) for text in (self.word, self.label, *self.values[:1], *self.misprints))


@dataclass(frozen=True)
class Vocabulary:
    """The words one person may use in one contract. `people`: lead instructors; `own`: the organisations they speak for.

    `concerning`: the porteurs they have a mandate or an interest at, by number: they owe nothing there.
    """

    territory: Territory
    people: Sequence[tuple[int, str]] = ()
    person_id: int | None = None
    own: tuple[str, ...] = ()
    concerning: tuple[str, ...] = ()

    @property
    def keys(self) -> Iterable[Key]:
        """The words of the table that this person may use."""
        return (key for key in KEYS if self.person_id is not None or not key.personal)

    def resolve(self, name: str, text: str) -> tuple[str, ...]:
        """The codes that `text` names after this word: an exact name first, else every name with words that begin so."""
        wanted, choices = slug(text), self.choices[name]
        exact = [choice for choice in choices if text in choice.values or wanted in choice.slugs]
        if exact:
            return exact[0].values
        if len(wanted) < SHORTEST_PART:
            return ()
        parts = [c for c in choices if any(f"-{wanted}" in f"-{known}" for known in c.slugs[:2])]
        return tuple(dict.fromkeys(value for choice in parts for value in choice.values))

    def nearest(self, name: str, text: str) -> str:
        """The known word closest to `text`, or nothing."""
        by_slug = {known: choice.word for choice in self.choices[name] for known in choice.slugs[:2]}
        found = get_close_matches(slug(text), list(by_slug), n=1, cutoff=0.5)
        return by_slug[found[0]] if found else ""

    @cached_property
    def choices(self) -> Mapping[str, tuple[Choice, ...]]:
        """What each word of kind `choice` may be followed by."""
        orgs = [Choice(org.code, org.name, (org.code,)) for org in self.territory.organisations]
        nothing = Choice(NONE, NONE, ("",))
        return {
            "etape": tuple(_stages()),
            "qpv": (*_neighbourhoods(self.territory), nothing),
            "financeur": tuple(_financers(self.territory)),
            "theme": (*(Choice(t.code, t.label, (t.code,)) for t in self.territory.themes), nothing),
            "objectif": tuple(
                Choice(code, label, (code,)) for code, label in self.territory.objective_labels.items()
            ),
            "instructeur": (
                *self._mine(),
                nothing,
                *(Choice(slug(n), n, (str(id_),)) for id_, n in self.people),
            ),
            "avis": (*_opinions(), *(Choice(o.word, o.label, (f"org:{o.word}",)) for o in orgs)),
            "sans-reponse": (*self._own(), *orgs),
        }

    def _own(self) -> tuple[Choice, ...]:
        return (Choice(MINE, MINE, (*self.own, *self.concerning)),) if self.own else ()

    def _mine(self) -> tuple[Choice, ...]:
        return () if self.person_id is None else (Choice(MINE, MINE, (str(self.person_id),)),)


def _stages() -> Iterable[Choice]:
    for label, stages in PHASES:
        yield Choice(slug(label), label, tuple(str(stage) for stage in stages))
    yield Choice("en-cours", "en cours", tuple(sorted(OPEN_STAGES)))
    for stage, label in STAGE_LABELS.items():
        yield Choice(slug(label), label, (str(stage),))


def _neighbourhoods(territory: Territory) -> Iterable[Choice]:
    for qpv in territory.geography.qpv:
        yield Choice(qpv.code, qpv.label, (qpv.code,), qpv.printed_as)


def _financers(territory: Territory) -> Iterable[Choice]:
    for org in territory.organisations:
        if org.credits:
            yield Choice(org.code, org.name, (f"{org.code}:",))
            yield from (
                Choice(f"{org.code}:{c.nature}", c.label, (f"{org.code}:{c.nature}",)) for c in org.credits
            )


def _opinions() -> Iterable[Choice]:
    yield Choice("attendu", "attendu", ("awaited",))
    yield Choice("rendu", "rendu", ("given",))
    for value, label in OPINION_LABELS.items():
        yield Choice(slug(label), label, (str(value),))
