# SPDX-License-Identifier: EUPL-1.2
"""`docs/cli.md` has a section for every command, with its arguments, its options, and the JSON it answers."""

import re
from collections.abc import Callable
from typing import Any

import click
import pytest
from sqlalchemy import select

from app.bootstrap import Application
from tests.conftest import Answer
from tests.docs.pages import leaves, options_of, text_of
from tests.factories.dossier import make_dossier
from tests.factories.people import make_porteur
from workflow.models import Contract

PAGE = text_of("docs/cli.md")
SHARED = {"--json", "--config", "--contract"}
COMMANDS = leaves()
SQLITE_ONLY = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def sections() -> dict[str, str]:
    """The text of each section, by the words of its command."""
    parts = re.split(r"^### `([^`]+)`\n", PAGE, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def first_keys(shape: str) -> set[str]:
    """The keys of the outermost object of a shape."""
    depth, keys = 0, set()
    for sign, key in re.findall(r'([{}])|"(\w+)"', shape):
        depth += {"{": 1, "}": -1, "": 0}[sign]
        if key and depth == 1:
            keys.add(key)
    return keys


def shapes(words: str) -> list[set[str]]:
    """The first keys of each JSON shape of a section."""
    return [first_keys(block) for block in re.findall(r"```json\n(.*?)```", sections()[words], re.DOTALL)]


def test_every_command_has_its_section() -> None:
    assert set(sections()) == set(COMMANDS)


@pytest.mark.parametrize("words", COMMANDS)
def test_options_are_those_of_the_command(words: str) -> None:
    described = set(re.findall(r"^\| `(--[\w-]+)", sections()[words], flags=re.MULTILINE))

    assert described == options_of(COMMANDS[words]) - SHARED


@pytest.mark.parametrize("words", COMMANDS)
def test_choices_and_arguments_are_those_of_the_command(words: str) -> None:
    command, section = COMMANDS[words], sections()[words]
    context = click.Context(command, info_name=words)
    arguments = [each.make_metavar(context) for each in command.params if isinstance(each, click.Argument)]
    choices = [c for each in command.params if isinstance(each.type, click.Choice) for c in each.type.choices]

    assert f"\n    {' '.join(['coinstruction', words, *arguments])}\n" in section
    assert [choice for choice in choices if choice not in section] == []


@pytest.mark.parametrize("option", sorted(SHARED))
def test_shared_options_are_described_once(option: str) -> None:
    assert len(re.findall(rf"^\| `{option}\b", PAGE, flags=re.MULTILINE)) == 1


READING: dict[str, tuple[str, ...]] = {
    "doctor": (),
    "dossier list": (),
    "dossier show": ("D-1",),
    "check": ("D-1",),
    "rules": (),
    "diagram": (),
    "init": (),
    "seance plan": ("2026",),
    "outbox send": (),
}


@SQLITE_ONLY
@pytest.mark.parametrize("words", READING)
def test_json_has_the_shape_shown(
    words: str, application: Application, coinstruction: Callable[..., Answer]
) -> None:
    fill(application)

    answer = coinstruction(*words.split(), *READING[words], "--json").json

    assert set(_one(answer)) == shapes(words)[0]


@SQLITE_ONLY
def test_json_of_a_programme_has_the_shape_shown(
    application: Application, coinstruction: Callable[..., Answer]
) -> None:
    answer = coinstruction("check", "--programme", "2026", "--json").json

    assert set(answer) == shapes("check")[1]


@SQLITE_ONLY
def test_json_of_the_calendar_has_the_shape_shown(
    application: Application, coinstruction: Callable[..., Answer]
) -> None:
    coinstruction("seance", "plan", "2027")

    listed = coinstruction("seance", "list", "--json").json
    number = str(listed[0]["id"])

    assert set(listed[0]) == shapes("seance list")[0]
    for words in ("seance agenda", "seance minutes"):
        assert set(coinstruction(*words.split(), number, "--json").json) == shapes(words)[0]


def fill(application: Application) -> None:
    """One dossier in the toy contract."""
    with application.write() as db:
        contract = db.scalars(select(Contract)).one()
        make_dossier(db, contract, make_porteur(db), reference="D-1")


def _one(answer: Any) -> Any:
    return answer[0] if isinstance(answer, list) else answer
