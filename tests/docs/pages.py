# SPDX-License-Identifier: EUPL-1.2
"""What the tests of the documentation read: the pages, their links, and the commands they show."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click

from cli.main import COMMANDS
from tests.conftest import ROOT

DOCS = ROOT / "docs"
PAGES = [*sorted(DOCS.rglob("*.md")), ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md"]
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(#[^)\s]*)?\)")
CODE = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")


def text_of(name: str) -> str:
    """A page, by its path from the root of the project."""
    return (ROOT / name).read_text(encoding="utf-8")


def code_words(text: str) -> set[str]:
    """Every word set in code: the spans of the text."""
    return set(SPAN.findall(CODE.sub("", text)))


def commands_in(text: str) -> Iterator[str]:
    """Every `coinstruction …` of a page: lines of its code blocks and spans, continuations joined, comments left out."""
    for block in CODE.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            command = re.split(r"\s#\s", line)[0].strip().removeprefix(".venv/bin/").removeprefix("$ ")
            if command.startswith("coinstruction "):
                yield command
    for span in SPAN.findall(CODE.sub("", text)):
        if span.startswith("coinstruction "):
            yield span


def leaves() -> dict[str, click.Command]:
    """Every command a person types, by its words: `seance close`."""
    found: dict[str, click.Command] = {}
    for name, (where, _) in COMMANDS.items():
        module, _, attribute = where.partition(":")
        found.update(_leaves(getattr(import_module(module), attribute), name))
    return found


def _leaves(command: click.Command, path: str) -> dict[str, click.Command]:
    if not isinstance(command, click.Group):
        return {path: command}
    return {
        words: leaf
        for name, sub in command.commands.items()
        for words, leaf in _leaves(sub, f"{path} {name}").items()
    }


def options_of(command: click.Command) -> set[str]:
    """The long options of a command, help left out."""
    options = {name for parameter in command.params for name in parameter.opts}
    return {name for name in options if name.startswith("--")}


def relative(path: Path) -> str:
    """A page's name in a test's answer."""
    return path.relative_to(ROOT).as_posix()
