# SPDX-License-Identifier: EUPL-1.2
"""`docs/configuration.md` names every key of the configuration, in the section of its block, and no key that left."""

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel

from app.config import PASSWORD_VARIABLE, Config
from app.french_faults import models_in

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"


def all_models(model: type[BaseModel] = Config) -> Iterator[type[BaseModel]]:
    yield model
    for field in model.model_fields.values():
        for inner in models_in(field.annotation):
            yield from all_models(inner)


def words_of(annotation: Any) -> Iterator[str]:
    """The words a key accepts: literals and enumerations, at any depth of its annotation."""
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        yield from annotation
    elif get_origin(annotation) is Literal:
        yield from get_args(annotation)
    else:
        for inner in get_args(annotation):
            yield from words_of(inner)


def sections() -> dict[str, str]:
    """Text of each section by the model it names in a comment (`<!-- Qpv -->`)."""
    parts = re.split(r"<!-- (\w+) -->", GUIDE.read_text(encoding="utf-8"))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


MODELS = list(dict.fromkeys(all_models()))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_key_and_word_is_described(model: type[BaseModel]) -> None:
    text = sections()[model.__name__]
    described = set(re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE))
    keys = set(model.model_fields)
    assert described == keys
    words = {word for field in model.model_fields.values() for word in words_of(field.annotation)}
    assert [word for word in sorted(words) if f"`{word}`" not in text] == []


def test_every_section_is_a_model() -> None:
    assert set(sections()) == {model.__name__ for model in MODELS}


def test_variables_are_named() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    for name in (
        "COINSTRUCTION_CONFIG",
        "COINSTRUCTION_DATABASE_URL",
        "COINSTRUCTION_SMTP__HOST",
        PASSWORD_VARIABLE,
    ):
        assert f"`{name}`" in text
