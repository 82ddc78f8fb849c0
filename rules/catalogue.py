# SPDX-License-Identifier: EUPL-1.2
"""The ordered table of every rule.

Each theme file declares its own rows; the order here is the order of findings.
"""

from collections.abc import Mapping

from rules.findings import Scope
from rules.rule import Rule
from rules.themes import (
    cpo,
    droit_commun,
    envelope,
    framework,
    funding,
    geography,
    porteur,
    programme,
    recusal,
)

ORDER = (
    porteur.SIRET,
    geography.QPV_KNOWN,
    framework.OBJECTIVE,
    funding.BALANCED,
    geography.QPV_MAJORITY,
    framework.POLICIES,
    framework.PRIORITIES,
    droit_commun.FIRST,
    droit_commun.REMAINDER,
    recusal.MEMBER,
    cpo.TARGET_ACTIONS,
    cpo.TARGET_CONVENTIONS,
    envelope.LIMIT,
    programme.CLASSIFIED,
    programme.DROIT_COMMUN_SHARE,
    programme.LEVERAGE,
    programme.COVERAGE,
)
THEMES = (porteur, geography, framework, funding, droit_commun, recusal, cpo, envelope, programme)

_DECLARED = {rule.id: rule for theme in THEMES for rule in theme.RULES}

RULES: Mapping[str, Rule] = {name: _DECLARED[name] for name in ORDER}
DOSSIER_RULES = tuple(rule for rule in RULES.values() if rule.scope is not Scope.PROGRAMME)
PROGRAMME_RULES = tuple(rule for rule in RULES.values() if rule.scope is Scope.PROGRAMME)

__all__ = ["DOSSIER_RULES", "PROGRAMME_RULES", "RULES", "Rule"]
