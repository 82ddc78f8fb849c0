# SPDX-License-Identifier: EUPL-1.2
"""The pages of a long list: which one an address asks for, and its neighbours."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode


def read_rank(text: str) -> int:
    """Which page is asked for; the first when the address says nothing readable."""
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 6 else 1


def pages_of_list(rank: int, count: int, size: int, path: str, asked: Mapping[str, str]) -> dict[str, Any]:
    """The same for a list whose address says `asked`; empty words are left out."""

    def turn(to: int) -> str:
        return f"{path}?{urlencode({**{k: v for k, v in asked.items() if v}, 'page': str(to)})}"

    return pages_of(str(rank), count, size, turn)


def pages_of(asked: str, count: int, size: int, turn: Callable[[int], str]) -> dict[str, Any]:
    """Where this page stands, never after the last, and the addresses of its neighbours."""
    last = max((count + size - 1) // size, 1)
    here = min(read_rank(asked), last)
    return {
        "page": here,
        "last": last,
        "previous": turn(here - 1) if here > 1 else None,
        "next": turn(here + 1) if here < last else None,
    }
