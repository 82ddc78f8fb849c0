# SPDX-License-Identifier: EUPL-1.2
"""The catalogue and its templates agree, and every kind reads exactly as its snapshot (UPDATE_SNAPSHOTS=1 rewrites)."""

import os
import re
from pathlib import Path

import pytest
from jinja2 import meta

from notifications.catalogue import BY_EVENT, KINDS
from notifications.errors import NotComposableError
from notifications.render import LAYOUTS, PARTS, TEMPLATES, render_texts, templates
from tests.notifications.contexts import CONTEXTS
from workflow.transitions import TABLES

SNAPSHOTS = Path(__file__).parent / "snapshots"
# Events that use cases emit, without a transition.
USE_CASES = {
    "account.created",
    "seance.set_agenda",
    "seance.invite",
    "seance.convocation_refused",
    "exchange.to_porteur",
    "seance.undelivered",
}
HELD = {
    "dossier_inadmissible",
    "dossier_committed",
    "dossier_rejected",
    "dossier_deferred",
    "dossier_reoriented",
    "line_granted",
    "line_refused",
}


def test_each_kind_has_its_three_files_and_no_template_is_unused() -> None:
    expected = {f"{kind}/{part}" for kind in KINDS for part in PARTS} | LAYOUTS

    assert set(templates().list_templates()) == expected


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_template_uses_only_what_its_context_gives(kind: str) -> None:
    given = set(KINDS[kind].context.model_fields)
    used: set[str] = set()
    for part in PARTS:
        source = (TEMPLATES / kind / part).read_text(encoding="utf-8")
        used |= meta.find_undeclared_variables(templates().parse(source))

    assert used - {"m", "s"} <= given  # the macros, imported


def test_each_event_of_the_catalogue_is_emitted_by_a_transition() -> None:
    emitted = {f"{table.name}.{row.trigger}" for table in TABLES for row in table.rows}

    assert set(BY_EVENT) <= emitted | USE_CASES


def test_decision_letters_and_they_alone_are_held() -> None:
    assert {name for name, kind in KINDS.items() if kind.held} == HELD


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_message_reads_as_its_snapshot(kind: str) -> None:
    texts = render_texts(kind, CONTEXTS[kind])
    shown = {"subject.txt": texts.subject + "\n", "body.txt": texts.text, "body.html": texts.html}

    for part, text in shown.items():
        path = SNAPSHOTS / f"{kind}.{part}"
        if os.environ.get("UPDATE_SNAPSHOTS"):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_text_typed_by_people_stays_text(kind: str) -> None:
    texts = render_texts(kind, CONTEXTS[kind])

    assert "<b>sorties" not in texts.html
    assert "\n" not in texts.subject
    assert not re.search(r"^Bcc:", texts.text, re.MULTILINE)
    assert not re.search("[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]", texts.text + texts.subject)
    assert "http" not in re.sub(r"https://ville\.test[^\"]*", "", texts.html)  # nothing remote is loaded
    assert "<style" not in texts.html


def test_letter_of_a_retained_action_never_says_granted() -> None:
    texts = render_texts("dossier_committed", CONTEXTS["dossier_committed"])

    assert "retenue sous réserve de la décision de chaque financeur" in texts.subject
    assert "retenue sous réserve de la décision de chaque financeur" in texts.text
    assert not re.search(r"accord|octroy|attribué", texts.text + texts.subject)


def test_value_missing_from_the_context_is_refused_in_french() -> None:
    with pytest.raises(NotComposableError, match="Modèle « opinion_requested »"):
        render_texts("opinion_requested", CONTEXTS["dossier_inadmissible"])
