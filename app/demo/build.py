# SPDX-License-Identifier: EUPL-1.2
"""Builds the demonstration in one transaction, act after act in order of time, through `fire()` and the use cases."""

from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.demo.calendar import DemoCalendar, demo_calendar
from app.demo.current_year import CurrentYear
from app.demo.files import demo_file
from app.demo.last_year import build_last_year
from app.demo.letters import acknowledge
from app.demo.meetings import Meetings
from app.demo.office import Office
from app.demo.people import Cast, open_accounts, open_porteur_accounts
from app.demo.programme import read_programme
from workflow.contracts import get_contract, territory_of
from workflow.envelopes import set_envelope
from workflow.firing import PARIS
from workflow.imports.awards import write_awards
from workflow.imports.opening import open_table
from workflow.imports.p147 import P147Reader
from workflow.imports.report import ImportReport
from workflow.imports.source import Row, Table
from workflow.models import Contract, Credit, Event
from workflow.saved_views import save_view
from workflow.submission import Registry

RECENT = timedelta(days=2)
NOTIFIED_BY = "Courrier du financeur."
# Kept however old: letters to porteurs wait for somebody to release them, convocations of séances ahead must leave.
DECISIONS = ("dossier.commit", "dossier.reject", "dossier.defer", "dossier.rectify")
# Each credit's envelope, the year before and this year: what its financer has said so far.
ENVELOPES: dict[str, tuple[tuple[str, int | None], tuple[str, int | None]]] = {
    "etat:specifique": (("notified", 262000), ("notified", 310000)),
    "region:specifique": (("notified", 58000), ("provisional", 26000)),
    "epci:specifique": (("notified", 52000), ("notified", 52000)),
    "epci:droit_commun": (("notified", 60000), ("notified", 60000)),
    "departement:droit_commun": (("none", None), ("none", None)),
    "caf:droit_commun": (("notified", 80000), ("notified", 80000)),
    "ars:droit_commun": (("none", None), ("none", None)),
}

MISSING = "reference,titre,porteur,etape,instructeur,avis,manque,droit-commun,echeance"
VIEWS: tuple[tuple[str, str, dict[str, str], bool], ...] = (
    ("instruction@etat.demo", "Mes dossiers en cours", {"q": "instructeur:moi etape:en-cours"}, False),
    ("instruction@caf.demo", "Ce que la CAF doit encore", {"q": "sans-reponse:caf"}, False),
    (
        "pilote@epci.demo",
        "Qui n’a pas répondu",
        {"vue": "tableau", "q": "etape:en-cours avis:attendu", "colonnes": MISSING},
        True,
    ),
)


def build_demo(db: Session, now: datetime, base_address: str = "http://127.0.0.1:8000") -> DemoCalendar:
    """Fills a database that `install` prepared, as seen from `now`. The same `now` gives the same demonstration."""
    contract = get_contract(db)
    territory = territory_of(contract)
    calendar = demo_calendar(territory, now)
    open_accounts(db, contract, territory)
    requests = read_programme(territory)
    registry = Registry(db, contract, requests.values())
    for values in requests.values():
        registry.porteurs.find_or_add(values)
    db.flush()
    open_porteur_accounts(db, contract)
    cast = Cast(db, contract, now.astimezone(PARIS).date())
    _set_envelopes(db, contract, calendar.year, cast, now)
    office = Office(db, contract, territory, cast, registry)
    meetings = Meetings(office, calendar)
    before = build_last_year(office, meetings, calendar, requests)
    CurrentYear(office, meetings, calendar, requests, before).build()
    _publish_awards(db, contract, calendar.year)
    _save_views(db, contract, cast, now)
    db.flush()
    _forget_old_events(db, calendar, base_address)
    return calendar


def _set_envelopes(db: Session, contract: Contract, year: int, cast: Cast, now: datetime) -> None:
    """This year's and last year's envelopes, written by the pilot as the financers notify them."""
    credits = {c.code: c for c in db.scalars(select(Credit).where(Credit.contract_id == contract.id))}
    for key, said in ENVELOPES.items():
        for each, (status, amount) in zip((year - 1, year), said, strict=True):
            if key in credits:
                at = min(now, datetime(each, 2, 12, 10, tzinfo=PARIS))
                figure = None if amount is None else Decimal(amount)
                set_envelope(db, credits[key], each, status, figure, cast.pilot, at, reason=NOTIFIED_BY)


def _save_views(db: Session, contract: Contract, cast: Cast, now: datetime) -> None:
    """The boards that people of the demonstration open again and again."""
    for email, name, words, shared in VIEWS:
        person_id = cast.by_email[email].person_id
        assert person_id is not None
        save_view(db, contract, person_id, name, urlencode(words), now, is_shared=shared)
        db.flush()


def _publish_awards(db: Session, contract: Contract, year: int) -> None:
    """Published awards of the year before, some of them unclassified."""
    table = open_table(demo_file("subventions.csv"))
    at = table.headers.index("exercice")
    moved = (
        Row(row.number, [str(year - 1) if index == at else cell for index, cell in enumerate(row.cells)])
        for row in table.rows
    )
    reader = P147Reader(Table(table.headers, moved, table.total))
    write_awards(db, contract, reader, ImportReport())


def _forget_old_events(db: Session, calendar: DemoCalendar, base_address: str) -> None:
    """What happened long ago tells nobody any more, but who filed was told; recent acts, decisions and séances ahead still do."""
    kept = Event.kind.in_(DECISIONS) & (Event.at > calendar.second_committee - RECENT)
    old = Event.at < calendar.now - RECENT
    recent_seance = Event.kind.like("seance.%") & (Event.at >= calendar.convoked_at - RECENT)
    forgotten = db.scalars(select(Event.id).where(old, ~kept, ~recent_seance)).all()
    waiting = db.scalars(select(Event.id).where(Event.id.not_in(forgotten))).all()
    db.execute(update(Event).values(planned_at=Event.at))
    acknowledge(db, forgotten, base_address)
    db.execute(update(Event).where(Event.id.in_(waiting)).values(planned_at=None))
