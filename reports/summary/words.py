# SPDX-License-Identifier: EUPL-1.2
"""People's words for the codes of a territory: credits, organisations, neighbourhoods, objectives, groups."""

from dataclasses import dataclass, field

from rules import wording
from workflow.territory import Territory


@dataclass(frozen=True, slots=True)
class Words:
    """Labels by code. `names` is what `rules.render` takes, communes by their INSEE code included."""

    names: dict[str, str]
    organisations: dict[str, str]
    qpv: dict[str, str]
    objectives: dict[str, str]
    themes: dict[str, str]
    lines: dict[str, str] = field(default_factory=dict)

    def line(self, key: str) -> str:
        """A funding line: Caisse d’allocations familiales (droit commun)."""
        if key not in self.lines:
            self.lines[key] = wording.credit(key, self.organisations)
        return self.lines[key]

    def financer(self, code: str) -> str:
        """A financer by its code."""
        return self.organisations.get(code) or wording.credit(code)


def words_of(territory: Territory) -> Words:
    """The words of this territory."""
    organisations = {org.code: org.name for org in territory.organisations}
    qpv = {item.code: item.label for item in territory.geography.qpv}
    objectives = territory.objective_labels
    themes = {theme.code: theme.label for theme in territory.themes}
    communes = {item.insee: item.name for item in territory.geography.communes}
    names = (
        communes
        | themes
        | {code: f"{label} ({code})" for code, label in qpv.items()}
        | {code: f"{code} {label}" for code, label in objectives.items()}
        | organisations
    )
    return Words(names, organisations, qpv, objectives, themes)
