# SPDX-License-Identifier: EUPL-1.2
"""What every settings model of a contract starts from: the strict base, and the forms of a code and a text."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

CODE_PATTERN = r"^[a-z0-9][a-z0-9_-]*$"
Code = Annotated[str, Field(pattern=CODE_PATTERN, max_length=60)]
Text = Annotated[str, Field(min_length=1, max_length=500)]


class Strict(BaseModel):
    """Base of every settings model: unknown keys refused, values frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)
