# SPDX-License-Identifier: EUPL-1.2
"""`dossier settle`, `synthesis`, `propose`, `overdue`: written once, journalled, or refused with a reason."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.bootstrap import Application
from tests.conftest import Answer
from tests.factories.dossier import make_dossier
from tests.factories.people import give_mandate, make_person, make_porteur
from workflow.models import Contract, Dossier, Organisation, Waiver

Run = Callable[..., Answer]
LEAD = ("--as", "instruction@etat.test")

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def instructed(application: Application) -> Application:
    """One dossier in co-instruction, whose beneficiaries are unknown, with its lead instructor."""
    with application.write() as db:
        contract = db.scalars(select(Contract)).one()
        etat = db.scalars(select(Organisation).where(Organisation.code == "etat")).one()
        lead = make_person(db, "instruction@etat.test")
        give_mandate(db, lead, "instructor", etat, contract)
        make_dossier(
            db,
            contract,
            make_porteur(db),
            reference="D-1",
            stage="co_instruction",
            beneficiaries_total=None,
            beneficiaries_qpv=None,
            lead_instructor=lead,
        )
    return application


def test_settle_attests_a_line_with_its_reason(instructed: Application, coinstruction: Run) -> None:
    command = ("dossier", "settle", "D-1", "qpv.majority", "--line", "etat:specifique", "--kind", "attested")

    answer = coinstruction(*command, "--reason", "Public du seul quartier", *LEAD)

    assert (answer.code, answer.err) == (0, "")
    with instructed.read() as db:
        waiver = db.scalars(select(Waiver)).one()
        assert (waiver.rule, waiver.line, waiver.kind) == ("qpv.majority", "etat:specifique", "attested")


def test_settle_another_financer_s_condition_is_refused(instructed: Application, coinstruction: Run) -> None:
    command = ("dossier", "settle", "D-1", "qpv.majority", "--line", "caf:droit_commun", "--kind", "waived")

    assert coinstruction(*command, "--reason", "Pour voir", *LEAD).code == 1


def test_settle_overrides_then_withdraws(instructed: Application, coinstruction: Run) -> None:
    with instructed.write() as db:
        dossier = db.scalars(select(Dossier)).one()
        dossier.beneficiaries_total, dossier.beneficiaries_qpv = 40, 10
    command = (
        "dossier",
        "settle",
        "D-1",
        "qpv.majority",
        "--line",
        "etat:specifique",
        "--reason",
        "Essai",
        *LEAD,
    )

    assert coinstruction(*command).code == 2  # neither --kind nor --withdraw
    assert coinstruction(*command, "--withdraw").code == 2  # nothing to withdraw yet
    assert coinstruction(*command, "--kind", "overridden", "--json").json == {
        "reference": "D-1",
        "rule": "qpv.majority",
        "kind": "overridden",
        "line": "etat:specifique",
        "withdrawn": False,
        "reinstated": False,
    }
    assert "déjà réglé" in coinstruction(*command, "--kind", "overridden").err
    withdrawn = coinstruction(*command, "--withdraw")
    assert withdrawn.code == 0 and "aucun montant ne pourra y être retenu" in withdrawn.out
    law = ("dossier", "settle", "D-1", "funding.balanced", "--kind", "overridden", "--reason", "Essai", *LEAD)
    assert coinstruction(*law).code == 1


def test_synthesis_keeps_amounts_as_text(instructed: Application, coinstruction: Run) -> None:
    answer = coinstruction(
        "dossier",
        "synthesis",
        "D-1",
        "--opinion",
        "favourable",
        "--suggest",
        "etat:specifique=4 500,50",
        *LEAD,
    )

    assert answer.code == 0
    with instructed.read() as db:
        synthesis = db.scalars(select(Dossier)).one().synthesis
        assert synthesis is not None
        assert synthesis["suggested"] == {"etat:specifique": "4500.50"}


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("synthesis", "D-1", "--opinion", "peut-être"), 2, "Avis inconnu"),
        (("synthesis", "D-1", "--opinion", "favourable", "--suggest", "etat:specifique=-1"), 2, "Montant"),
        (("propose", "D-1", "etat:specifique", "beaucoup"), 2, "Montant illisible"),
        (("propose", "D-1", "ars:specifique", "10"), 2, "Ligne inconnue"),
        (("overdue", "D-1", "caf"), 2, "Aucun avis"),
    ],
)
def test_bad_words_are_told(
    instructed: Application, coinstruction: Run, arguments: tuple[str, ...], code: int, message: str
) -> None:
    answer = coinstruction("dossier", *arguments, *LEAD)

    assert (answer.code, answer.out) == (code, "")
    assert message in answer.err


def test_complete_corrects_a_request_before_dispatch_only(
    instructed: Application, coinstruction: Run
) -> None:
    command = ("dossier", "complete", "D-1", "--set", "beneficiaries_total=40", *LEAD, "--json")
    assert coinstruction(*command).code == 1
    with instructed.write() as db:
        db.scalars(select(Dossier)).one().stage = "submitted"

    assert coinstruction(*command).json == {"reference": "D-1", "changed": ["beneficiaries_total"]}
    assert coinstruction(*command).json == {"reference": "D-1", "changed": []}
    faulty = coinstruction("dossier", "complete", "D-1", "--set", "starts_on=hier", *LEAD)
    assert faulty.code == 2 and "Date de début" in faulty.err
