# SPDX-License-Identifier: EUPL-1.2
"""What a rule answers: a finding with its figures. Sentences are made later, by `rules.render`."""

from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    """The four answers of a rule; missing data is `UNDETERMINED`, never a silent pass."""

    SATISFIED = "satisfied"
    VIOLATED = "violated"
    UNDETERMINED = "undetermined"
    NOT_APPLICABLE = "not_applicable"


class Severity(StrEnum):
    """What a violated finding does: stop a transition, warn, or inform."""

    BLOCKING = "blocking"
    WARNING = "warning"
    INFO = "info"


# The members by name: a rule reads like its sentence, and reading a member of a class costs more than the rest of it.
SATISFIED, VIOLATED, UNDETERMINED, NOT_APPLICABLE = Outcome
BLOCKING, WARNING, INFO = Severity


class Scope(StrEnum):
    """What a rule is about. A rule of scope `LINE` acts on funding lines, never on the whole dossier."""

    LINE = "line"
    DOSSIER = "dossier"
    PROGRAMME = "programme"


class Settlement(StrEnum):
    """How a person settled a finding, with a reason kept in the journal.

    Undetermined: attested or waived. Violated, where the rule allows it: overridden.
    """

    ATTESTED = "attested"
    WAIVED = "waived"
    OVERRIDDEN = "overridden"


@dataclass(slots=True)
class LineOutcome:
    """The answer of a line rule for one funding line (`etat:specifique`)."""

    line: str
    outcome: Outcome
    variant: str = ""
    facts: dict[str, object] = field(default_factory=dict)
    settled: Settlement | None = None


@dataclass(slots=True)
class Finding:
    """One rule's answer on one subject: figures only, never a sentence.

    `variant` selects the sentence among those of the rule. For a rule of scope `line`, `lines` holds one
    outcome per funding line concerned and `outcome` their aggregate: violated, else undetermined, else
    satisfied.
    """

    rule: str
    outcome: Outcome
    severity: Severity
    facts: dict[str, object] = field(default_factory=dict)
    variant: str = ""
    line: str | None = None
    lines: list[LineOutcome] | None = None
    settled: Settlement | None = None

    @property
    def blocks(self) -> bool:
        """True when this finding stops a transition.

        Blocking, and violated or undetermined and not settled.
        """
        if self.severity is not Severity.BLOCKING or self.settled is not None:
            return False
        return self.outcome is Outcome.VIOLATED or self.outcome is Outcome.UNDETERMINED
