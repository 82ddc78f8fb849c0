# SPDX-License-Identifier: EUPL-1.2
"""Commands that write a document: `summary` and `export`. A file is written whole or not at all."""

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.command import Invocation, command

if TYPE_CHECKING:
    from collections.abc import Callable

    from reports.summary.structure import Summary

FORMATS = ("html", "pdf", "xlsx", "ods", "json")
PROGRAMME_FORMATS = ("xlsx", "ods", "csv", "json")
OUTPUT = click.option(
    "--output",
    required=True,
    metavar="FICHIER",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Le fichier à écrire (remplacé s’il existe).",
)


@command()
@click.argument("seance_id", metavar="SEANCE", type=int)
@click.option("--format", "form", type=click.Choice(FORMATS), help="Sinon, l’extension du fichier.")
@OUTPUT
def summary(cx: Invocation, seance_id: int, form: str | None, output: Path) -> None:
    """Écrit la synthèse d’arbitrage d’une séance ; close, telle qu’elle a été figée."""
    from app.closings import read_summary
    from workflow.queries import get_seance

    render = _writer(_form(form, output, FORMATS), cx.config.deployment.base_address)
    with cx.application.read() as db:
        prepared = read_summary(db, get_seance(db, seance_id), cx.application.now())
    write_whole(output, render(prepared))
    answer = {"output": str(output), "dossiers": prepared.totals.dossiers, "digest": prepared.header.digest}
    cx.answer(answer, lambda: f"Synthèse de « {prepared.header.label} » écrite dans {output}.")


def _form(form: str | None, output: Path, known: tuple[str, ...]) -> str:
    """The format asked, else the one of the file's extension."""
    found = form or output.suffix.lower().lstrip(".")
    if found not in known:
        choices = ", ".join(known)
        raise click.UsageError(f"Format inconnu pour {output.name} : précisez --format ({choices}).")
    return found


def _writer(form: str, base: str) -> "Callable[[Summary], bytes]":
    """The function that writes this format, the others left unloaded. `base`: the site's address, for links."""
    if form == "html":
        from reports.summary.as_html import render_page

        return lambda prepared: render_page(prepared, base).encode()
    if form == "pdf":
        from reports.summary.as_pdf import render_pdf

        return lambda prepared: render_pdf(prepared, base)
    from importlib import import_module

    writer: Callable[[Summary], bytes] = getattr(
        import_module(f"reports.summary.as_{form}"), f"render_{form}"
    )
    return writer


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def export() -> None:
    """Exporte le programme, les données ouvertes ou le calendrier."""


@command(parent=export)
@click.option("--year", type=int, metavar="ANNÉE", help="Un seul exercice (sinon, tous).")
@click.option("--format", "form", type=click.Choice(PROGRAMME_FORMATS), help="Sinon, l’extension du fichier.")
@OUTPUT
def programme(cx: Invocation, year: int | None, form: str | None, output: Path) -> None:
    """Le tableau de programmation : dossiers et lignes de financement."""
    from reports import programme as table
    from workflow.contracts import get_contract, territory_of
    from workflow.queries_summary import list_programme

    found, now = _form(form, output, PROGRAMME_FORMATS), cx.application.now()
    with cx.application.read() as db:
        contract = get_contract(db, cx.contract_code)
        dossiers = list_programme(db, contract, year)
        title = f"Programme {year or ''} – {contract.label}".replace("  ", " ")
        sheets = table.programme_sheets(dossiers, territory_of(contract), title=title)
        content = {
            "xlsx": lambda: table.programme_xlsx(sheets, title=title, now=now),
            "ods": lambda: table.programme_ods(sheets),
            "csv": lambda: table.programme_csv(sheets),
            "json": lambda: table.programme_json(dossiers),
        }[found]()
    write_whole(output, content)
    _told(cx, output, {"dossiers": len(dossiers)}, f"{len(dossiers)} dossiers écrits dans {output}.")


@command(parent=export)
@click.option("--year", type=int, metavar="ANNÉE", help="Un seul exercice (sinon, tous).")
@OUTPUT
def scdl(cx: Invocation, year: int | None, output: Path) -> None:
    """Les subventions accordées, au schéma SCDL 2.1.1 (CSV)."""
    from reports.scdl import export_scdl
    from workflow.contracts import get_contract
    from workflow.queries_summary import list_granted_lines

    with cx.application.read() as db:
        lines = list_granted_lines(db, get_contract(db, cx.contract_code), year)
        content, left_out = export_scdl(lines)
    write_whole(output, content)
    for item in left_out:
        cx.note(f"Non publiée : {item.reference}, {item.line} – {item.reason}.")
    published = len(lines) - len(left_out)
    data = {"published": published, "left_out": [vars_of(item) for item in left_out]}
    _told(cx, output, data, f"{published} lignes écrites dans {output}, {len(left_out)} laissées de côté.")


@command(parent=export)
@click.option("--body", metavar="CODE", help="Une seule instance.")
@OUTPUT
def calendar(cx: Invocation, body: str | None, output: Path) -> None:
    """Les séances du contrat, en fichier d’agenda (.ics)."""
    from reports.calendar_feed import export_calendar
    from workflow.calendar_feeds import entries
    from workflow.contracts import get_contract, territory_of
    from workflow.errors import UnknownReferenceError
    from workflow.queries import list_seances

    with cx.application.read() as db:
        contract = get_contract(db, cx.contract_code)
        known = territory_of(contract).body_by_code
        if body is not None and body not in known:
            raise UnknownReferenceError(f"Instance inconnue : « {body} » (instances : {', '.join(known)}).")
        seances = list_seances(db, contract, body=body)
        name = f"{known[body].label} – {contract.label}" if body else contract.label
        content = export_calendar(entries(db, seances), name=name)
    write_whole(output, content)
    _told(cx, output, {"seances": len(seances)}, f"{len(seances)} séances écrites dans {output}.")


def vars_of(item: Any) -> dict[str, str]:
    """A left-out line as JSON shows it."""
    return {"reference": item.reference, "line": item.line, "reason": item.reason}


def _told(cx: Invocation, output: Path, data: dict[str, Any], text: str) -> None:
    cx.answer({"output": str(output)} | data, lambda: text)


def write_whole(path: Path, content: bytes) -> None:
    """Write beside the file, then rename: a reader sees the old file or the new one, never a half."""
    temporary: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from error
