# SPDX-License-Identifier: EUPL-1.2
"""`coinstruction import FILE`: the account of the import, its faults as a table, a progress bar on long files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.command import Invocation, command, is_terminal

if TYPE_CHECKING:
    from workflow.imports.report import ImportReport, Progress

_LONG = 2_000  # rows from which a progress bar is worth drawing
_SHOWN_FAULTS = 200


@command("import")
@click.argument("file", metavar="FICHIER", type=click.Path(path_type=Path))
@click.option(
    "--profile",
    type=click.Choice(("requests", "p147")),
    default="requests",
    show_default=True,
    help="requests : classeur de demandes ; p147 : liste publiée de subventions du programme 147.",
)
@click.option(
    "--as",
    "target",
    type=click.Choice(("requests", "awards")),
    help="Avec p147 : subventions passées (awards, par défaut) ou demandes à l’État (requests).",
)
@click.option("--year", type=click.IntRange(2000, 2100), metavar="ANNÉE", help="Ne garde que cet exercice.")
@click.option("--dry-run", is_flag=True, help="Lit et contrôle tout, n’écrit rien.")
def import_command(
    cx: Invocation,
    file: Path,
    profile: str,
    target: str | None,
    year: int | None,
    dry_run: bool,
) -> int:
    """Importe un tableau de demandes (CSV, XLSX, ODS) ou de subventions publiées.

    Les lignes lisibles sont gardées ; chaque défaut des autres est dit, avec sa ligne et sa colonne.
    Importer deux fois le même fichier ne change rien. Code de sortie : 0, 1 si une ligne a été rejetée,
    2 si le fichier ne peut pas être lu.
    """
    from workflow.contracts import get_contract
    from workflow.imports.run import import_file

    with cx.application.write() as db, _progress() as progress:
        contract = get_contract(db, cx.contract_code)
        report = import_file(
            db,
            contract,
            file,
            cx.application.now(),
            profile=profile,  # type: ignore[arg-type]
            target=target,  # type: ignore[arg-type]
            year=year,
            dry_run=dry_run,
            progress=progress,
        )
    if not cx.is_json:
        for line in remarks(report, file):
            cx.note(line)
    cx.answer(report.to_json(), lambda: account(report, file))
    return 1 if report.rejected else 0


def remarks(report: "ImportReport", file: Path) -> Iterator[str]:
    """Warnings, then every fault with its file, row and column: what standard error says."""
    yield from (f"Attention\u00a0: {warning}" for warning in report.warnings)
    for fault in report.rejected[:_SHOWN_FAULTS]:
        yield f"{file.name}, ligne {fault.row}, colonne {fault.column}\u00a0: {fault.reason}"
    hidden = len(report.rejected) - _SHOWN_FAULTS
    if hidden > 0:
        yield f"… et {_count(hidden, 'autre défaut', 'autres défauts')} (tous avec --json)."


def account(report: "ImportReport", file: Path) -> Iterator[str]:
    """The account as people read it."""
    yield f"{file.name}\u00a0: {_count(report.read, 'ligne lue', 'lignes lues')}"
    yield (
        f"  {_count(report.created, 'créée', 'créées')}, {_count(report.updated, 'mise à jour', 'mises à jour')}, "
        f"{_count(report.unchanged, 'inchangée', 'inchangées')}, {_count(report.rejected_rows, 'rejetée', 'rejetées')}"
    )
    if report.dry_run:
        yield "Essai à blanc\u00a0: rien n’a été enregistré."


def _count(number: int, one: str, several: str) -> str:
    return f"{number} {one if number < 2 else several}"


@contextmanager
def _progress() -> "Iterator[Progress | None]":
    """A bar on standard error, drawn only for a person and only when the file is long."""
    if not is_terminal():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("Import"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task("import", visible=False)

    def advance(done: int, total: int) -> None:
        bar.update(task, completed=done, total=total, visible=total >= _LONG)

    with bar:
        yield advance
