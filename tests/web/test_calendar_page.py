# SPDX-License-Identifier: EUPL-1.2
"""The calendar by month, moved from it, and the secret addresses that calendars subscribe to."""

import logging
import re
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select

from tests.factories import NOW
from tests.web.conftest import Site
from tests.workflow.journey import at
from workflow.machine import fire
from workflow.models import CalendarFeed, Seance
from workflow.permissions import actor_for
from workflow.seances import plan_seance, set_agenda

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
JULY = datetime(2026, 7, 7, 7, 30, tzinfo=UTC)


def planned(site: Site, body: str = "comite", starts_at: datetime = JULY) -> Seance:
    secretary = actor_for(site.world.db, site.world.secretary, NOW.date())
    return plan_seance(site.world.db, site.world.contract, body, starts_at, NOW, secretary)


def address_given(page: str) -> str:
    """The path of the secret address shown."""
    found = re.search(r'value="[^"]*(/agenda/[\w-]+\.ics)"', page)
    assert found is not None
    return found.group(1)


@one_engine
def test_a_month_shows_its_seances_and_names_its_closed_days(site: Site) -> None:
    planned(site)
    page = site.client(site.world.financers["caf"]).get("/calendrier?mois=2026-07").text

    assert "<caption>Séances de juillet 2026</caption>" in page
    assert page.count('scope="col"') == 7
    assert "Fête nationale" in page and 'class="public"' in page
    assert page.count("Comité d’engagement</a>") == 2  # the table, and the list beside it
    assert "9\u00a0h\u00a030" in page and "prévue" in page and "0\u00a0dossier" in page
    assert 'href="/calendrier?mois=2026-06"' in page and 'href="/calendrier?mois=2026-08"' in page
    assert "le contrat en demande 12" in page
    assert "Déplacer" not in page  # a member keeps no body


@one_engine
@pytest.mark.parametrize("asked", ["", "2026-13", "26-03", "٢٠٢٦-٠٣", "2026-03-01", "9999-01"])
def test_an_unreadable_month_is_the_present_one(site: Site, asked: str) -> None:
    page = site.client(site.world.secretary).get(f"/calendrier?mois={asked}")

    assert page.status_code == 200 and "Séances de mars 2026" in page.text


@one_engine
def test_one_body_is_shown_alone_and_kept_from_month_to_month(site: Site) -> None:
    planned(site)
    planned(site, "pilotage", JULY + timedelta(days=1))
    page = site.client(site.world.secretary).get("/calendrier?mois=2026-07&instance=pilotage").text

    assert "Comité de pilotage</a>" in page and "Comité d’engagement</a>" not in page
    assert 'href="/calendrier?mois=2026-08&amp;instance=pilotage"' in page


@one_engine
def test_the_secretary_moves_a_seance_from_the_calendar(site: Site) -> None:
    seance = planned(site)
    client = site.client(site.world.secretary)
    page = client.get("/calendrier?mois=2026-07").text
    assert f'action="/seances/{seance.id}/actions/move"' in page

    moved = site.post(
        client,
        f"/seances/{seance.id}/actions/move",
        starts_at="2026-07-09T14:00",
        place="Mairie",
        version=seance.version,
    )

    assert moved.status_code == 200
    text = moved.text.replace("\u00a0", " ").replace("\u202f", " ")
    assert "Séance déplacée du" in text and "au 9 juillet 2026" in text
    with site.application.read() as db:
        found = db.get_one(Seance, seance.id)
        assert (found.starts_at, found.place, found.sequence) == (
            datetime(2026, 7, 9, 12, 0, tzinfo=UTC),
            "Mairie",
            1,
        )


def test_a_person_subscribes_by_a_secret_address_that_is_renewed_and_revoked(site: Site) -> None:
    journey = at(site.world, "commitment")
    seance = planned(site)
    set_agenda(site.world.db, seance, [journey.dossier], journey.secretary, NOW)
    client, anybody = site.client(site.world.secretary), site.anonymous()

    first = address_given(site.post(client, "/calendrier/abonnements", owner="moi").text)
    (event,) = Calendar.from_ical(anybody.get(first).content).walk("VEVENT")
    second = address_given(site.post(client, "/calendrier/abonnements", owner="moi").text)
    assert (anybody.get(first).status_code, anybody.get(second).status_code) == (404, 200)
    assert str(event["status"]) == "TENTATIVE"
    assert journey.dossier.title in str(event["description"])
    assert str(event["url"]).endswith(f"/seances/{seance.id}")

    with site.application.read() as db:
        living = db.scalars(select(CalendarFeed).where(CalendarFeed.revoked_at.is_(None))).one()
        assert second.split("/")[-1].removesuffix(".ics") not in (living.token_hash, str(living.id))
    gone = site.post(client, f"/calendrier/abonnements/{living.id}/revocation")
    assert "Adresse révoquée" in gone.text
    assert anybody.get(second).status_code == 404
    assert second not in client.get("/calendrier").text


@one_engine
def test_the_calendar_of_a_body_names_no_dossier_and_no_other_body(site: Site) -> None:
    journey = at(site.world, "commitment")
    seance = planned(site)
    planned(site, "pilotage", JULY + timedelta(days=1))
    set_agenda(site.world.db, seance, [journey.dossier], journey.secretary, NOW)
    client = site.client(site.world.secretary)
    path = address_given(site.post(client, "/calendrier/abonnements", owner="comite").text)

    content = site.anonymous().get(path)

    (event,) = Calendar.from_ical(content.content).walk("VEVENT")
    assert content.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "Dossiers à l’ordre du jour : 1." in str(event["description"])
    assert "url" not in event
    assert journey.dossier.title not in content.text and journey.dossier.reference not in content.text


@one_engine
def test_a_member_reads_its_bodies_only_and_nobody_reads_for_a_person_who_left(site: Site) -> None:
    planned(site)
    planned(site, "groupe-education", JULY + timedelta(days=1))
    client = site.client(site.world.financers["region"])  # not in the education group
    path = address_given(site.post(client, "/calendrier/abonnements", owner="moi").text)
    events = Calendar.from_ical(site.anonymous().get(path).content).walk("VEVENT")
    assert [str(event["summary"]) for event in events] == ["Comité d’engagement"]

    for mandate in site.world.financers["region"].mandates:
        mandate.to_on = NOW.date() - timedelta(days=1)
    site.world.db.commit()

    assert site.anonymous().get(path).status_code == 404


@one_engine
def test_a_calendar_that_has_not_changed_is_not_sent_again(site: Site) -> None:
    seance = planned(site)
    client, anybody = site.client(site.world.secretary), site.anonymous()
    path = address_given(site.post(client, "/calendrier/abonnements", owner="comite").text)
    first = anybody.get(path)
    again = anybody.get(path, headers={"If-None-Match": first.headers["etag"]})
    with site.application.write() as db:
        moved, later = db.get_one(Seance, seance.id), JULY + timedelta(days=1)
        secretary = actor_for(db, site.world.secretary, NOW.date())
        fire(db, moved, "move", secretary, None, NOW + timedelta(hours=1), starts_at=later)
    changed = anybody.get(path, headers={"If-None-Match": first.headers["etag"]})

    assert (first.status_code, again.status_code, again.content, changed.status_code) == (200, 304, b"", 200)
    (before,), (after,) = (Calendar.from_ical(one.content).walk("VEVENT") for one in (first, changed))
    assert (before["sequence"], after["sequence"]) == (0, 1)
    assert before["uid"] == after["uid"]
    assert before.decoded("last-modified") < after.decoded("last-modified")


@one_engine
def test_a_conference_in_writing_is_planned_shown_and_its_minutes_read(site: Site) -> None:
    journey = at(site.world, "financers_conference")
    client = site.client(site.world.secretary)
    form = {"body": "conference", "starts_at": "2026-04-14T18:00", "mode": "written", "reason": "Urgence"}
    base = site.post(client, "/seances", **form).url.path
    assert "1 dossier ajouté" in site.post(client, f"{base}/ordre-du-jour/completer").text
    page = site.post(client, f"{base}/actions/convoke").text
    assert "Réponses attendues jusqu’au" in page and "Séance extraordinaire : Urgence" in page
    assert "Ouvrir la séance" not in page
    journey.now = NOW + timedelta(days=1)
    journey.answer_all()
    site.world.db.commit()

    closed = site.post(client, f"{base}/actions/close_written")
    minutes = client.get(f"{base}/proces-verbal").text

    assert "désormais close" in closed.text
    assert "Conférence tenue par écrit" in minutes and "montant ferme" in minutes
    assert "Tous les financeurs sollicités ont répondu." in minutes
    assert "par écrit" in client.get("/calendrier?mois=2026-04").text


@one_engine
def test_dossiers_that_a_far_conference_keeps_waiting_are_told(site: Site) -> None:
    at(site.world, "financers_conference")
    client = site.client(site.world.secretary)
    told = "1 dossier en conférence des financeurs attend une date : "
    assert f"{told}aucune conférence n’est prévue" in client.get("/calendrier").text

    planned(site, "conference", NOW + timedelta(days=60))
    site.world.db.commit()
    assert f"{told}la prochaine conférence est le" in client.get("/calendrier").text

    planned(site, "conference", NOW + timedelta(days=20))
    site.world.db.commit()
    assert told not in client.get("/calendrier").text


@one_engine
def test_nobody_gives_the_address_of_a_body_they_do_not_keep(site: Site) -> None:
    client = site.client(site.world.financers["caf"])

    assert site.post(client, "/calendrier/abonnements", owner="comite").status_code == 403
    assert site.post(client, "/calendrier/abonnements", owner="inconnue").status_code == 422
    assert site.post(client, "/calendrier/abonnements", owner="").status_code == 422


@one_engine
def test_an_unknown_address_is_not_found_and_no_log_holds_one(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    planned(site)
    client, anybody = site.client(site.world.secretary), site.anonymous()
    path = address_given(site.post(client, "/calendrier/abonnements", owner="moi").text)
    with caplog.at_level(logging.DEBUG):
        assert anybody.get("/agenda/inconnue.ics").status_code == 404
        assert anybody.get(f"/agenda/{'x' * 5000}.ics").status_code == 404
        site.world.db.execute(CalendarFeed.__table__.delete())
        site.world.db.execute(Seance.__table__.delete())
        site.world.db.commit()
        assert anybody.get(path).status_code == 404

    token = path.split("/")[-1].removesuffix(".ics")
    ours = [record for record in caplog.records if record.name.startswith(("web", "app", "workflow"))]
    assert [record for record in ours if token in record.getMessage()] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_years_seances_are_proposed_then_planned_on_screen(site: Site) -> None:
    """The page asks nobody to type a command: a preview with its reasons, then the same act as `seance plan`."""
    year = site.application.today().year + 1
    client = site.client(site.world.secretary)
    page = client.get("/calendrier").text
    link = f"/calendrier/propositions?annee={year}"
    assert f'href="{link}">Proposer les séances de {year}</a>' in page and "coinstruction seance" not in page
    shown = client.get(link).text
    codes = re.findall(r'name="keep" value="([^"]+)" checked', shown)
    assert len(codes) > 1 and "pourquoi cette date" in shown
    done = site.post(client, "/calendrier/propositions", year=year, keep=codes[:-1])
    assert f"prévues en {year}" in done.text.replace("\u00a0", " ") and done.url.path == "/calendrier"
    left = re.findall(r'name="keep" value="([^"]+)" checked', client.get(link).text)
    assert codes[-1] in left and not set(codes[:-1]) & set(left)
    assert "Aucune séance n’a été ajoutée" in site.post(client, "/calendrier/propositions", year=year).text
    other = site.client(site.world.financers["caf"])
    assert "Proposer les séances" not in other.get("/calendrier").text
    assert other.get(link).status_code == 403
    assert site.post(other, "/calendrier/propositions", year=year, keep=codes).status_code == 403
    assert client.get("/calendrier/propositions?annee=%00x").status_code == 200


@one_engine
def test_a_closed_day_is_told_and_a_past_one_refused_in_its_own_words(site: Site) -> None:
    seance = planned(site)
    client, path = site.client(site.world.secretary), f"/seances/{seance.id}/actions/move"
    sunday = site.post(client, path, starts_at="2026-07-12T14:00", version=seance.version)
    assert sunday.status_code == 422
    assert "est à éviter" in sunday.text and "dimanche" in sunday.text
    past = site.post(client, path, starts_at="2020-07-09T14:00")
    assert past.status_code == 409 and "ne peut plus être fixée à une date passée" in past.text
    assert "ne peut plus être convoquée" not in past.text
