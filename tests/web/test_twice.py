# SPDX-License-Identifier: EUPL-1.2
"""A form sent twice (double click, refresh after a slow answer) acts once: whatever the page held, the second changes nothing."""

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.notifications.scenes import committee, convoked_committee
from tests.web.conftest import Site
from tests.workflow.journey import at
from workflow.db import Base
from workflow.models import Person

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Case = Callable[[Site], tuple[Person, str, str, dict[str, str]]]
READ_ONLY = {"login_session", "schedule_run"}


class Forms(HTMLParser):
    """The forms of a page, as a browser would send them untouched: address and fields."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self._select, self._area = "", ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((at["action"], {}))
        fields = self.forms[-1][1] if self.forms else {}
        if tag == "input" and at.get("type") not in ("checkbox", "radio"):
            fields[at.get("name", "")] = at.get("value", "")
        elif tag == "select":
            self._select = at.get("name", "")
        elif tag == "option" and "selected" in at:
            fields[self._select] = at["value"]
        elif tag == "textarea":
            self._area = at.get("name", "")

    def handle_data(self, data: str) -> None:
        if self._area and self.forms:
            self.forms[-1][1][self._area] = data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""


def kept(site: Site) -> dict[str, int]:
    """How many rows each table has."""
    with site.application.read() as db:
        tables = [table for table in Base.metadata.sorted_tables if table.name not in READ_ONLY]
        return {table.name: db.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def dossier(stage: str, who: str, act: str, page: str = "", **fields: str) -> Case:
    def case(site: Site) -> tuple[Person, str, str, dict[str, str]]:
        found = at(site.world, stage).dossier
        return getattr(site.world, who), f"/dossiers/{found.id}{page}", f"/dossiers/{found.id}/{act}", fields

    return case


def opinion(site: Site) -> tuple[Person, str, str, dict[str, str]]:
    found = at(site.world, "co_instruction").dossier
    one = found.opinions[0]
    person = site.world.financers[one.organisation.code or ""]
    return (
        person,
        f"/dossiers/{found.id}/avis/{one.id}",
        f"/dossiers/{found.id}/avis/{one.id}",
        {"value": "favourable", "text": "Utile"},
    )


def line(stage: str, who: str, act: str, **fields: str) -> Case:
    def case(site: Site) -> tuple[Person, str, str, dict[str, str]]:
        journey = at(site.world, stage)
        site.application.moment, found = journey.now, journey.line("caf:droit_commun")
        page = f"/dossiers/{found.dossier_id}/lignes/{found.id}"
        person = site.world.financers["caf"] if who == "caf" else getattr(site.world, who)
        return person, page, f"{page}/{act}", fields

    return case


def plan(site: Site) -> tuple[Person, str, str, dict[str, str]]:
    return site.world.secretary, "/seances", "/seances", {"body": "comite", "starts_at": "2026-04-14T09:30"}


def seance(make: Callable[[Any], Any], act: str, **fields: str) -> Case:
    def case(site: Site) -> tuple[Person, str, str, dict[str, str]]:
        page = f"/seances/{make(site.world).id}"
        return site.world.secretary, page, f"{page}/{act}", fields

    return case


def in_session(site: Site) -> tuple[Person, str, str, dict[str, str]]:
    found = at(site.world, "commitment").committee()
    page = f"/seances/{found.id}"
    return (
        site.world.secretary,
        f"{page}/session",
        f"{page}/points/{found.items[0].id}",
        {"decision": "rejected", "reason": "Hors priorités"},
    )


def feed(site: Site) -> tuple[Person, str, str, dict[str, str]]:
    return site.world.secretary, "/calendrier", "/calendrier/abonnements", {"owner": "moi"}


CASES: dict[str, Case] = {
    "admissible": dossier("submitted", "instructor", "actions/declare_admissible"),
    "withdrawn": dossier("submitted", "bearer", "actions/withdraw", reason="Projet abandonné"),
    "dispatched": dossier(
        "admissible", "pilot", "actions/dispatch", lead="instruction@etat.test", theme="education"
    ),
    "opinion": opinion,
    "synthesis": dossier(
        "co_instruction", "instructor", "synthese", "/avis", opinion="favourable", strengths="Ancrage"
    ),
    "citizens": dossier("co_instruction", "citizen", "conseil-citoyen", "/avis", text="Utile au quartier"),
    "new line": dossier(
        "co_instruction", "instructor", "lignes", credit="region:specifique", reason="À solliciter"
    ),
    "answer": line("financers_conference", "secretary", "reponse", answer="declined", reason="Épuisé"),
    "act": line(
        "committed", "caf", "actions/grant", authority="CA", date="2026-03-30", number="1", amount="3000"
    ),
    "planned": plan,
    "convoked": seance(committee, "actions/convoke"),
    "agenda": seance(committee, "ordre-du-jour"),  # nothing ticked: it empties the agenda
    "invited": seance(convoked_committee, "invitations", organisation=""),
    "decision": in_session,
    "calendar address": feed,
}


@pytest.mark.parametrize("name", CASES)
def test_a_form_sent_twice_acts_once(site: Site, name: str) -> None:
    person, page, address, typed = CASES[name](site)
    client = site.client(person)
    forms = [fields for action, fields in Forms(client.get(page).text).forms if action == address]
    assert forms, f"no form to {address} on {page}"
    fields = {**forms[0], **typed}
    if name == "invited":
        fields["organisation"] = str(site.world.organisations["conseil-citoyen"].id)

    before = kept(site)
    first = client.post(address, data=fields)
    once = kept(site)
    second = client.post(address, data=fields)

    assert first.status_code == 200
    assert once != before
    assert second.status_code in (200, 409, 422)
    assert kept(site) == once
