# SPDX-License-Identifier: EUPL-1.2
"""A porteur files a request through its pages: begun, written step by step, checked, filed; and everything refused."""

import re
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from tests.factories import NOW, YEAR
from tests.factories.contract import QPV_BAS, QPV_HAUT
from tests.factories.people import SIRETS, give_mandate, make_person, make_porteur
from tests.web.conftest import Site
from tests.workflow.journey import at
from workflow.models import Contract, Dossier, Event, Journal, Organisation
from workflow.permissions import actor_for
from workflow.request.beginning import porteur_named
from workflow.stages import Role

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TITLE = "Chantiers jeunes du Haut"


def drafts(site: Site) -> list[Dossier]:
    with site.application.read() as db:
        return list(db.scalars(select(Dossier).where(Dossier.stage == "draft")))


def begin(site: Site, client: TestClient, **form: object) -> int:
    """A draft of the toy porteur; its id."""
    page = site.post(client, "/demandes", **{"title": TITLE, "year": str(YEAR), **form})
    assert page.status_code == 200, page.text
    return int(page.url.path.rpartition("/")[2])


def save(site: Site, client: TestClient, dossier: int, step: str, **form: object):  # type: ignore[no-untyped-def]
    version = site.dossier_of(dossier).version if "version" not in form else form.pop("version")
    return site.post(client, f"/demandes/{dossier}/etapes/{step}", version=str(version), **form)


def test_from_nothing_to_a_filed_request(site: Site) -> None:
    client = site.client(site.world.bearer)
    assert 'href="/demandes/nouvelle"' in client.get("/dossiers").text
    assert client.get("/demandes/nouvelle").status_code == 200
    dossier = begin(site, client)
    path = f"/demandes/{dossier}"
    for step, form in {
        "organisme": {"porteur_name": "Les Ateliers du Pont", "republican_commitment": "oui"},
        "action": {"title": TITLE, "summary": "Deux chantiers par été."},
        "appel": {"call": "aap-2026", "starts_on": "2026-03-01", "ends_on": "31/12/2026"},
        "objectifs": {"themes": ["", "education"], "objectives": ["", "1.1.1", "2.1.1"]},
        "public": {"has_individual_beneficiaries": "oui", "beneficiaries_total": "40", "beneficiaries_qpv": "30"},
        "quartiers": {"qpv": ["", QPV_HAUT]},
        "reconduction": {"renewal": "non", "cpo": "oui", "cpo_years": "3", "trajectory_2026": "8 000", "trajectory_2027": "7000"},
        "financements": {"request:etat:specifique": "5 000,50"},
        "budget": {"charge:60.1": "1 234,56", "charge:64.1": "4765,94", "produit:756": "1000", "charge:864": "300", "produit:870": "300"},
    }.items():  # fmt: skip
        assert client.get(f"{path}/etapes/{step}").status_code == 200
        page = save(site, client, dossier, step, **form)
        assert page.status_code == 200, (step, page.text)
    check = client.get(f"{path}/verification")
    assert "1.1.1 Soutenir les familles" in check.text and "Modifier" in check.text
    assert "Il manque un montant" not in check.text

    page = site.post(client, f"{path}/depot", version=str(site.dossier_of(dossier).version))

    assert page.url.path == f"{path}/recepisse" and "Demande déposée" in page.text
    filed = site.dossier_of(dossier)
    assert (filed.stage, filed.reference) == ("submitted", f"DEM-{YEAR}-0001")
    assert (filed.objectives, filed.qpv, filed.cpo_years) == (["1.1.1", "2.1.1"], [QPV_HAUT], 3)
    assert filed.cpo_trajectory == {"2026": "8000.00", "2027": "7000.00"}
    assert (filed.total_cost, filed.own_resources) == (Decimal("6000.50"), Decimal("1000.00"))
    assert filed.volunteering == Decimal("300.00")
    (line,) = filed.lines
    assert (line.key, line.requested, line.state) == ("etat:specifique", Decimal("5000.50"), "asked")
    with site.application.read() as db:
        triggers = list(
            db.scalars(
                select(Journal.trigger).where(Journal.chain == f"dossier:{dossier}").order_by(Journal.seq)
            )
        )
        assert triggers == ["register", "update", "ask", "submit"]
        assert db.scalar(select(Event.kind).where(Event.kind == "dossier.submit")) == "dossier.submit"
    again = site.post(client, f"{path}/depot", version="1")
    assert again.url.path == f"{path}/recepisse"
    assert client.get(path).url.path == f"/dossiers/{dossier}"


@one_engine
def test_beginning_twice_is_one_draft(site: Site) -> None:
    client = site.client(site.world.bearer)
    first = begin(site, client)
    assert begin(site, client, title=f" {TITLE.upper()} ") == first
    assert len(drafts(site)) == 1


@one_engine
@pytest.mark.parametrize(
    ("name", "typed"), [("title", ""), ("title", "x" * 501), ("year", "1999"), ("year", "bientôt")]
)
def test_a_request_that_cannot_begin_says_why_and_keeps_what_was_typed(
    site: Site, name: str, typed: str
) -> None:
    client = site.client(site.world.bearer)
    sent = {"title": TITLE, "year": str(YEAR), "porteur": str(site.world.porteur.id), name: typed}
    page = site.post(client, "/demandes", **sent)
    assert page.status_code == 422 and 'role="alert"' in page.text
    assert name == "title" or TITLE in page.text
    assert drafts(site) == []


@one_engine
def test_a_request_whose_form_is_no_longer_the_page_s_is_shown_beside_it(site: Site) -> None:
    page = site.post(
        site.client(site.world.bearer), "/demandes", title="Danse @ midi"
    )  # its organisation is missing
    assert page.status_code == 422 and "Ce que vous aviez saisi" in page.text and "Danse @ midi" in page.text


@one_engine
def test_every_fault_of_a_step_is_told_beside_its_field_and_nothing_is_saved(site: Site) -> None:
    client = site.client(site.world.bearer)
    dossier = begin(site, client)
    page = save(site, client, dossier, "appel", starts_on="demain", ends_on="31/02/2026", call="aap-2026")
    assert page.status_code == 422
    assert page.text.count('class="fault"') == 2 and page.text.count('aria-invalid="true"') == 2
    assert 'value="demain"' in page.text and "Il y a un problème" in page.text
    assert site.dossier_of(dossier).call is None


@one_engine
@pytest.mark.parametrize(
    ("step", "form"),
    [
        ("financements", {"request:etat:specifique": "-5"}),
        ("financements", {"request:etat:specifique": "9" * 13}),
        ("financements", {"request:etat:specifique": "1,234"}),
        ("financements", {"request:etat:specifique": "NaN"}),
        ("budget", {"charge:60.1": "cher"}),
        ("budget", {"charge:60.1": "1" * 400}),
        ("public", {"beneficiaries_total": "-1"}),
        ("public", {"beneficiaries_total": "9" * 30}),
        ("action", {"title": "\x00"}),
        ("action", {"title": ""}),
        ("action", {"summary": "x" * 100_000}),
        ("organisme", {"porteur_email": "pas une adresse"}),
        ("organisme", {"porteur_siret": "9" * 40}),
        ("organisme", {"porteur_form": "club"}),
        ("objectifs", {"objectives": ["", "9.9.9"]}),
        ("objectifs", {"themes": ["", "a|b"]}),
        ("quartiers", {"qpv": ["", "QN99999M"]}),
        ("quartiers", {"qpv": ["", "\x00"]}),
        ("reconduction", {"cpo": "peut-être"}),
        ("reconduction", {"trajectory_2026": "x"}),
        ("reconduction", {"trajectory_abcd": "5"}),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_without_a_crash(
    site: Site, step: str, form: dict[str, object]
) -> None:
    client = site.client(site.world.bearer)
    dossier = begin(site, client)
    before = site.dossier_of(dossier).version
    page = save(site, client, dossier, step, **form)
    assert page.status_code == 422
    assert site.dossier_of(dossier).version == before
    typing = site.post(client, f"/demandes/{dossier}/etapes/{step}/saisie", version=str(before), **form)
    assert typing.status_code in (200, 422) and "<html" not in typing.text
    assert site.dossier_of(dossier).version == before


def test_any_sign_people_type_is_kept(site: Site) -> None:
    client = site.client(site.world.bearer)
    dossier = begin(site, client)
    text = "Fête 🎉 de l’été <script>alert(1)</script> « ½ » \u202e العربية"
    page = save(site, client, dossier, "action", title=text, summary=text * 20)
    assert page.status_code == 200 and "<script>alert" not in page.text
    assert site.dossier_of(dossier).title == text


@one_engine
@pytest.mark.parametrize(
    ("typed", "kept"),
    [("1 234,56", "1234.56"), ("1234.5", "1234.50"), ("12\u202f000 €", "12000.00"), ("", None)],
)
def test_amounts_are_read_the_french_way(site: Site, typed: str, kept: str | None) -> None:
    client = site.client(site.world.bearer)
    dossier = begin(site, client)
    save(site, client, dossier, "financements", **{"request:etat:specifique": typed})
    lines = site.dossier_of(dossier).lines
    assert [line.requested for line in lines] == ([Decimal(kept)] if kept else [])


@one_engine
def test_forged_fields_change_nothing(site: Site) -> None:
    client = site.client(site.world.bearer)
    dossier = begin(site, client)
    save(
        site, client, dossier, "action", stage="committed", porteur_id="1", **{"request:etat:specifique": "5"}
    )
    save(site, client, dossier, "financements", **{"request:nulle:part": "5", "title": "Pirate"})
    found = site.dossier_of(dossier)
    assert (found.stage, found.title, found.lines) == ("draft", TITLE, [])


@one_engine
def test_another_porteur_s_draft_does_not_exist(site: Site) -> None:
    other = make_porteur(site.world.db, "Autre porteur", siret=None)
    intruder = make_person(site.world.db, "intrus@autre.test")
    give_mandate(site.world.db, intruder, Role.PORTEUR, other, site.world.contract)
    dossier = begin(site, site.client(site.world.bearer))
    client, path = site.client(intruder), f"/demandes/{dossier}"
    for address in (path, f"{path}/etapes/action", f"{path}/verification", f"{path}/recepisse"):
        assert client.get(address).status_code == 404
    for address in (f"{path}/etapes/action", f"{path}/etapes/action/saisie", f"{path}/depot"):
        assert site.post(client, address, title="Pris").status_code == 404
    assert site.post(client, "/demandes/copies", source=str(dossier), year=str(YEAR + 1)).status_code == 404
    assert (
        site.post(
            client, "/demandes", title="Pris", year=str(YEAR), porteur=str(site.world.porteur.id)
        ).status_code
        == 422
    )
    assert TITLE not in client.get("/dossiers").text


@one_engine
def test_two_colleagues_do_not_overwrite_each_other(site: Site) -> None:
    colleague = make_person(site.world.db, "collegue@ateliers.test")
    give_mandate(site.world.db, colleague, Role.PORTEUR, site.world.porteur, site.world.contract)
    first, second = site.client(site.world.bearer), site.client(colleague)
    dossier = begin(site, first)
    read = site.dossier_of(dossier).version
    save(site, first, dossier, "action", title="Titre de Bérénice", summary="", version=read)

    page = save(site, second, dossier, "action", title="Titre du collègue", summary="", version=read)

    assert page.status_code == 409
    assert "Titre de Bérénice" in page.text and 'value="Titre du collègue"' in page.text
    assert site.dossier_of(dossier).title == "Titre de Bérénice"
    typing = site.post(second, f"/demandes/{dossier}/etapes/action/saisie", title="Encore", version=str(read))
    assert typing.status_code == 409 and "Non enregistré" in typing.text
    mine = save(site, first, dossier, "action", title="Le mien encore", summary="", version=read)
    assert mine.status_code == 200  # one's own savings follow each other
    assert site.dossier_of(dossier).title == "Le mien encore"


@one_engine
def test_two_tabs_of_one_person_do_not_overwrite_each_other(site: Site) -> None:
    client = site.client(site.world.bearer)
    dossier = begin(site, client)
    path = f"/demandes/{dossier}/etapes/action"
    one, other = (
        re.findall(r'name="(?:version|onglet)"[^>]* value="([^"]+)"', client.get(path).text) for _ in "ab"
    )
    assert one[0] == other[0] and one[1] != other[1]
    left, right = (dict(zip(("version", "onglet"), tab, strict=True)) for tab in (one, other))
    assert site.post(client, f"{path}/saisie", title="À gauche", **left).status_code == 200
    assert site.post(client, path, title="À gauche encore", summary="", **left).status_code == 200
    typing = site.post(client, f"{path}/saisie", title="À droite", **right)
    assert typing.status_code == 409 and "autre onglet" in typing.text
    page = site.post(client, path, title="À droite", summary="", **right)
    assert page.status_code == 409 and "autre onglet" in page.text and "Ce qui diffère" in page.text
    assert "À gauche encore" in page.text and 'value="À droite"' in page.text
    assert site.dossier_of(dossier).title == "À gauche encore"
    fresh = dict(
        zip(
            ("version", "onglet"),
            re.findall(r'name="(?:version|onglet)"[^>]* value="([^"]+)"', page.text),
            strict=True,
        )
    )
    assert site.post(client, path, title="À droite", summary="", **fresh).status_code == 200
    public = client.get(
        f"/demandes/{dossier}/etapes/public"
    )  # another step is another page: nothing is lost there
    assert (
        public.status_code == 200
        and site.post(
            client, f"/demandes/{dossier}/etapes/public", beneficiaries_total="4", **right
        ).status_code
        == 200
    )


@one_engine
def test_a_planned_amount_typed_in_two_tabs_is_shown_twice_and_overwrites_nothing(site: Site) -> None:
    client = site.client(site.world.bearer)
    dossier = begin(site, client)
    version = site.dossier_of(dossier).version
    left, right = ({"version": version, "onglet": tab} for tab in ("gauche", "droite"))
    kept = save(site, client, dossier, "budget", **{"charge:60.1": "1234,5", "charge:864": "300"}, **left)
    assert kept.status_code == 200

    page = save(site, client, dossier, "budget", **{"charge:60.1": "900", "charge:864": ""}, **right)

    differing = page.text.partition("Ce qui diffère")[2].partition("</table>")[0]
    assert page.status_code == 409 and "<td>1\u00a0234,50</td><td>900</td>" in differing
    assert "<td>300</td><td>rien</td>" in differing and 'value="900"' in page.text
    planned = {line.account: line.planned for line in site.dossier_of(dossier).budget}
    assert planned == {"60.1": Decimal("1234.50"), "864": Decimal("300.00")}


@one_engine
def test_saving_while_typing_keeps_what_can_be_read(site: Site) -> None:
    client = site.client(site.world.bearer)
    dossier = begin(site, client)
    path, version = f"/demandes/{dossier}/etapes/appel/saisie", site.dossier_of(dossier).version
    page = site.post(client, path, version=str(version), call="aap-2026", starts_on="31/0")
    assert page.status_code == 200 and "Enregistré" in page.text and "Date de début" in page.text
    found = site.dossier_of(dossier)
    assert (found.call, found.starts_on) == ("aap-2026", None)
    assert f'value="{found.version}"' in page.text


@one_engine
def test_a_request_without_any_amount_is_not_filed_and_a_late_one_is(site: Site) -> None:
    client = site.client(site.world.bearer)
    dossier = begin(site, client)
    page = site.post(client, f"/demandes/{dossier}/depot", version=str(site.dossier_of(dossier).version))
    assert page.status_code == 409 and "un montant" in page.text
    assert site.dossier_of(dossier).stage == "draft"
    save(site, client, dossier, "financements", **{"request:caf:droit_commun": "10"})
    save(site, client, dossier, "appel", call="aap-2026")  # its window is closed
    check = client.get(f"/demandes/{dossier}/verification")
    assert "Rien de ceci n’empêche le dépôt" in check.text
    site.post(client, f"/demandes/{dossier}/depot")
    assert site.dossier_of(dossier).stage == "submitted"


@one_engine
def test_a_filed_request_is_written_no_more(site: Site) -> None:
    dossier = at(site.world, "submitted").dossier
    client = site.client(site.world.bearer)
    assert client.get(f"/demandes/{dossier.id}/etapes/action").status_code == 409
    assert save(site, client, dossier.id, "action", title="Trop tard").status_code == 409
    assert site.dossier(dossier).title != "Trop tard"
    assert client.get("/demandes/999999").status_code == 404
    assert client.get(f"/demandes/{dossier.id}/etapes/nulle").status_code in (404, 409)


@one_engine
def test_a_completion_is_answered_through_the_same_steps(site: Site) -> None:
    dossier = at(site.world, "incomplete").dossier
    client, path = site.client(site.world.bearer), f"/demandes/{dossier.id}"
    tasks = client.get(path).text
    assert (
        "Ce qui vous est demandé" in tasks and "budget" in tasks and f"/dossiers/{dossier.id}/pieces" in tasks
    )
    assert save(site, client, dossier.id, "public", beneficiaries_total="55").status_code == 200
    page = site.post(client, f"{path}/depot", version=str(site.dossier(dossier).version))
    assert page.status_code == 200
    found = site.dossier(dossier)
    assert (found.stage, found.beneficiaries_total, found.completion) == ("submitted", 55, None)


@one_engine
def test_a_secretary_files_for_a_porteur_known_or_new(site: Site) -> None:
    client = site.client(site.world.secretary)
    assert "Pour quel organisme" in client.get("/demandes/nouvelle").text
    found = client.get("/demandes/nouvelle?q=ateliers")
    assert "Les Ateliers du Pont" in found.text
    known = begin(site, client, porteur=str(site.world.porteur.id))
    assert site.dossier_of(known).porteur_id == site.world.porteur.id
    new = begin(site, client, title="Action nouvelle", new_porteur="Club de Rieux")
    with site.application.read() as db:
        porteur = db.get_one(Organisation, site.dossier_of(new).porteur_id)
        assert (porteur.name, porteur.kind, porteur.name_key) == ("Club de Rieux", "porteur", "club de rieux")
        acts = db.scalars(select(Journal).where(Journal.subject == f"organisation:{porteur.id}")).all()
        assert [act.trigger for act in acts] == ["organisation.add"] and porteur.added_in is not None
    assert begin(site, client, title="Action nouvelle", new_porteur="  CLUB de Rieux") == new
    make_porteur(site.world.db, "Club de Rieux", siret=SIRETS[1])
    site.world.db.commit()
    form = {"title": "Autre action", "year": str(YEAR), "new_porteur": "Club de Rieux"}
    page = site.post(client, "/demandes", **form)
    assert page.status_code == 422 and "plusieurs organismes" in page.text


def test_two_secretaries_who_name_the_same_organisation_at_once_find_one(site: Site) -> None:
    secretary = actor_for(site.world.db, site.world.secretary, NOW.date())
    contract_id, gate, found = site.world.contract.id, Barrier(2, timeout=20), []
    site.world.db.commit()

    def name_it() -> None:
        gate.wait()
        with site.application.write() as db:
            contract = db.get_one(Contract, contract_id)
            found.append(porteur_named(db, secretary, contract, None, "Club de Rieux", NOW).id)

    together = [Thread(target=name_it) for _ in range(2)]
    for one in together:
        one.start()
    for one in together:
        one.join(30)
    assert len(found) == 2 and len(set(found)) == 1


@one_engine
@pytest.mark.parametrize("who", ["instructor", "citizen"])
def test_others_begin_nothing(site: Site, who: str) -> None:
    client = site.client(getattr(site.world, who))
    assert client.get("/demandes/nouvelle").status_code == 403
    assert site.post(client, "/demandes", title=TITLE, year=str(YEAR), porteur="1").status_code in (403, 422)
    assert drafts(site) == []


@one_engine
def test_a_draft_is_abandoned_by_its_porteur(site: Site) -> None:
    client = site.client(site.world.bearer)
    dossier = begin(site, client)
    assert "Abandonner" in client.get(f"/demandes/{dossier}").text
    site.post(client, f"/dossiers/{dossier}/actions/withdraw", reason="Projet reporté")
    assert site.dossier_of(dossier).stage == "withdrawn"


@one_engine
def test_places_of_the_list_are_words_with_populations(site: Site) -> None:
    client = site.client(site.world.bearer)
    page = (
        client.get(f"/demandes/{begin(site, client)}/etapes/quartiers")
        .text.replace("\u202f", " ")
        .replace("\u00a0", " ")
    )
    assert "Le Haut (3 000 habitants)" in page and f'value="{QPV_BAS}"' in page


@one_engine
def test_what_a_small_association_is_here_is_told_beside_the_question(site: Site) -> None:
    client = site.client(site.world.bearer)
    path = f"/demandes/{begin(site, client)}/etapes/organisme"
    assert "Ce contrat n’en fixe pas la taille." in client.get(path).text
    contract = site.world.contract
    contract.settings = {**contract.settings, "small_association": "moins de deux salariés"}
    contract.settings_digest = "another"
    site.world.db.commit()
    assert "Pour ce contrat\u00a0: moins de deux salariés." in client.get(path).text
