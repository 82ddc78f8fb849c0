# SPDX-License-Identifier: EUPL-1.2
"""One thing `doctor` says: how serious, about what, and what to do."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A sentence for the administrator; `subject` names a place of the configuration or a part of the system."""

    level: Level
    subject: str
    message: str
    remedy: str = ""
