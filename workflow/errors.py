# SPDX-License-Identifier: EUPL-1.2
"""What the workflow refuses, by kind: each error carries a French sentence for the agent (`message`)."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from rules.findings import Finding

log = logging.getLogger(__name__)
# By PostgreSQL's code: unique_violation; foreign_key_violation, what the act names has just gone.
LOST_RACES = {
    "23505": "Quelqu’un d’autre vient d’enregistrer la même chose au même moment\u00a0: rien n’a été enregistré deux fois. "
    "Rechargez la page\u00a0; si elle montre déjà ce que vous vouliez, il n’y a rien à refaire, sinon recommencez.",
    "23503": "Ce que vous avez choisi vient d’être retiré par quelqu’un d’autre\u00a0: rien n’a été enregistré. "
    "Rechargez la page, choisissez de nouveau, puis recommencez.",
}


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
        log.warning("lost a race on %s", _constraint(error))
        is_same = not _is_of_journal(error)  # two acts on one chain need not be the same act
        said = LOST_RACES.get(getattr(error.orig, "sqlstate", ""), "") if is_same else ""
        raise ConflictError(said) from error


def _constraint(error: IntegrityError) -> str:
    """Which constraint refused, without the values: PostgreSQL names it, SQLite names its columns."""
    named = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    return str(named or error.orig)


def _is_lost_race(error: IntegrityError) -> bool:
    """Two actors wrote the same line of one chain; on PostgreSQL, where two may write at once, the same key at all."""
    return _is_of_journal(error) or getattr(error.orig, "sqlstate", "") in LOST_RACES


def _is_of_journal(error: IntegrityError) -> bool:
    return "journal" in str(error.orig)
