# SPDX-License-Identifier: EUPL-1.2
"""What the workflow refuses, by kind: each error carries a French sentence for the agent (`message`)."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from rules.findings import Finding

log = logging.getLogger(__name__)
LOST_RACES = frozenset(
    {"23505", "23503"}
)  # unique_violation; foreign_key_violation: what it names has just gone


class WorkflowError(Exception):
    """Root of the workflow's refusals; `message` is safe to show."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotPermittedError(WorkflowError):
    """The actor holds no mandate for this."""


class NotAllowedHereError(WorkflowError):
    """The trigger does not leave from the present state."""


class UnknownReferenceError(WorkflowError):
    """What was named does not exist."""


class InvalidInputError(WorkflowError):
    """A value typed by a person cannot be used; `field` names it, `faults` every field that cannot, when known."""

    def __init__(self, message: str, field: str = "", faults: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.field = field
        self.faults = dict(faults or {})


class UnsupportedContentError(InvalidInputError):
    """A file whose content is not of a kind that is taken."""


class TooLargeError(InvalidInputError):
    """A file too large to be kept."""


class ConflictError(WorkflowError):
    """Somebody else changed this in the meantime; reading again and redoing it helps."""

    def __init__(self, message: str = "") -> None:
        super().__init__(
            message
            or "Quelqu’un d’autre vient de modifier cet élément : rien n’a été enregistré. Rechargez-le, relisez, puis recommencez."
        )


class RefusedError(WorkflowError):
    """A guard refused: `findings` say why, on what figures, and what would cure it."""

    def __init__(self, message: str, findings: Sequence[Finding]) -> None:
        super().__init__(message)
        self.findings = list(findings)


@contextmanager
def conflicts_told() -> Iterator[None]:
    """Turns the database's own refusals of a concurrent change into `ConflictError`."""
    try:
        yield
    except StaleDataError as error:
        raise ConflictError from error
    except IntegrityError as error:
        if not _is_lost_race(error):
            raise
        log.info("lost a race: %s", type(error.orig).__name__)
        raise ConflictError from error


def _is_lost_race(error: IntegrityError) -> bool:
    """Two actors wrote the same line of one chain; on PostgreSQL, where two may write at once, the same key at all."""
    return "journal" in str(error.orig) or getattr(error.orig, "sqlstate", "") in LOST_RACES
