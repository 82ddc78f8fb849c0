# SPDX-License-Identifier: EUPL-1.2
"""Effects of a financer's own act: granted, or refused by a nil act; another amount than retained reopens the plan."""

from decimal import Decimal

from workflow.firing import Firing
from workflow.forecasts import release_held
from workflow.models import FundingLine
from workflow.plan_reopening import REOPENED, reopened_lines


def grant(firing: Firing) -> None:
    """The financer's own act: only now is the line granted."""
    _keep_act(firing, firing.details["amount"])


def deny(firing: Firing) -> None:
    """Its act grants nothing: the line is refused, and its later years are no longer forecast."""
    line: FundingLine = firing.subject
    _keep_act(firing, Decimal(0))
    line.reason = firing.reason
    _release_years(firing)


def _keep_act(firing: Firing, amount: Decimal) -> None:
    line: FundingLine = firing.subject
    line.granted = amount
    line.act = {
        "authority": str(firing.details["authority"]),
        "date": firing.details["date"].isoformat(),
        "number": str(firing.details["number"]),
    }
    differs = amount != line.retained
    if differs:
        _reopen_plan(firing, line)
    firing.recorded.update(line.act, amount=str(amount), retained=_text(line.retained))
    firing.payload.update(amount=str(amount), differs=differs)


def _reopen_plan(firing: Firing, line: FundingLine) -> None:
    """What was retained and what is granted differ: the plan of financing is to be read again before `contract`."""
    dossier = firing.dossier
    said = {"retained": _text(line.retained), "granted": _text(line.granted), "on": firing.today.isoformat()}
    dossier.follow_up = {**dossier.follow_up, REOPENED: {**reopened_lines(dossier), line.key: said}}
    firing.recorded["plan_reopened"] = True


def retain(firing: Firing) -> None:
    """The amount the committee retains; an earlier refusal of its financer no longer speaks of it."""
    line, dossier = firing.subject, firing.dossier
    line.retained, line.granted, line.act = firing.details["amount"], None, None
    if line.key in reopened_lines(dossier):
        others = {key: said for key, said in reopened_lines(dossier).items() if key != line.key}
        dossier.follow_up = {**dossier.follow_up, REOPENED: others}
    firing.recorded["amount"] = str(line.retained)


def release(firing: Firing) -> None:
    """The credit is released with its later years; what was paid and not spent is to be recovered."""
    line: FundingLine = firing.subject
    _release_years(firing, own_year=True)
    firing.recorded.update(retained=_text(line.retained), granted=_text(line.granted), paid=_text(line.paid))


def _release_years(firing: Firing, *, own_year: bool = False) -> None:
    line: FundingLine = firing.subject
    released = release_held(
        firing.db,
        firing.dossier,
        firing.reason or "",
        firing.now,
        credit_id=line.credit_id,
        own_year=own_year,
    )
    if released:
        firing.recorded["released"] = released


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)
