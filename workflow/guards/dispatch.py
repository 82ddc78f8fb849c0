# SPDX-License-Identifier: EUPL-1.2
"""Guards of the dispatch: a lead instructor, a thematic group, the partners and the droit-commun holders to consult."""

from collections.abc import Iterable

from sqlalchemy import select

from rules.findings import Finding
from workflow.firing import Firing, refusal
from workflow.guards.commitment import organisations_held
from workflow.models import Dossier, Mandate, Person
from workflow.stages import Role
from workflow.territory import Condition, Nature, Territory


def lead_instructor(firing: Firing) -> Iterable[Finding]:
    """The person named is an instructor of the contract, and holds nothing at the porteur's."""
    email = str(firing.details.get("lead") or "").strip().lower()
    if not email:
        return
    person = find_instructor(firing, email)
    if person is None:
        yield refusal("guard.lead_instructor", "unknown", email=email)
        return
    if firing.dossier.porteur_id in organisations_held(person, firing.today):
        yield refusal("guard.lead_instructor", "concerned", name=person.name)


def find_instructor(firing: Firing, email: str) -> Person | None:
    """The active person of this address with a mandate of instructor in the contract, in force today."""
    return firing.db.scalar(
        select(Person)
        .join(Mandate, Mandate.person_id == Person.id)
        .where(Person.email == email, Person.is_active, Mandate.role == Role.INSTRUCTOR)
        .where(Mandate.contract_id.is_(None) | (Mandate.contract_id == firing.contract.id))
        .where(Mandate.from_on <= firing.today)
        .where(Mandate.to_on.is_(None) | (Mandate.to_on >= firing.today))
        .limit(1)
    )


def theme(firing: Firing) -> Iterable[Finding]:
    """The thematic group exists."""
    code = firing.details.get("theme")
    known = firing.territory.theme_by_code
    if code and code not in known:
        yield refusal("guard.theme", theme=code, known=sorted(known))


def partners(firing: Firing) -> Iterable[Finding]:
    """At least one partner of the contract to consult; all of them known."""
    chosen = partners_of(firing)
    if not chosen:
        yield refusal("guard.partners", "none")
    unknown = [code for code in chosen if code not in firing.territory.organisation_by_code]
    if unknown:
        yield refusal("guard.partners", "unknown", unknown=unknown)


def partners_of(firing: Firing) -> list[str]:
    """The partners typed, else those already named, else those of the thematic group; never the porteur itself.

    At the dispatch, whoever must confirm its own credit's condition is consulted too: only its word decides on its
    line. A new round asks those it names.
    """
    typed, named = firing.details.get("partners"), firing.dossier.partners
    group = firing.territory.theme_by_code.get(str(firing.details.get("theme")))
    chosen = list(typed or named or (group.partners if group else ()))
    if chosen and not named:
        chosen += _holders_of_conditions(firing)
    return [code for code in dict.fromkeys(chosen) if code != firing.dossier.porteur.code]


def _holders_of_conditions(firing: Firing) -> list[str]:
    known = firing.territory.credits
    confirmed = (Condition.DEPARTEMENT_POLICIES, Condition.EPCI_PRIORITIES)
    asked = [*(line.key for line in firing.dossier.lines), *default_holders(firing)]
    return [key.partition(":")[0] for key in asked if key in known and known[key].condition in confirmed]


def holders(firing: Firing) -> Iterable[Finding]:
    """Droit-commun holders: those of the configuration, or others with a reason."""
    typed = firing.details.get("holders")
    if typed is None:
        return
    credits = firing.territory.credits
    unknown = [k for k in typed if k not in credits or credits[k].nature is not Nature.DROIT_COMMUN]
    if unknown:
        yield refusal("guard.holders", "unknown", unknown=unknown)
    changed = set(typed) ^ set(default_holders(firing))
    if changed and not (firing.reason or "").strip():
        yield refusal("guard.holders", "unreasoned", changed=sorted(changed))


def suggested_theme(territory: Territory, dossier: Dossier) -> str:
    """The group proposed for a dossier: the one it states, else the first whose objectives are its own; or nothing."""
    stated = (theme for theme in dossier.themes or () if theme in territory.theme_by_code)
    return next(stated, "") or next(iter(_themes_of(territory, dossier)), "")


def _themes_of(territory: Territory, dossier: Dossier) -> list[str]:
    """The groups whose objectives are those of the dossier, or the general ones above them."""
    wanted = dossier.objectives or []
    return [
        theme.code
        for theme in territory.themes
        if any(code == known or code.startswith(f"{known}.") for code in wanted for known in theme.objectives)
    ]


def default_holders(firing: Firing) -> tuple[str, ...]:
    """Who the configuration says must be asked, for the dossier's objectives and its thematic group."""
    dossier = firing.dossier
    themes = [*(dossier.themes or ()), str(firing.details.get("theme") or dossier.theme or "")]
    return firing.territory.holders_concerned(
        tuple(dossier.objectives or ()), tuple(themes), tuple(dossier.qpv or ())
    )
