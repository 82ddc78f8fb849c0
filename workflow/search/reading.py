# SPDX-License-Identifier: EUPL-1.2
"""Reads a search: `etape:conference qpv:QN05934M -cpo "les jardins"`. What is not understood is told, the rest is kept."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from workflow.inputs import parse_amount
from workflow.names import key as name_key
from workflow.names import typeset
from workflow.search.keys import BY_NAME, Key, Kind
from workflow.search.vocabulary import Vocabulary

LONGEST = 500
WORD = ""  # the key of free words
YES, NO = ("oui", "o", "1"), ("non", "n", "0")
_QUOTES = re.compile(r"«\s*|\s*»|[“”„]")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_TOKEN = re.compile(r'(?:[^\s"]|"[^"]*(?:"|$))+')
_KEYED = re.compile(r"(-?)([^\W\d_][\w-]*)(:|>=|<=|>|<|=)(.*)", re.DOTALL)
_PART = re.compile(r'(?:[^,"]|"[^"]*(?:"|$))+')


@dataclass(frozen=True, slots=True)
class Term:
    """One condition: a key of the table (or free words), a sign, the codes, texts or figures, true or denied."""

    key: str
    values: tuple[str | int | Decimal, ...] = ()
    sign: str = ":"
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """What was understood, and one French sentence for each thing that was not."""

    terms: tuple[Term, ...] = ()
    faults: tuple[str, ...] = ()


class NotUnderstoodError(Exception):
    """One piece of the search means nothing here; its text is the French sentence."""


def read_search(text: str, vocabulary: Vocabulary) -> Search:
    """The terms of the text, whatever it is: never raises."""
    terms: list[Term] = []
    faults: list[str] = []
    if len(text) > LONGEST:
        faults.append(typeset(f"Recherche coupée : au plus {LONGEST} signes sont lus."))
    for token in tokens(text[:LONGEST]):
        try:
            terms.extend(_term(token, vocabulary))
        except NotUnderstoodError as error:
            faults.append(typeset(str(error)))
    return Search(tuple(terms), tuple(dict.fromkeys(faults)))


def tokens(text: str) -> list[str]:
    """The pieces of a search; blanks inside quotes do not cut."""
    return _TOKEN.findall(_QUOTES.sub('"', _CONTROLS.sub("", text)))


def without(text: str, name: str) -> str:
    """The same search without the pieces about this word."""
    return " ".join(token for token in tokens(text) if _name(token) != name)


def term_of(name: str, values: Iterable[str], vocabulary: Vocabulary) -> Term:
    """One condition from a field of a form or an option of a command. Raises NotUnderstoodError."""
    return _keyed(_key(name, name, vocabulary), ":", tuple(values), vocabulary)


def _name(token: str) -> str:
    found = _KEYED.fullmatch(token)
    key = BY_NAME.get(name_key(found[2])) if found else None
    return key.name if key else ""


def _term(token: str, vocabulary: Vocabulary) -> Iterable[Term]:
    found = _KEYED.fullmatch(token)
    if found is None:
        yield from _free(token, vocabulary)
        return
    minus, name, sign, rest = found.groups()
    key = _key(name, token, vocabulary)
    values = (_bare(rest),) if key.kind is Kind.AMOUNT else _values(rest)
    if not any(values):
        raise NotUnderstoodError(
            f"« {token} » : il manque ce qui suit « {name}{sign} ». Exemple : {key.example}"
        )
    term = _keyed(key, sign, values, vocabulary)
    yield Term(term.key, term.values, term.sign, negated=bool(minus) is not term.negated)


def _free(token: str, vocabulary: Vocabulary) -> Iterable[Term]:
    """A word, a phrase, or a word of the table that stands alone."""
    negated = token.startswith("-") and len(token) > 1
    text = token[1:] if negated else token
    flag = BY_NAME.get(name_key(text))
    if flag is not None and flag.kind is Kind.FLAG:
        yield Term(_key(text, token, vocabulary).name, negated=negated)
    elif phrase := name_key(_bare(text)):
        yield Term(WORD, (phrase,), negated=negated)


def bare_word(token: str, vocabulary: Vocabulary) -> str:
    """The text of a piece that is searched as it is, without quotes; else nothing."""
    is_free = '"' not in token and _KEYED.fullmatch(token) is None
    terms = list(_free(token, vocabulary)) if is_free else []
    return token.removeprefix("-") if terms and terms[0].key == WORD else ""


def _key(name: str, token: str, vocabulary: Vocabulary) -> Key:
    known = {alias: key for key in vocabulary.keys for alias in (key.name, key.alias) if alias}
    found = known.get(name_key(name).replace("_", "-"))
    if found is not None:
        return found
    if name_key(name) in BY_NAME:
        raise NotUnderstoodError(
            f"« {name} » dépend de la personne qui cherche : il ne sert que dans les pages."
        )
    near = get_close_matches(name_key(name), list(known), n=1, cutoff=0.5)
    accepted = ", ".join(key.name for key in vocabulary.keys)
    told = f"« {token} » : « {name} » n’est pas un mot de la recherche. Mots acceptés : {accepted}."
    told += f" Le plus proche : « {near[0]} »." if near else ""
    raise NotUnderstoodError(f"{told} Pour chercher ce texte, mettez-le entre guillemets.")


def _values(rest: str) -> tuple[str, ...]:
    return tuple(found for part in _PART.findall(rest) if (found := _bare(part)))


def _bare(text: str) -> str:
    return text.replace('"', "").strip()


def _keyed(key: Key, sign: str, values: tuple[str, ...], vocabulary: Vocabulary) -> Term:
    if sign not in (":", "=") and key.kind not in (Kind.AMOUNT, Kind.YEAR):
        raise NotUnderstoodError(f"« {key.name} » ne se compare pas : écrivez « {key.example} ».")
    sign = ":" if sign == "=" else sign
    match key.kind:
        case Kind.CHOICE:
            codes = dict.fromkeys(code for value in values for code in _codes(key, value, vocabulary))
            return Term(key.name, tuple(codes))
        case Kind.TEXT:
            return Term(key.name, tuple(name_key(value) for value in values))
        case Kind.AMOUNT:
            return Term(key.name, (_amount(key, values[0]),), sign)
        case Kind.YEAR:
            return Term(key.name, tuple(_year(key, value) for value in values), sign)
        case Kind.FLAG:
            return Term(key.name, negated=_is_no(key, values[0]))


def _codes(key: Key, value: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    found = vocabulary.resolve(key.name, value)
    if found:
        return found
    words = list(dict.fromkeys(choice.word for choice in vocabulary.choices[key.name]))
    shown = ", ".join(words[:12]) + (f" et {len(words) - 12} autres" if len(words) > 12 else "")
    near = vocabulary.nearest(key.name, value)
    told = f"« {key.name}:{value} » : « {value} » n’est pas connu ici. Acceptés : {shown}."
    raise NotUnderstoodError(told + (f" Le plus proche : « {near} »." if near else ""))


def _amount(key: Key, value: str) -> Decimal:
    try:
        return parse_amount(value)
    except (ValueError, ArithmeticError):
        raise NotUnderstoodError(
            f"« {key.name} » attend un montant en euros, et non « {value} ». Exemple : {key.example}"
        ) from None


def _year(key: Key, value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) == 4):
        raise NotUnderstoodError(
            f"« {key.name} » attend une année, et non « {value} ». Exemple : {key.example}"
        )
    return int(value)


def _is_no(key: Key, value: str) -> bool:
    if name_key(value) not in (*YES, *NO):
        raise NotUnderstoodError(
            f"« {key.name} » s’écrit seul, ou suivi de oui ou de non, et non de « {value} »."
        )
    return name_key(value) in NO
