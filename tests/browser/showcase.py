# SPDX-License-Identifier: EUPL-1.2
"""The toy world with something on every page, and the sample address of every route of the table of access."""

import re
from datetime import timedelta
from email.message import EmailMessage
from hashlib import sha256
from typing import TYPE_CHECKING

from app.mail import mail_settings
from notifications.due.preview import upcoming
from notifications.due.stopping import stopping_link
from tests.factories import NOW
from tests.notifications.scenes import committee, convoked_committee
from tests.web.test_answer_page import link
from tests.web.test_letters import letter
from tests.workflow.journey import PATHS, Journey, at
from web.access import ACCESS, Who
from web.presenters.reminders import upcoming_rows
from workflow.models import Dossier, PersonalLink, Seance

if TYPE_CHECKING:
    from tests.browser.conftest import Served

# Routes that answer no page, each with its reason. Any other GET route of the table is visited.
NOT_PAGES = {
    "/healthz": "for machines",
    "/": "leads elsewhere",
    "/agenda/{token}.ics": "a calendar file",
    "/seances/{seance_id}/pieces/{document_id}": "a PDF file",
    "/seances/{seance_id}/synthese.{form}": "a file to download",
    "/synthese.css": "a style sheet",
    "/boite/{message_id}/html": "the message as its reader's mail shows it, shown in a frame",
    "/boite/{message_id}/pieces/{rank}": "a file to download",
}
# Who reads a page, when it is not the secretary: the person of the world.
READERS = {
    "/dossiers/{dossier_id}/completer": "bearer",
    "/dossiers/{dossier_id}/lignes/{line_id}": "pilot",
}


class Showcase:
    """The served world, one dossier per stage, one séance per state."""

    def __init__(self, served: "Served") -> None:
        self.served, self.world = served, served.site.world
        world, db = self.world, self.world.db
        self.dossiers: dict[str, Dossier] = {}
        for rank, stage in enumerate(PATHS):
            journey = Journey(world, world.dossier(title=f"Action {stage}"))
            journey.now = NOW - timedelta(days=30 + rank)  # each has its own committee
            self.dossiers[stage] = journey.to(stage).dossier
        self.seances: dict[str, Seance] = {
            "planned": committee(world, at=NOW + timedelta(days=60)),
            "convoked": convoked_committee(world),
            "closed": at(world, "commitment").decide_and_close("retained"),
            "open": at(world, "commitment", world.dossier(title="En séance")).committee(in_days=30),
        }
        db.flush()
        self.values = self._values()

    def _values(self) -> dict[str, object]:
        """What each parameter of an address is worth; `route:parameter` wins over `parameter`."""
        world, db = self.world, self.world.db
        now, config = self.served.site.application.now(), self.served.site.application.config
        dossier, open_seance = self.dossiers["co_instruction"], self.seances["open"]
        dossier.opinions[0].due_on = (now + timedelta(days=5)).date()  # its reminder is the next to leave
        db.add(
            PersonalLink(
                kind="password_link",
                token_hash=sha256(b"jeton").hexdigest(),
                person_id=world.instructor.id,
                created_at=now,
                expires_at=now + timedelta(hours=1),
            )
        )
        db.flush()
        (first, *_) = upcoming_rows(upcoming(db, world.contract, now))
        mail = self._mail()
        values = {
            "dossier_id": dossier.id,
            "opinion_id": dossier.opinions[0].id,
            "line_id": self.dossiers["financers_conference"].lines[0].id,
            "/dossiers/{dossier_id}/lignes/{line_id}:dossier_id": self.dossiers["financers_conference"].id,
            "/dossiers/{dossier_id}/actions/{trigger}:dossier_id": self.dossiers["submitted"].id,
            "/dossiers/{dossier_id}/completer:dossier_id": self.dossiers["incomplete"].id,
            "/dossiers/{dossier_id}/decisions:dossier_id": self.dossiers["committed"].id,
            "trigger": "request_completion",
            "seance_id": open_seance.id,
            "/seances/{seance_id}/proces-verbal:seance_id": self.seances["closed"].id,
            "rule": "qpv.majority",
            "message_id": letter(self.served.site).id,
            "/boite/{message_id}:message_id": mail,
            "/mot-de-passe/{token}:token": "jeton",
            "/reponse/{token}:token": link(world, self.seances["convoked"].convocations[0]).rsplit("/", 1)[1],
            "signed": stopping_link(db, world.instructor, mail_settings(config)).rsplit("/", 1)[1],
            "code": first["link"].split("/")[-2],
            "rank": first["link"].split("/")[-1],
        }
        db.commit()
        return values

    def _mail(self) -> str:
        """A message received by the demonstration's mailbox; its name."""
        folder = self.served.site.web.state.mail_folder
        folder.mkdir(parents=True, exist_ok=True)
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "a@toy.test", "b@toy.test", "Convocation"
        mail["Date"] = "Tue, 10 Mar 2026 09:00:00 +0000"
        mail.set_content("Bonjour")
        mail.add_alternative("<html lang=fr><title>Convocation</title><p>Bonjour</p></html>", subtype="html")
        mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="ordre-du-jour.pdf")
        name = "20260310T090000000000-0123abcd"
        (folder / f"{name}.eml").write_bytes(mail.as_bytes())
        return name

    def address(self, route: str) -> str:
        """The sample address of a route. A new parameter needs its value in `_values`."""

        def value(found: re.Match[str]) -> str:
            name = found.group(1)
            return str(self.values.get(f"{route}:{name}", self.values.get(name, "")) or f"NO-SAMPLE-{name}")

        return re.sub(r"\{(\w+)\}", value, route)

    def reader(self, route: str) -> str | None:
        """Who reads this page: nobody signed in where anyone may, else the secretary or the person named above."""
        if ACCESS["GET", route] in (Who.ANYONE, Who.DEMO):
            return None
        return READERS.get(route, "secretary")


def pages() -> list[str]:
    """Every route that answers a page."""
    return [route for method, route in ACCESS if method == "GET" and route not in NOT_PAGES]
