# SPDX-License-Identifier: EUPL-1.2
"""`arbitrate`: the solver's proposal for a séance, shown, or written as a scenario."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from cli.command import Invocation, command, euros, table

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workflow.arbitration.problem import Problem
    from workflow.arbitration.solution import Solution
    from workflow.models import Scenario, Seance


@command("arbitrate")
@click.argument("number", metavar="SÉANCE", type=int)
@click.option("--scenario", "name", metavar="NOM", help="Écrit la répartition comme scénario de ce nom.")
@click.option(
    "--from", "parent_name", metavar="NOM", help="Le scénario dont les montants verrouillés sont gardés."
)
@click.option(
    "--as", "email", metavar="ADRESSE", help="La personne qui agit (sinon\u00a0: le planificateur)."
)
def arbitrate(
    cx: Invocation, number: int, name: str | None, parent_name: str | None, email: str | None
) -> None:
    """Propose une répartition des crédits spécifiques d’une séance, et l’explique.

    Rien n’est décidé : sans --scenario rien n’est écrit ; avec, un scénario que les personnes adoptent ou non.
    """
    from app.arbitration import compute, names_for, write_scenario
    from cli.seances import acting
    from workflow.arbitration_problem import problem_of
    from workflow.queries import get_seance
    from workflow.scenarios import free_name, require_writable

    with cx.application.read() as db:
        row = get_seance(db, number)
        if name is not None:
            require_writable(db, row, acting(cx, db, email))
            free_name(db, row, name)
        asked = problem_of(db, row, cx.application.now(), parent=_parent(db, row, parent_name))
        names = names_for(row.contract)
    solution = compute(asked.problem, names, _progress(cx))
    written = None
    if name is not None:
        with cx.application.write() as db:
            row, now = get_seance(db, number), cx.application.now()
            parent = _parent(db, row, parent_name)
            actor = acting(cx, db, email)
            written = write_scenario(db, row, name, actor, now, asked, solution, parent=parent).id
    shown = {"seance": number, "year": asked.year, "scenario": written, **solution.to_json()}
    shown["amounts"] = _amounts(asked.problem, solution)
    cx.answer(shown, lambda: _lines(solution, names, name))


def _parent(db: "Session", row: "Seance", name: str | None) -> "Scenario | None":
    from workflow.scenario_comparison import scenario_named

    return None if name is None else scenario_named(db, row, name)


def _progress(cx: Invocation) -> Any:
    """Said on standard error, to a person only."""
    from cli.command import is_terminal

    return (lambda percent: cx.note(f"{percent}\u00a0%")) if is_terminal() else (lambda percent: None)


def _amounts(problem: "Problem", solution: "Solution") -> list[dict[str, Any]]:
    return [
        {"reference": one.reference, "line": line.credit, "amount": solution.amounts[line.id]}
        for one, line in problem.pairs()
        if solution.amounts[line.id]
    ]


def _lines(solution: "Solution", names: Mapping[str, str], name: str | None) -> Iterator[str]:
    from rules.wording import percent
    from workflow.arbitration.wording import SERVED_LABELS, sentence, status_sentence

    gap = f" (écart {percent(solution.gap, 2)} au plus)" if solution.gap else ""
    yield f"{status_sentence(solution.status).capitalize()}{gap}."
    yield f"Total proposé\u00a0: {euros(solution.total)}. Points\u00a0: {_points(solution.points)}, contre {_points(solution.greedy_points)} par ordre d’avis."
    yield ""
    rows = [
        (
            one.reference,
            euros(one.requested),
            euros(one.remainder),
            euros(one.allocated),
            SERVED_LABELS[one.served].one,
        )
        for one in solution.dossiers
    ]
    yield from table(("Dossier", "Demandé", "À financer", "Proposé", "Servi"), rows)
    stopped = [one for one in solution.dossiers if one.stops]
    if stopped:
        yield ""
        yield "Ce qui a arrêté chaque dossier\u00a0:"
    for one in stopped:
        stops = "\u00a0; ".join(sentence(stop, names) for stop in one.stops)
        yield f"- {one.reference}\u00a0: {stops}."
    yield from _envelopes(solution, names)
    yield from _targets(solution, names)
    yield ""
    yield (
        f"Scénario «\u00a0{name}\u00a0» écrit\u00a0; il reste à adopter."
        if name
        else "Rien n’est écrit (--scenario NOM pour garder)."
    )


def _points(amount: Decimal) -> str:
    from rules.wording import number

    return number(int(amount))


def _envelopes(solution: "Solution", names: Mapping[str, str]) -> Iterator[str]:
    from rules.wording import credit

    yield ""
    rows = [
        (
            credit(one.credit, names),
            euros(one.amount),
            euros(one.committed),
            euros(one.allocated),
            euros(one.remaining),
            "oui" if one.binds else "",
        )
        for one in solution.envelopes
    ]
    yield from table(("Enveloppe", "Montant", "Engagé ailleurs", "Proposé", "Reste", "Limite"), rows)


def _targets(solution: "Solution", names: Mapping[str, str]) -> Iterator[str]:
    from workflow.arbitration.wording import target_sentences

    said = target_sentences(solution.qpv, solution.cpo, solution.targets, names)
    if said:
        yield ""
        yield from said
