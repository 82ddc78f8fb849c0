# SPDX-License-Identifier: EUPL-1.2
"""What `doctor` says of the year's calendar: dates missing from configuration, demands of the contract not met."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.config import Config
from app.diagnosis import Diagnosis
from workflow.calendar_plan import first_openings
from workflow.firing import PARIS
from workflow.models import Contract
from workflow.territory import BodyKind, Territory
from workflow.yearly_checks import PLAN, check_year, days_of_year

PREPARED_FROM = 10  # October: the next year's calendar is being prepared


def years_prepared(on: date) -> tuple[int, ...]:
    """This year, and the next once it is being prepared."""
    return (on.year, on.year + 1) if on.month >= PREPARED_FROM else (on.year,)


def calendar_diagnoses(path: str, territory: Territory, on: date) -> Iterator[Diagnosis]:
    """School holidays, council dates, the annual meeting: what planning the year needs."""
    known = {period.starts_on.year for period in territory.calendar.school_holidays}
    years = [year for year in years_prepared(on) if year <= territory.ends_on.year]
    for year in years:
        if territory.bodies and year not in known:
            text = f"vacances scolaires de {year} non données : le calendrier ne les évite pas"
            yield Diagnosis("warning", f"{path}.calendar.school_holidays", text, "les ajouter")
    anchored = [body.label for body in territory.bodies if body.cadence.anchor == "council"]
    councils = {day.year for day in territory.calendar.council_dates}
    for year in years:
        if anchored and year not in councils:
            text = (
                f"dates du conseil communautaire de {year} non données, attendues par : {', '.join(anchored)}"
            )
            yield Diagnosis("info", f"{path}.calendar.council_dates", text, "les ajouter une fois votées")
    if territory.bodies and not any(body.kind is BodyKind.ANNUAL for body in territory.bodies):
        text = "aucune réunion annuelle (annual) : rien ne précède l’appel de l’année suivante"
        yield Diagnosis("info", f"{path}.bodies", text, "la décrire, avec anchor: call")
    elif on.month >= PREPARED_FROM and on.year + 1 not in first_openings(territory):
        text = f"aucun appel {on.year + 1} : la réunion annuelle ne peut pas le précéder"
        yield Diagnosis("info", f"{path}.calls", text, "ajouter l’appel de l’année suivante")


def calendar_kept(config: Config, db: Session) -> Iterator[Diagnosis]:
    """The séances of the year meet what the contract demands; those of the next year, once they are planned."""
    today = datetime.now(UTC).astimezone(PARIS).date()
    codes = [territory.code for territory in config.contracts]
    contracts = db.scalars(select(Contract).where(Contract.code.in_(codes), Contract.closed_on.is_(None)))
    for contract in contracts.all():
        for year in years_prepared(today):
            if days_of_year(db, contract, year):
                for fault in check_year(db, contract, year):
                    remedy = (
                        f"{PLAN} : coinstruction seance plan {year}" if fault.remedy == PLAN else fault.remedy
                    )
                    yield Diagnosis("warning", f"calendar.{contract.code}.{year}", fault.message, remedy)
            else:
                text = f"aucune séance n’est au calendrier de {year}"
                remedy = f"lancer « coinstruction seance plan {year} »"
                yield Diagnosis("info", f"calendar.{contract.code}.{year}", text, remedy)
