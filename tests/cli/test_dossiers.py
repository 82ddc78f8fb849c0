# SPDX-License-Identifier: EUPL-1.2
"""`dossier` and `check`: the stable JSON shapes, refusals with their reasons, and nothing written when refused."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.bootstrap import Application
from tests.conftest import Answer
from tests.factories.dossier import make_dossier
from tests.factories.people import give_mandate, make_person, make_porteur
from workflow.models import Contract, Dossier, Journal, Organisation

Run = Callable[..., Answer]


@pytest.fixture
def installed(application: Application) -> Application:
    """The toy contract with a secretary, an instructor, a porteur, and one complete dossier in draft."""
    with application.write() as db:
        contract = db.scalars(select(Contract)).one()
        seats = {row.code: row for row in db.scalars(select(Organisation))}
        secretary, instructor = (
            make_person(db, "secretaire@epci.test"),
            make_person(db, "instruction@etat.test"),
        )
        give_mandate(db, secretary, "secretary", seats["epci"], contract)
        give_mandate(db, instructor, "instructor", seats["etat"], contract)
        porteur = make_porteur(db)
        give_mandate(db, make_person(db, "porteur@ateliers.test"), "porteur", porteur, contract)
        make_dossier(db, contract, porteur, reference="D-1")
    return application


def test_list_has_the_stable_shape(installed: Application, coinstruction: Run) -> None:
    answer = coinstruction("dossier", "list", "--json")

    assert answer.json == [
        {
            "reference": "D-1",
            "year": 2026,
            "stage": "draft",
            "porteur": "Les Ateliers du Pont",
            "title": "Ateliers du soir",
            "requested": "8000.00",
            "proposed": None,
            "retained": None,
            "granted": None,
        }
    ]
    assert "D-1" in coinstruction("dossier", "list").out


def test_list_filters(installed: Application, coinstruction: Run) -> None:
    assert coinstruction("dossier", "list", "--json", "--year", "2025").json == []
    assert coinstruction("dossier", "list", "--json", "--stage", "submitted").json == []
    assert len(coinstruction("dossier", "list", "--json", "--search", "ATELIERS soir").json) == 1
    assert len(coinstruction("dossier", "list", "--json", "--financer", "caf").json) == 1
    assert len(coinstruction("dossier", "list", "--json", "--search", "etape:depot montant>5000").json) == 1
    assert coinstruction("dossier", "list", "--json", "--search", "-etape:depot").json == []


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--stage", "zut", "étape inconnue"),
        ("--qpv", "QN05909M", "Acceptés"),
        ("--financer", "onu", "« onu » n’est pas connu ici"),
        ("--financer", "departemnt", "Le plus proche : « departement »"),
        ("--qpv", "QN05909M", "Le plus proche : « QN0590"),
        ("--search", "etap:depot", "Le plus proche"),
    ],
)
def test_list_refuses_what_it_does_not_know(
    installed: Application, coinstruction: Run, option: str, value: str, said: str
) -> None:
    answer = coinstruction("dossier", "list", option, value)

    assert answer.code == 2
    assert said in answer.err.replace("\u00a0", " ")


def test_show_has_the_stable_shape(installed: Application, coinstruction: Run) -> None:
    shown = coinstruction("dossier", "show", "D-1", "--json").json

    assert {"reference", "stage", "funding", "opinions", "journal", "actions"} <= set(shown)
    assert {(line["financer"], line["nature"], line["requested"]) for line in shown["funding"]} == {
        ("etat", "specifique", "5000.00"),
        ("caf", "droit_commun", "3000.00"),
    }
    assert [(a["trigger"], a["allowed"]) for a in shown["actions"]] == [("submit", True), ("withdraw", True)]


def test_show_as_somebody_tells_what_they_may(installed: Application, coinstruction: Run) -> None:
    shown = coinstruction("dossier", "show", "D-1", "--json", "--as", "instruction@etat.test").json

    assert [(a["trigger"], a["allowed"], a["permitted"]) for a in shown["actions"]] == [
        ("submit", False, False),
        ("withdraw", False, False),
    ]


def test_advance_moves_and_journals(installed: Application, coinstruction: Run) -> None:
    answer = coinstruction("dossier", "advance", "D-1", "submit", "--as", "porteur@ateliers.test", "--json")

    assert (answer.code, answer.json["from"], answer.json["stage"]) == (0, "draft", "submitted")
    journal = coinstruction("dossier", "show", "D-1", "--json").json["journal"]
    assert [(a["actor"], a["trigger"], a["to"]) for a in journal][-1] == (
        "porteur@ateliers.test",
        "submit",
        "submitted",
    )
    assert (
        "intactes" in coinstruction("doctor", "--audit").out
        or "intact" in coinstruction("doctor", "--audit").out
    )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("D-1", "submit", "--as", "instruction@etat.test"), 1, "mandats"),
        (("D-1", "dispatch", "--as", "secretaire@epci.test"), 1, "n’est pas possible"),
        (("D-1", "withdraw", "--as", "secretaire@epci.test"), 1, "motif"),
        (("D-1", "voler", "--as", "secretaire@epci.test"), 2, "Transition inconnue"),
        (("D-9", "submit", "--as", "secretaire@epci.test"), 2, "Dossier inconnu"),
        (("D-1", "submit", "--as", "personne@nulle.part"), 2, "Aucun compte"),
        (("D-1", "submit", "--as", "secretaire@epci.test", "--set", "rien"), 2, "CLÉ=VALEUR"),
        (("D-1", "ask", "--as", "secretaire@epci.test", "--line", "ars:rien"), 2, "Ligne inconnue"),
        (("D-1", "give", "--as", "secretaire@epci.test", "--opinion", "caf"), 2, "Aucun avis"),
    ],
)
def test_refusals_have_a_reason_a_code_and_write_nothing(
    installed: Application, coinstruction: Run, arguments: tuple[str, ...], code: int, message: str
) -> None:
    answer = coinstruction("dossier", "advance", *arguments)

    assert (answer.code, answer.out) == (code, "")
    assert message in answer.err
    with installed.read() as db:
        assert db.scalars(select(Dossier.stage)).all() == ["draft"]
        assert db.scalars(select(Journal)).all() == []


def test_refused_completion_names_its_inputs(installed: Application, coinstruction: Run) -> None:
    coinstruction("dossier", "advance", "D-1", "submit", "--as", "porteur@ateliers.test")

    answer = coinstruction("dossier", "advance", "D-1", "request_completion", "--as", "instruction@etat.test")

    assert answer.code == 1
    assert "guard." in answer.err


def test_unreadable_input_exits_2(installed: Application, coinstruction: Run) -> None:
    coinstruction("dossier", "advance", "D-1", "submit", "--as", "porteur@ateliers.test")
    command = ["dossier", "advance", "D-1", "request_completion", "--as", "instruction@etat.test"]

    answer = coinstruction(*command, "--set", "pieces=RIB", "--set", "due=31/02/2026")

    assert answer.code == 2
    assert "31/02/2026" in answer.err


def test_check_says_every_dossier_rule_once(installed: Application, coinstruction: Run) -> None:
    from rules.catalogue import RULES

    entry = coinstruction("check", "D-1", "--json").json[0]

    expected = [rule.id for rule in RULES.values() if rule.scope != "programme"]
    assert sorted(f["rule"] for f in entry["findings"]) == sorted(expected)
    assert entry["admissible"] is True
    keys = {"rule", "outcome", "severity", "message", "facts", "line", "source", "remedy"}
    assert all(keys <= set(finding) for finding in entry["findings"])


def test_check_strict_exits_1_on_a_blocking_violation(installed: Application, coinstruction: Run) -> None:
    with installed.write() as db:
        db.scalars(select(Dossier)).one().beneficiaries_qpv = 5

    assert coinstruction("check", "--all").code == 0
    assert coinstruction("check", "--all", "--strict").code == 1
    assert "qpv.majority" in coinstruction("check", "D-1").out


def test_check_programme_has_the_stable_shape(installed: Application, coinstruction: Run) -> None:
    data = coinstruction("check", "--programme", "2026", "--json").json

    keys = {"year", "actions", "granted", "cpo", "conventions", "envelopes", "outside", "unclassified"}
    assert keys | {"projected", "findings"} <= set(data)
    cpo = {"actions", "share_actions", "granted", "share_granted", "target", "met"}
    assert cpo | {"missing_actions", "missing_new_actions"} <= set(data["cpo"])
