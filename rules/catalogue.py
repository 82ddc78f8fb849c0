# SPDX-License-Identifier: EUPL-1.2
"""The ordered table of every rule.

Each theme file declares its own rows; the order here is the order of findings.
"""

from collections.abc import Mapping

from rules.findings import Scope
from rules.rule import Rule
from rules.themes import (
    accounts,
    calls,
    complementarity,
    continuity,
    convention,
    convention_sums,
    cpo,
    cpo_dossier,
    cpo_financers,
    de_minimis,
    deadlines,
    droit_commun,
    duplicates,
    envelope,
    framework,
    funding,
    geography,
    located,
    objectives,
    period,
    pieces,
    poches,
    porteur,
    programme,
    recusal,
    registration,
    renewal,
)

ORDER = (
    porteur.SIRET,
    registration.RNA,
    registration.CER,
    calls.WINDOW,
    renewal.REPORT,
    pieces.DUE,
    duplicates.ACTION,
    geography.QPV_KNOWN,
    framework.OBJECTIVE,
    period.PERIOD,
    funding.BALANCED,
    accounts.MATCH,
    accounts.ACCOUNTS,
    accounts.TWICE,
    accounts.OWN_SHARE,
    geography.QPV_MAJORITY,
    located.RESIDENTS_LOCATED,
    deadlines.RECEIPT,
    deadlines.REFUSAL,
    cpo_dossier.PROFILE,
    cpo_dossier.DURATION,
    cpo_dossier.INDICATORS,
    cpo_dossier.TRAJECTORY,
    de_minimis.CUMULATED,
    framework.POLICIES,
    framework.PRIORITIES,
    droit_commun.FIRST,
    droit_commun.REMAINDER,
    recusal.MEMBER,
    convention.REQUIRED,
    convention.PUBLICATION,
    registration.AUDIT,
    cpo.TARGET_ACTIONS,
    cpo.TARGET_CONVENTIONS,
    cpo_financers.TARGET_FINANCERS,
    convention_sums.YEARLY_SUMS,
    envelope.LIMIT,
    envelope.FORECAST,
    poches.CAP,
    programme.CLASSIFIED,
    programme.DROIT_COMMUN_SHARE,
    programme.LEVERAGE,
    programme.COVERAGE,
    objectives.INVESTED,
    continuity.ACTIONS,
    complementarity.ACTIONS,
)
THEMES = (
    porteur,
    registration,
    calls,
    renewal,
    pieces,
    duplicates,
    geography,
    located,
    framework,
    period,
    funding,
    accounts,
    deadlines,
    cpo_dossier,
    de_minimis,
    droit_commun,
    recusal,
    convention,
    cpo,
    cpo_financers,
    convention_sums,
    envelope,
    poches,
    programme,
    objectives,
    continuity,
    complementarity,
)

_DECLARED = {rule.id: rule for theme in THEMES for rule in theme.RULES}

RULES: Mapping[str, Rule] = {name: _DECLARED[name] for name in ORDER}
DOSSIER_RULES = tuple(rule for rule in RULES.values() if rule.scope is not Scope.PROGRAMME)
PROGRAMME_RULES = tuple(rule for rule in RULES.values() if rule.scope is Scope.PROGRAMME)

__all__ = ["DOSSIER_RULES", "PROGRAMME_RULES", "RULES", "Rule"]
