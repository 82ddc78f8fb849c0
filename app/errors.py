# SPDX-License-Identifier: EUPL-1.2
"""What the composition refuses: each error carries a French sentence and the exit code of the command."""

import re
from dataclasses import dataclass

_AFTER_OPENING = re.compile(r"« ")
_BEFORE_SIGN = re.compile(r" (?=[:;!?»%€])")


def typographic(text: str) -> str:
    """French spacing: no line break between a word and its double punctuation or its quotation marks."""
    return _BEFORE_SIGN.sub("\u00a0", _AFTER_OPENING.sub("«\u00a0", text))


@dataclass(frozen=True, slots=True, order=True)
class ConfigurationFault:
    """One fault: the path of its key (`contracts[0].geography.qpv[3].code`), a sentence, its line."""

    path: str
    message: str
    line: int | None = None

    def __str__(self) -> str:
        where = f"ligne {self.line}, " if self.line else ""
        return typographic(f"{where}{self.path} : {self.message}" if self.path else f"{where}{self.message}")


class AppError(Exception):
    """A refusal of the composition, said in French; `exit_code` 2: the person must change what was asked."""

    exit_code = 2

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return typographic(self.message)


class ConfigurationError(AppError):
    """The configuration cannot be used: every fault found, in the order of the file."""

    def __init__(self, source: str, faults: list[ConfigurationFault]) -> None:
        super().__init__(f"{source} : {len(faults)} erreur(s)")
        self.source = source
        self.faults = faults

    def __str__(self) -> str:
        if len(self.faults) == 1:
            return typographic(f"{self.source} : ") + str(self.faults[0])
        lines = [typographic(f"{self.source} : {len(self.faults)} erreurs")]
        return "\n".join(lines + [f"- {fault}" for fault in self.faults])


class DatabaseError(AppError):
    """The database cannot be used: unreachable, not initialised, of an earlier or a later version."""


class MailServerError(AppError):
    """The mail server cannot be used now: messages wait, nothing is lost."""

    exit_code = 1


class RefusedChangeError(AppError):
    """A change of the installation is refused because something still uses what would go."""

    exit_code = 1
