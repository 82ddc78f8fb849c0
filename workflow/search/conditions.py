# SPDX-License-Identifier: EUPL-1.2
"""Terms of a search as conditions of the database: one function a word, named in one table."""

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from workflow.attention import unread_by
from workflow.awaited import answer_owed, opinion_owed
from workflow.models import Credit, Dossier, FundingLine, Opinion, Organisation
from workflow.permissions import Actor
from workflow.search.reading import WORD, Term
from workflow.stages import OpinionState, Stage

Condition = ColumnElement[bool]
COMPARED: Mapping[str, Callable[[Any, Any], Any]] = {
    ":": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
STAGES = frozenset(str(stage) for stage in Stage)


@dataclass(frozen=True, slots=True)
class Eyes:
    """Who searches, in which contract, on which day. `reader` None: nobody in particular."""

    on: date
    contract_id: int
    reader: Actor | None = None


def conditions(terms: Iterable[Term], eyes: Eyes) -> list[Condition]:
    """One condition a term; what is unknown answers to no condition, and to every denied one. Stages are apart."""
    return [_signed(term, CONDITIONS[term.key](term, eyes)) for term in terms if term.key != "etape"]


def stages_of(terms: Iterable[Term]) -> frozenset[str] | None:
    """The stages that the terms leave, or None when they say nothing of them."""
    left = STAGES
    for term in terms:
        if term.key == "etape":
            named = frozenset(str(value) for value in term.values)
            left = left - named if term.negated else left & named
    return None if left == STAGES else left


def _signed(term: Term, condition: Condition) -> Condition:
    return ~func.coalesce(condition, false()) if term.negated else condition


def in_list(column: InstrumentedAttribute[list[str] | None], start: str, end: str = '"') -> Condition:
    """True when a JSON list of codes holds this code, or one that starts so (codes hold no quote)."""
    return cast(column, String).contains(f'"{start}{end}', autoescape=True)


def _word(term: Term, _eyes: Eyes) -> Condition:
    return and_(*(Dossier.search_key.contains(str(word), autoescape=True) for word in term.values))


def _qpv(term: Term, _eyes: Eyes) -> Condition:
    return or_(
        *(_no_list(Dossier.qpv) if not code else in_list(Dossier.qpv, str(code)) for code in term.values)
    )


def _no_list(column: InstrumentedAttribute[list[str] | None]) -> Condition:
    text = cast(column, String)
    return or_(text.is_(None), text.in_(("null", "[]")))


def _financer(term: Term, _eyes: Eyes) -> Condition:
    keys = (FundingLine.key.startswith(str(key), autoescape=True) for key in term.values)
    return _has_line(or_(*keys))


def _has_line(condition: Condition) -> Condition:
    return (
        select(FundingLine.id)
        .where(FundingLine.dossier_id == Dossier.id, condition)
        .correlate(Dossier)
        .exists()
    )


def _porteur(term: Term, _eyes: Eyes) -> Condition:
    names = (Organisation.name_key.contains(str(word), autoescape=True) for word in term.values)
    return Dossier.porteur_id.in_(select(Organisation.id).where(or_(*names)))


def _theme(term: Term, _eyes: Eyes) -> Condition:
    return or_(*(Dossier.theme.is_(None) if not code else Dossier.theme == code for code in term.values))


def _objective(term: Term, _eyes: Eyes) -> Condition:
    column = Dossier.objectives
    return or_(*(in_list(column, str(c)) | in_list(column, f"{c}.", "") for c in term.values))


def _year(term: Term, _eyes: Eyes) -> Condition:
    return or_(*(COMPARED[term.sign](Dossier.year, year) for year in term.values))


def _lead(term: Term, _eyes: Eyes) -> Condition:
    lead = Dossier.lead_instructor_id
    return or_(*(lead.is_(None) if not id_ else lead == int(id_) for id_ in term.values))


def _asked(condition: Condition) -> Condition:
    """True when an opinion of the present round is such."""
    return (
        select(Opinion.id)
        .where(Opinion.dossier_id == Dossier.id, Opinion.round == Dossier.round)
        .where(Opinion.state != OpinionState.CANCELLED, condition)
        .correlate(Dossier)
        .exists()
    )


AWAITED = and_(Opinion.state == OpinionState.REQUESTED, Opinion.overdue_noted_by.is_(None))


def _opinion(term: Term, _eyes: Eyes) -> Condition:
    return or_(*(_asked(_such_opinion(str(value))) for value in term.values))


def _such_opinion(value: str) -> Condition:
    if value == "awaited":
        return AWAITED
    if value == "given":
        return Opinion.state == OpinionState.GIVEN
    kind, _, code = value.partition(":")
    return _of_organisation([code]) if kind == "org" else Opinion.value == value


def _of_organisation(codes: Iterable[str]) -> Condition:
    return Opinion.organisation_id.in_(select(Organisation.id).where(Organisation.code.in_(list(codes))))


def _unanswered(term: Term, _eyes: Eyes) -> Condition:
    """An opinion or an ordinary-law answer owed by them; one's own, not at a porteur one has an interest in."""
    left = [int(id_) for id_ in map(str, term.values) if id_.isdigit()]
    owners = select(Organisation.id).where(Organisation.code.in_([str(value) for value in term.values]))
    line = (
        select(FundingLine.id)
        .join(FundingLine.credit)
        .where(FundingLine.dossier_id == Dossier.id, answer_owed(), Credit.organisation_id.in_(owners))
        .correlate(Dossier)
        .exists()
    )
    owing = or_(_asked(and_(opinion_owed(), Opinion.organisation_id.in_(owners))), line)
    return and_(owing, Dossier.porteur_id.not_in(left)) if left else owing


def sum_of(name: str) -> ColumnElement[Decimal]:
    """One sum over the lines of the dossier."""
    amount = getattr(FundingLine, name)
    return (
        select(func.sum(amount))
        .where(FundingLine.dossier_id == Dossier.id)
        .correlate(Dossier)
        .scalar_subquery()
    )


def _amount(name: str) -> Callable[[Term, Eyes], Condition]:
    return lambda term, _eyes: COMPARED[term.sign](sum_of(name), term.values[0])


def _cost(term: Term, _eyes: Eyes) -> Condition:
    found: Condition = COMPARED[term.sign](Dossier.total_cost, term.values[0])
    return found


def late(on: date) -> Condition:
    """An opinion requested, due before that day, and not noted as overdue."""
    return and_(AWAITED, Opinion.due_on < on)


def _unread(_term: Term, eyes: Eyes) -> Condition:
    return false() if eyes.reader is None else unread_by(eyes.reader, eyes.contract_id)


CONDITIONS: Mapping[str, Callable[[Term, Eyes], Condition]] = {
    WORD: _word,
    "qpv": _qpv,
    "financeur": _financer,
    "porteur": _porteur,
    "theme": _theme,
    "objectif": _objective,
    "annee": _year,
    "instructeur": _lead,
    "avis": _opinion,
    "sans-reponse": _unanswered,
    "demande": _amount("requested"),
    "propose": _amount("proposed"),
    "retenu": _amount("retained"),
    "accorde": _amount("granted"),
    "cout": _cost,
    "cpo": lambda _term, _eyes: Dossier.cpo.is_(True),
    "retard": lambda _term, eyes: _asked(late(eyes.on)),
    "nonlu": _unread,
}
