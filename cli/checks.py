# SPDX-License-Identifier: EUPL-1.2
"""`check`: what the rules say of dossiers, and of a year's programme."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from cli.command import Invocation, command

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from rules.findings import Finding

SEVERITIES = {"blocking": "bloquante", "warning": "alerte", "info": "information"}
MARKS = {"satisfied": "✓", "violated": "✗", "undetermined": "?", "not_applicable": "·"}
BATCH = 500


@command()
@click.argument("references", metavar="[RÉFÉRENCE]…", nargs=-1)
@click.option("--all", "is_all", is_flag=True, help="Tous les dossiers.")
@click.option(
    "--programme", type=int, metavar="ANNÉE", help="Le programme d’une année : parts, cibles, enveloppes."
)
@click.option("--year", type=int, metavar="ANNÉE", help="Les dossiers d’un exercice.")
@click.option("--strict", is_flag=True, help="Code 1 si une règle bloquante est violée.")
def check(
    cx: Invocation,
    references: tuple[str, ...],
    is_all: bool,
    programme: int | None,
    year: int | None,
    strict: bool,
) -> int:
    """Vérifie des dossiers, ou le programme d’une année, contre toutes les règles."""
    if programme is not None:
        if references or is_all:
            raise click.UsageError("--programme se donne seul.")
        violated = _programme(cx, programme)
    elif references or is_all or year is not None:
        violated = _dossiers(cx, references, year)
    else:
        raise click.UsageError("donner au moins une référence, --all, --year ou --programme ANNÉE.")
    return 1 if strict and violated else 0


def _programme(cx: Invocation, year: int) -> bool:
    from rules.programme_json import programme_json
    from workflow.contracts import get_contract
    from workflow.examination import examine_programme

    application = cx.application
    with application.read() as db:
        contract = get_contract(db, cx.contract_code)
        figures, findings = examine_programme(db, contract, year, application.now())
    data = programme_json(figures, findings)
    cx.answer(data, lambda: _programme_lines(data))
    return any(_is_violated(finding) for finding in findings)


def _dossiers(cx: Invocation, references: tuple[str, ...], year: int | None) -> bool:
    from workflow.contracts import get_contract
    from workflow.queries import find_dossier, list_dossiers
    from workflow.queries_board import BoardFilters
    from workflow.search.reading import Term

    application = cx.application
    with application.read() as db:
        contract = get_contract(db, cx.contract_code)
        if references:
            ids = [find_dossier(db, contract, reference, year).id for reference in references]
        else:
            terms = () if year is None else (Term("annee", (year,)),)
            filters = BoardFilters(application.today(), terms)
            ids = [item.id for item in list_dossiers(db, contract, filters)]
        data, violated = _examined(db, ids, application.now())
    cx.answer(data, lambda: _dossier_lines(data))
    return violated


def _examined(db: "Session", ids: list[int], now: Any) -> tuple[list[dict[str, Any]], bool]:
    """Every dossier checked, in batches that are forgotten as they come: memory stays flat."""
    from app.dossier_json import check_json
    from workflow.examination import examine_many, load_for_examination

    data, violated = [], False
    for start in range(0, len(ids), BATCH):
        loaded = load_for_examination(db, ids[start : start + BATCH])
        findings = examine_many(db, loaded, now)
        for item in loaded:
            data.append(check_json(item, findings[item.id], now))
            violated = violated or any(_is_violated(finding) for finding in findings[item.id])
        db.expunge_all()
    return data, violated


def _is_violated(finding: "Finding") -> bool:
    return finding.outcome == "violated" and finding.severity == "blocking"


def _dossier_lines(data: list[dict[str, Any]]) -> Iterator[str]:
    words = {True: "recevable", False: "non recevable", None: "recevabilité indéterminée"}
    for entry in data:
        yield f"{entry['reference']} ({entry['year']}) : {words[entry['admissible']]}"
        for finding in entry["findings"]:
            if finding["outcome"] in ("violated", "undetermined"):
                yield from _finding_lines(finding)
    yield f"{len(data)} dossier(s) vérifié(s)."


def _finding_lines(finding: dict[str, Any]) -> Iterator[str]:
    yield f"  {MARKS[finding['outcome']]} {finding['rule']} ({SEVERITIES[finding['severity']]}) : {finding['message']}"
    if finding["remedy"]:
        yield f"      → {finding['remedy']}"


def _programme_lines(data: dict[str, Any]) -> Iterator[str]:
    from rules.wording import percent

    cpo = data["cpo"]
    yield f"Programme {data['year']} : {data['actions']} action(s), {data['granted']} €."
    yield (
        f"Actions sous CPO : {cpo['actions']} ({percent(cpo['share_actions'])}), {cpo['granted']} € "
        f"({percent(cpo['share_granted'])}) ; à convertir : {cpo['missing_actions']}, "
        f"ou nouvelles : {cpo['missing_new_actions']}."
    )
    outside, unclassified = data["outside"], data["unclassified"]
    yield f"Hors programme : {outside['actions']} ; non classées : {unclassified['actions']}."
    for finding in data["findings"]:
        yield from _finding_lines(finding)
