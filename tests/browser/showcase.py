# SPDX-License-Identifier: EUPL-1.2
"""The toy world with something on every page, and the sample address of every route of the table of access."""

import re
from datetime import timedelta
from decimal import Decimal
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pydantic import SecretStr
from sqlalchemy import select

from app.deployment import Deployment
from app.mail import mail_settings
from app.openid.sign_in import providers_of
from app.tasks import drain_tasks
from notifications.due.preview import upcoming
from notifications.due.stopping import stopping_link
from tests.factories import NOW
from tests.factories.files import PDF
from tests.factories.perimeters import INSIDE, ON_EDGE, OUTSIDE, beneficiaries, write_perimeters
from tests.notifications.scenes import committee, convoked_committee
from tests.web.test_answer_page import link
from tests.web.test_bulk import chosen
from tests.web.test_imports import MIXED, previewed
from tests.web.test_letters import letter
from tests.web.test_located import name_perimeters
from tests.web.test_located import send as locate
from tests.web.test_pieces_page import send
from tests.web.test_thread_page import write
from tests.workflow.grid.tables import conference
from tests.workflow.journey import PATHS, Journey, at
from tests.workflow.years import INDICATORS, cpo
from web.access import ACCESS, Who
from web.presenters.reminders import upcoming_rows
from workflow.models import Dossier, Person, PersonalLink, Scenario, Seance
from workflow.permissions import actor_for
from workflow.request.steps import STEPS
from workflow.scenarios import create_scenario
from workflow.seances import plan_seance, set_agenda

if TYPE_CHECKING:
    from tests.browser.conftest import Served

# Routes that answer no page, each with its reason. Any other GET route of the table is visited.
NOT_PAGES = {
    "/healthz": "for machines",
    "/": "leads elsewhere",
    "/agenda/{token}.ics": "a calendar file",
    "/seances/{seance_id}/pieces/{document_id}": "a file to download",
    "/seances/{seance_id}/session/etat": "a part of the page in session",
    "/seances/{seance_id}/projection/point": "a part of the projection",
    "/seances/{seance_id}/synthese.{form}": "a file to download",
    "/actes.{form}": "a file to download",
    "/seances/{seance_id}/scenarios/comparaison.{form}": "a file to download",
    "/seances/{seance_id}/table/suite": "what moved, for the script of the table",
    "/seances/{seance_id}/table/colonnes/{credit_id}/colonne.xlsx": "a file to download",
    "/synthese.css": "a style sheet",
    "/boite/{message_id}/html": "the message as its reader's mail shows it, shown in a frame",
    "/boite/{message_id}/pieces/{rank}": "a file to download",
    "/connexion/openid/{provider}": "leads to the provider",
    "/connexion/openid/{provider}/retour": "leads to the page wanted; its refusal is a state",
    "/dossiers/export.{form}": "a file to download",
    "/dossiers/{dossier_id}/pieces/{piece_id}": "a file to download",
    "/dossiers/{dossier_id}/echanges/{exchange_id}/piece": "a file to download",
    "/dossiers/{dossier_id}/courriers/{message_id}/pieces/{rank}": "a file to download",
    "/dossiers/{dossier_id}/courriers/{message_id}/pdf": "a file to download",
    "/dossiers/{dossier_id}/completer": "leads to the steps of the request",
    "/programme.{form}": "a file to download",
    "/enveloppes.{form}": "a file to download",
    "/enveloppes/{credit_id}/lignes.{form}": "a file to download",
    "/administration/imports/{import_id}/rejets.csv": "a file to download",
}
# Who reads a page, when it is not the secretary: the person of the world.
READERS = {
    "/administration/comptes": "administrator",
    "/administration/comptes/{person_id}": "administrator",
    "/administration/diagnostic": "administrator",
    "/administration/parametres": "administrator",
    "/demandes/{dossier_id}": "bearer",
    "/demandes/{dossier_id}/etapes/{step}": "bearer",
    "/demandes/{dossier_id}/recepisse": "bearer",
    "/demandes/{dossier_id}/verification": "bearer",
    "/dossiers/lot": "pilot",
    "/dossiers/lots/{task_id}": "pilot",
    "/dossiers/vues": "pilot",
    "/cpo": "pilot",
    "/dossiers/{dossier_id}/annees": "pilot",
    "/dossiers/{dossier_id}/avis/{opinion_id}": "caf",
    "/dossiers/{dossier_id}/bilan": "bearer",
    "/dossiers/{dossier_id}/courriers/{message_id}": "bearer",
    "/dossiers/{dossier_id}/lignes/{line_id}": "pilot",
}
# The same routes again, as other people or other data make another page of them: who, and a sample address.
MORE = [
    *(("bearer", f"/demandes/{{draft_id}}/etapes/{step.code}") for step in STEPS if step.code != "action"),
    ("bearer", "/demandes/{incomplete_id}"),
    ("bearer", "/demandes/{incomplete_id}/verification"),
    ("secretary", "/demandes/nouvelle"),
    ("bearer", "/demandes/nouvelle"),
    ("bearer", "/dossiers"),
    ("bearer", "/dossiers/{incomplete_id}"),
    ("bearer", "/dossiers/{contracted_id}"),
    ("bearer", "/dossiers/{dossier_id}/echanges"),
    ("bearer", "/dossiers/{dossier_id}/pieces"),
    ("bearer", "/dossiers/{dossier_id}/actions/withdraw"),
    ("pilot", "/dossiers?vue=tableau&colonnes=reference,porteur,cout,etat"),
    ("pilot", "/dossiers?q=zzz"),
    ("pilot", "/dossiers?q=etape:nulle"),
    ("pilot", "/dossiers/lot?q=annee:2026&tous=oui&action=dispatch"),
    *((who, "/journee") for who in ("pilot", "instructor", "caf", "citizen", "administrator")),
    *((who, "/dossiers/{dossier_id}/avis") for who in ("instructor", "caf", "citizen")),
    *((who, "/dossiers/{dossier_id}") for who in ("instructor", "caf", "citizen")),
    ("etat", "/dossiers/{dossier_id}/avis/{given_id}"),
    ("caf", "/dossiers/{conference_id}/lignes/{caf_line_id}"),
    ("caf", "/seances/{table_seance_id}/table"),
    ("pilot", "/seances/{table_seance_id}/table?colonnes=toutes"),
    ("caf", "/avis"),
    ("caf", "/reponses"),
    ("caf", "/enveloppes"),
    ("pilot", "/enveloppes/{credit_id}"),
    ("caf", "/seances/{conference_seance_id}/scenarios"),
    ("caf", "/seances/{conference_seance_id}/scenarios/{scenario_id}"),
    ("caf", "/seances/{conference_seance_id}/scenarios/comparaison?ecart=tous"),
    ("secretary", "/seances/{seance_id}/scenarios"),
    ("secretary", "/seances/{conference_seance_id}/scenarios/{computed_id}"),
    ("administrator", "/administration/import"),
    ("pilot", "/administration"),
    ("pilot", "/organisations/{etat_id}"),
    ("administrator", "/organisations/{etat_id}"),
    ("administrator", "/administration/comptes?q=zzz"),
    ("caf", "/seances/{seance_id}/session"),
    ("secretary", "/seances/{closed_id}"),
]

SCENARIO_PAGES = ("", "/comparaison", "/{scenario_id}", "/{scenario_id}/changements/{task_id}")
CHANGE = "/seances/{seance_id}/scenarios/{scenario_id}/changements/{task_id}:task_id"
TABLE_ROUTES = [route for _, route in ACCESS if route.startswith("/seances/{seance_id}/table")]
TITLE = "Accompagnement socio-éducatif des jeunes des deux quartiers et de leurs familles, phase"
OPENID = {
    "code": "proconnect",
    "label": "ProConnect",
    "issuer": "https://fournisseur.test",
    "client_id": "demo",
    "scopes": ["openid", "email"],
}


class Showcase:
    """The served world, one dossier per stage, one séance per state, and what people have left on them."""

    def __init__(self, served: "Served", folder: Path) -> None:
        self.served, self.site, self.world = served, served.site, served.site.world
        world = self.world
        name_perimeters(self.site, write_perimeters(folder))
        self._offer_openid(folder)
        self.dossiers: dict[str, Dossier] = {}
        for rank, stage in enumerate(PATHS):
            journey = Journey(world, world.dossier(title=f"{TITLE} {stage}"))
            journey.now = NOW - timedelta(days=30 + rank)  # each has its own committee
            self.dossiers[stage] = journey.to(stage).dossier
        self.dossiers["contracted"].cpo_indicators = list(INDICATORS)
        self.cpo = cpo(world, now=NOW - timedelta(days=25), title=f"{TITLE} en CPO").dossier
        self.seances: dict[str, Seance] = {
            "planned": committee(world, at=NOW + timedelta(days=60)),
            "convoked": convoked_committee(world),
            "closed": at(world, "commitment").decide_and_close("retained"),
            "table": self._round_table(),
            "open": at(world, "commitment", world.dossier(title="En séance")).committee(in_days=30),
        }
        self.seances["conference"], self.scenario = self._conference()
        self.people = {"caf": world.financers["caf"], "etat": world.financers["etat"]}
        world.db.flush()
        self.values = self._values()

    def _conference(self) -> tuple[Seance, Scenario]:
        """A financers' conference ahead, with a scenario that gives less than what is proposed."""
        db, dossier = self.world.db, self.dossiers["financers_conference"]
        secretary = actor_for(db, self.world.secretary, NOW.date())
        starts = NOW + timedelta(days=12)
        seance = plan_seance(db, self.world.contract, "conference", starts, NOW, secretary)
        set_agenda(db, seance, [dossier], secretary, NOW)
        state = next(line for line in dossier.lines if line.key == "etat:specifique")
        amounts = {state.id: Decimal("2500.00")}
        scenario = create_scenario(db, seance, "Prudent", secretary, NOW, amounts=amounts, locked=[state.id])
        return seance, scenario

    def _of_scenarios(self) -> dict[str, object]:
        """The conference and its scenario."""
        number = self.seances["conference"].id
        own = {f"/seances/{{seance_id}}/scenarios{page}:seance_id": number for page in SCENARIO_PAGES}
        return {**own, "conference_seance_id": number, "scenario_id": self.scenario.id}

    def _computed(self) -> int:
        """The scenario that the solver wrote."""
        with self.site.application.read() as db:
            return db.scalars(select(Scenario.id).where(Scenario.name == "Calculé")).one()

    def _round_table(self) -> Seance:
        """A round table with cells of most kinds: answered, refused, proposed, awaited, locked, never asked."""
        world = self.world
        answered = at(world, "financers_conference", world.dossier(title=f"{TITLE} répondu"))
        answered.answer_all()
        locked = at(world, "financers_conference", world.dossier(title=f"{TITLE} verrouillé", cpo=True))
        locked.line("etat:specifique").forecast = locked.line("etat:specifique").proposed = Decimal(4000)
        return conference(
            world, answered, locked, Journey(world, self.dossiers["financers_conference"]), days=90
        )

    def _offer_openid(self, folder: Path) -> None:
        """The sign-in page offers a provider; nobody asks it anything."""
        config = self.site.application.config
        deployment = Deployment.model_validate({"environment": "demo", "openid": [OPENID]})
        self.site.application.config = config.model_copy(update={"deployment": deployment})
        self.site.application.config.read_from(folder, None, (), {"proconnect": SecretStr("secret")})
        self.site.web.state.openid = providers_of(self.site.application.config)

    def person(self, who: str) -> Person:
        """Someone of the world, by role or by the code of their organisation."""
        return self.people.get(who) or cast("Person", getattr(self.world, who))

    def _values(self) -> dict[str, object]:
        """What each parameter of an address is worth; `route:parameter` wins over `parameter`."""
        world, db = self.world, self.world.db
        now, config = self.site.application.now(), self.site.application.config
        dossier, conference = self.dossiers["co_instruction"], self.dossiers["financers_conference"]
        opinions = {opinion.organisation.code: opinion for opinion in dossier.opinions}
        opinions["caf"].due_on = (now + timedelta(days=5)).date()  # its reminder is the next to leave
        Journey(world, dossier).give(opinions["departement"], "favourable")
        for token, kind in (("jeton", "password_link"), ("entree", "sign_in_link")):
            db.add(
                PersonalLink(
                    kind=kind,
                    token_hash=sha256(token.encode()).hexdigest(),
                    person_id=world.instructor.id,
                    created_at=now,
                    expires_at=now + timedelta(minutes=10),
                )
            )
        db.flush()
        left = self._left(dossier)
        (first, *_) = upcoming_rows(upcoming(db, world.contract, now))
        values = {
            "dossier_id": dossier.id,
            "draft_id": self.dossiers["draft"].id,
            "incomplete_id": self.dossiers["incomplete"].id,
            "contracted_id": self.dossiers["contracted"].id,
            "conference_id": conference.id,
            "step": "action",
            "opinion_id": opinions["caf"].id,
            "given_id": opinions["departement"].id,
            "line_id": conference.lines[0].id,
            "caf_line_id": next(line.id for line in conference.lines if line.key == "caf:droit_commun"),
            "/dossiers/{dossier_id}/lignes/{line_id}:dossier_id": conference.id,
            **self._dossier_pages(),
            "trigger": "request_completion",
            "seance_id": self.seances["open"].id,
            "/seances/{seance_id}/proces-verbal:seance_id": self.seances["closed"].id,
            **self._of_scenarios(),
            "closed_id": self.seances["closed"].id,
            **self._of_the_table(conference),
            "rule": "qpv.majority",
            "person_id": world.pilot.id,
            "organisation_id": world.porteur.id,
            "etat_id": world.organisations["etat"].id,
            "credit_id": world.credits["etat:specifique"].id,
            "/boite/{message_id}:message_id": self._mail(),
            "/mot-de-passe/{token}:token": "jeton",
            "/connexion/lien/{token}:token": "entree",
            "/reponse/{token}:token": link(world, self.seances["convoked"].convocations[0]).rsplit("/", 1)[1],
            "signed": stopping_link(db, world.instructor, mail_settings(config)).rsplit("/", 1)[1],
            "code": first["link"].split("/")[-2],
            "rank": first["link"].split("/")[-1],
            **left,
        }
        db.commit()
        return values

    def _dossier_pages(self) -> dict[str, object]:
        """Pages of a dossier that need it at a certain stage."""
        return {
            "/demandes/{dossier_id}:dossier_id": self.dossiers["draft"].id,
            "/demandes/{dossier_id}/etapes/{step}:dossier_id": self.dossiers["draft"].id,
            "/demandes/{dossier_id}/verification:dossier_id": self.dossiers["draft"].id,
            "/dossiers/{dossier_id}/actions/{trigger}:dossier_id": self.dossiers["submitted"].id,
            "/dossiers/{dossier_id}/completer:dossier_id": self.dossiers["admissible"].id,
            "/dossiers/{dossier_id}/decisions:dossier_id": self.dossiers["committed"].id,
            "/dossiers/{dossier_id}/bilan:dossier_id": self.dossiers["contracted"].id,
            "/dossiers/{dossier_id}/annees:dossier_id": self.cpo.id,
        }

    def _of_the_table(self, dossier: Dossier) -> dict[str, object]:
        """The round table and one of its dossiers, for each of its routes."""
        number = self.seances["table"].id
        found: dict[str, object] = {"table_seance_id": number}
        for route in TABLE_ROUTES:
            found |= {f"{route}:seance_id": number, f"{route}:dossier_id": dossier.id}
        return found

    def _left(self, dossier: Dossier) -> dict[str, object]:
        """Letters, pieces, messages, views, imports and lots that people made, by the forms they make them with."""
        site, world = self.site, self.world
        sent = letter(site, subject=f"dossier:{dossier.id}", key=f"ack:{dossier.id}", state="sent")
        sent.kind = "request_acknowledged"
        held = letter(site)
        world.db.commit()
        bearer, lead = site.client(world.bearer), site.client(world.instructor)
        pilot, secretary = site.client(world.pilot), site.client(world.secretary)
        send(bearer, dossier)
        send(lead, dossier, name="rib.pdf", code="rib")
        write(lead, dossier, "porteur", "Pouvez-vous préciser le public\u00a0?")
        write(bearer, dossier, "porteur", "Oui\u00a0: les 11-15 ans.", ("public.pdf", PDF))
        write(lead, dossier, "internal", "À revoir avec la CAF.")
        places = beneficiaries([INSIDE] * 5 + [OUTSIDE] * 2 + [ON_EDGE])
        locate(lead, dossier, places, version=site.dossier(dossier).version)
        site.post(pilot, "/dossiers/vues", name="Mes dossiers en retard", query="retard=oui", shared="on")
        imported = previewed(site, secretary, MIXED)
        lot = pilot.get("/dossiers/lot?q=annee:2026&tous=oui&action=close").text
        stale = f"{chosen(lot)},{self.dossiers['draft'].id}:99"  # one is done, one is refused
        answer = site.post(pilot, "/dossiers/lot", dossiers=stale, action="close")
        address = f"/seances/{self.seances['conference'].id}/scenarios"
        served = self.dossiers["financers_conference"].id
        searched = site.post(secretary, f"{address}/{self.scenario.id}/changements", dossier=served)
        site.post(secretary, f"{address}/proposition", name="Calculé")
        drain_tasks(site.application, "worker")
        return {
            CHANGE: searched.url.path.rsplit("/", 1)[1],
            "computed_id": self._computed(),
            "/dossiers/{dossier_id}/courriers/{message_id}:message_id": sent.id,
            "message_id": held.id,
            "import_id": imported.rsplit("/", 1)[1],
            "task_id": answer.url.path.rsplit("/", 1)[1],
        }

    def _mail(self) -> str:
        """A message received by the demonstration's mailbox; its name."""
        folder = self.site.web.state.mail_folder
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


def reader(route: str) -> str | None:
    """Who reads this page: nobody signed in where anyone may, else the secretary or the person named above."""
    if ACCESS["GET", route] in (Who.ANYONE, Who.DEMO):
        return None
    return READERS.get(route, "secretary")


def pages() -> list[tuple[str | None, str]]:
    """Every page with its reader: each route that answers one, and those that others find different."""
    routes = [route for method, route in ACCESS if method == "GET" and route not in NOT_PAGES]
    return [*((reader(route), route) for route in routes), *MORE]
