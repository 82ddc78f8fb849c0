# SPDX-License-Identifier: EUPL-1.2
"""Envelopes: what is left of each, who writes the figures, with which reason, under which version, and the exports."""

import re
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from tests.factories import YEAR
from tests.factories.statements import counted
from tests.web.conftest import Site
from tests.workflow.journey import at
from workflow.envelopes import envelope_history, find_envelope
from workflow.journal import verify_all
from workflow.models import Envelope

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
STATE = "etat:specifique"


def plain(text: str) -> str:
    return re.sub(r"[\u00a0\u202f]", " ", text)


def address(site: Site, key: str = STATE, year: int = YEAR) -> str:
    return f"/enveloppes/{site.world.credits[key].id}/{year}"


def envelope(site: Site, key: str = STATE, year: int = YEAR) -> Envelope | None:
    with site.application.read() as db:
        return find_envelope(db, site.world.credits[key], year)


def written(site: Site, amount: str, status: str = "notified", key: str = STATE) -> None:
    client = site.client(site.world.pilot)
    current = envelope(site, key)
    version = current.version if current else 0
    answer = site.post(
        client, address(site, key), status=status, amount=amount, version=version, reason="Notification"
    )
    assert answer.status_code == 200


def row_of(page: str, label: str) -> str:
    return next(row for row in plain(page).split('<tr><th scope="row">')[1:] if label in row)


def test_the_page_says_what_is_left_and_flags_what_is_exceeded(site: Site) -> None:
    at(site.world, "committed")
    written(site, "10 000,00")
    client = site.client(site.world.colleague)
    page = client.get(f"/enveloppes?annee={YEAR}").text
    row = row_of(page, "10 000 €")
    assert "notifiée" in row and "4 000 €" in row and "6 000 €" in row
    assert "dépassée" not in row
    written(site, "3 000")
    page = client.get(f"/enveloppes?annee={YEAR}").text
    assert "dépassée" in row_of(page, "\u22121 000 €")
    assert "est dépassée de" in plain(page)
    assert "1 enveloppe dépassée" in plain(page)
    assert 'role="img"' in page and "style=" not in page


def test_who_writes_the_figures(site: Site) -> None:
    world = site.world
    for person in (world.pilot, world.administrator, world.financers["etat"]):
        client = site.client(person)
        current = envelope(site)
        version = current.version if current else 0
        form = {
            "status": "provisional",
            "amount": str(1000 + version),
            "version": version,
            "reason": "Révision",
        }
        assert site.post(client, address(site), **form).status_code == 200
    for person in (world.financers["caf"], world.instructor, world.secretary, world.citizen):
        client = site.client(person)
        refused = site.post(client, address(site), status="notified", amount="5", version=0)
        assert refused.status_code == 403
        assert "Enregistrer l’enveloppe" not in client.get(f"/enveloppes/{world.credits[STATE].id}").text
    stranger = site.post(site.client(world.stranger), address(site), status="notified", amount="5")
    assert stranger.status_code == 404


def test_a_notified_figure_changes_with_a_reason_only(site: Site) -> None:
    written(site, "10000")
    client = site.client(site.world.pilot)
    current = envelope(site)
    assert current is not None
    refused = site.post(client, address(site), status="notified", amount="9000,50", version=current.version)
    assert refused.status_code == 422
    assert "Motif : à renseigner" in plain(refused.text) and 'value="9000,50"' in refused.text
    site.post(
        client,
        address(site),
        status="notified",
        amount="9000,50",
        version=current.version,
        reason="Gel de crédits",
    )
    page = plain(client.get(f"/enveloppes/{site.world.credits[STATE].id}?annee={YEAR}").text)
    assert "notifiée, 10 000 €" in page and "notifiée, 9 000,50 €" in page and "Gel de crédits" in page
    assert site.world.pilot.name in page and site.world.pilot.email not in page.split("Historique")[1]
    with site.application.read() as db:
        lines = envelope_history(db, find_envelope(db, site.world.credits[STATE], YEAR))
        assert lines[-1].details["before"] == {"status": "notified", "amount": "10000.00"}
        assert lines[-1].reason == "Gel de crédits"
        assert verify_all(db) == []


def test_a_page_read_before_somebody_else_is_a_conflict_that_loses_nothing(site: Site) -> None:
    written(site, "10000", status="provisional")
    client = site.client(site.world.financers["etat"])
    stale = site.post(client, address(site), status="notified", amount="7777", version=0)
    assert stale.status_code == 409
    assert "Modifié entre-temps" in stale.text and 'value="7777"' in stale.text
    kept = envelope(site)
    assert kept is not None and kept.amount == Decimal(10000)


@one_engine
def test_unreadable_figures_are_told_on_their_field(site: Site) -> None:
    client = site.client(site.world.pilot)
    for amount, status in (("abc", "notified"), ("-5", "notified"), ("", "provisional"), ("5", "autre")):
        answer = site.post(client, address(site), status=status, amount=amount, version=0)
        assert answer.status_code == 422, amount
    assert site.post(client, address(site, year=1), status="notified", amount="5").status_code == 422
    assert client.get("/enveloppes/999999").status_code == 404
    assert client.get("/enveloppes/99999999999999").status_code == 404
    assert client.get("/enveloppes?annee=zzz").status_code == 200


@one_engine
def test_the_lines_of_a_credit_are_sorted_and_exported(site: Site) -> None:
    for amount in (300, 100, 200):
        dossier = site.world.dossier(title=f"Action {amount}", requests={STATE: Decimal(amount)})
        at(site.world, "submitted", dossier)
    client = site.client(site.world.colleague)
    number = site.world.credits[STATE].id
    page = client.get(f"/enveloppes/{number}?annee={YEAR}&tri=-requested").text
    assert re.findall(r"Action \d+", page) == ["Action 300", "Action 200", "Action 100"]
    assert "600 €" in plain(page.split("<tfoot>")[1])
    csv = client.get(f"/enveloppes/{number}/lignes.csv?annee={YEAR}").content.decode("utf-8-sig")
    assert csv.count("Action") == 3 and "300,00" in csv
    for form in ("xlsx", "ods", "csv"):
        answer = client.get(f"/enveloppes.{form}?annee={YEAR}")
        assert answer.status_code == 200 and "attachment" in answer.headers["content-disposition"]
    assert client.get("/enveloppes.exe").status_code == 404
    assert client.get(f"/enveloppes/{number}/lignes.exe").status_code == 404


def test_the_number_of_statements_does_not_grow(site: Site, engine: Engine) -> None:
    client = site.client(site.world.pilot)
    addresses = ("/enveloppes", f"/enveloppes/{site.world.credits[STATE].id}")
    for path in addresses:
        client.get(path)
    before, after = [], []
    for path in addresses:
        with counted(engine) as few:
            client.get(path)
        before.append(len(few))
    for rank in range(3):
        at(site.world, "co_instruction", site.world.dossier(title=f"Action {rank}"))
    site.world.db.commit()
    for path in addresses:
        with counted(engine) as more:
            client.get(path)
        after.append(len(more))
    assert before == after
