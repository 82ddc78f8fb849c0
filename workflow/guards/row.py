# SPDX-License-Identifier: EUPL-1.2
"""One row of the guards' book: a guard in the form of a rule of the catalogue."""

from collections.abc import Mapping

from rules.findings import Scope, Severity
from rules.rule import Rule
from rules.source import Source

PROCEDURE = Source("reglement_local", "Procédure d’instruction du contrat", "étapes du dossier")


def guard(
    name: str,
    label: str,
    stage: str,
    sentences: Mapping[str, str],
    remedy: Mapping[str, str] | str,
    *,
    source: Source = PROCEDURE,
) -> Rule:
    """A guard's row: `name` is its id, `sentences` its French templates by variant."""
    cures = dict.fromkeys(sentences, remedy) if isinstance(remedy, str) else remedy
    return Rule(
        id=name,
        label=label,
        scope=Scope.DOSSIER,
        stage=stage,
        severity=Severity.BLOCKING,
        sources=(source,),
        purpose=label,
        sentences=sentences,
        remedy=cures,
    )
