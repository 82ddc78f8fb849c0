# SPDX-License-Identifier: EUPL-1.2
"""What every command shares: `--config`, `--contract` and `--json` after its arguments, the application, and answers.

@command()
@click.argument("reference")
def show(cx: Invocation, reference: str) -> None:
    with cx.application.read() as db: ...
    cx.answer(data, lambda: text)
"""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property, update_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from app.bootstrap import Application
    from app.config import Config


SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 110}


@dataclass
class Invocation:
    """One run of one command: the options every command takes, and what they open."""

    config_path: Path | None
    contract_code: str | None
    is_json: bool
    _opened: "list[Application]" = field(default_factory=list)

    @cached_property
    def application(self) -> "Application":
        """The application, on a database of this version; closed when the command ends."""
        return self.open()

    @cached_property
    def config(self) -> "Config":
        """The configuration alone, without any database."""
        import os

        from app.config import load_config

        return load_config(self.config_path, os.environ)

    def open(self, *, is_initialised: bool = True) -> "Application":
        """An application whose schema is left unchecked if asked (`init`, `doctor`)."""
        from app.bootstrap import open_application

        application = open_application(self.config_path, is_initialised=is_initialised)
        self._opened.append(application)
        return application

    def close(self) -> None:
        """Close what was opened."""
        for application in self._opened:
            application.close()

    def answer(self, data: Any, text: Callable[[], str | Iterable[str]]) -> None:
        """Print `data` as JSON if asked for, else the lines of `text`."""
        if self.is_json:
            click.echo(json.dumps(data, ensure_ascii=False, indent=2, default=plain))
            return
        lines = text()
        click.echo(lines if isinstance(lines, str) else "\n".join(lines))

    def note(self, text: str) -> None:
        """Say something beside the answer, on standard error."""
        click.echo(text, err=True)


def command(
    name: str | None = None, *, parent: click.Group | None = None, **settings: Any
) -> Callable[..., Any]:
    """A command whose function receives an `Invocation` first. Its docstring is its French help."""

    def decorate(function: Callable[..., Any]) -> click.Command:
        def run(
            *arguments: Any,
            config_path: Path | None,
            contract_code: str | None,
            is_json: bool,
            **options: Any,
        ) -> Any:
            cx = Invocation(config_path, contract_code, is_json)
            try:
                return function(cx, *arguments, **options)
            finally:
                cx.close()

        update_wrapper(run, function)
        for option in _shared_options():
            run = option(run)
        made = click.command(name, context_settings=SETTINGS, **settings)(run)
        if parent is not None:
            parent.add_command(made)
        return made

    return decorate


def _shared_options() -> Sequence[Callable[[Any], Any]]:
    return (
        click.option("--json", "is_json", is_flag=True, help="Réponse en JSON (UTF-8, clés anglaises)."),
        click.option(
            "--contract", "contract_code", metavar="CODE", help="Le contrat, s’il y en a plusieurs."
        ),
        click.option(
            "--config",
            "config_path",
            metavar="FICHIER",
            type=click.Path(path_type=Path),
            help="Fichier de configuration (sinon COINSTRUCTION_CONFIG, sinon config.yaml).",
        ),
    )


def plain(value: object) -> object:
    """A value JSON does not know, as the interface writes it: amounts as text in euros, dates in ISO form."""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return list(value)
    raise TypeError(f"valeur sans forme JSON : {type(value).__name__}")


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Aligned columns: numbers to the right, one row a line, cut to the terminal only by the terminal."""
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(header, *cells, strict=True)]
    numeric = [_is_numeric(column) for column in zip(*cells, strict=True)] or [False] * len(header)

    def line(row: Sequence[str]) -> str:
        parts = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        )
        return "  ".join(parts).rstrip()

    return [line(header), "  ".join("─" * width for width in widths), *map(line, cells)]


def _is_numeric(column: Sequence[str]) -> bool:
    signs = str.maketrans("", "", "\u202f\u00a0 €,.%-—")
    return any(column) and all(cell.translate(signs).isdigit() for cell in column if cell.strip("— "))


def euros(amount: Decimal | None) -> str:
    """An amount as people read it, or a dash."""
    from rules.wording import euros as worded

    return "—" if amount is None else worded(amount)


def is_terminal() -> bool:
    """True when a person reads standard error: the only time to draw a progress bar."""
    return sys.stderr.isatty()
