# SPDX-License-Identifier: EUPL-1.2
"""Nothing but `fire()` assigns the state of a dossier, an opinion, a line or a séance; nobody imports smtplib."""

import ast
from collections.abc import Iterator

from tests.architecture.source import sources

STATES = {"stage", "state", "status"}
# Rows that are not subjects of a machine, or are not mapped at all: their `state` is ordinary data.
ALLOWED: dict[str, str] = {
    "notifications/": "Message.state: the outbox claims and marks its own rows",
    "app/tasks.py": "Task.state: claimed like the outbox",
    "app/task_handlers.py": "Task.state: claimed like the outbox",
    "app/slots.py": "ScheduleRun.state: the claim of a scheduled slot",
    "app/scheduler.py": "ScheduleRun.state: the claim of a scheduled slot",
    "app/demo/build.py": "Envelope.status: the demo's figures, not a machine's state",
    "app/installation.py": "Envelope.status: figures of the configuration, not a machine's state",
    "workflow/claims.py": "Task, Message and ScheduleRun: claimed rows, in one place",
    "workflow/submission.py": "a line that a request asks again is created anew: `asked` or `not_asked`",
    "workflow/forecasts.py": "Forecast.state: what holds a later year, no subject of a machine",
    "workflow/envelopes.py": "Envelope.status: a figure, not a machine's state",
}


def _targets(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return list(node.targets)
    if isinstance(node, ast.AugAssign | ast.AnnAssign):
        return [node.target]
    return []


def _assignments(tree: ast.Module) -> Iterator[int]:
    """Lines that assign `x.stage`, `x.state` or `x.status`, or do it by `setattr` or a bulk `update().values()`."""
    for node in ast.walk(tree):
        for target in _targets(node):
            for part in ast.walk(target):
                if (
                    isinstance(part, ast.Attribute)
                    and isinstance(part.ctx, ast.Store)
                    and part.attr in STATES
                ):
                    if isinstance(part.value, ast.Name) and part.value.id in ("self", "cls"):
                        continue
                    yield node.lineno
        if isinstance(node, ast.Call) and _writes_by_name(node):
            yield node.lineno


def _writes_by_name(node: ast.Call) -> bool:
    if isinstance(node.func, ast.Name) and node.func.id == "setattr":
        named = node.args[1] if len(node.args) > 1 else None
        return isinstance(named, ast.Constant) and named.value in STATES
    is_values = isinstance(node.func, ast.Attribute) and node.func.attr == "values"
    return is_values and any(keyword.arg in STATES for keyword in node.keywords)


def test_nothing_else_assigns_a_state() -> None:
    found = {
        name: lines
        for name, tree in sources()
        if not name.startswith(tuple(ALLOWED)) and (lines := sorted(set(_assignments(tree))))
    }

    assert found == {}


def test_the_check_sees_an_assignment() -> None:
    seen = "dossier.stage = 'x'\nsetattr(line, 'state', 'y')\nupdate(Seance).values(status='z')\n"

    assert sorted(_assignments(ast.parse(seen))) == [1, 2, 3]


def test_nobody_imports_smtplib() -> None:
    found = [
        name
        for name, tree in sources()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Import) and any(alias.name == "smtplib" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == "smtplib")
    ]

    assert found == []


def test_only_the_configuration_reads_the_environment() -> None:
    readers = {"app/config.py", "app/bootstrap.py", "app/backup.py", "cli/command.py", "cli/refusals.py"}
    found = set()
    for name, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv"):
                found.add(name)

    assert found - readers - {"migrations/env.py", "cli/demo.py"} == set()


def test_only_composition_reads_the_clock() -> None:
    allowed = ("app/", "web/", "cli/")
    found = {}
    for name, tree in sources():
        calls = [
            node.lineno
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and node.attr in ("now", "today", "utcnow")
            and isinstance(node.value, ast.Name)
            and node.value.id in ("datetime", "date")
        ]
        if calls and not name.startswith(allowed):
            found[name] = calls

    assert found == {}
