# SPDX-License-Identifier: EUPL-1.2
"""The pages of the workspace on a whole campaign, timed inside the server; the board has a bench of its own."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import select
from starlette.testclient import TestClient

from app.bootstrap import Application
from bench.board import FEW, MANY, Stopwatch, counted, got, signed_in
from bench.clock import percentile
from bench.databases import installed
from bench.programme import committee
from bench.table import Row, plain, timed
from web.live import LivePages
from web.main import create_app
from workflow.contracts import get_contract
from workflow.machine import fire
from workflow.models import Dossier, FundingLine, Mandate, Opinion, Organisation, Person
from workflow.permissions import actor_for
from workflow.stages import Role, Stage
from workflow.territory import BodyKind

VISITS = 60
SECRETARY = "secretariat@epci.demo"
PORTEUR, SINCE = "porteur@bench.demo", date(2024, 1, 1)
WHOLE, OTHER = 0.15, 0.05
CHANGED = "programme figures, after a change"  # nothing of what the process keeps of a programme serves again
ACCOUNTS = {
    "pilot": "pilote@epci.demo",
    "lead instructor": "instruction@etat.demo",
    "partner": "instruction@caf.demo",
}
PAGES: tuple[tuple[str, str, str, float], ...] = (
    ("my day (pilot)", "pilot", "/journee", OTHER),
    ("my day (lead instructor)", "lead instructor", "/journee", OTHER),
    ("programme table whole", "pilot", "/programme/dossiers?annee=2026", WHOLE),
    ("programme table sorted by amount", "pilot", "/programme/dossiers?annee=2026&tri=-requested", WHOLE),
    ("programme figures, nothing changed", "pilot", "/programme?annee=2026", OTHER),
    (CHANGED, "pilot", "/programme?annee=2026", OTHER),
    ("envelopes", "pilot", "/enveloppes?annee=2026", OTHER),
    ("dossier", "lead instructor", "/dossiers/{dossier}", OTHER),
    ("opinions side by side", "lead instructor", "/dossiers/{dossier}/avis", OTHER),
    ("opinion", "partner", "/dossiers/{dossier}/avis/{opinion}", OTHER),
    ("funding line", "partner", "/dossiers/{dossier}/lignes/{line}", OTHER),
    ("opinions to give", "partner", "/avis", OTHER),
    ("answers to give", "partner", "/reponses", OTHER),
    ("séances", "pilot", "/seances", OTHER),
    ("calendar", "pilot", "/calendrier", OTHER),
    ("messages", "pilot", "/messages", OTHER),
    ("organisations", "pilot", "/organisations", OTHER),
    ("organisation", "pilot", "/organisations/{porteur}", OTHER),
    ("accounts", "pilot", "/administration/comptes", OTHER),
    ("séance, every dossier of its stage", "pilot", "/seances/{seance}", OTHER),
    ("screen in session", "pilot", "/seances/{open}/session", OTHER),
    ("closing page", "pilot", "/seances/{open}/cloture", OTHER),
    ("projection", "pilot", "/seances/{open}/projection", OTHER),
    ("scenarios", "pilot", "/seances/{seance}/scenarios", OTHER),
    ("round table of a conference", "pilot", "/seances/{conference}/table", WHOLE),
    ("acts to record", "pilot", "/actes", OTHER),
    ("CPO", "pilot", "/cpo", OTHER),
    ("years of a CPO", "pilot", "/dossiers/{cpo}/annees", OTHER),
    ("my dossiers (porteur)", "porteur", "/dossiers", OTHER),
    ("dossier (porteur)", "porteur", "/dossiers/{own}", OTHER),
    ("new request (porteur)", "porteur", "/demandes/nouvelle", OTHER),
    ("steps of a request (porteur)", "porteur", "/demandes/{draft}", OTHER),
    ("budget of a request (porteur)", "porteur", "/demandes/{draft}/etapes/budget", OTHER),
    ("check of a request (porteur)", "porteur", "/demandes/{draft}/verification", OTHER),
    ("report (porteur)", "porteur", "/dossiers/{contracted}/bilan", OTHER),
)


def measure(loop: float) -> Iterator[Row]:
    """The same pages with 100 dossiers, then 2,000."""
    few = {name: statements for name, _, _, statements, _ in _served(FEW, visits=2)}
    for name, served, size, statements, target in _served(MANY, visits=VISITS):
        slow = percentile(served.seconds, 0.95)
        yield timed(f"{name}, {MANY:,} dossiers: 95th percentile", slow, target, loop=loop)
        yield timed(f"{name}: median ({size >> 10} KiB)", percentile(served.seconds, 0.5), loop=loop)
        busy = percentile(served.processor, 0.95)
        yield timed(f"{name}: processor time alone, 95th percentile", busy, loop=loop)
        said = f"{few[name]} and {statements}"
        is_same = statements == few[name]
        yield plain(f"{name}: statements with {FEW} and {MANY:,}", said, is_met=is_same, target="equal")


def _served(number: int, *, visits: int) -> Iterator[tuple[str, Stopwatch, int, int, float]]:
    """Each page: its times, its size as sent, its statements, its target."""
    with installed() as application:
        tokens = {
            who: signed_in(application, number if who == "pilot" else 0, email)
            for who, email in ACCOUNTS.items()
        }
        numbers = _numbers(application) | _laid(application)
        tokens["porteur"] = signed_in(application, 0, PORTEUR)
        web = create_app(application)
        served = Stopwatch(web)
        for name, who, pattern, target in PAGES:
            address = pattern.format_map(numbers)
            with TestClient(served, cookies={"session": tokens[who]}) as client:
                client.get(address)
                with counted(application) as statements:
                    size = int(client.get(address).headers["content-length"])
                    got(client, address)
                served.seconds.clear()
                served.processor.clear()
                for _ in range(visits):
                    if name == CHANGED:
                        web.state.live = LivePages()
                    client.get(address)
                yield name, served, size, len(statements) // 2, target


def _numbers(application: Application) -> dict[str, int]:
    """A dossier in co-instruction with its four opinions, one of the CAF's among them, and a line of the CAF."""
    with application.read() as db:
        caf = select(Organisation.id).where(Organisation.code == "caf").scalar_subquery()
        query = (
            select(Dossier.id, Opinion.id, FundingLine.id, Dossier.porteur_id)
            .join(Dossier.opinions)
            .join(Dossier.lines)
            .where(Dossier.stage == Stage.CO_INSTRUCTION, Opinion.organisation_id == caf)
            .where(FundingLine.key == "caf:droit_commun")
            .order_by(Dossier.id)
        )
        return dict(
            zip(("dossier", "opinion", "line", "porteur"), db.execute(query).first() or (), strict=True)
        )


def _laid(application: Application) -> dict[str, int]:
    """Séances that carry every dossier of their stage (one convoked, one open, a conference); a porteur's own dossiers."""
    with application.write() as db:
        contract = get_contract(db)
        ahead, held = committee(db, contract), committee(db, contract, in_days=28)
        secretary = db.scalars(select(Person).where(Person.email == SECRETARY)).one()
        fire(db, held, "open", actor_for(db, secretary, held.starts_at.date()), None, held.starts_at)
        talk = committee(db, contract, BodyKind.CONFERENCE, Stage.FINANCERS_CONFERENCE)
        own = {
            name: db.scalars(select(Dossier).where(*wanted).order_by(Dossier.id)).first()
            for name, wanted in {
                "contracted": (Dossier.stage == Stage.CONTRACTED,),
                "cpo": (Dossier.cpo.is_(True), Dossier.stage != Stage.DRAFT),
            }.items()
        }
        chosen = own["contracted"]
        if chosen is None or own["cpo"] is None:
            raise RuntimeError("the campaign lacks a contracted dossier or a CPO")
        draft = db.scalars(select(Dossier).where(Dossier.stage == Stage.DRAFT).order_by(Dossier.id)).first()
        if draft is None:
            raise RuntimeError("the campaign lacks a draft")
        person = Person(email=PORTEUR, name="Porteur de la mesure")
        for porteur in {chosen.porteur_id: chosen.porteur, draft.porteur_id: draft.porteur}.values():
            person.mandates.append(
                Mandate(role=Role.PORTEUR, organisation=porteur, contract_id=contract.id, from_on=SINCE)
            )
        db.add(person)
        db.flush()
        return {
            "seance": ahead.id,
            "open": held.id,
            "conference": talk.id,
            "cpo": own["cpo"].id,
            "contracted": chosen.id,
            "own": chosen.id,
            "draft": draft.id,
        }
