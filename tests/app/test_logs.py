# SPDX-License-Identifier: EUPL-1.2
"""Logs: JSON lines for a collector, text for a person, libraries through the same door."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from app.logs import configure_logs


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def test_json_lines_carry_what_was_bound(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("json")

    structlog.get_logger("app").warning("message refused", key="comité")
    logging.getLogger("some.library").error("broken %s", "pipe")

    ours, theirs = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (ours["event"], ours["key"], ours["level"]) == ("message refused", "comité", "warning")
    assert (theirs["event"], theirs["logger"]) == ("broken pipe", "some.library")


def test_text_is_readable(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("text")

    structlog.get_logger("app").warning("message refused", key=3)
    structlog.get_logger("app").info("quiet")

    printed = capsys.readouterr().err
    assert "message refused" in printed
    assert "quiet" not in printed
