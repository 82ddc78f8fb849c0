# SPDX-License-Identifier: EUPL-1.2
"""What the pages show exists: commands and their options, transitions and what they need, links, images, lengths."""

import re
import shlex
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.docs.pages import LINK, PAGES, commands_in, leaves, options_of, relative, text_of
from workflow.stages import Stage
from workflow.transitions import DOSSIER, LINE, OPINION

LEAVES = leaves()
GROUPS = {words.split()[0] for words in LEAVES if " " in words}
SHOWN = [(relative(page), line) for page in PAGES for line in commands_in(page.read_text(encoding="utf-8"))]
EVERY_PAGE = pytest.mark.parametrize("page", PAGES, ids=relative)
ROOT_OPTIONS = {"--version", "--help"}


def leaf_of(words: list[str]) -> str | None:
    """The command a line runs: its longest words that name one."""
    return next((name for size in (2, 1) if (name := " ".join(words[:size])) in LEAVES), None)


def words_of(line: str) -> list[str]:
    return shlex.split(line)[1:]


@pytest.mark.parametrize(("page", "line"), SHOWN)
def test_shown_command_exists_with_its_options(page: str, line: str) -> None:
    words = words_of(line)
    options = {word.split("=")[0] for word in words if word.startswith("--")}
    if options <= ROOT_OPTIONS and len(words) == len(options):
        return
    if len(words) == 1 and words[0] in GROUPS:
        return

    name = leaf_of(words)

    assert name, f"{page} : {line}"
    assert options <= options_of(LEAVES[name])


@pytest.mark.parametrize(("page", "line"), [(p, line) for p, line in SHOWN if "dossier advance" in line])
def test_shown_transition_exists_with_what_it_needs(page: str, line: str) -> None:
    words = words_of(line)
    table = LINE if "--line" in words else OPINION if "--opinion" in words else DOSSIER
    if words[3].isupper():  # a word standing for any transition
        return

    rows = [row for row in table.rows if row.trigger == words[3]]
    typed = {words[at + 1].partition("=")[0] for at, word in enumerate(words) if word == "--set"}

    assert rows
    assert typed <= {item.name for item in rows[0].inputs}
    assert {item.name for item in rows[0].inputs if item.required} <= typed
    assert "--reason" in words or not rows[0].reason_required


@pytest.mark.parametrize(("page", "line"), [(p, line) for p, line in SHOWN if "--stage" in line])
def test_shown_stage_exists(page: str, line: str) -> None:
    words = words_of(line)

    assert words[words.index("--stage") + 1] in tuple(Stage)


@EVERY_PAGE
def test_links_lead_somewhere(page: Path) -> None:
    targets = [found[0] for found in LINK.findall(page.read_text(encoding="utf-8"))]
    inside = [target for target in targets if "://" not in target]

    assert [target for target in inside if not (page.parent / target).exists()] == []


@EVERY_PAGE
def test_anchors_exist(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        if anchor and "://" not in target:
            headings = re.findall(r"^#+ (.*)$", (page.parent / target).read_text("utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor.removeprefix("#") in slugs


def test_readme_is_short() -> None:
    assert len(text_of("README.md").splitlines()) < 150


def test_pictures_are_light() -> None:
    heavy = [
        picture.name for picture in (ROOT / "docs" / "images").glob("*") if picture.stat().st_size > 300_000
    ]

    assert heavy == []


@pytest.mark.parametrize("target", ["demo", "test", "install", "bench", "lint", "docs"])
def test_make_targets_named_in_pages_exist(target: str) -> None:
    assert re.search(rf"^{target}:", text_of("Makefile"), re.MULTILINE)


@EVERY_PAGE
def test_make_commands_shown_exist(page: Path) -> None:
    named = set(re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8")))
    known = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))

    assert named <= known
