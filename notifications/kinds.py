# SPDX-License-Identifier: EUPL-1.2
"""What a kind of message is: its events, its context, its drafts, whether a person releases it, how long it waits."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from notifications.context import Context
from notifications.reading import Reading
from notifications.recipients import Recipient


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to write: the ids that make its key unique, to whom, how to fill its context, which documents join it.

    `documents` None: those that the event names. `waits_on`: the thing asked (`opinion`, 45), when it is not urgent and
    its recipient's digest of the day may say it.
    """

    ids: tuple[str | int, ...]
    recipient: Recipient
    fill: Callable[[], Context]
    documents: tuple[int, ...] | None = None
    waits_on: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """One row: `held` messages stay drafts until a person releases them; `calendar` adds an invitation.

    `settles`: how long it waits before it leaves, so that a second change replaces it. `urgency`: `digest` waits for the
    digest of the day of a person; an organisation's own address is told at once. `private`: nobody but its recipient
    reads its text.
    """

    name: str
    label: str
    events: tuple[str, ...]
    context: type[Context]
    drafts: Callable[[Reading], Iterator[Draft]]
    held: bool = False
    calendar: Literal["REQUEST", "CANCEL"] | None = None
    settles: timedelta = timedelta(0)
    urgency: Literal["at_once", "digest"] = "at_once"
    private: bool = False


Fill = Callable[[Reading, Recipient], Context]
