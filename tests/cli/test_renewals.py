# SPDX-License-Identifier: EUPL-1.2
"""`dossier renew`: the next year made and told; what is asked, what is refused and why, and nothing written then."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from app.bootstrap import Application
from tests.conftest import Answer
from tests.factories.dossier import make_dossier
from tests.factories.people import give_mandate, make_person, make_porteur
from tests.factories.world import make_world
from tests.workflow.years import cpo, ready
from workflow.models import Contract, Dossier, Organisation

Run = Callable[..., Answer]


@pytest.fixture
def installed(application: Application) -> Application:
    """The toy contract with its pilot, a partner and one dossier that no CPO covers."""
    with application.write() as db:
        contract = db.scalars(select(Contract)).one()
        seats = {row.code: row for row in db.scalars(select(Organisation))}
        give_mandate(db, make_person(db, "pilote@epci.test"), "pilot", seats["epci"], contract)
        give_mandate(db, make_person(db, "financeur@caf.test"), "financer", seats["caf"], contract)
        make_dossier(db, contract, make_porteur(db), reference="D-1")
    return application


def count(application: Application) -> int:
    with application.read() as db:
        return db.scalar(select(func.count(Dossier.id))) or 0


def test_neither_a_reference_nor_a_year(installed: Application, coinstruction: Run) -> None:
    answer = coinstruction("dossier", "renew", "--as", "pilote@epci.test")

    assert answer.code == 2 and "--year" in answer.err


def test_an_action_outside_a_cpo_is_refused_with_what_is_missing(
    installed: Application, coinstruction: Run
) -> None:
    answer = coinstruction("dossier", "renew", "D-1", "--as", "pilote@epci.test", "--json")

    (told,) = answer.json
    assert answer.code == 1
    assert (told["reference"], told["outcome"], told["renewed"]) == ("D-1", "refused", None)
    assert told["reasons"]
    assert count(installed) == 1


def test_a_partner_renews_nothing(installed: Application, coinstruction: Run) -> None:
    answer = coinstruction("dossier", "renew", "D-1", "--as", "financeur@caf.test", "--json")

    assert answer.code == 1 and "pilote" in answer.json[0]["reasons"][0]
    assert count(installed) == 1


def test_a_year_without_cpo_is_no_fault(installed: Application, coinstruction: Run) -> None:
    answer = coinstruction("dossier", "renew", "--year", "2026", "--as", "pilote@epci.test")

    assert answer.code == 0 and "Aucune CPO" in answer.out


def test_an_unknown_dossier_or_person(installed: Application, coinstruction: Run) -> None:
    assert coinstruction("dossier", "renew", "D-9", "--as", "pilote@epci.test").code == 2
    assert coinstruction("dossier", "renew", "D-1", "--as", "personne@epci.test").code == 2


def test_every_cpo_that_is_ready_is_renewed_once(opened: Application, coinstruction: Run) -> None:
    with opened.write() as db:
        world = make_world(db)
        reference, pilot = ready(cpo(world)).dossier.reference, world.pilot.email
    renew = ("dossier", "renew", "--contract", "valmont", "--as", pilot)
    every = (*renew, "--year", "2026")
    answer = coinstruction(*every, "--json")

    (told,) = answer.json
    assert (answer.code, told["reference"], told["outcome"], told["reasons"]) == (0, reference, "made", [])
    with opened.read() as db:
        made = db.scalars(select(Dossier).where(Dossier.year == 2027)).one()
        assert (made.reference, made.stage) == (told["renewed"], "financers_conference")
    assert coinstruction(*every).out.startswith("Aucune CPO à reconduire.")
    twice = coinstruction(*renew, reference)
    assert twice.code == 1 and f"{reference} : refusé" in twice.out and told["renewed"] in twice.out
    assert count(opened) == 2
