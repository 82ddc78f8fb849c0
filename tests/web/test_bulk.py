# SPDX-License-Identifier: EUPL-1.2
"""One act on many dossiers: told before, done apart, reported one by one; safe when its worker dies, closed to others."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.bulk import run_bulk
from app.tasks import drain_tasks
from tests.factories.statements import counted
from tests.web.conftest import Site
from tests.workflow.journey import at
from workflow.bulk import MOST, items_of
from workflow.machine import fire
from workflow.models import Dossier, Journal, Person, Task
from workflow.permissions import actor_for

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def three_admissible(site: Site) -> list[Dossier]:
    return [at(site.world, "admissible", site.world.dossier(title=f"Action {n}")).dossier for n in range(3)]


def chosen(page: str) -> str:
    found = re.search(r'name="dossiers" value="([^"]*)"', page)
    assert found
    return found[1]


def ask(site: Site, person: Person, page: str, **form: object) -> Task:
    client = site.client(person)
    answer = site.post(client, "/dossiers/lot", dossiers=chosen(page), **form)
    assert answer.status_code == 200, answer.text
    with site.application.read() as db:
        return db.query(Task).order_by(Task.id.desc()).first()  # type: ignore[return-value]


def outcomes(site: Site, task: Task) -> list[str]:
    with site.application.read() as db:
        return [item.outcome for item in items_of(db, task.id)]


def moves(site: Site, dossier: Dossier, trigger: str) -> int:
    with site.application.read() as db:
        return db.query(Journal).filter_by(chain=f"dossier:{dossier.id}", trigger=trigger).count()


def test_a_whole_search_is_dispatched_as_the_configuration_proposes(site: Site) -> None:
    dossiers = three_admissible(site)
    draft = site.world.dossier(title="Brouillon")
    client = site.client(site.world.pilot)
    page = client.get("/dossiers/lot?q=annee:2026&tous=oui&action=dispatch").text
    assert "<strong>Possible pour 3</strong> sur 4" in page
    assert "Impossible depuis l’étape «\u00a0Brouillon\u00a0»." in page
    task = ask(site, site.world.pilot, page, action="dispatch", lead=site.world.instructor.email)
    waiting = site.client(site.world.pilot).get(f"/dossiers/lots/{task.id}").text
    assert "en attente" in waiting and 'hx-trigger="every 2s"' in waiting
    assert drain_tasks(site.application, "w") == 1
    assert outcomes(site, task) == ["done"] * 3
    for dossier in map(site.dossier, dossiers):
        assert (dossier.stage, dossier.theme) == ("dispatched", "education")
        assert dossier.lead_instructor_id == site.world.instructor.id
    assert site.dossier(draft).stage == "draft"
    report = site.client(site.world.pilot).get(f"/dossiers/lots/{task.id}").text
    assert "fait\u00a0: 3" in report and "hx-trigger" not in report


def test_a_dossier_changed_since_the_preview_is_left_and_told(site: Site) -> None:
    first, second, third = three_admissible(site)
    client = site.client(site.world.pilot)
    query = "&".join(f"dossier={d.id}" for d in (first, second, third))
    page = client.get(f"/dossiers/lot?{query}&action=dispatch").text
    with site.application.write() as db:
        actor = actor_for(db, site.world.pilot, site.application.today())
        lead = site.world.instructor.email
        already = db.get_one(Dossier, first.id)
        fire(db, already, "dispatch", actor, None, site.application.now(), lead=lead, theme="education")
        db.get_one(Dossier, second.id).summary = "Autre résumé"
    task = ask(site, site.world.pilot, page, action="dispatch", lead=lead)
    drain_tasks(site.application, "w")
    assert outcomes(site, task) == ["already", "refused", "done"]
    report = site.client(site.world.pilot).get(f"/dossiers/lots/{task.id}").text
    assert "Déjà à l’étape «\u00a0Réparti\u00a0»." in report
    assert "Modifié depuis votre aperçu" in report
    assert moves(site, first, "dispatch") == 1


class Dying:
    """A host whose process dies at a given transaction, or where that one alone meets a fault."""

    def __init__(self, site: Site, after: int, fault: type[BaseException] = KeyboardInterrupt) -> None:
        self.site, self.left, self.fault = site, after, fault

    def now(self) -> object:
        return self.site.application.now()

    def write(self) -> AbstractContextManager[Session]:
        return self._write()

    @contextmanager
    def _write(self) -> Iterator[Session]:
        self.left -= 1
        with self.site.application.write() as db:
            yield db
            if self.left < 0 and (self.left == -1 or self.fault is KeyboardInterrupt):
                raise self.fault


@pytest.mark.parametrize("after", [0, 1, 2, 3, 4])
def test_a_worker_that_dies_anywhere_leaves_each_dossier_moved_once(site: Site, after: int) -> None:
    dossiers = three_admissible(site)
    page = site.client(site.world.pilot).get("/dossiers/lot?tous=oui&action=dispatch").text
    task = ask(site, site.world.pilot, page, action="dispatch", lead=site.world.instructor.email)
    with pytest.raises(KeyboardInterrupt):
        run_bulk(Dying(site, after), task.payload, lambda _percent: None)  # type: ignore[arg-type]
    assert run_bulk(site.application, task.payload, lambda _percent: None)["done"] == 3
    assert [moves(site, dossier, "dispatch") for dossier in dossiers] == [1, 1, 1]
    assert outcomes(site, task) == ["done"] * 3


def test_a_fault_on_one_dossier_stops_no_other_and_it_alone_is_tried_again(site: Site) -> None:
    dossiers = three_admissible(site)
    page = site.client(site.world.pilot).get("/dossiers/lot?tous=oui&action=dispatch").text
    task = ask(site, site.world.pilot, page, action="dispatch", lead=site.world.instructor.email)
    with pytest.raises(ZeroDivisionError):
        run_bulk(Dying(site, 2, ZeroDivisionError), task.payload, lambda _percent: None)  # type: ignore[arg-type]
    assert outcomes(site, task) == ["done", "waiting", "done"]
    run_bulk(site.application, task.payload, lambda _percent: None)
    assert [moves(site, dossier, "dispatch") for dossier in dossiers] == [1, 1, 1]


def test_two_workers_and_the_same_lot_sent_twice_move_each_dossier_once(site: Site) -> None:
    dossiers = three_admissible(site)
    page = site.client(site.world.pilot).get("/dossiers/lot?tous=oui&action=dispatch").text
    lead = site.world.instructor.email
    first, second = (ask(site, site.world.pilot, page, action="dispatch", lead=lead) for _ in range(2))

    def run(task: Task) -> object:
        return run_bulk(site.application, task.payload, lambda _percent: None)

    with ThreadPoolExecutor(4) as at_once:
        list(at_once.map(run, (first, first, second, second)))
    assert [moves(site, dossier, "dispatch") for dossier in dossiers] == [1, 1, 1]
    ends = zip(outcomes(site, first), outcomes(site, second), strict=True)
    assert all(set(pair) <= {"done", "already", "refused"} and "done" in pair for pair in ends)


def test_rights_are_asked_again_when_the_task_runs(site: Site) -> None:
    three_admissible(site)
    page = site.client(site.world.pilot).get("/dossiers/lot?tous=oui&action=dispatch").text
    task = ask(site, site.world.pilot, page, action="dispatch", lead=site.world.instructor.email)
    with site.application.write() as db:
        for mandate in db.get_one(Person, site.world.pilot.id).mandates:
            db.delete(mandate)
    drain_tasks(site.application, "w")
    assert outcomes(site, task) == ["refused"] * 3


def test_a_refusal_says_why_and_stops_nobody_else(site: Site) -> None:
    world = site.world
    good, bad = (at(world, "submitted", world.dossier(title=f"Action {n}")).dossier for n in range(2))
    client = site.client(world.instructor)
    page = client.get(f"/dossiers/lot?dossier={good.id}&dossier={bad.id}&action=declare_admissible").text
    assert "<strong>Possible pour 2</strong> sur 2" in page
    task = ask(site, world.instructor, page, action="declare_admissible")
    with site.application.write() as db:
        db.get_one(Person, world.instructor.id).is_active = False
    drain_tasks(site.application, "w")
    assert outcomes(site, task) == ["refused"] * 2
    assert (
        "Le compte qui l’a demandé est fermé"
        in site.client(world.administrator).get(f"/dossiers/lots/{task.id}").text
    )


@one_engine
def test_the_report_is_for_whoever_asked_and_for_administrators(site: Site) -> None:
    three_admissible(site)
    page = site.client(site.world.pilot).get("/dossiers/lot?tous=oui&action=dispatch").text
    task = ask(site, site.world.pilot, page, action="dispatch", lead=site.world.instructor.email)
    seen = {
        person.email: site.client(person).get(f"/dossiers/lots/{task.id}").status_code
        for person in (site.world.pilot, site.world.administrator, site.world.instructor, site.world.stranger)
    }
    assert list(seen.values()) == [200, 200, 404, 404]


@one_engine
def test_what_is_missing_is_told_on_the_field_and_the_rest_is_kept(site: Site) -> None:
    three_admissible(site)
    client = site.client(site.world.pilot)
    page = client.get("/dossiers/lot?tous=oui&action=dispatch").text
    answer = site.post(client, "/dossiers/lot", dossiers=chosen(page), action="dispatch", theme="emploi")
    assert answer.status_code == 422
    assert "Instructeur chef de file\u00a0: à renseigner." in answer.text
    assert '<option value="emploi" selected>' in answer.text
    assert chosen(answer.text) == chosen(page)
    for form in (
        {"action": "zut"},
        {"action": "commit"},
        {"dossiers": "1:x"},
        {"dossiers": "", "action": "submit"},
    ):
        refused = site.post(
            client, "/dossiers/lot", **{"dossiers": chosen(page), "action": "dispatch", **form}
        )
        assert refused.status_code == 422


@one_engine
def test_a_lot_is_never_larger_or_wider_than_what_was_read(site: Site) -> None:
    client = site.client(site.world.pilot)
    assert "Aucun dossier choisi" in client.get("/dossiers/lot").text
    forged = ",".join(f"{number}:1" for number in range(1, MOST + 2))
    assert site.post(client, "/dossiers/lot", dossiers=forged, action="submit").status_code == 422
    site.world.dossier()
    page = client.get("/dossiers/lot?tous=oui&q=etap:depot&action=submit").text
    assert "La recherche n’est pas comprise en entier" in page and 'name="dossiers"' not in page
    for number in range(MOST):
        site.world.dossier(title=f"A{number}", requests={})
    site.world.db.commit()
    assert f"sur {MOST} dossiers au plus" in client.get("/dossiers/lot?tous=oui&action=submit").text


@one_engine
def test_a_lot_of_another_contract_takes_nothing_here(site: Site) -> None:
    dossier = three_admissible(site)[0]
    client = site.client(site.world.stranger)
    form = {"dossiers": f"{dossier.id}:{dossier.version}", "action": "dispatch", "lead": "x@y.z"}
    assert site.post(client, "/dossiers/lot", **form).status_code == 422
    assert dossier.title not in client.get(f"/dossiers/lot?dossier={dossier.id}&action=dispatch").text


@pytest.mark.parametrize("trigger", ["declare_admissible", "dispatch"])
def test_the_preview_costs_the_same_for_one_and_for_many(site: Site, engine: Engine, trigger: str) -> None:
    stage = {"declare_admissible": "submitted", "dispatch": "admissible"}[trigger]
    at(site.world, stage, site.world.dossier())
    client = site.client(site.world.pilot)
    address = f"/dossiers/lot?tous=oui&action={trigger}"
    client.get(address)
    with counted(engine) as one:
        assert "Possible pour 1" in client.get(address).text
    for _ in range(3):
        at(site.world, stage, site.world.dossier())
    site.world.db.commit()
    with counted(engine) as four:
        assert "Possible pour 4" in client.get(address).text
    assert len(four) == len(one)
