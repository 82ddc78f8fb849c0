# SPDX-License-Identifier: EUPL-1.2
"""The budget of a request: amounts by account, each financer's part taken from what is asked of it, totals that follow."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from rules.themes.accounts import RESOURCE, SUBSIDIES
from workflow.errors import InvalidInputError
from workflow.firing import Input
from workflow.inputs import parse_value
from workflow.models import BudgetLine, Dossier
from workflow.request.accounts import ACCOUNTS, CHARGE, Account, is_subsidy, is_volunteering, label_of

ZERO = Decimal(0)


def accounts_of(dossier: Dossier) -> tuple[Account, ...]:
    """The accounts a porteur fills: those of the form, and those its budget already has besides."""
    known = {account.key for account in ACCOUNTS}
    others = {
        key_of(line): Account(line.side, key_of(line).partition(":")[2], label_of(line.side, line.account))
        for line in dossier.budget
        if key_of(line) not in known and not is_request(line)
    }
    return (*ACCOUNTS, *others.values())


def key_of(line: BudgetLine) -> str:
    """`charge:60.1`, or `produit:70:caf` for one financer's part."""
    named = f"{line.side}:{line.account}"
    return f"{named}:{line.payer}" if line.payer else named


def is_request(line: BudgetLine) -> bool:
    """True for the part of a financer in account 74: it is what the request asks, not typed twice."""
    return bool(line.payer) and is_subsidy(line.account)


def read_amounts(typed: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, Decimal | None]:
    """Euros by field, None where it is empty. Raises InvalidInputError naming each field that cannot be read."""
    found: dict[str, Decimal | None] = {}
    faults: dict[str, str] = {}
    for name, text in typed.items():
        item = Input(name, labels[name], "amount")
        try:
            found[name] = parse_value(item, text.strip()) if text.strip() else None
        except InvalidInputError as error:
            faults[name] = error.message
    if faults:
        name, message = next(iter(faults.items()))
        raise InvalidInputError(message, name, faults)
    return found


def write_budget(dossier: Dossier, amounts: Mapping[str, Decimal | None]) -> bool:
    """The planned amounts of these accounts; True when something changed. The totals of the request follow."""
    before = _planned(dossier)
    known = {key_of(line): line for line in dossier.budget}
    for name, amount in amounts.items():
        line = known.get(name)
        if line is not None:
            line.planned = amount
        elif amount is not None:
            dossier.budget.append(_line(name, amount))
    had_charges = any(name.startswith(f"{CHARGE}:") for name in before)
    dossier.budget = [
        line for line in dossier.budget if line.planned is not None or line.realised is not None
    ]
    follow_requests(dossier)
    if before == _planned(dossier):
        return False
    _follow_totals(dossier, had_charges=had_charges)
    return True


def follow_requests(dossier: Dossier) -> None:
    """Account 74 by financer follows what is asked of each; nothing to do while no resource is detailed."""
    detailed = [line for line in dossier.budget if line.side == RESOURCE and not is_request(line)]
    kept = [line for line in dossier.budget if is_request(line)]
    asked: defaultdict[str, Decimal] = defaultdict(Decimal)
    if detailed or kept or any(line.side == CHARGE for line in dossier.budget):
        for request in dossier.lines:
            if request.requested is not None:
                asked[request.financer] += request.requested
    for line in kept:
        line.planned = asked.pop(line.payer, None)
        if line.planned is None and line.realised is None:
            dossier.budget.remove(line)
    for payer, amount in asked.items():
        dossier.budget.append(BudgetLine(side=RESOURCE, account=SUBSIDIES, payer=payer, planned=amount))


def _line(name: str, amount: Decimal) -> BudgetLine:
    side, account, payer = (*name.split(":", 2), "")[:3]
    return BudgetLine(side=side, account=account, payer=payer, planned=amount)


def _planned(dossier: Dossier) -> dict[str, Decimal]:
    return {key_of(line): line.planned for line in dossier.budget if line.planned is not None}


def total(amounts: Iterable[Decimal | None]) -> Decimal:
    """The sum of those known."""
    return sum((amount for amount in amounts if amount is not None), ZERO)


def _follow_totals(dossier: Dossier, *, had_charges: bool) -> None:
    """Cost, own resources, other resources and volunteering are what the accounts add up to."""
    main = [line for line in dossier.budget if not is_volunteering(line.account)]
    charges = [line.planned for line in main if line.side == CHARGE]
    if charges or had_charges:
        dossier.total_cost = total(charges) if charges else None
    others = [line for line in main if line.side == RESOURCE and not is_request(line)]
    dossier.other_resources = total(line.planned for line in others if is_subsidy(line.account))
    dossier.own_resources = total(line.planned for line in others if not is_subsidy(line.account))
    given = [
        line.planned for line in dossier.budget if is_volunteering(line.account) and line.side == RESOURCE
    ]
    dossier.volunteering = total(given) if given else None
