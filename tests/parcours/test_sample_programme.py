# SPDX-License-Identifier: EUPL-1.2
"""A whole journey on the sample file: imported, checked, refused on the way, carried by six people to its commitment."""

import pytest
from sqlalchemy.orm import Session

from rules.findings import Outcome
from tests.conftest import ROOT
from tests.parcours.people import Territoire, euros, line_of, settle_territory
from workflow import journal
from workflow.co_instruction import give_opinion, note_overdue, write_synthesis
from workflow.errors import NotPermittedError
from workflow.examination import examine
from workflow.imports.run import import_file
from workflow.models import Dossier
from workflow.queries import find_dossier
from workflow.round_table import answer, propose
from workflow.stages import Stage

PROGRAMME = ROOT / "examples" / "programme.csv"


@pytest.fixture
def place(db: Session) -> Territoire:
    return settle_territory(db)


def imported(place: Territoire, reference: str) -> Dossier:
    report = import_file(place.db, place.contract, PROGRAMME, place.now)
    assert (report.read, report.created, report.rejected) == (92, 92, [])
    place.db.flush()
    return find_dossier(place.db, place.contract, reference)


def test_importing_twice_changes_nothing(place: Territoire) -> None:
    imported(place, "CO-2026-001")
    place.db.commit()
    again = import_file(place.db, place.contract, PROGRAMME, place.now)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 92)


def test_a_request_without_amount_stays_a_draft_and_says_why(place: Territoire) -> None:
    report = import_file(place.db, place.contract, PROGRAMME, place.now)
    draft = find_dossier(place.db, place.contract, "CO-2026-084")
    assert draft.stage == Stage.DRAFT
    assert any("CO-2026-084" in warning and "montant" in warning for warning in report.warnings)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("number", "rule", "outcome"),
    [
        ("061", "porteur.siret", Outcome.VIOLATED),
        ("064", "porteur.siret", Outcome.UNDETERMINED),
        ("066", "geography.qpv_known", Outcome.VIOLATED),
        ("069", "qpv.majority", Outcome.VIOLATED),
        ("070", "qpv.majority", Outcome.VIOLATED),
        ("071", "qpv.majority", Outcome.UNDETERMINED),
        ("072", "qpv.majority", Outcome.UNDETERMINED),
        ("074", "funding.balanced", Outcome.VIOLATED),
        ("078", "funding.balanced", Outcome.VIOLATED),
        ("089", "funding.balanced", Outcome.UNDETERMINED),
        ("080", "framework.objective", Outcome.VIOLATED),
        ("082", "framework.objective", Outcome.UNDETERMINED),
    ],
)
def test_each_fault_is_found_by_its_rule(place: Territoire, number: str, rule: str, outcome: Outcome) -> None:
    dossier = imported(place, f"CO-2026-{number}")
    found = {finding.rule: finding.outcome for finding in examine(dossier, place.now)}
    assert found[rule] is outcome


def test_from_draft_to_committed_across_six_people(place: Territoire) -> None:
    dossier = imported(place, "CO-2026-026")  # Montigny, education: State, CAF, Département, commune
    assert dossier.stage == Stage.SUBMITTED and dossier.lines[0].state == "asked"
    with pytest.raises(NotPermittedError):
        place.fire(dossier, "declare_admissible", "contact@cpam")  # a financer may not
    place.fire(dossier, "declare_admissible", "instruction@etat")
    _dispatch(place, dossier)
    _co_instruct(place, dossier)
    _confer(place, dossier)
    _commit(place, dossier)
    _grant_one(place, dossier)
    assert journal.verify_all(place.db) == []
    actors = {line.actor for line in journal_lines(place, dossier)}
    assert len(actors - {"import"}) >= 6


def _dispatch(place: Territoire, dossier: Dossier) -> None:
    """The pilot names nothing, then somebody who is no instructor, then well."""
    assert place.refused(dossier, "dispatch", "pilote@epci") >= {"guard.input", "guard.partners"}
    wrong = {"lead": "elu@somain.demo", "theme": "education"}
    assert "guard.lead_instructor" in place.refused(dossier, "dispatch", "pilote@epci", **wrong)
    well = {"lead": "instruction@caf.demo", "theme": "education"}
    place.fire(dossier, "dispatch", "pilote@epci", **well)
    assert "commune-montigny-en-ostrevent:droit_commun" in (dossier.holders or [])
    assert "commune-somain:droit_commun" not in (dossier.holders or [])


def _co_instruct(place: Territoire, dossier: Dossier) -> None:
    """The lead cannot conclude before the opinions, nor without noting the late one and writing a synthesis."""
    place.fire(dossier, "open_co_instruction", "instruction@caf")
    place.wait(days=2)
    both = {"guard.opinions_in", "guard.synthesis"}
    assert place.refused(dossier, "send_to_conference", "instruction@caf") == both
    _opine(place, dossier, but="education-nationale")
    place.wait(days=30)
    assert place.refused(dossier, "send_to_conference", "instruction@caf") == both
    lead = place.someone("instruction@caf")
    late = next(opinion for opinion in dossier.opinions if opinion.state == "requested")
    note_overdue(place.db, late, lead, place.now)
    suggested = {"etat:specifique": euros("4000")}
    write_synthesis(place.db, dossier, "favourable", "Ancrage", "Suivi", suggested, lead, place.now)
    place.fire(dossier, "send_to_conference", "instruction@caf")


def _confer(place: Territoire, dossier: Dossier) -> None:
    """Specific credits alone do not pass: ordinary law answers first."""
    state, specific = place.someone("instruction@etat"), line_of(dossier, "etat:specifique")
    answer(place.db, specific, "indicative", state, place.now, amount=euros("5000"))
    propose(place.db, specific, euros("5000"), state, place.now)
    refused = place.refused(dossier, "send_to_commitment", "secretariat@epci")
    assert {"droit_commun.first", "guard.lines_settled"} <= refused
    _answer_ordinary(place, dossier)
    place.fire(dossier, "send_to_commitment", "secretariat@epci")


def _commit(place: Territoire, dossier: Dossier) -> None:
    """Nobody commits by hand; the committee does, by closing, once it has decided."""
    assert place.refused(dossier, "commit", "secretariat@epci") == {"guard.closing_only"}
    seance = place.committee([dossier])
    assert place.refused(seance, "close", "secretariat@epci") == {"guard.undecided"}
    place.decide(seance.items[0], "retained")
    place.fire(seance, "close", "secretariat@epci")
    assert dossier.stage == Stage.COMMITTED


def _grant_one(place: Territoire, dossier: Dossier) -> None:
    """Retained is not granted: the financer's own act comes, lower; the other acts are still missing."""
    line = line_of(dossier, "etat:specifique")
    assert (line.retained, line.granted) == (euros("5000"), None)
    act = {"authority": "Préfet", "date": place.now.date(), "number": "2026-1", "amount": euros("4500")}
    place.fire(line, "grant", "instruction@etat", **act)
    assert line.granted == euros("4500")
    contract = {"convention": "C-1", "revised_plan": True}
    assert place.refused(dossier, "contract", "pilote@epci", **contract) == {"guard.acts"}


def journal_lines(place: Territoire, dossier: Dossier) -> list[journal.Journal]:
    from workflow.queries import journal_of

    return list(journal_of(place.db, f"dossier:{dossier.id}"))


def _opine(place: Territoire, dossier: Dossier, but: str = "") -> None:
    for opinion in dossier.opinions:
        code = opinion.organisation.code or ""
        if opinion.state == "requested" and code != but:
            confirms = True if code in ("departement", "epci") else None
            speaker = place.cast.speaker(code, dossier)
            give_opinion(place.db, opinion, "favourable", "Utile.", speaker, place.now, confirms=confirms)
    place.db.flush()


def _answer_ordinary(place: Territoire, dossier: Dossier) -> None:
    for line in dossier.lines:
        if line.nature == "droit_commun" and line.state == "asked":
            speaker = place.cast.speaker(line.financer, dossier)
            if line.requested:
                answer(place.db, line, "firm", speaker, place.now, amount=line.requested)
                propose(place.db, line, line.requested, speaker, place.now)
            else:
                answer(place.db, line, "declined", speaker, place.now, reason="crédits engagés")
    place.db.flush()
