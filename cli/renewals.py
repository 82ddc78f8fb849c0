# SPDX-License-Identifier: EUPL-1.2
"""`dossier renew`: the next year of one CPO, or of every one that is ready."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from cli.command import Invocation, command
from cli.residents import dossier

if TYPE_CHECKING:
    from app.renewals import Outcome

__all__ = ["dossier"]


@command(parent=dossier)
@click.argument("reference", metavar="RÉFÉRENCE", required=False)
@click.option("--year", type=int, metavar="ANNÉE", help="L’exercice dont les actions sont reconduites.")
@click.option("--as", "email", metavar="ADRESSE", required=True, help="La personne qui agit.")
def renew(cx: Invocation, reference: str | None, year: int | None, email: str) -> int:
    """Crée l’année suivante d’une CPO, ou de toutes celles de l’ANNÉE, aux montants promis.

    Il faut le bilan intermédiaire et les indicateurs ; ce qui manque est dit. Code 1 si une action est refusée.
    """
    from app.renewals import REFUSED, renew_each
    from workflow.contracts import get_contract
    from workflow.permissions import actor_for, person_by_email
    from workflow.queries import find_dossier
    from workflow.renewals import renewables

    if reference is None and year is None:
        raise click.UsageError("Donner une RÉFÉRENCE, ou --year.")
    application = cx.application
    with application.read() as db:
        contract = get_contract(db, cx.contract_code)
        actor = actor_for(db, person_by_email(db, email), application.today())
        if reference is not None:
            ids = [find_dossier(db, contract, reference, year).id]
        else:
            rows = renewables(db, contract, year or 0)
            ids = [row.dossier.id for row in rows if row.renewed is None]
    outcomes = renew_each(application, ids, actor)
    cx.answer([_plain(one) for one in outcomes], lambda: _told(outcomes))
    return 1 if any(one.outcome == REFUSED for one in outcomes) else 0


def _plain(one: "Outcome") -> dict[str, object]:
    return {
        "reference": one.reference,
        "outcome": one.outcome,
        "renewed": one.renewed,
        "stage": one.stage,
        "reasons": list(one.reasons),
    }


def _told(outcomes: "list[Outcome]") -> Iterator[str]:
    from workflow.stages import STAGE_LABELS, Stage

    if not outcomes:
        yield "Aucune CPO à reconduire."
    for one in outcomes:
        stage = f" ({STAGE_LABELS[Stage(one.stage)]})" if one.stage else ""
        yield f"{one.reference} → {one.renewed}{stage}" if one.renewed else f"{one.reference} : refusé"
        yield from (f"    {reason}" for reason in one.reasons)
