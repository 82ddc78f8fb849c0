# SPDX-License-Identifier: EUPL-1.2
"""One structure for every paper: a title, who and when, then parts made of paragraphs and one table."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Part:
    """A heading (none: an empty title), its paragraphs, then a table; `widths` in shares, `right`: the columns of amounts."""

    title: str
    paragraphs: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    widths: tuple[int, ...] = ()
    right: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper of a séance or a letter, ready to be written."""

    title: str
    label: str
    contract: str
    facts: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    made_at: datetime
    made: str

    def payload(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "made_at": None, "timestamp": int(self.made_at.timestamp())}
