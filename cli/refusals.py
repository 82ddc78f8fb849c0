# SPDX-License-Identifier: EUPL-1.2
"""The one place that turns an error into a French sentence on standard error and an exit code; never a traceback."""

import os
import sys
import traceback

import click

DEBUG_VARIABLE = "COINSTRUCTION_DEBUG"
REFUSED, USAGE, INTERRUPTED = 1, 2, 130


def report(error: BaseException) -> int:
    """Print why the command stopped; the exit code."""
    if os.environ.get(DEBUG_VARIABLE):
        traceback.print_exception(error)
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    if isinstance(error, click.Abort | KeyboardInterrupt):
        click.echo("Interrompu.", err=True)
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    message, code = explain(error)
    click.echo(f"Erreur\u00a0: {message}", err=True)
    return code


def explain(error: BaseException) -> tuple[str, int]:
    """The sentence and the exit code of an error of ours, of the database, of a file, or of nobody."""
    if hasattr(error, "exit_code"):
        return str(error), int(error.exit_code)
    if isinstance(error, _loaded("workflow.errors", "WorkflowError")):
        return _refusal(error), _workflow_code(error)
    if isinstance(error, _loaded("rules.errors", "RuleError")):
        return str(error), USAGE
    if isinstance(error, _loaded("sqlalchemy.exc", "DBAPIError")):
        return _database(error), USAGE
    if isinstance(error, OSError):
        return _file(error), USAGE
    if isinstance(error, OverflowError):
        return "un nombre donné est trop grand pour être enregistré", USAGE
    name = type(error).__name__
    message = (
        f"incident inattendu ({name}\u00a0: {error}). Rien n’a été enregistré. "
        f"Pour le détail technique\u00a0: {DEBUG_VARIABLE}=1."
    )
    return message, REFUSED


def _loaded(module: str, name: str) -> type[BaseException] | tuple[()]:
    """The class, if its module was imported; nothing can have raised it otherwise."""
    found: type[BaseException] | tuple[()] = getattr(sys.modules.get(module), name, ())
    return found


def _workflow_code(error: BaseException) -> int:
    from workflow.errors import InvalidInputError, UnknownReferenceError

    return USAGE if isinstance(error, InvalidInputError | UnknownReferenceError) else REFUSED


def _refusal(error: BaseException) -> str:
    """The message, then each finding that refuses, one a line."""
    lines = [str(getattr(error, "message", error))]
    findings = getattr(error, "findings", ())
    if findings:
        from app.dossier_json import finding_json

        lines += [_finding_line(finding_json(finding)) for finding in findings]
    return "\n".join(lines)


def _finding_line(shown: dict[str, object]) -> str:
    line = f" [{shown['line']}]" if shown.get("line") else ""
    remedy = f" → {shown['remedy']}" if shown.get("remedy") else ""
    return f"  - {shown['rule']}{line}\u00a0: {shown['message']}{remedy}"


def _database(error: BaseException) -> str:
    original = getattr(error, "orig", None) or error
    first = str(original).strip().splitlines()[0]
    if "locked" in first:
        return "base de données occupée par une autre opération : recommencez dans un instant"
    return f"base de données\u00a0: {first}"


def _file(error: OSError) -> str:
    reasons = {
        FileNotFoundError: "fichier introuvable",
        PermissionError: "accès refusé",
        IsADirectoryError: "c’est un dossier, pas un fichier",
        FileExistsError: "ce fichier existe déjà",
        NotADirectoryError: "le chemin passe par un fichier",
    }
    reason = reasons.get(type(error), error.strerror or str(error))
    return f"{error.filename}\u00a0: {reason}" if error.filename else str(reason)
