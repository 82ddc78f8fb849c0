# SPDX-License-Identifier: EUPL-1.2
"""The round table on screen: what each reader types, one cell answered in place, what a second screen hears, blocks and files."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from httpx2 import Response
from openpyxl import load_workbook
from sqlalchemy import event, select

from tests.web.conftest import Site
from tests.workflow.grid.tables import CAF, EPCI, REGION, STATE, TOWN, conference
from tests.workflow.journey import Journey, at
from web.sessions import form_token
from workflow.machine import fire
from workflow.models import Envelope, Person, Seance

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
IN_PLACE = {"hx-request": "true"}


class Table:
    """One conference and its page, as somebody has it open."""

    def __init__(self, site: Site, seance: Seance, person: Person | None = None) -> None:
        self.site, self.seance = site, seance
        self.client = site.client(person or site.world.secretary)
        self.base = f"/seances/{seance.id}/table"
        self.html = self.client.get(self.base).text

    def field(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.html)
        assert found is not None
        return found[1]

    def cell(self, journey: Journey, key: str) -> str:
        return f"{journey.dossier.id}/{self.site.world.credits[key].id}"

    def version(self, journey: Journey, key: str) -> str:
        found = re.search(rf'id="c{self.cell(journey, key).replace("/", "-")}"[^>]*data-v="(\d+)"', self.html)
        return found[1] if found else "0"

    def typed(self, journey: Journey, key: str, text: str, **more: str) -> Response:
        form = {
            "jeton": form_token(self.client.cookies["session"]),
            "saisie": text,
            "version": self.version(journey, key),
            "depuis": self.field("depuis"),
            "colonnes": self.field("colonnes"),
        }
        address = f"{self.base}/{self.cell(journey, key)}"
        return self.client.post(address, data={**form, **more}, headers=IN_PLACE)

    def heard(self) -> Response:
        asked = {"depuis": self.field("depuis"), "colonnes": self.field("colonnes")}
        return self.client.get(f"{self.base}/suite", params=asked, headers=IN_PLACE)

    def pasted(self, journey: Journey, key: str, text: str, *, in_place: bool = False) -> Response:
        page = self.client.get(f"{self.base}/collage").text
        form = {
            "jeton": form_token(self.client.cookies["session"]),
            "bloc": text,
            "etat": re.findall(r'name="etat" value="([^"]*)"', page),
            "colonnes": re.findall(r'name="colonnes" value="([^"]*)"', page),
            "dossier": str(journey.dossier.id),
            "credit": str(self.site.world.credits[key].id),
            "depuis": self.field("depuis"),
            "page": self.field("colonnes"),
        }
        return self.client.post(f"{self.base}/collage", data=form, headers=IN_PLACE if in_place else {})


def two(site: Site) -> tuple[Journey, Journey, Seance]:
    first, second = (
        at(site.world, "financers_conference"),
        at(site.world, "financers_conference", site.world.dossier()),
    )
    return first, second, conference(site.world, first, second)


def test_the_secretary_types_for_all_and_the_answer_is_what_moved(site: Site) -> None:
    first, second, seance = two(site)
    table = Table(site, seance)
    answer = table.typed(first, CAF, "3000 ferme")
    assert answer.status_code == 200
    assert f'id="r{first.dossier.id}"' in answer.text and f'id="r{second.dossier.id}"' not in answer.text
    assert "<b>3\u202f000\u00a0€</b> <i>ferme</i>" in answer.text
    assert 'id="pied"' in answer.text and 'id="cibles"' in answer.text and 'id="depuis"' in answer.text
    assert "reste 5\u202f000\u00a0€ à trouver" in answer.text
    line = site.line(first.dossier, CAF)
    assert (line.state, line.proposed) == ("firm", Decimal(3000))
    again = table.typed(second, STATE, "6000")  # more than was asked
    assert again.status_code == 409 and "non enregistré" in again.text
    assert site.line(second.dossier, STATE).proposed is None


def test_two_screens_hear_each_other_and_nothing_when_nothing_moves(site: Site) -> None:
    first, second, seance = two(site)
    mine, theirs = Table(site, seance), Table(site, seance, site.world.financers["etat"])
    silent = theirs.heard()
    assert (silent.status_code, silent.content) == (204, b"")
    mine.typed(first, CAF, "3000 ferme")
    heard = theirs.heard()
    assert heard.status_code == 200 and f'id="r{first.dossier.id}"' in heard.text
    assert f'id="r{second.dossier.id}"' not in heard.text and "recharger la table" not in heard.text
    fire(site.world.db, seance, "open", first.secretary, None, first.now)
    site.world.db.commit()
    assert "recharger la table" in theirs.heard().text
    assert theirs.client.get(f"{theirs.base}/suite", params={"depuis": "hier"}).status_code == 422


def test_what_is_typed_while_a_screen_is_answered_is_told_to_it_the_next_time(site: Site) -> None:
    first, second, seance = two(site)
    mine, theirs = Table(site, seance), Table(site, seance, site.world.financers["etat"])
    mine.typed(first, CAF, "3000 ferme")
    late: list[int] = []

    def type_meanwhile(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("SELECT DISTINCT journal.chain") and not late:
            late.append(0)
            late[0] = mine.typed(second, CAF, "2500").status_code

    event.listen(site.application.engine, "after_cursor_execute", type_meanwhile)
    heard = theirs.heard()
    event.remove(site.application.engine, "after_cursor_execute", type_meanwhile)
    assert late == [200] and heard.status_code == 200
    theirs.html = heard.text + theirs.html  # the new mark, the same columns

    assert f'id="r{second.dossier.id}"' in theirs.heard().text


def test_a_conflict_is_shown_in_the_cell_with_both_values(site: Site) -> None:
    first, _, seance = two(site)
    mine, theirs = Table(site, seance), Table(site, seance, site.world.financers["caf"])
    mine.typed(first, CAF, "3000 ferme")
    late = theirs.typed(first, CAF, "2500")
    assert late.status_code == 409
    for said in ("2500", "par Sacha Secrétaire à 10", "3000", "Remettre ma saisie", "Garder 3000"):
        assert said in late.text
    assert site.line(first.dossier, CAF).promised == Decimal(3000)
    version = re.search(r'data-v="(\d+)"', late.text)
    assert version is not None
    assert theirs.typed(first, CAF, "2500", version=version[1]).status_code == 200
    assert site.line(first.dossier, CAF).promised == Decimal(2500)


@one_engine
def test_a_financer_types_only_in_its_own_column(site: Site) -> None:
    first, _, seance = two(site)
    table = Table(site, seance, site.world.financers["caf"])
    assert f'data-editable="{site.world.credits[CAF].id}"' in table.html
    assert "vous saisissez la colonne de votre organisme" in table.html
    refused = table.typed(first, STATE, "4000")
    assert refused.status_code == 409 and "n’est pas la vôtre" in refused.text
    page = site.post(
        table.client, f"{table.base}/{table.cell(first, STATE)}", answer="", amount="4000", version="1"
    )
    assert page.status_code == 403 and "n’est pas la vôtre" in page.text
    assert "remplissent cette case" in table.client.get(f"{table.base}/{table.cell(first, STATE)}").text
    assert table.pasted(first, STATE, "1").status_code == 422
    reader = Table(site, seance, site.world.instructor)
    assert "vous saisissez la colonne" in reader.html  # of the State, which this person answers for
    assert "vous lisez la table" in Table(site, seance, site.world.pilot).html


@one_engine
def test_without_a_script_a_cell_has_its_page(site: Site) -> None:
    first, _, seance = two(site)
    table = Table(site, seance, site.world.financers["region"])
    address = f"{table.base}/{table.cell(first, REGION)}"
    assert "La case" in table.client.get(address).text
    form = {"answer": "indicative", "amount": "1 500", "expected_on": "2026-06-12", "version": "0"}
    page = site.post(table.client, address, **form)
    assert page.status_code == 200 and "Case enregistrée" in page.text  # a line nobody requested was opened
    line = site.line(first.dossier, REGION)
    assert (line.promised, line.proposed, line.expected_on) == (
        Decimal(1500),
        Decimal(1500),
        date(2026, 6, 12),
    )
    assert (
        "Rien n’a changé" in site.post(table.client, address, **{**form, "version": str(line.version)}).text
    )
    wrong = site.post(
        table.client, address, answer="declined", reason="", amount="", version=str(line.version)
    )
    assert wrong.status_code == 409 and "motif" in wrong.text
    absurd = site.post(table.client, address, answer="firm", amount="-5", version=str(line.version))
    assert absurd.status_code == 422 and "-5" in absurd.text and 'href="#form-' in absurd.text
    stale = site.post(table.client, address, answer="firm", amount="900", version="0")
    assert stale.status_code == 409 and "entre-temps" in stale.text


@one_engine
def test_the_columns_shown_are_those_used_and_all_on_demand(site: Site) -> None:
    _, _, seance = two(site)
    table = Table(site, seance)
    credits = site.world.credits
    assert f'id="h{credits[EPCI].id}"' not in table.html
    assert f'id="h{credits[EPCI].id}"' in table.client.get(f"{table.base}?colonnes=toutes").text
    for odd in ("abc", "1,2,9999", "٣", "," * 50):
        assert table.client.get(table.base, params={"colonnes": odd}).status_code == 200


@one_engine
def test_envelopes_are_flagged_and_only_a_notified_one_will_block(site: Site) -> None:
    first, _, seance = two(site)
    table = Table(site, seance)
    table.typed(first, STATE, "4000")
    for status, said in (
        ("notified", "bloquera la clôture du comité"),
        ("provisional", "enveloppe provisoire"),
    ):
        with site.application.write() as db:
            row = db.scalars(select(Envelope).where(Envelope.credit_id == site.world.credits[STATE].id)).one()
            row.status, row.amount = status, Decimal(3999)
        assert said in table.client.get(table.base).text


@one_engine
def test_each_year_of_the_agenda_has_its_own_envelopes(site: Site) -> None:
    world = site.world
    this, next_ = (
        Journey(world, world.dossier(stage="financers_conference", year=world.year + more)) for more in (0, 1)
    )
    state = world.credits[STATE].id
    row = world.db.scalars(select(Envelope).where(Envelope.credit_id == state)).one()
    row.amount = Decimal(10000)
    world.db.add(Envelope(credit_id=state, year=row.year + 1, status="notified", amount=Decimal(3000)))
    table = Table(site, conference(world, this, next_))

    def left(html: str) -> list[str]:
        """The standing of the State's envelopes, the last column of each line of the foot."""
        rank = table.field("colonnes").split(",").index(str(world.credits[STATE].id))
        lines = re.findall(
            r'<th scope="row">Reste sur l’enveloppe <small>([^<]*)</small></th>(.*?)</tr>', html
        )
        cells = [re.findall(r"<td[^>]*>(.*?)</td>", line)[rank] for _, line in lines]
        return [f"{name} {cell}" for (name, _), cell in zip(lines, cells, strict=True)]

    year = world.year
    assert left(table.html) == [
        f"programme {year} 10\u202f000\u00a0€",
        f"programme {year + 1} 3\u202f000\u00a0€",
    ]
    assert f"de {year + 1}</small>" in table.html
    first = table.typed(this, STATE, "4000").text
    assert left(first)[0].endswith(" 6\u202f000\u00a0€") and left(first)[1].endswith(" 3\u202f000\u00a0€")
    table.html = table.client.get(table.base).text
    for html in (table.typed(next_, STATE, "4000").text, table.client.get(table.base).text):
        assert left(html)[0].endswith(" 6\u202f000\u00a0€")
        assert "-1\u202f000\u00a0€" in left(html)[1].replace("−", "-") and "bloquera" in left(html)[1]


@one_engine
def test_droit_commun_not_asked_and_not_answered_is_seen_at_a_glance(site: Site) -> None:
    first, _, seance = two(site)
    html = Table(site, seance).html
    assert html.count('class="awaited"') == 6 and "6 sans réponse, 0 non sollicité" in html
    site.world.db.delete(first.line(TOWN))
    first.dossier.opinions_due_on = date(2026, 3, 1)
    site.world.db.commit()
    html = Table(site, seance).html
    assert html.count('class="unasked"') == 1 and html.count('class="late"') == 2
    assert "5 sans réponse, 1 non sollicité" in html
    assert "3 réponses de droit commun attendues" in html


@one_engine
def test_a_locked_line_is_said_and_asks_a_reason(site: Site) -> None:
    first, _, seance = two(site)
    first.line(STATE).forecast = Decimal(4000)
    site.world.db.commit()
    table = Table(site, seance)
    assert "verrouillé, CPO 4\u202f000\u00a0€" in table.html and " data-l>" in table.html
    page = table.client.get(f"{table.base}/{table.cell(first, STATE)}").text
    assert "Ligne verrouillée" in page and "demande un motif" in page


@one_engine
def test_last_year_and_its_report_are_one_click_away(site: Site) -> None:
    before = Journey(site.world, site.world.dossier(year=2025, reference="V1", stage="reported"))
    first, _, seance = two(site)
    first.dossier.action_id = before.dossier.action_id
    site.world.db.commit()
    table = Table(site, seance)
    assert f'href="table/{first.dossier.id}" data-fiche' in table.html
    page = table.client.get(f"{table.base}/{first.dossier.id}").text
    for said in ("Dossier V1, exercice 2025", "Bilan définitif", "Envoi au comité", "Réponse attendue"):
        assert said in page
    assert table.client.get(f"{table.base}/{before.dossier.id}").status_code == 404


@one_engine
def test_a_block_is_pasted_whole_or_reported_cell_by_cell(site: Site) -> None:
    first, second, seance = two(site)
    table = Table(site, seance)
    done = table.pasted(first, CAF, "3000 ferme\t4000\nnc\t3500")
    assert done.status_code == 200 and "4 cases modifiées" in done.text
    assert site.line(second.dossier, CAF).state == "not_concerned"
    refused = table.pasted(first, CAF, "2000\t99999\n-5\t1")
    assert refused.status_code == 409
    for said in ("-5", "positif", "rien n’a été enregistré"):
        assert said in refused.text
    assert site.line(first.dossier, CAF).promised == Decimal(3000)  # 2000 was not kept either
    ruled = table.pasted(first, CAF, "2000\t9999", in_place=True)
    assert ruled.status_code == 409 and 'id="fiche-contenu"' in ruled.text and "9999" in ruled.text
    assert site.line(first.dossier, CAF).promised == Decimal(3000)
    assert table.pasted(first, CAF, "2000\t1000", in_place=True).status_code == 200
    assert table.pasted(first, STATE, "1\t2\t3").status_code == 422
    gone = site.post(table.client, f"{table.base}/collage", bloc="1", dossier="1", credit="2", colonnes="2")
    assert gone.status_code == 422 and "rechargez la page" in gone.text


def exported(table: Table, key: str) -> tuple[str, object]:
    address = f"{table.base}/colonnes/{table.site.world.credits[key].id}"
    sent = table.client.get(f"{address}/colonne.xlsx")
    assert sent.status_code == 200
    return address, load_workbook(io.BytesIO(sent.content))


def brought_back(table: Table, address: str, book: object) -> Response:
    content = io.BytesIO()
    book.save(content)  # type: ignore[attr-defined]
    form = {"jeton": form_token(table.client.cookies["session"])}
    return table.client.post(address, data=form, files={"file": ("colonne.xlsx", content.getvalue())})


def applied(table: Table, address: str, page: str, *more: str) -> Response:
    hidden = [unescape(v) for v in re.findall(r'type="hidden" name="ligne" value="([^"]*)"', page)]
    form = {"jeton": form_token(table.client.cookies["session"]), "ligne": [*hidden, *more]}
    return table.client.post(f"{address}/application", data=form)


@one_engine
def test_a_column_leaves_and_comes_back_previewed_then_kept(site: Site) -> None:
    first, second, seance = two(site)
    table = Table(site, seance, site.world.financers["caf"])
    address, book = exported(table, CAF)
    sheet = book.active  # type: ignore[attr-defined]
    sheet["G2"], sheet["H2"] = "ferme", 3000
    sheet["G3"], sheet["J3"] = "refus", "crédits épuisés"
    preview = brought_back(table, address, book)
    assert preview.status_code == 200 and "2 à enregistrer, 0 en conflit" in preview.text
    assert site.line(first.dossier, CAF).state == "asked"  # nothing yet
    assert "2 cases modifiées" in applied(table, address, preview.text).text
    assert site.line(first.dossier, CAF).promised == Decimal(3000)
    assert site.line(second.dossier, CAF).reason == "crédits épuisés"
    stale = applied(table, address, preview.text)
    assert stale.status_code == 409  # the table has moved since that preview


@one_engine
def test_a_file_changed_on_both_sides_keeps_the_table_unless_chosen(site: Site) -> None:
    first, second, seance = two(site)
    table = Table(site, seance, site.world.financers["caf"])
    address, book = exported(table, CAF)
    sheet = book.active  # type: ignore[attr-defined]
    for row in ("2", "3"):
        sheet[f"G{row}"], sheet[f"H{row}"] = "ferme", 3000
    secretary = Table(site, seance)
    secretary.typed(first, CAF, "1000")
    secretary.typed(second, CAF, "1000")
    preview = brought_back(table, address, book)
    assert "0 à enregistrer, 2 en conflit" in preview.text and "indicatif · 1\u202f000" in preview.text
    chosen = [unescape(v) for v in re.findall(r'type="checkbox" name="ligne" value="([^"]*)"', preview.text)]
    assert "1 case modifiée" in applied(table, address, preview.text, chosen[0]).text
    assert [site.line(j.dossier, CAF).promised for j in (first, second)] == [Decimal(3000), Decimal(1000)]


@one_engine
def test_a_wrong_file_is_refused_whole_with_the_place(site: Site) -> None:
    first, _, seance = two(site)
    table = Table(site, seance, site.world.financers["caf"])
    address, book = exported(table, CAF)
    sheet = book.active  # type: ignore[attr-defined]
    sheet["G2"], sheet["H2"] = "ferme", 3000
    sheet["G3"], sheet["H3"] = "ferme", -5
    preview = brought_back(table, address, book)
    assert (
        "rien ne sera enregistré" in preview.text
        and "négatif" in preview.text
        and "Enregistrer dans" not in preview.text
    )
    sheet["H3"] = 99_999  # readable, refused by a rule
    preview = brought_back(table, address, book)
    assert "Refusé par les règles" in preview.text and "Enregistrer dans" not in preview.text
    other = Table(site, conference(site.world, first, days=60), site.world.financers["caf"])
    elsewhere = f"{other.base}/colonnes/{site.world.credits[CAF].id}"
    refused = brought_back(other, elsewhere, book)
    assert refused.status_code == 422 and f"autre séance (n° {seance.id})" in refused.text
    state = f"{table.base}/colonnes/{site.world.credits[STATE].id}"
    assert brought_back(table, state, book).status_code == 403
    assert table.client.get(f"{state}/colonne.xlsx").status_code == 403
    assert (
        brought_back(Table(site, seance), state, book).status_code == 403
    )  # another credit's file, by the secretary
    for lines in (
        "[]",
        "nope",
        '[1,1,"firm","NaN",null,null,null,null]',
        '[1,1,"firm","1e400",null,null,null,null]',
        '[1,1,"firm","x",null,null,null,null]',
        '[1,1,"firm","1",null,null,null,"-5"]',
        "[1,2]",
    ):
        refused = applied(table, address, "", lines)
        assert refused.status_code == 422 and "Aperçu illisible" in refused.text
    fire(site.world.db, seance, "cancel", first.secretary, "grève", first.now)
    site.world.db.commit()
    assert brought_back(table, address, book).status_code == 409
    assert table.typed(first, CAF, "1").status_code == 409
    assert table.pasted(first, CAF, "1").status_code in (409, 422)
    assert site.line(first.dossier, CAF).promised is None


@contextmanager
def counted(site: Site) -> Iterator[list[str]]:
    heard: list[str] = []

    def hear(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith("BEGIN"):
            heard.append(statement)

    event.listen(site.application.engine, "before_cursor_execute", hear)
    yield heard
    event.remove(site.application.engine, "before_cursor_execute", hear)


def statements(site: Site, number: int) -> list[int]:
    """Of the page made whole, of the page again, of one cell, of what moved, of nothing."""
    world = site.world
    journeys = [Journey(world, world.dossier(stage="financers_conference")) for _ in range(number)]
    table = Table(site, conference(world, *journeys, days=20 + number))
    site.web.state.grid = type(site.web.state.grid)()
    found = []

    def note(act: object) -> None:
        with counted(site) as heard:
            assert act().status_code < 300  # type: ignore[operator]
        found.append(len(heard))

    other = Table(site, table.seance)
    site.web.state.grid = type(site.web.state.grid)()
    note(lambda: table.client.get(table.base))
    note(lambda: table.client.get(table.base))
    note(lambda: table.typed(journeys[3], STATE, "100"))
    note(other.heard)
    other.html = other.client.get(other.base).text
    note(other.heard)
    return found


def test_every_act_costs_the_same_statements_with_5_and_50_dossiers(site: Site) -> None:
    assert statements(site, 5) == statements(site, 50)


@one_engine
def test_only_a_conference_has_a_table(site: Site) -> None:
    committee = at(site.world, "commitment").committee()
    client = site.client(site.world.secretary)
    assert client.get(f"/seances/{committee.id}/table").status_code == 409
    assert "Table des financeurs" not in client.get(f"/seances/{committee.id}").text
    seance = conference(site.world, at(site.world, "financers_conference", site.world.dossier()))
    assert (
        f'href="/seances/{seance.id}/table"'
        in site.client(site.world.secretary).get(f"/seances/{seance.id}").text
    )
    for stranger in (site.world.stranger, site.world.bearer):
        assert site.client(stranger).get(f"/seances/{seance.id}/table").status_code in (403, 404)
    empty = conference(
        site.world, at(site.world, "financers_conference", site.world.dossier()), days=70, status="planned"
    )
    empty.items.clear()
    site.world.db.commit()
    assert "Ordre du jour vide" in client.get(f"/seances/{empty.id}/table").text
