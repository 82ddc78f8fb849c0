# SPDX-License-Identifier: EUPL-1.2
"""`dossier locate`: who lives in which QPV, counted from a file that is not kept."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.command import Invocation, command
from cli.decisions import dossier
from cli.instruction import AS, REFERENCE, YEAR, acting

if TYPE_CHECKING:
    from workflow.located.counts import LocatedCounts

__all__ = ["dossier"]


@command(parent=dossier)
@REFERENCE
@click.option(
    "--file",
    "file",
    metavar="FICHIER",
    type=click.Path(path_type=Path),
    help="Le CSV rendu par le service national de géocodage.",
)
@AS
@YEAR
@click.option("--dry-run", is_flag=True, help="Compte et montre, n’enregistre rien.")
@click.option("--forget", is_flag=True, help="Efface les comptes gardés sur le dossier.")
def locate(
    cx: Invocation,
    reference: str,
    file: Path | None,
    email: str,
    year: int | None,
    dry_run: bool,
    forget: bool,
) -> None:
    """Compte les bénéficiaires qui habitent chaque QPV, d’après leurs adresses géocodées.

    Seuls les nombres sont gardés : ni adresse ni fichier. Une adresse près d’une limite, mal géocodée ou non trouvée est
    comptée à part, « à vérifier ».
    """
    if forget == (file is not None) or (forget and dry_run):
        raise click.UsageError("donner --file FICHIER (et au besoin --dry-run), ou bien --forget seul.")
    if file is None:
        _forget(cx, reference, year, email)
    else:
        _locate(cx, reference, year, email, file, dry_run=dry_run)


def _forget(cx: Invocation, reference: str, year: int | None, email: str) -> None:
    from workflow.located.recording import forget_located

    with acting(cx, reference, year, email) as (db, found, actor, now):
        removed = forget_located(db, found, actor, now)
    said = "comptes effacés." if removed else "rien n’a changé."
    cx.answer({"reference": reference, "forgotten": removed}, lambda: f"{reference}\u00a0: {said}")


def _locate(
    cx: Invocation, reference: str, year: int | None, email: str, file: Path, *, dry_run: bool
) -> None:
    """Rights first, then the file, and only then the transaction: others may write while it is read."""
    from app.perimeters import locate_residents
    from workflow.located.recording import check_may_locate, figures_of, record_located

    with acting(cx, reference, year, email) as (_, found, actor, _now):
        check_may_locate(found, actor)
        contract = found.contract.code
    counts = locate_residents(cx.application.config, contract, file, cx.application.today())
    with acting(cx, reference, year, email) as (db, found, actor, now):
        if not dry_run:
            counts = record_located(db, found, counts, actor, now)
        figures = figures_of(found, counts)
    data = {"reference": reference, "recorded": not dry_run, "figures": figures, "located": counts.to_json()}
    cx.answer(data, lambda: _account(reference, figures, counts, dry_run=dry_run))


def _account(
    reference: str, figures: dict[str, int], counts: "LocatedCounts", *, dry_run: bool
) -> Iterator[str]:
    """The three figures, and what they are worth."""
    from rules.wording import number, percent
    from workflow.located.addresses import DOUBT_LABELS, UNCHECKED_LABELS

    def line(label: str, many: int, more: str = "") -> str:
        return f"  {label:<18}{number(many):>9}{more}"

    reasons = [
        f"{label} {number(counts.to_check[why])}"
        for why, label in DOUBT_LABELS.items()
        if why in counts.to_check
    ]
    elsewhere = figures["elsewhere"]
    yield f"{reference}\u00a0: {number(counts.total)} bénéficiaire(s) dans le fichier"
    yield line("en QPV du contrat", figures["inside"])
    yield line(
        "hors de ces QPV",
        figures["outside"],
        f"  (dont {number(elsewhere)} en QPV d’un autre contrat)" if elsewhere else "",
    )
    yield line("à vérifier", figures["to_check"], f"  ({', '.join(reasons)})" if reasons else "")
    if counts.total:
        low, most = figures["inside"] / counts.total, figures["inside"] + figures["to_check"]
        yield f"  part en QPV du contrat\u00a0: de {percent(low)} à {percent(most / counts.total)}"
    yield f"Périmètres {counts.perimeters}, à {counts.precision_metres}\u00a0m près."
    for name in counts.unchecked:
        yield f"Attention\u00a0: sans colonne {name}, rien n’a contrôlé {UNCHECKED_LABELS[name]}."
    yield (
        "Essai à blanc\u00a0: rien n’a été enregistré."
        if dry_run
        else "Seuls ces nombres sont gardés, ni adresse ni fichier."
    )
