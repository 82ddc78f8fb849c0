# SPDX-License-Identifier: EUPL-1.2
"""Reads the project's own files: what git tracks, and the Python sources with their syntax trees."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("rules", "workflow", "notifications", "reports", "app", "web", "cli", "migrations")
GENERATED = "migrations/versions/"


@cache
def project_files() -> tuple[Path, ...]:
    """Files that are, or would be, committed; without git (a source archive), every file outside hidden folders."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return tuple(path for name in done.stdout.splitlines() if (path := ROOT / name).is_file())
    return tuple(
        path
        for path in ROOT.rglob("*")
        if path.is_file() and not any(part in ("var", ".venv") for part in path.relative_to(ROOT).parts)
    )


def name_of(path: Path) -> str:
    """The path inside the project."""
    return path.relative_to(ROOT).as_posix()


@cache
def python_files() -> tuple[Path, ...]:
    """Every Python file of the project."""
    return tuple(path for path in project_files() if path.suffix == ".py")


def sources() -> Iterator[tuple[str, ast.Module]]:
    """Name and tree of every Python file that ships."""
    for path in python_files():
        if name_of(path).startswith(tuple(f"{package}/" for package in PACKAGES)):
            yield name_of(path), tree_of(path)


@cache
def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))
