# SPDX-License-Identifier: EUPL-1.2
"""Files and functions stay small; each exception has its reason."""

import ast
from pathlib import Path

from tests.architecture.source import GENERATED, name_of, python_files, tree_of

LONGEST_FILE, LONGEST_TEST_FILE, LONGEST_FUNCTION = 400, 500, 60

LONG_FILES: dict[str, str] = {}  # name: why it cannot be cut
LONG_FUNCTIONS: dict[str, str] = {}  # file:function: why


def _functions(path: Path) -> list[tuple[str, int]]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        (f"{name_of(path)}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(tree_of(path))
        if isinstance(node, kinds)
    ]


def _limit(path: Path) -> int:
    return LONGEST_TEST_FILE if name_of(path).startswith("tests/") else LONGEST_FILE


def test_files_stay_short() -> None:
    checked = [path for path in python_files() if not name_of(path).startswith(GENERATED)]

    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in checked}
    limits = {name_of(path): _limit(path) for path in checked}

    assert {n: size for n, size in lengths.items() if size > limits[n] and n not in LONG_FILES} == {}


def test_functions_stay_short() -> None:
    checked = [path for path in python_files() if not name_of(path).startswith(GENERATED)]

    lengths = dict(pair for path in checked for pair in _functions(path))

    assert {
        n: size for n, size in lengths.items() if size > LONGEST_FUNCTION and n not in LONG_FUNCTIONS
    } == {}


def test_exceptions_are_still_needed() -> None:
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()}

    assert [name for name in LONG_FILES if lengths.get(name, 0) <= LONGEST_FILE] == []
