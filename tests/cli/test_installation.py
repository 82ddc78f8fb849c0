# SPDX-License-Identifier: EUPL-1.2
"""`init`, `doctor`, `backup`, `account create`, `rules`, `diagram` as a person types them."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from app.bootstrap import Application
from tests.conftest import Answer
from workflow.transitions import TABLES

Run = Callable[..., Answer]
SQLITE_ONLY = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_init_says_what_changed_then_nothing(coinstruction: Run) -> None:
    first, second = coinstruction("init", "--json").json, coinstruction("init")

    assert {change["kind"] for change in first["changes"]} == {
        "contract",
        "organisation",
        "credit",
        "envelope",
    }
    assert "rien à faire" in second.out


def test_doctor_reads_a_new_installation(coinstruction: Run) -> None:
    coinstruction("init")

    answer = coinstruction("doctor", "--audit", "--json")

    assert answer.code == 0
    assert {"level", "subject", "message", "remedy"} == set(answer.json[0])


@SQLITE_ONLY
def test_account_create_shows_the_password_once(application: Application, coinstruction: Run) -> None:
    first = coinstruction("account", "create", "a@b.test", "--role", "pilot", "--json").json
    second = coinstruction("account", "create", "a@b.test", "--role", "secretary", "--json").json

    assert (first["created"], second["created"]) == (True, False)
    assert first["password"]
    assert second["password"] is None
    assert coinstruction("account", "create", "a@b.test", "--role", "roi").code == 2


def test_accounts_are_listed_closed_and_opened_again(application: Application, coinstruction: Run) -> None:
    for email, role in (("chef@b.test", "administrator"), ("a@b.test", "pilot")):
        coinstruction("account", "create", email, "--role", role)
    assert coinstruction("account", "deactivate", "A@b.test", "--json").json == {
        "email": "a@b.test",
        "active": False,
    }
    assert [row["email"] for row in coinstruction("account", "list", "--json").json] == ["chef@b.test"]
    assert "non" in coinstruction("account", "list", "--all").out
    again = coinstruction("account", "deactivate", "a@b.test")
    assert (again.code, "déjà désactivé" in again.err) == (1, True)
    assert coinstruction("account", "reactivate", "a@b.test").code == 0
    last = coinstruction("account", "deactivate", "chef@b.test")
    assert (last.code, "dernier administrateur" in last.err) == (1, True)
    assert coinstruction("account", "deactivate", "qui@b.test").code == 2


@SQLITE_ONLY
def test_account_create_reads_a_password(
    application: Application, coinstruction: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("une longue phrase\n"))

    answer = coinstruction("account", "create", "a@b.test", "--role", "pilot", "--password-stdin", "--json")

    assert answer.json["password"] is None


@SQLITE_ONLY
def test_backup_writes_a_file_once(application: Application, coinstruction: Run, tmp_path: Path) -> None:
    target = tmp_path / "sauvegarde.db"

    assert coinstruction("backup", str(target)).code == 0
    refused = coinstruction("backup", str(target))
    assert (refused.code, "existe déjà" in refused.err) == (2, True)


@SQLITE_ONLY
def test_unknown_contract_exits_2_and_names_the_choices(application: Application, coinstruction: Run) -> None:
    answer = coinstruction("dossier", "list", "--contract", "nulle-part")

    assert answer.code == 2
    assert "valmont" in answer.err


@SQLITE_ONLY
def test_rules_have_the_stable_shape(coinstruction: Run) -> None:
    listed = coinstruction("rules", "--json").json

    keys = {"rule", "label", "scope", "stage", "severity", "source", "parameters"}
    assert all(keys <= set(rule) for rule in listed)
    assert {rule["scope"] for rule in listed} == {"line", "dossier", "programme"}


@SQLITE_ONLY
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_diagram_draws_every_row(coinstruction: Run, table: object) -> None:
    name, rows = table.name, table.rows  # type: ignore[attr-defined]

    drawn = coinstruction("diagram", "--table", name).out

    arrows = [line for line in drawn.splitlines() if "-->" in line]
    assert len(arrows) == 1 + sum(len(row.sources) for row in rows)
    assert all(row.label in drawn for row in rows)


def test_rules_explains_the_one_that_is_named(coinstruction: Run) -> None:
    told = coinstruction("rules", "qpv.majority")

    assert told.code == 0
    assert "Majorité d’habitants des quartiers prioritaires" in told.out
    assert "du 1er\u00a0janvier 2024 au 31\u00a0décembre 2030 : 50\u00a0%" in told.out
    assert "Page : /regles/qpv.majority" in told.out
    [data] = coinstruction("rules", "qpv.majority", "--json").json
    assert (data["exception"], data["page"]) == ("holder", "/regles/qpv.majority")
    assert data["cases"] > 10 and data["sources"][0]["reading"] == "texte"
    section = coinstruction("rules", "qpv.majority", "--format", "markdown").out
    assert '<a id="qpv.majority"></a>' in section and "porteur.siret" not in section
    unknown = coinstruction("rules", "rien")
    assert (unknown.code, unknown.out) == (2, "") and "Règle inconnue : « rien »" in unknown.err
