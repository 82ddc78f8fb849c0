# SPDX-License-Identifier: EUPL-1.2
"""The address of the board: filters, search, columns and sort in French words, and what they mean for one reader."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from urllib.parse import parse_qsl, urlencode

from sqlalchemy.orm import Session

from reports.board import OFFERED, SPREAD, USUAL, BoardColumn, board_columns
from reports.summary.words import Words, words_of
from workflow.contracts import territory_of
from workflow.models import Contract
from workflow.permissions import Actor
from workflow.queries import current_exercise, years_of
from workflow.queries_board import LATE, PER_FINANCER, SORTS, BoardFilters, financers_of_board, leads_of
from workflow.search.conditions import stages_of
from workflow.search.reading import NotUnderstoodError, Term, read_search, term_of, tokens
from workflow.search.vocabulary import Vocabulary
from workflow.territory import Territory

FIELDS = ("annee", "etape", "qpv", "theme", "financeur", "instructeur", "retard", "nonlu")
NAMES = ("vue", "q", *FIELDS, "colonnes", "tri", "page")
EVERY_YEAR = "toutes"
LONGEST = 600  # of one word of the address


@dataclass(frozen=True, slots=True)
class Address:
    """What the address of the board says, in French words, ready to be changed by one word."""

    words: Mapping[str, str]

    @property
    def query(self) -> str:
        """The words as a query string, always in the same order; the page is not one of them."""
        return urlencode({name: self.words[name] for name in NAMES if name in self.words and name != "page"})

    def with_(self, path: str = "/dossiers", **changes: str) -> str:
        """The same board with these words changed; an empty word is dropped."""
        merged = {k: v for k, v in {**self.words, **changes}.items() if v}
        return f"{path}?{urlencode(merged)}" if merged else path


def read_address(items: Iterable[tuple[str, str]], year: int | None = None) -> Address:
    """The known words of a query string; without a year among them, this one ("toutes" for all)."""
    found: dict[str, list[str]] = {}
    for name, value in items:
        if name in NAMES and (text := " ".join(tokens(value))):
            found.setdefault(name, []).append(text)
    words = {name: ",".join(values)[:LONGEST] for name, values in found.items()}
    if "annee" not in words and year is not None:
        words["annee"] = str(year)
    if words.get("colonnes", "").split(",") == list(USUAL):
        del words["colonnes"]
    return Address(words)


@dataclass(frozen=True)
class BoardReader:
    """Who reads the board, and when."""

    actor: Actor
    today: date


@dataclass(frozen=True)
class Board:
    """A board as its address describes it, for one reader. `faults`: what was not understood."""

    contract: Contract
    reader: BoardReader
    address: Address
    vocabulary: Vocabulary
    years: list[int]
    filters: BoardFilters
    faults: tuple[str, ...]
    financers: tuple[str, ...]  # those whose columns are asked

    @property
    def territory(self) -> Territory:
        """The contract's territory."""
        return self.vocabulary.territory

    @cached_property
    def words(self) -> Words:
        """People's words for its codes."""
        return words_of(self.territory)

    @cached_property
    def stages(self) -> frozenset[str] | None:
        """The stages asked; None: all."""
        return stages_of(self.filters.terms)

    @cached_property
    def codes(self) -> list[str]:
        """The columns asked that this reader may see; the usual ones otherwise."""
        asked = [code for code in self.address.words.get("colonnes", "").split(",") if code in OFFERED]
        return asked or [code for code in USUAL if code in OFFERED]

    @cached_property
    def columns(self) -> list[BoardColumn]:
        """The columns shown."""
        return board_columns(self.codes, self.financers, self.words)

    @property
    def sort(self) -> tuple[str, bool]:
        """The word sorted on, and whether down."""
        word = self.address.words.get("tri", "")
        name = word.removeprefix("-")
        base, _, financer = name.partition(".")
        is_known = name in SORTS or name == LATE or (bool(financer) and base in PER_FINANCER)
        return (name, word.startswith("-")) if is_known and base in OFFERED else ("reference", False)

    @property
    def exercise(self) -> str:
        """The one year shown; empty when several are, or when the search says another thing of years."""
        asked = [term for term in self.filters.terms if term.key == "annee"]
        is_one = len(asked) == 1 and asked[0].sign == ":" and not asked[0].negated
        return str(asked[0].values[0]) if is_one and len(asked[0].values) == 1 else ""

    @property
    def is_filtered(self) -> bool:
        """True when something besides the year narrows it."""
        return any(self.address.words.get(name) for name in ("q", *FIELDS[1:]))


def read_board(
    db: Session, contract: Contract, items: Iterable[tuple[str, str]], reader: BoardReader
) -> Board:
    """The board of this address: every word that means something is applied, the others are told."""
    years = years_of(db, contract)
    address = read_address(items, current_exercise(years, reader.today))
    actor = reader.actor
    voices = actor.voices(contract.id)
    own = {s.organisation for s in actor.seats_for(contract.id) if s.organisation_id in voices}
    vocabulary = Vocabulary(
        territory_of(contract),
        leads_of(db, contract),
        actor.person_id,
        tuple(sorted(own - {""})),
        tuple(str(id_) for id_ in sorted(actor.interests)),
    )
    search = read_search(address.words.get("q", ""), vocabulary)
    terms, faults = list(search.terms), list(search.faults)
    for name, value in _fields(address, search.terms):
        try:
            terms.append(term_of(name, value.split(","), vocabulary))
        except NotUnderstoodError as error:
            faults.append(str(error))
    filters = BoardFilters(reader.today, tuple(terms), actor)
    is_spread = any(code in SPREAD for code in address.words.get("colonnes", "").split(","))
    financers = tuple(financers_of_board(db, contract, filters)) if is_spread else ()
    return Board(contract, reader, address, vocabulary, years, filters, tuple(faults), financers)


def _fields(address: Address, searched: Iterable[Term]) -> Iterable[tuple[str, str]]:
    """The fields of the form that filter; a year typed in the search wins over the year chosen."""
    has_year = any(term.key == "annee" for term in searched)
    for name in FIELDS:
        value = address.words.get(name, "")
        if value and not (name == "annee" and (has_year or value == EVERY_YEAR)):
            yield name, value


def canonical(query: str) -> str:
    """A query string kept in a saved view: known words only, without the page."""
    return read_address(parse_qsl(query[:5000])).query
