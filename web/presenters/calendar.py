# SPDX-License-Identifier: EUPL-1.2
"""The month on screen: weeks with their closed days named, the séances of each day, and what the year still lacks."""

from calendar import Calendar, monthrange
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from rules import wording
from web.forms import Field, FormView
from web.presenters.stages import seance_tone
from workflow.calendar_days import WEEKDAY_NAMES, holiday_names, school_holiday
from workflow.calendar_feeds import feeds_of, keeps_body
from workflow.calendar_plan import Proposal
from workflow.contracts import territory_of
from workflow.firing import PARIS
from workflow.models import CalendarFeed, Contract, Seance
from workflow.permissions import Actor
from workflow.queries import list_seances
from workflow.stages import MODE_LABELS, SEANCE_LABELS, SeanceStatus
from workflow.territory import Body, Territory
from workflow.yearly_checks import check_year, waiting_for_conference

LONG_WAIT = timedelta(days=30)
MOVABLE = frozenset({SeanceStatus.PLANNED, SeanceStatus.CONVOKED})


def month_asked(text: str, today: date) -> date:
    """The first day of the month typed `2026-11`; of the present month when it is not one."""
    year, _, month = text.partition("-")
    is_written = len(text) == 7 and text.isascii() and year.isdigit() and month.isdigit()
    if is_written and 2000 <= int(year) <= 2100 and 1 <= int(month) <= 12:
        return date(int(year), int(month), 1)
    return today.replace(day=1)


def year_planned(text: str, today: date) -> int:
    """The year typed, else the next one."""
    is_year = len(text) == 4 and text.isascii() and text.isdigit() and 2000 <= int(text) <= 2100
    return int(text) if is_year else today.year + 1


def code_of(proposal: Proposal) -> str:
    """How the form names a proposal: its body and its moment."""
    return f"{proposal.body}@{proposal.starts_at:%Y-%m-%dT%H:%M}"


def shown_proposal(proposal: Proposal) -> dict[str, Any]:
    """A proposal with why it differs from the day of its rule."""
    return {"code": code_of(proposal), "proposal": proposal, "reasons": " ; ".join(proposal.reasons)}


def calendar_view(
    db: Session, contract: Contract, actor: Actor, month: date, body: str, now: datetime
) -> dict[str, Any]:
    """Everything the calendar page shows. `body`: the code of one body, empty for all."""
    territory = territory_of(contract)
    chosen = body if body in territory.body_by_code else ""
    items = _items(list_seances(db, contract, body=chosen or None), actor, month)
    last = month.replace(day=monthrange(month.year, month.month)[1])
    today = now.astimezone(PARIS).date()
    feeds = feeds_of(db, contract, actor)
    kept = [each for each in territory.bodies if keeps_body(actor, contract.id, each.code)]
    return {
        "month": month,
        "title": f"{wording.MONTHS[month.month - 1]} {month.year}",
        "weekdays": WEEKDAY_NAMES,
        "weeks": _weeks(territory, month, today, items),
        "items": [item for item in items if item["in_month"]],
        "closed": _closed(territory, month, last),
        "before": _address(month - timedelta(days=1), chosen),
        "after": _address(last + timedelta(days=1), chosen),
        "bodies": [(each.code, each.label) for each in territory.bodies],
        "chosen": chosen,
        "faults": check_year(db, contract, month.year),
        "planned_years": _planned_years(kept, month, today),
        "waiting": _waiting(db, contract, now),
        "owners": [("moi", "mon calendrier"), *((each.code, each.label) for each in kept)],
        "feeds": [_feed(each, territory) for each in feeds],
        "newest_feed": max((feed.id for feed in feeds), default=0),
        "zone": territory.calendar.school_zone,
    }


def _planned_years(kept: Sequence[Body], month: date, today: date) -> list[int]:
    """The years whose séances may be proposed to whoever keeps a body: that of the month, and the next one."""
    years = {month.year, today.year + 1} if kept else set()
    return sorted(year for year in years if year >= today.year)


def _waiting(db: Session, contract: Contract, now: datetime) -> dict[str, Any] | None:
    """The dossiers that a far conference would keep waiting; None when there is none, or when it is near."""
    count, following = waiting_for_conference(db, contract, now)
    if not count or (following is not None and following - now <= LONG_WAIT):
        return None
    return {"count": count, "following": following}


def _address(on: date, body: str) -> dict[str, str]:
    asked = {"mois": f"{on:%Y-%m}"} | ({"instance": body} if body else {})
    return {"href": f"/calendrier?{urlencode(asked)}", "label": f"{wording.MONTHS[on.month - 1]} {on.year}"}


def _items(seances: Sequence[tuple[Seance, int]], actor: Actor, month: date) -> list[dict[str, Any]]:
    shown = []
    for seance, dossiers in seances:
        local = seance.starts_at.astimezone(PARIS)
        movable = seance.status in MOVABLE and keeps_body(actor, seance.contract_id, seance.body)
        shown.append(
            {
                "seance": seance,
                "day": local.date(),
                "hour": f"{local.hour}{wording.NBSP}h{wording.NBSP}{local.minute:02d}",
                "in_month": (local.year, local.month) == (month.year, month.month),
                "status": SEANCE_LABELS[SeanceStatus(seance.status)],
                "tone": seance_tone(seance.status),
                "dossiers": dossiers,
                "mode": "" if seance.mode == "meeting" else MODE_LABELS[seance.mode],
                "move": _move_form(seance, local) if movable else None,
            }
        )
    return shown


def _move_form(seance: Seance, local: datetime) -> FormView:
    return FormView(
        action=f"/seances/{seance.id}/actions/move",
        submit="Déplacer",
        fields=(
            Field("starts_at", "Nouvelle date", "moment", (f"{local:%Y-%m-%dT%H:%M}",), required=True),
            Field("place", "Lieu", "text", (seance.place or "",)),
        ),
        version=seance.version,
    )


def _weeks(
    territory: Territory, month: date, today: date, items: Sequence[Mapping[str, Any]]
) -> list[list[dict[str, Any]]]:
    return [
        [_day(territory, on, month, today, [item for item in items if item["day"] == on]) for on in week]
        for week in Calendar().monthdatescalendar(month.year, month.month)
    ]


def _day(
    territory: Territory, on: date, month: date, today: date, items: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    public = holiday_names(on.year, territory.departement).get(on, "")
    school = school_holiday(on, territory)
    looks = {
        "outside": on.month != month.month,
        "today": on == today,
        "weekend": on.weekday() >= 5,
        "public": bool(public),
        "school": bool(school),
    }
    return {
        "on": on,
        "said": wording.day(on),
        "public": public,
        "school": school,
        "first_of_school": bool(school)
        and (on.weekday() == 0 or on.day == 1 or not school_holiday(on - timedelta(days=1), territory)),
        "items": items,
        "look": " ".join(name for name, is_so in looks.items() if is_so),
    }


def _closed(territory: Territory, first: date, last: date) -> list[str]:
    """The public holidays and school holidays of the month, in words."""
    public = [
        f"{wording.day(on)} : jour férié ({name})"
        for on, name in sorted(holiday_names(first.year, territory.departement).items())
        if first <= on <= last
    ]
    school = [
        f"{period.label[:1].upper()}{period.label[1:]} : du {wording.day(period.starts_on)} au {wording.day(period.ends_on)}"
        for period in territory.calendar.school_holidays
        if period.starts_on <= last and first <= period.ends_on
    ]
    return public + school


def _feed(feed: CalendarFeed, territory: Territory) -> dict[str, Any]:
    body = territory.body_by_code.get(feed.body or "")
    label = "mon calendrier" if feed.body is None else (body.label if body else feed.body)
    return {"id": feed.id, "label": label, "created_at": feed.created_at}
