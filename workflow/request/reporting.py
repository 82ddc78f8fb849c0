# SPDX-License-Identifier: EUPL-1.2
"""The report of an action: written and kept as a draft, sent as an interim report, or filed once through `report`."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from rules.themes.accounts import RESOURCE, SUBSIDIES
from rules.wording import euros
from workflow.errors import InvalidInputError, NotAllowedHereError, NotPermittedError
from workflow.firing import PARIS, Input
from workflow.inputs import parse_value
from workflow.journal import record_on
from workflow.machine import fire
from workflow.models import BudgetLine, Dossier, FundingLine
from workflow.permissions import Actor, holds
from workflow.queries_own import knows_decision
from workflow.readings import readings_typed, record_typed, without_read
from workflow.request.budget import accounts_of, is_request, key_of, read_amounts
from workflow.request.realised import REPORT, Realised, is_gap_unexplained, realised_of
from workflow.request.writing import Saved, as_far_as_read, check_nobody_else_wrote, keep_writer
from workflow.sight import standing_of
from workflow.stages import LineState, Role, Stage

INTERIM = "interim_report"
INTERIM_SENT = "interim_sent"  # in `dossier.follow_up`: what the interim report said, the final one says more
SPENT = "spent:"  # a financer's part, by funding line: spent:etat:specifique
REALISED = "realised:"  # an account: realised:charge:60.1
LONGEST_TEXT, MOST_PEOPLE = 20_000, 10**9
TEXTS = (
    Input("activity", "ce qui a été fait"),
    Input("explanation", "écarts entre le prévu et le réalisé"),
)
COUNTS = (
    Input("reached_total", "personnes touchées", "integer"),
    Input("reached_qpv", "dont habitant un quartier prioritaire", "integer"),
)
INTERIM_STAGES = frozenset({Stage.COMMITTED, Stage.CONTRACTED})
FILED_STAGES = frozenset({Stage.REPORTED, Stage.CLOSED})


def may_report(db: Session, dossier: Dossier, actor: Actor) -> bool:
    """The porteur once told that its action is retained, or the secretary; the stage says which report."""
    if dossier.stage not in INTERIM_STAGES:
        return False
    is_secretary = holds(actor, Role.SECRETARY, dossier)
    return is_secretary or (holds(actor, Role.PORTEUR, dossier) and knows_decision(db, dossier))


def check_may_report(db: Session, dossier: Dossier, actor: Actor) -> None:
    """Raises NotPermittedError, NotAllowedHereError."""
    if not holds(actor, Role.PORTEUR, dossier) and not holds(actor, Role.SECRETARY, dossier):
        raise NotPermittedError("Le bilan se remet par le porteur, ou par le secrétariat pour son compte.")
    if not may_report(db, dossier, actor):
        raise NotAllowedHereError(
            f"{standing_of(actor, dossier)}\u00a0: aucun bilan ne se remet à cette étape."
        )


def funded_lines(dossier: Dossier) -> list[FundingLine]:
    """The financers whose money the action spent."""
    return [line for line in dossier.lines if line.state in (LineState.GRANTED, LineState.RETAINED)]


def amount_labels(dossier: Dossier) -> dict[str, str]:
    """Every amount of the report, by field: each account, each financer's part."""
    labels = {f"{REALISED}{a.key}": f"{a.code} {a.label}" for a in accounts_of(dossier)}
    return labels | {f"{SPENT}{line.key}": f"part de {line.credit.label}" for line in funded_lines(dossier)}


def save_report(
    db: Session,
    dossier: Dossier,
    typed: Mapping[str, str],
    actor: Actor,
    now: datetime,
    *,
    expected_version: int | None = None,
    page: str = "",
) -> None:
    """Keeps the report as a draft; the indicators of a CPO count as read from now on, for whoever creates the next year.

    Raises ConflictError, NotPermittedError, InvalidInputError naming each field.
    """
    check_may_report(db, dossier, actor)
    check_nobody_else_wrote(dossier, actor, expected_version, REPORT, page)
    _keep(db, dossier, typed, actor, now, page)


def save_report_readable(
    db: Session,
    dossier: Dossier,
    typed: Mapping[str, str],
    actor: Actor,
    now: datetime,
    *,
    expected_version: int | None = None,
    page: str = "",
) -> Saved:
    """The same while it is typed: what cannot be read yet is told field by field, the rest is kept; no indicator is read."""
    check_may_report(db, dossier, actor)
    check_nobody_else_wrote(dossier, actor, expected_version, REPORT, page)
    return as_far_as_read(typed, lambda left: _keep(db, dossier, left, actor, now, page, is_typing=True))


def _keep(
    db: Session,
    dossier: Dossier,
    typed: Mapping[str, str],
    actor: Actor,
    now: datetime,
    page: str,
    *,
    is_typing: bool = False,
) -> bool:
    labels, before, said = amount_labels(dossier), dossier.version, _said(dossier)
    answers = _answers(typed)
    _check_people({**dossier.follow_up.get(REPORT, {}), **answers}, answers)
    amounts = read_amounts({name: text for name, text in typed.items() if name in labels}, labels)
    readings = readings_typed(dossier, typed)  # the last to refuse, before anything is written
    kept = without_read(dossier, {**dossier.follow_up.get(REPORT, {}), **answers, **readings})
    dossier.follow_up = {**dossier.follow_up, REPORT: kept}
    has_read = not is_typing and record_typed(db, dossier, actor, now)
    _write_amounts(dossier, amounts)
    if _said(dossier) == said and not has_read:
        return False
    flag_modified(dossier, "search_key")
    keep_writer(db, dossier, actor, before, REPORT, page)
    return True


def _said(dossier: Dossier) -> tuple[dict[str, Any], ...]:
    """All that a report states, to know whether a saving changes any of it; an answer left empty says nothing."""
    answers = {k: v for k, v in dossier.follow_up.get(REPORT, {}).items() if v is not None}
    realised = {key_of(one): one.realised for one in dossier.budget if one.realised is not None}
    return answers, realised, {line.key: line.spent for line in dossier.lines}


def _answers(typed: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for item in (*TEXTS, *COUNTS):
        if item.name not in typed:
            continue
        try:
            found[item.name] = _answer(item, typed[item.name].strip())
        except InvalidInputError as error:
            faults[item.name] = error.message
    if faults:
        name, message = next(iter(faults.items()))
        raise InvalidInputError(message, name, faults)
    return found


def _check_people(answers: Mapping[str, Any], typed: Mapping[str, Any]) -> None:
    """A part is not more than its whole; told beside the number that is being typed."""
    everybody, inside = answers.get("reached_total"), answers.get("reached_qpv")
    if everybody is not None and inside is not None and inside > everybody:
        raise InvalidInputError(
            f"Dont habitant un quartier prioritaire\u00a0: {inside} ne peut pas dépasser les {everybody} personnes touchées.",
            "reached_qpv" if "reached_qpv" in typed else "reached_total",
        )


def _answer(item: Input, text: str) -> Any:
    value = parse_value(item, text) if text else None
    label = f"{item.label[:1].upper()}{item.label[1:]}"
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        raise InvalidInputError(f"{label}\u00a0: {LONGEST_TEXT} signes au plus.", item.name)
    if isinstance(value, int) and not 0 <= value < MOST_PEOPLE:
        raise InvalidInputError(f"{label}\u00a0: nombre positif attendu.", item.name)
    return value


def _write_amounts(dossier: Dossier, amounts: Mapping[str, Decimal | None]) -> None:
    known = {key_of(line): line for line in dossier.budget}
    for name, amount in amounts.items():
        if name.startswith(SPENT):
            line = dossier.line(name.removeprefix(SPENT))
            if line is not None:
                line.spent = amount
            continue
        key = name.removeprefix(REALISED)
        if key in known:
            known[key].realised = amount
        elif amount is not None:
            side, account, payer = (*key.split(":", 2), "")[:3]
            dossier.budget.append(BudgetLine(side=side, account=account, payer=payer, realised=amount))
    dossier.budget = [one for one in dossier.budget if one.planned is not None or one.realised is not None]
    _follow_spent(dossier)


def _follow_spent(dossier: Dossier) -> None:
    """Account 74 by financer shows what was spent of each financer's part: typed once, on its line."""
    spent: dict[str, Decimal] = {}
    for line in funded_lines(dossier):
        if line.spent is not None:
            spent[line.financer] = spent.get(line.financer, Decimal(0)) + line.spent
    for one in dossier.budget:
        if is_request(one):
            one.realised = spent.pop(one.payer, None)
    for payer, amount in spent.items():
        dossier.budget.append(BudgetLine(side=RESOURCE, account=SUBSIDIES, payer=payer, realised=amount))


def file_report(
    db: Session, dossier: Dossier, actor: Actor, now: datetime, *, expected_version: int | None = None
) -> None:
    """Files the report for good: activity and accounts are there, or the guard says what is missing."""
    check_may_report(db, dossier, actor)
    check_nobody_else_wrote(dossier, actor, expected_version)
    check_complete(dossier)
    answers = dossier.follow_up.get(REPORT, {})
    figures = realised_of(dossier)
    financial = _financial(figures, str(answers.get("explanation") or "")) if figures.charges else ""
    activity = str(answers.get("activity") or "")
    fire(db, dossier, "report", actor, None, now, activity_report=activity, financial_report=financial)
    db.flush()


def check_complete(dossier: Dossier) -> None:
    """What a final report says: what was done, and why its accounts differ when they do. Raises InvalidInputError."""
    answers, figures = dossier.follow_up.get(REPORT, {}), realised_of(dossier)
    faults: dict[str, str] = {}
    if not answers.get("activity"):
        faults["activity"] = "Ce que vous avez fait\u00a0: à écrire avant de remettre le bilan."
    if is_gap_unexplained(dossier):
        faults["explanation"] = (
            f"Les écarts\u00a0: à expliquer, car les charges réalisées ({euros(figures.charges)}) et les produits réalisés "
            f"({euros(figures.resources)}) ne sont pas égaux."
        )
    if faults:
        name, message = next(iter(faults.items()))
        raise InvalidInputError(message, name, faults)


def _financial(figures: Realised, explanation: str) -> str:
    said = f"Charges réalisées {euros(figures.charges)}, produits réalisés {euros(figures.resources)}."
    return f"{said} {explanation}".strip()


def file_interim(
    db: Session, dossier: Dossier, actor: Actor, now: datetime, *, expected_version: int | None = None
) -> None:
    """Sends the interim report: the stage stays, the activity is known, and next year's request counts it as received."""
    check_may_report(db, dossier, actor)
    check_nobody_else_wrote(dossier, actor, expected_version)
    activity = str(dossier.follow_up.get(REPORT, {}).get("activity") or "")
    if not activity:
        raise InvalidInputError(
            "Ce qui a été fait\u00a0: à écrire avant d’envoyer le bilan intermédiaire.", "activity"
        )
    received = now.astimezone(PARIS).date().isoformat()
    sent = {one.name: dossier.follow_up[REPORT].get(one.name) for one in (TEXTS[0], *COUNTS)}
    told = {"activity_report": activity, "interim_report_on": received, INTERIM_SENT: sent}
    dossier.follow_up = {**dossier.follow_up, **told}
    record_on(db, dossier, INTERIM, actor, now, {"reached": dossier.follow_up[REPORT].get("reached_total")})
    db.flush()
